"""A diagnosis in words: what is wrong with a run, and what to try. Never when nothing is wrong.

The remedies are edits, so that trying one is one click, and taking it back another.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from engine.checkup import FACTOR, SATURATED, Beginning, Checkup
from engine.course_rules import overfitting, too_high, too_low
from engine.diagnostics import STATISTICS
from engine.experiment import Experiment
from engine.findings import Finding, named, numbers
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

GRADIENT, RATIO, DEAD_SHARE, SATURATED_SHARE = (
    STATISTICS.index(name)
    for name in ("gradient_norm", "update_ratio", "dead_share", "saturated_share")
)

REACHES = "gradients reach every layer"
"""Each hidden layer's is at least a hundredth of the error at the output."""
CALM = "nothing looks wrong"
NOWHERE = "no gradient reaches a hidden layer"
SOMETIMES = "some minibatches send no gradient back"
EASED = 0.75
"""What was said of a layer above SATURATED is said on down to that share: it must not flicker."""
SILENCE = 60
"""Frames for which that is said of a single one, so that it can be read and does not flicker."""
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
        """What can be said where nothing is wrong, or not yet for long enough to be sure."""
        self._gradients = REACHES
        self._silent = 0
        self._stopped = np.zeros((0, 2), bool)
        self._beginning = Beginning()
        self._looks: deque[set[str]] = deque(maxlen=LINGER)
        self._said: dict[str, Finding] = {}
        self._before = self._said
        """What was said before the steps since the last look."""
        self._seen: tuple[object, int] = None, -1

    def look(self, experiment: Experiment, statistics: Array, *, diverged: bool = False) -> None:
        """Look at a run, which may be another one than before, and say what is wrong.

        `statistics` are those of the upcoming step, as of `layer_statistics`. After an edit, or
        divergence, all is judged anew, and what is so is said at once.
        """
        steps = experiment.trainer.steps
        stretch = experiment.trainer, len(experiment.edits), diverged
        begins = self._seen[0] != stretch or steps < self._seen[1]
        if begins:
            self._looks.clear()
            self._before = {}
            self._silent = 0
            self._stopped = np.zeros((len(statistics), 2), bool)
        elif steps == self._seen[1] and self._looks:
            self._looks.pop()
        else:
            self._before = self._said
        self._seen = stretch, steps
        ratio = statistics[:, RATIO].astype(np.float64)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            case = Checkup(experiment, ratio, self._beginning, diverged=diverged)
            found = {finding.name: finding for finding in diagnose(case)}
        self._looks.append(set(found))
        self._said = {
            name: found.get(name) or self._before[name] for name in RULES if self._says(name)
        }
        self.findings = independent(self._said.values())
        self._gradients = of_gradients(case)
        self.glance(statistics)

    def glance(self, statistics: Array) -> None:
        """Between two looks: let the summary agree with the numbers that are shown beside it."""
        if len(statistics) > 1 and not statistics[:-1, GRADIENT].any():
            self._silent = SILENCE
        else:
            self._silent = max(0, self._silent - 1)
        self._stopped = stopped(statistics, self._stopped)
        self.summary = in_words(self._stopped) or self._gradients
        if self._silent and self.summary in (REACHES, CALM):
            self.summary = SOMETIMES

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


def of_gradients(case: Checkup) -> str:
    """What can be said of the gradients of the examples on their way back."""
    if case.hidden and not case.now.gradient[:-1].any():
        return NOWHERE
    return REACHES if case.now.shrinks <= FACTOR else CALM


def stopped(statistics: Array, before: Array) -> Array:
    """Which layers are mostly saturated, which mostly dead, (layers, 2); `before`, which were."""
    shares = statistics[:, [SATURATED_SHARE, DEAD_SHARE]].astype(np.float64)
    now = shares > np.where(before, EASED, SATURATED)
    now[-1, 0] = False  # an output may be saturated: it is sure
    return now


def in_words(stopped: Array) -> str:
    """The same in words; nothing where no layer is.

    That need not be wrong in a network that has learned, but "all is well" would not be true.
    """
    said = []
    for word, mask in zip(("saturated", "dead"), stopped.T, strict=True):
        if where := numbers(mask):
            verb = "are" if len(where) > 1 else "is"
            said.append(f"{named(len(stopped) - 1, where)} {verb} mostly {word}")
    return ", ".join(said)
