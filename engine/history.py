"""The loss curve so far, in a bounded number of points.

At most one point is kept in each interval of steps. When the curve is full the interval doubles
and the points that now share one are thinned out: a run of any length keeps at most 400 points,
and the cost of recording falls to nothing as the run goes on.
"""

import numpy as np

from engine.operations import Array

CAPACITY = 400
TAIL = 100
"""Points that may follow densely where training has stopped."""


class History:
    """Columns: step, train loss, test loss, train metric, test metric, learning rate."""

    def __init__(self, width: int = 6) -> None:
        self.rows = np.empty((CAPACITY + 1 + TAIL, width))
        self.length = 0
        self.interval = 1

    def wants(self, step: int) -> bool:
        """Whether the interval that `step` lies in has no point yet."""
        last = self.rows[self.length - 1, 0] if self.length else -self.interval
        return step // self.interval > last // self.interval

    def add(self, *row: float) -> None:
        """Record a point, step first, where `wants` says so."""
        self.rows[self.length] = row
        self.length += 1
        while self.length > CAPACITY:
            self.interval *= 2
            buckets = self.rows[: self.length, 0] // self.interval
            kept = self.rows[: self.length][np.diff(buckets, prepend=-1) > 0]
            self.length = len(kept)
            self.rows[: self.length] = kept

    def add_densely(self, *row: float) -> None:
        """Record a point, whatever the interval, and thin nothing out: at most 100 on end."""
        self.rows[self.length] = row
        self.length += 1

    def renew(self, *row: float) -> None:
        """Replace the last point where it is of the same step: an edit has changed what it was."""
        if self.length and self.rows[self.length - 1, 0] == row[0]:
            self.rows[self.length - 1] = row

    def recall(self, known: Array) -> None:
        """Add the points before the last that are `known`, rows of the same curve.

        Of those that are not among them only as many stay as there is room for.
        """
        own, last = self.rows[: self.length - 1], self.rows[self.length - 1].copy()
        known = known[known[:, 0] < last[0]]
        own = own[~np.isin(own[:, 0], known[:, 0])]
        while len(own) and len(own) + len(known) >= CAPACITY:
            own = own[1::2]
        rows = np.concatenate([known, own])
        self.load((np.vstack([rows[rows[:, 0].argsort()], last]), self.interval))

    def columns(self) -> Array:
        """The curve as float64 (columns, points): a copy."""
        return np.ascontiguousarray(self.rows[: self.length].T)

    def save(self) -> tuple[Array, int]:
        """The state, for `load`."""
        return self.rows[: self.length].copy(), self.interval

    def load(self, state: tuple[Array, int]) -> None:
        """Back to a saved state."""
        rows, self.interval = state
        self.length = len(rows)
        self.rows[: self.length] = rows
