"""A training step as a list of array operations.

The networks on the page are small: a step is some thirty NumPy calls on arrays of a few dozen
numbers, and nearly all of its time is the cost of *calling*. So the layers do not compute when
they are asked to; they *say what is to be computed*, once for a given architecture and batch
size, as pairs

    (operation, arguments)        for example   (np.tanh, (z, a))

whose last argument is the array that receives the result. Running a training step is then a
plain loop over those pairs, with every array allocated beforehand. Reading a layer's `forward`
or `backward` from top to bottom is reading the formulas in the order in which they happen.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Operation = tuple[Callable[..., Any], tuple[Any, ...]]
Operations = Iterator[Operation]

LARGE = 1 << 14
"""Numbers in an array above which memory traffic outweighs the cost of a call."""


def run(program: Iterable[Operation]) -> None:
    """Perform the operations in order."""
    for operation, arguments in program:
        operation(*arguments)


def product(a: Array, b: Array, out: Array) -> Operation:
    """The matrix product `out = a b`, of one network or of every replica of it.

    For two plain matrices the bound method `a.dot` is the cheapest call that NumPy has (a
    third of `np.matmul`); with a leading axis of replicas `np.matmul` does them all.
    """
    if a.ndim == b.ndim == 2:
        return a.dot, (b, out)
    if a.ndim == b.ndim and a.shape[-1] == 1:  # a column times a row: there is nothing to sum
        left, right, result = (each.swapaxes(0, -2) for each in (a, b, out))
        return np.multiply, (left, right, result)
    return np.matmul, (a, b, out)


def transposed_product(a: Array, b: Array, out: Array) -> Operations:
    """`out = aᵀ b` of every replica. BLAS is slow at small ones: turning `a` over first pays."""
    turned = transposed(a)
    if turned.shape[-1] > 1:
        turned = np.empty(turned.shape, a.dtype)
        yield turned.__setitem__, (..., transposed(a))
    yield product(turned, b, out)


def shared_product(a: Array, b: Array, out: Array) -> Operations:
    """The same where all replicas may have one `b`: the inputs, which all of them read.

    The rows of all replicas' matrices, put below each other, make it one product. Where they do
    not lie in memory like that they are copied, which still costs half of `np.matmul`.
    """
    if a.ndim == b.ndim or a.ndim != 3:
        yield product(a, b, out)
        return
    left, result = a.swapaxes(0, 1), out.swapaxes(0, 1)  # (rows, replicas, …), as buffers lie
    rows = left if left.flags.c_contiguous else np.empty(left.shape, a.dtype)
    found = result if result.flags.c_contiguous else np.empty(result.shape, out.dtype)
    if rows is not left:
        yield rows.__setitem__, (..., left)
    yield rows.reshape(-1, a.shape[-1]).dot, (b, found.reshape(-1, out.shape[-1]))
    if found is not result:
        yield result.__setitem__, (..., found)


def flattened(operation: Operation) -> Operation:
    """The same operation on one-dimensional views, where it is elementwise on whole blocks.

    Replicas lie in memory as (units, replicas, batch); what NumPy has to find out in every call
    about such a block, that it is one stretch of memory, is found out here once.
    """
    function, arguments = operation
    arrays = [a for a in arguments if isinstance(a, np.ndarray) and a.ndim]
    if not isinstance(function, np.ufunc) or function.signature is not None or not arrays:
        return operation
    inner = [a.swapaxes(0, 1) if a.ndim == 3 else a for a in arrays]
    if len({a.shape for a in inner}) > 1 or not all(a.flags.c_contiguous for a in inner):
        return operation
    views = iter([a.reshape(-1) for a in inner])
    return function, tuple(next(views) if a.ndim else a for a in arguments)


def reads(operation: Operation, part: Array) -> bool:
    """Whether one of its arguments lies in `part`."""
    arrays = [a for a in operation[1] if isinstance(a, np.ndarray)]
    return any(np.may_share_memory(a, part) for a in arrays)


def further_down(operation: Operation, part: Array, rows: int) -> Operation:
    """The same operation on what lies `rows` rows further down in `part`, a C-contiguous array."""

    def moved(a: Any) -> Any:
        if not (isinstance(a, np.ndarray) and np.may_share_memory(a, part)):
            return a
        offset = a.ctypes.data - part.ctypes.data + rows * part.strides[0]
        return np.ndarray(a.shape, a.dtype, part, offset, a.strides)

    function, arguments = operation
    return function, tuple(moved(a) for a in arguments)


def transposed(a: Array) -> Array:
    """The last two axes exchanged: a view."""
    return a.swapaxes(-1, -2)


def constant(value: float, like: Array) -> Array:
    """A number in the shape of `like`, read-only: what NumPy combines fastest with `like`.

    Two arrays of one shape are half the cost of an array and a number, and a tenth for `fmax`.
    Where filling memory would cost more than it saves, the number comes as a 0-d array.
    """
    if like.size > LARGE:
        return np.array(value, dtype=like.dtype)
    return _filled(value, like.shape, like.strides, like.dtype)


@lru_cache(maxsize=512)
def _filled(
    value: float, shape: tuple[int, ...], strides: tuple[int, ...], dtype: np.dtype[Any]
) -> Array:
    """One array for all who ask, its axes lying in memory in the order of `strides`."""
    order = sorted(range(len(shape)), key=lambda axis: -strides[axis])
    filled = np.full([shape[axis] for axis in order], value, dtype)
    filled.flags.writeable = False
    return filled.transpose(np.argsort(order))
