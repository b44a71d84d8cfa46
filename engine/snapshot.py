"""The whole state of a training run at one step: what is saved, restored and replayed from."""

from dataclasses import dataclass
from typing import Any

from engine.minibatches import Place
from engine.operations import Array


@dataclass(frozen=True)
class Snapshot:
    """Everything that the next step depends on, and everything that it changes."""

    parameters: Array
    optimizer_steps: int
    optimizer_state: dict[str, Array]
    running: list[Array]
    random: list[dict[str, Any]]
    place: Place
    steps: int
    clipped: int
    history: tuple[Array, int]
