"""The whole state of an experiment at one moment: taken, and gone on from."""

from collections.abc import Hashable
from dataclasses import dataclass

from engine.datasets import Data
from engine.experiment import Edit, Experiment
from engine.recipe import Recipe
from engine.snapshot import Snapshot


@dataclass(frozen=True)
class Checkpoint:
    """All that determines a run from a moment on."""

    made: int
    edits: int
    recipe: Recipe
    data: Data
    made_before: int
    began: int
    version: int
    trained_on: frozenset[Hashable]
    snapshot: Snapshot

    @property
    def moment(self) -> tuple[int, int]:
        """Steps made and edits carried out."""
        return self.made, self.edits


def take(experiment: Experiment) -> Checkpoint:
    """The experiment's whole state; later steps do not touch it."""
    return Checkpoint(
        made=experiment.made,
        edits=len(experiment.edits),
        recipe=experiment.recipe,
        data=experiment.data,
        made_before=experiment.made_before,
        began=experiment.began,
        version=experiment.network.version,
        trained_on=experiment.trained_on,
        snapshot=experiment.trainer.snapshot(),
    )


def resume(
    checkpoint: Checkpoint, edits: list[Edit], spare: Experiment | None = None
) -> Experiment:
    """An experiment in the state of the checkpoint; `edits` are those carried out before it.

    It is `spare`, which nobody needs any more, where that differs in its state alone: to plan the
    steps of a network takes as long as to make many.
    """
    if spare is None or not _fits(checkpoint, spare):
        spare = Experiment(checkpoint.recipe, data=checkpoint.data)
        # New neurons are drawn from a stream that the count of reassemblies is part of.
        spare.network.version = checkpoint.version
        spare.trainer.rebuild()
    spare.edits = edits[: checkpoint.edits]
    spare.made_before, spare.began = checkpoint.made_before, checkpoint.began
    spare.trained_on = checkpoint.trained_on
    spare.trainer.restore(checkpoint.snapshot)
    return spare


def _fits(checkpoint: Checkpoint, spare: Experiment) -> bool:
    """Whether they differ in their states alone: all else is made of recipe and data."""
    return (
        spare.data is checkpoint.data
        and spare.network.version == checkpoint.version
        and spare.recipe == checkpoint.recipe
    )
