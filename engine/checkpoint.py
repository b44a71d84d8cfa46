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


def resume(checkpoint: Checkpoint, edits: list[Edit]) -> Experiment:
    """A new experiment in the state of the checkpoint; `edits` are those carried out before it."""
    experiment = Experiment(checkpoint.recipe, data=checkpoint.data)
    experiment.edits = edits[: checkpoint.edits]
    experiment.made_before, experiment.began = checkpoint.made_before, checkpoint.began
    experiment.trained_on = checkpoint.trained_on
    # New neurons are drawn from a stream that the count of reassemblies is part of.
    experiment.network.version = checkpoint.version
    experiment.trainer.rebuild()
    experiment.trainer.restore(checkpoint.snapshot)
    return experiment
