"""How much memory arrays take: not what a view shows, but what it is a view of."""

from collections.abc import Iterable, Iterator
from functools import partial

import numpy as np

from engine.operations import Array, Operation


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
