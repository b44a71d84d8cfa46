"""Where arrays lie in memory, and how much they take.

What they take is not what a view shows, but what it is a view of.
"""

from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np
from numpy.typing import DTypeLike

from engine.operations import Array, Operation

CACHE_LINE = 64  # bytes


def zeros(shape: tuple[int, ...], dtype: DTypeLike) -> Array:
    """An array of zeros that begins on a cache line.

    NumPy's own large ones begin 16 bytes past one, so that every vector of the processor's lies
    on two lines: updating 200,000 parameters takes up to half as long again.
    """
    kind = np.dtype(dtype)
    size = int(np.prod(shape)) * kind.itemsize
    memory = np.zeros(size + CACHE_LINE, np.uint8)
    first = -memory.ctypes.data % CACHE_LINE
    return memory[first : first + size].view(kind).reshape(shape)


def arrays_of(program: Iterable[Operation]) -> Iterator[Array]:
    """The arrays that operations read and write."""
    for function, arguments in program:
        if isinstance(function, partial):
            arguments = (*arguments, *function.args, *function.keywords.values())
        for each in (*arguments, getattr(function, "__self__", None)):
            if isinstance(each, np.ndarray):
                yield each


def bytes_of(arrays: Iterable[Array]) -> int:
    """Bytes of the memory in which the arrays lie, each stretch of it counted once."""
    owners = {}
    for array in arrays:
        while isinstance(array.base, np.ndarray):
            array = array.base
        owners[id(array)] = array.nbytes
    return sum(owners.values())
