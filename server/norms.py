"""The course of the gradient norms: what frames have shown of them, in a bounded number of points.

A viewer that joins later, or again, sees it from the beginning. It costs training nothing: the
norms are those that a frame has computed anyway.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST = 120
"""Points kept; when there are more every other one is dropped."""


class Norms:
    """A point is a step and a norm for each layer."""

    def __init__(self) -> None:
        self._points: list[NDArray[Any]] = []
        self._interval = 1.0
        """Steps between two points."""

    def seen(self, step: int, norms: NDArray[Any], *, present: bool) -> NDArray[Any]:
        """The course up to `step`, whose norms these are: float32 (1 + layers, points).

        `present`: it is the latest step, not one looked back at. What was seen of later steps
        is then forgotten, as is all when the layers are not as many as before.
        """
        now = np.array([step, *norms], np.float32)
        before = [point for point in self._points if point[0] < step and len(point) == len(now)]
        if present:
            if not before:
                self._interval = 1.0
            self._points = before
            if not before or step - before[-1][0] >= self._interval:
                self._points = [*before, now]
            if len(self._points) > MOST:
                self._points = self._points[::2]
                first, last = self._points[0][0], self._points[-1][0]
                self._interval = float(last - first) / (len(self._points) - 1)
        return np.ascontiguousarray(np.transpose([*before, now]))
