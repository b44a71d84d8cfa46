"""A diagnosis in words: what is wrong with a run, and what to try. Never when nothing is wrong.

The remedies are edits, so that trying one is one click, and taking it back another.
"""

from collections import deque
from collections.abc import Callable, Iterator

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
"""What is said must have been so at that many looks in a row, with steps between them."""

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
        self._looks: deque[set[str]] = deque(maxlen=LOOKS)
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
        elif steps == self._seen[1] and self._looks:
            self._looks.pop()
        self._seen = stretch, steps
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            fresh = not self._looks
            case = Checkup(experiment, ratio, self._beginning, fresh=fresh, diverged=diverged)
            found = diagnose(case)
        self._looks.append({finding.name for finding in found})
        self.summary = REACHES if case.now.shrinks <= FACTOR else CALM
        self.findings = [f for f in found if all(f.name in names for names in self._looks)]


def diagnose(case: Checkup) -> list[Finding]:
    """All that is wrong at one look, without what follows from another finding."""
    for root in (diverged, unnormalised):
        if found := list(root(case)):
            return found
    findings = [finding for rule in RULES.values() for finding in rule(case)]
    names = {finding.name for finding in findings}
    return [f for f in findings if not names & FOLLOWS.get(f.name, set())]
