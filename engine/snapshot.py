"""The whole state of a training run at one step: what is saved, restored and replayed from."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from engine.divergence import Divergence
from engine.minibatches import Place
from engine.operations import Array


@dataclass(frozen=True)
class Snapshot:
    """Everything that the next step depends on, and everything that it changes."""

    parameters: Array
    optimizer_steps: int
    optimizer_state: dict[str, Array]
    running: list[Array]
    """Of each batch normalisation: (..., 2, units), mean and variance."""
    random: list[dict[str, Any]]
    place: Place
    steps: int
    clipped: int
    history: tuple[Array, int]
    diverged: Divergence | None
    """What is known of the step to come: that it diverges."""

    def replica(self, index: int) -> "Snapshot":
        """The state of one replica, for a network without replicas."""
        return replace(
            self,
            parameters=self.parameters[index],
            optimizer_state={name: values[index] for name, values in self.optimizer_state.items()},
            running=[values[index] for values in self.running],
        )

    @cached_property
    def nbytes(self) -> int:
        """Memory that it takes, in bytes."""
        arrays = [self.parameters, *self.optimizer_state.values(), *self.running]
        arrays += [self.history[0], self.place.order]
        return sum(array.nbytes for array in arrays)
