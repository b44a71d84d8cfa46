"""The time machine: the whole state is kept now and then, so that any moment can be had again.

A moment is so many steps made and so many edits carried out. It is reached from the last state
kept before it by replaying the steps and edits in between, and is the same to the bit as if
training had stopped there. States are kept densely near the present and ever more sparsely
towards the past, within a budget of memory. A branch that was left can be returned to: it keeps
states of its own, within the same budget.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.checkpoint import Checkpoint, resume, take
from engine.checks import whole
from engine.experiment import Edit, Experiment
from engine.operations import Array

BUDGET = 64 << 20
MOST_GHOSTS = 5


@dataclass(frozen=True)
class Ghost:
    """The loss curve of a future that was left behind: columns as of `History`."""

    branched_at: int
    curve: Array
    why: str
    kind: tuple[str, str]
    """Data set and loss: curves of others cannot be compared."""


@dataclass(frozen=True, eq=False)
class Branch:
    """A branch that was left, and may be returned to."""

    edits: list[Edit]
    checkpoints: list[Checkpoint]
    """States that no other branch has; the last is the one in which it was left."""
    ghost: Ghost | None
    """Its curve on the chart meanwhile."""


def kind_of(experiment: Experiment) -> tuple[str, str]:
    """What an experiment's loss curve measures."""
    return experiment.recipe.dataset, experiment.recipe.loss


