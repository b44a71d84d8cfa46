"""The time machine: the whole state is kept now and then, so that any moment can be had again.

A moment is so many steps made and so many edits carried out. It is reached from the last state
kept before it by replaying the steps and edits in between, and is the same to the bit as if
training had stopped there. States are kept densely near the present and ever more sparsely
towards the past, within a budget of memory.
"""

from bisect import bisect_right
from dataclasses import dataclass

from engine.checks import whole
from engine.datasets import Data
from engine.experiment import Edit, Experiment
from engine.operations import Array
from engine.recipe import Recipe
from engine.snapshot import Snapshot

BUDGET = 64 << 20
MOST_GHOSTS = 5


@dataclass(frozen=True)
class Checkpoint:
    """All that determines a run from a moment on."""

    made: int
    edits: int
    recipe: Recipe
    data: Data
    made_before: int
    version: int
    snapshot: Snapshot

    @property
    def moment(self) -> tuple[int, int]:
        """Steps made and edits carried out."""
        return self.made, self.edits


@dataclass(frozen=True)
class Ghost:
    """The loss curve of a future that was left behind: columns as of `History`."""

    branched_at: int
    curve: Array
    why: str


def take(experiment: Experiment) -> Checkpoint:
    """The experiment's whole state; later steps do not touch it."""
    return Checkpoint(
        made=experiment.made,
        edits=len(experiment.edits),
        recipe=experiment.recipe,
        data=experiment.data,
        made_before=experiment.made_before,
        version=experiment.network.version,
        snapshot=experiment.trainer.snapshot(),
    )


def resume(checkpoint: Checkpoint, edits: list[Edit]) -> Experiment:
    """A new experiment in the state of the checkpoint; `edits` are those carried out before it."""
    experiment = Experiment(checkpoint.recipe, data=checkpoint.data)
    experiment.edits = edits[: checkpoint.edits]
    experiment.made_before = checkpoint.made_before
    # New neurons are drawn from a stream that the count of reassemblies is part of.
    experiment.network.version = checkpoint.version
    experiment.trainer.rebuild()
    experiment.trainer.restore(checkpoint.snapshot)
    return experiment


class Timeline:
    """The states kept of one experiment, and the futures that were left behind."""

    def __init__(self, experiment: Experiment, budget: int = BUDGET, most: int = 400) -> None:
        """`budget` is in bytes; at most `most` states are kept. The first is kept for ever."""
        self.budget, self.most = budget, most
        self.ghosts: list[Ghost] = []
        self.checkpoints = [take(experiment)]

    @property
    def nbytes(self) -> int:
        """Memory that the states take, in bytes."""
        return sum(checkpoint.snapshot.nbytes for checkpoint in self.checkpoints)

    def keep(self, experiment: Experiment) -> None:
        """Keep the state of this moment, unless it is kept already."""
        if self.checkpoints[-1].moment == (experiment.made, len(experiment.edits)):
            return
        self.checkpoints.append(take(experiment))
        while len(self.checkpoints) > 2 and (
            len(self.checkpoints) > self.most or self.nbytes > self.budget
        ):
            del self.checkpoints[self._least_missed()]

    def _least_missed(self) -> int:
        """Whose going leaves the smallest gap for its age; never the first nor the newest."""
        made = [checkpoint.made for checkpoint in self.checkpoints]
        present = made[-1] + 1
        return min(
            range(1, len(made) - 1), key=lambda k: (made[k + 1] - made[k - 1]) / (present - made[k])
        )

    def at(
        self, live: Experiment, made: int, *, edits: int | None = None, reach: int | None = None
    ) -> Experiment:
        """The moment at which `made` steps had been made: an experiment of its own.

        After all edits of that moment, or after so many `edits` in all. With `reach`, where more
        steps than that would have to be replayed, the last state kept before it instead.
        Raises ValueError naming the field where there is no such moment.
        """
        whole("made", made, self.checkpoints[0].made, live.made)
        carried_out = sum(when <= made for when, *_ in live.edits)
        count = carried_out if edits is None else whole("edits", edits, 0, carried_out)
        index = bisect_right(self.checkpoints, (made, count), key=lambda c: c.moment) - 1
        checkpoint = self.checkpoints[max(index, 0)]
        experiment = resume(checkpoint, live.edits)
        if reach is not None and made - checkpoint.made > reach:
            return experiment
        for when, name, arguments in live.edits[checkpoint.edits : count]:
            experiment.trainer.step(when - experiment.made)
            experiment.edit(name, **arguments)
        experiment.trainer.step(made - experiment.made)
        return experiment

    def branch(self, live: Experiment, past: Experiment, why: str) -> None:
        """Training goes on from `past`; what `live` did since is kept as a ghost."""
        moment = past.made, len(past.edits)
        self.checkpoints = [c for c in self.checkpoints if c.moment <= moment]
        if live.made_before == past.made_before and live.made > past.made:
            live.trainer.record_history()
            columns = live.trainer.history.columns()
            later = columns[:, columns[0] >= past.trainer.steps]
            if later.size:
                self.ghosts = [*self.ghosts, Ghost(past.trainer.steps, later, why)][-MOST_GHOSTS:]
        self.keep(past)
