"""The time machine: the whole state is kept now and then, so that any moment can be had again.

A moment is so many steps made and so many edits carried out. It is reached from the last state
kept before it by replaying the steps and edits in between, and is the same to the bit as if
training had stopped there. States are kept densely near the present and ever more sparsely
towards the past, within a budget of memory.
"""

from bisect import bisect_right
from collections.abc import Hashable
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
    trained_on: frozenset[Hashable]
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
    kind: tuple[str, str]
    """Data set and loss: curves of others cannot be compared."""


def kind_of(experiment: Experiment) -> tuple[str, str]:
    """What an experiment's loss curve measures."""
    return experiment.recipe.dataset, experiment.recipe.loss


def take(experiment: Experiment) -> Checkpoint:
    """The experiment's whole state; later steps do not touch it."""
    return Checkpoint(
        made=experiment.made,
        edits=len(experiment.edits),
        recipe=experiment.recipe,
        data=experiment.data,
        made_before=experiment.made_before,
        version=experiment.network.version,
        trained_on=experiment.trained_on,
        snapshot=experiment.trainer.snapshot(),
    )


def resume(checkpoint: Checkpoint, edits: list[Edit]) -> Experiment:
    """A new experiment in the state of the checkpoint; `edits` are those carried out before it."""
    experiment = Experiment(checkpoint.recipe, data=checkpoint.data)
    experiment.edits = edits[: checkpoint.edits]
    experiment.made_before = checkpoint.made_before
    experiment.trained_on = checkpoint.trained_on
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
        """Memory that the states take, in bytes; data that several share count once."""
        data = {id(kept.data): kept.data.nbytes for kept in self.checkpoints[1:]}
        data.pop(id(self.checkpoints[0].data), None)
        return sum(kept.snapshot.nbytes for kept in self.checkpoints) + sum(data.values())

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

    def at(self, live: Experiment, made: int, *, edits: int | None = None) -> Experiment:
        """The moment at which `made` steps had been made: an experiment of its own.

        After all edits of that moment, or after so many `edits` in all. Raises ValueError naming
        the field where there is no such moment.
        """
        experiment = self.near(live, made, edits=edits)
        while not self.approach(experiment, live, made, edits=edits):
            pass
        return experiment

    def near(self, live: Experiment, made: int, *, edits: int | None = None) -> Experiment:
        """The last state kept before that moment; `approach` leads on to it."""
        moment = made, self._edits(live, made, edits)
        index = bisect_right(self.checkpoints, moment, key=lambda c: c.moment) - 1
        return resume(self.checkpoints[max(index, 0)], live.edits)

    def approach(
        self,
        past: Experiment,
        live: Experiment,
        made: int,
        *,
        edits: int | None = None,
        most: int | None = None,
    ) -> bool:
        """Replay what `live` did after `past`, `most` steps of it; whether it is at the moment."""
        count = self._edits(live, made, edits)
        end = made if most is None else min(made, past.made + most)
        for when, name, arguments in live.edits[len(past.edits) : count]:
            past.trainer.advance(min(when, end) - past.made)
            if past.made < when:
                return False
            past.edit(name, **arguments)
        past.trainer.advance(end - past.made)
        return past.made == made

    def _edits(self, live: Experiment, made: int, edits: int | None) -> int:
        """How many edits had been carried out at a moment; ValueError where it never was."""
        whole("made", made, self.checkpoints[0].made, live.made)
        carried_out = sum(when <= made for when, *_ in live.edits)
        return carried_out if edits is None else whole("edits", edits, 0, carried_out)

    def branch(self, live: Experiment, past: Experiment, why: str) -> bool:
        """Training goes on from `past`; whether what `live` did since is kept as a ghost.

        `past` may come from another branch: what both have in common stays.
        """
        parted = parting(live, past)
        self.checkpoints = [c for c in self.checkpoints if c.moment <= parted]
        self.keep(past)
        if live.made == past.made or kind_of(live) != kind_of(past):
            return False
        live.trainer.record_history()
        curve = live.trainer.history.columns()
        if live.made_before == past.made_before:  # else it began anew, and is a curve of its own
            curve = curve[:, curve[0] >= past.trainer.steps]
        if curve.shape[1]:
            ghost = Ghost(past.trainer.steps, curve, why, kind_of(live))
            self.ghosts = [*self.ghosts, ghost][-MOST_GHOSTS:]
        return bool(curve.shape[1])


def parting(one: Experiment, other: Experiment) -> tuple[int, int]:
    """The last moment that two runs of one recipe share: steps made and edits carried out."""
    pairs = zip(one.edits, other.edits, strict=False)
    count = next((k for k, (a, b) in enumerate(pairs) if a != b), None)
    if count is None:
        count = min(len(one.edits), len(other.edits))
    made = [
        one.made,
        other.made,
        *(run.edits[count][0] for run in (one, other) if run.edits[count:]),
    ]
    return min(made), count
