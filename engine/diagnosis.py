"""A diagnosis in words: what is wrong with a run, and what to try. Never when nothing is wrong.

The remedies are edits, so that trying one is one click, and taking it back another.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from engine.checkup import FACTOR, Beginning, Checkup
from engine.course_rules import overfitting, too_high, too_low
from engine.experiment import Experiment
from engine.findings import Finding
from engine.operations import Array
from engine.signal_rules import (
    dead,
    diverged,
    exploding,
    saturated,
    symmetric,
    unnormalised,
    vanishing,
)

REACHES = "gradients reach every layer"
"""Each hidden layer's is at least a hundredth of the error at the output."""
CALM = "nothing looks wrong"
LOOKS = 4
"""What is said must have been so at that many looks in a row, with steps between them …"""
LINGER = 12
"""… and is said on until it was not so at that many: at a rule's bound, words must not flicker."""

RULES: dict[str, Callable[[Checkup], Iterator[Finding]]] = {
    "symmetric": symmetric,
    "exploding": exploding,
    "vanishing": vanishing,
    "dead": dead,
    "saturated": saturated,
    "rate too high": too_high,
    "rate too low": too_low,
    "overfitting": overfitting,
}
"""By the names of what they find, the most fundamental first."""

FOLLOWS = {
    "vanishing": {"symmetric", "exploding", "dead", "saturated"},
    "saturated": {"symmetric", "exploding"},
    "dead": {"symmetric", "exploding"},
    "rate too high": {"symmetric", "exploding", "vanishing", "dead", "saturated"},
    "rate too low": {"symmetric", "exploding", "vanishing", "dead", "saturated", "rate too high"},
    "overfitting": {"rate too high"},
}
"""What need not be said where one of those others was."""


class Diagnosis:
    """Looks at a run again and again."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        """What is wrong, the most fundamental first; mostly nothing."""
        self.summary = REACHES
        """What can be said of the gradients where nothing is wrong."""
        self._beginning = Beginning()
        self._looks: deque[set[str]] = deque(maxlen=LINGER)
        self._said: dict[str, Finding] = {}
        self._before = self._said
        """What was said before the steps since the last look."""
        self._seen: tuple[object, int] = None, -1

    def look(self, experiment: Experiment, ratio: Array, *, diverged: bool = False) -> None:
        """Look at a run, which may be another one than before, and say what is wrong.

        `ratio` is the size of the upcoming update over that of the weights, (layers). An edit
        begins anew, and so does divergence: what can be judged without a step is said at once.
        """
        steps = experiment.trainer.steps
        stretch = experiment.trainer, len(experiment.edits), diverged
        begins = self._seen[0] != stretch or steps < self._seen[1]
        if begins:
            self._looks.clear()
            self._before = {}
        elif steps == self._seen[1] and self._looks:
            self._looks.pop()
        else:
            self._before = self._said
        self._seen = stretch, steps
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            fresh = not self._looks
            case = Checkup(experiment, ratio, self._beginning, fresh=fresh, diverged=diverged)
            found = {finding.name: finding for finding in diagnose(case)}
        self._looks.append(set(found))
        self.summary = REACHES if case.now.shrinks <= FACTOR else CALM
        self._said = {
            name: found.get(name) or self._before[name] for name in RULES if self._says(name)
        }
        self.findings = independent(self._said.values())

    def _says(self, name: str) -> bool:
        """Whether it was so at the last looks, or was said and was so not so many looks ago."""
        looks = [name in names for names in self._looks]
        return all(looks[-LOOKS:]) or (name in self._before and any(looks))


def diagnose(case: Checkup) -> list[Finding]:
    """All that is wrong at one look, without what follows from another finding."""
    for root in (diverged, unnormalised):
        if found := list(root(case)):
            return found
    return independent(finding for rule in RULES.values() for finding in rule(case))


def independent(findings: Iterable[Finding]) -> list[Finding]:
    """Those that do not follow from another of them."""
    found = list(findings)
    names = {finding.name for finding in found}
    return [f for f in found if not names & FOLLOWS.get(f.name, set())]