class Timeline:
    """The states kept of one experiment, and the futures that were left behind."""

    def __init__(self, experiment: Experiment, budget: int = BUDGET, most: int = 400) -> None:
        """`budget` is in bytes; at most `most` states are kept. The first is kept for ever."""
        self.budget, self.most = budget, most
        self.ghosts: list[Ghost] = []
        self.checkpoints = [take(experiment)]
        self.edits_made = experiment.edits
        """Those of the experiment as it was last kept."""
        self.left: list[Branch] = []
        """Branches that can be returned to, the one that was left first being first."""

    @property
    def nbytes(self) -> int:
        """Memory that the states take, in bytes; what several share counts once.

        Edits have states too: those of the replicas that were taken over.
        """
        kept = self._kept()
        shared: dict[int, Any] = {id(each.data): each.data for each in kept}
        shared.pop(id(self.checkpoints[0].data))
        shared |= {id(taken["ready"]): taken["ready"] for taken in self._taken_over()}
        own = sum(each.snapshot.nbytes for each in kept)
        return own + sum(int(each.nbytes) for each in shared.values())

    def _taken_over(self) -> list[dict[str, Any]]:
        """The arguments of the edits that hold a replica's state, the first one first."""
        lists = [self.edits_made, *(left.edits for left in self.left)]
        return [edit[2] for edits in lists for edit in edits if edit[2].get("ready")]

    def _kept(self) -> list[Checkpoint]:
        return [*self.checkpoints, *(each for left in self.left for each in left.checkpoints)]

    def keep(self, experiment: Experiment) -> None:
        """Keep the state of this moment, unless it is kept already."""
        last, self.edits_made = self.checkpoints[-1], experiment.edits
        if last.moment == experiment.moment:
            if last.snapshot.diverged == experiment.trainer.diverged:
                return
            self.checkpoints.pop()  # training stood here, and only then was found to diverge
        self.checkpoints.append(take(experiment))
        self._make_room()

    def include(self, known: Iterable[Checkpoint]) -> None:
        """Keep states of earlier moments, unless they are kept already."""
        moments = {kept.moment for kept in self.checkpoints}
        new = [each for each in known if each.moment not in moments]
        self.checkpoints = sorted([*self.checkpoints, *new], key=lambda kept: kept.moment)
        self._make_room()

    def _make_room(self) -> None:
        """Keep to the budget: thin out what was left, then what there is; at last forget."""
        while len(self._kept()) > self.most or self.nbytes > self.budget:
            lists = (*(left.checkpoints for left in self.left), self.checkpoints)
            crowded = next((each for each in lists if len(each) > 2), None)
            if crowded:
                del crowded[_least_missed(crowded)]
            elif self.left:
                del self.left[0]
            elif taken := self._taken_over():
                del taken[0]["ready"]  # replaying it will run the race again
            else:
                return

    def at(self, live: Experiment, made: int, *, edits: int | None = None) -> Experiment:
        """The moment at which `made` steps had been made: an experiment of its own.

        After all edits of that moment, or after so many `edits` in all. Raises ValueError naming
        the field where there is no such moment.
        """
        experiment = self.near(live, made, edits=edits)
        while not self.approach(experiment, live, made, edits=edits):
            pass
        return experiment

    def near(
        self,
        live: Experiment,
        made: int,
        *,
        edits: int | None = None,
        spare: Experiment | None = None,
    ) -> Experiment:
        """The last state kept before that moment; `approach` leads on to it.

        `spare` is an experiment that nobody needs any more. It is taken as it is where it lies
        between the two, and else put into that state if it can be.
        """
        moment = made, self._edits(live, made, edits)
        index = bisect_right(self.checkpoints, moment, key=lambda c: c.moment) - 1
        kept = self.checkpoints[max(index, 0)]
        if spare and kept.moment <= spare.moment <= moment and parting(live, spare) == spare.moment:
            return spare
        return resume(kept, live.edits, spare)

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
                break
            past.edit(name, **arguments)
        else:
            past.trainer.advance(end - past.made)
        self._recall(past, live)
        return past.moment == (made, count)

    def _recall(self, past: Experiment, live: Experiment) -> None:
        """Give `past` the loss curve that training had, as the latest state that has it knows."""
        if past.began == live.began:
            past.trainer.recall_history(live.trainer.history.save()[0])
            return
        kept = (each for each in reversed(self.checkpoints) if each.began == past.began)
        if (latest := next(kept, None)) is not None:
            past.trainer.recall_history(latest.snapshot.history[0])

    def _edits(self, live: Experiment, made: int, edits: int | None) -> int:
        """How many edits had been carried out at a moment; ValueError where it never was."""
        whole("made", made, self.checkpoints[0].made, live.made)
        carried_out = sum(when <= made for when, *_ in live.edits)
        return carried_out if edits is None else whole("edits", edits, 0, carried_out)

    def branch(self, live: Experiment, past: Experiment, why: str) -> Ghost | None:
        """Training goes on from `past`; what `live` did since is kept as a ghost, if anything.

        `past` may come from another branch: what both have in common stays.
        """
        parted = parting(live, past)
        self.checkpoints = [c for c in self.checkpoints if c.moment <= parted]
        self.keep(past)
        begin = _parted_at(live, past)
        if live.trainer.steps <= begin or kind_of(live) != kind_of(past):
            return None
        live.trainer.record_history()
        curve, other = (run.trainer.history.columns() for run in (live, past))
        curve = curve[:, curve[0] >= begin]
        if not curve.shape[1]:
            return None
        if curve[0, 0] > begin:  # there was no point of this very step
            curve = np.concatenate([other[:, other[0] == begin], curve], axis=1)
        ghost = Ghost(begin, curve, why, kind_of(live))
        self.ghosts = [*self.ghosts, ghost][-MOST_GHOSTS:]
        return ghost

    def leap(
        self, live: Experiment, past: Experiment, why: str, left: Experiment | None = None
    ) -> Branch:
        """As `branch`, but one can return to `live`, or to a moment `left` of it.

        For as long as the budget allows: while the branch is among those that were `left`.
        """
        left = left or live
        parted = parting(left, past)
        own = [kept for kept in self.checkpoints if parted < kept.moment < left.moment]
        state = take(left)  # anew: the loss curve may have got points since this moment was kept
        branch = Branch(list(left.edits), [*own, state], self.branch(live, past, why))
        self.left.append(branch)
        self._make_room()
        return branch

    def back(
        self, live: Experiment, branch: Branch, why: str, left: Experiment | None = None
    ) -> tuple[Experiment, Branch]:
        """A leap to where a branch was left: the experiment, and what was left this time."""
        self.forget(branch)
        self.ghosts = [ghost for ghost in self.ghosts if ghost is not branch.ghost]
        past = resume(branch.checkpoints[-1], branch.edits)
        other = self.leap(live, past, why, left)
        self.include(branch.checkpoints)
        return past, other

    def forget(self, branch: Branch) -> None:
        """Nobody will return to a branch."""
        self.left = [each for each in self.left if each is not branch]


def _least_missed(checkpoints: list[Checkpoint]) -> int:
    """Whose going leaves the smallest gap for its age; never the first nor the newest."""
    made = np.array([checkpoint.made for checkpoint in checkpoints])
    return 1 + int(np.argmin((made[2:] - made[:-2]) / (made[-1] + 1 - made[1:-1])))


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


def _parted_at(live: Experiment, past: Experiment) -> int:
    """The last step that the loss curves of two runs share; 0 where one began since they parted."""
    made, count = parting(live, past)
    if max(live.began, past.began) > count:
        return 0
    # Steps of a race that went on from the weights of then are not among those made.
    raced: int = sum(a["steps"] for _, name, a in past.edits[count:] if name == "adopt")
    return made - past.made_before - raced
