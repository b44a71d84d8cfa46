"""Minibatches: the training examples in a random order, a new one for every epoch."""

from dataclasses import dataclass

import numpy as np

from engine.operations import Array

STRETCH_BYTES = 1 << 18


@dataclass(frozen=True)
class Place:
    """Where in which epoch the next minibatch begins."""

    order: Array
    cursor: int
    epoch: int
    examples: int
    first_epoch: int
    """The epoch in which the examples came."""


class Minibatches:
    """Draws minibatches from inputs `x` (examples, …) and targets `y` (examples, …).

    The examples of the coming minibatches are copied in their random order into two buffers, so
    that a minibatch is a stretch of memory which the training step reads in place. As many are
    copied at a time as stay in the processor's cache.
    """

    def __init__(self, x: Array, y: Array, batch_size: int, rng: np.random.Generator) -> None:
        self.parts, self.rng = (x, y), rng
        self.order = rng.permutation(len(x))
        self.cursor = self.epoch = self.examples = self.first_epoch = 0
        self.set_batch_size(batch_size)

    def set_batch_size(self, size: int) -> None:
        """From now on so many examples a minibatch; the last of an epoch may have fewer."""
        self.size = size
        fit = max(STRETCH_BYTES // (self.parts[0].itemsize * self.parts[0].shape[1] * size), 1)
        count = min(fit * size, len(self.order))
        self.x, self.y = (np.empty((count, *part.shape[1:]), part.dtype) for part in self.parts)
        self._lay_out()

    @property
    def sizes(self) -> set[int]:
        """How many examples minibatches have: as many as was said, and those left at the end."""
        count = len(self.order)
        return {min(self.size, count), count % self.size} - {0}

    def _lay_out(self) -> None:
        """Copy the examples that come next."""
        chosen = self.order[self.cursor : self.cursor + len(self.x)]
        for part, buffer in zip(self.parts, (self.x, self.y), strict=True):
            np.take(part, chosen, axis=0, out=buffer[: len(chosen)], mode="clip")
        self.first, self.count = self.cursor, len(chosen)

    def draw(self, most: int) -> tuple[range, int]:
        """The next minibatches, 1 to `most`: where in `x` and `y` they start, and their size."""
        if self.cursor >= len(self.order):
            self.order = self.rng.permutation(len(self.order))
            self.cursor = 0
            self._lay_out()
        elif self.cursor >= self.first + self.count:
            self._lay_out()
        start = self.cursor - self.first
        left = self.count - start
        size = min(self.size, left)
        starts = range(start, start + min(most, left // size) * size, size)
        self.cursor += len(starts) * size
        self.examples += len(starts) * size
        self.epoch += self.cursor >= len(self.order)
        return starts, size

    def go_on_from(self, other: "Minibatches") -> None:
        """Count epochs and examples on from those of other data."""
        self.epoch, self.examples, self.first_epoch = other.epoch, other.examples, other.epoch

    def drawn(self) -> Array:
        """The indices of the examples that have been in a minibatch."""
        return self.order if self.epoch > self.first_epoch else self.order[: self.cursor]

    def chosen(self, start: int, size: int) -> Array:
        """Which examples the minibatch drawn last has, its place in `x` being `start`."""
        return self.order[self.first + start : self.first + start + size]

    def place(self) -> Place:
        """Where we are, for `go_to`."""
        return Place(self.order, self.cursor, self.epoch, self.examples, self.first_epoch)

    def go_to(self, place: Place) -> None:
        """Back to a place."""
        moved = self.order is not place.order
        self.order, self.cursor = place.order, place.cursor
        self.epoch, self.examples = place.epoch, place.examples
        self.first_epoch = place.first_epoch
        if moved or not self.first <= self.cursor <= self.first + self.count:
            self._lay_out()
