"""Learning-rate schedules: by what factor the learning rate is multiplied in which step.

A schedule begins at the step at which it was chosen; t counts the steps since then. The learning
rate itself stays what the user set: a schedule only ever multiplies it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from engine.checks import number, whole
from engine.operations import Array


@dataclass(frozen=True)
class Schedule:
    """A kind of schedule and its numbers. Raises ValueError naming the field.

    `steps` is how long its course takes; afterwards it stays where it ended (`step` and
    `exponential` go on falling). `final` is the factor that it comes down to, for `step` that
    of each drop. `points` are those of a curve drawn by hand, (t, factor).
    """

    kind: str = "constant"
    steps: int = 2000
    final: float = 0.01
    begin: int = 0
    points: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind: got {self.kind!r}, expected one of {', '.join(KINDS)}")
        whole("steps", self.steps, 1, 100_000_000)
        number("final", self.final, 0, 1)
        whole("begin", self.begin, 0)
        if self.kind == "exponential" and not self.final:
            raise ValueError("final: got 0, expected more than 0: a power never gets there")
        if self.kind == "curve":
            _check_curve(self.points)

    def starting_at(self, step: int) -> "Schedule":
        """The same, beginning at another step."""
        return replace(self, begin=step)

    def factor(self, step: int) -> float:
        """The factor in force in a step, counted from 0."""
        return _block(self, step // BLOCK)[step % BLOCK]

    def course(self, steps: ArrayLike) -> Array:
        """The factors in many steps, for drawing."""
        t = np.maximum(np.asarray(steps, np.float64) - self.begin, 0)
        return np.asarray(KINDS[self.kind](self, t), np.float64)


BLOCK = 256


@lru_cache(maxsize=16)
def _block(schedule: Schedule, index: int) -> list[float]:
    """The factors of 256 steps.

    NumPy's exponentials differ in the last bit with the length of the array, so what training
    uses is computed for the same stretches always: then a run can be replayed to the bit.
    """
    factors: list[float] = schedule.course(np.arange(BLOCK) + index * BLOCK).tolist()
    return factors


def _check_curve(points: tuple[tuple[float, float], ...]) -> None:
    """A curve has 2 to 100 points, its t ascending without a gap at the start."""
    if not 2 <= len(points) <= 100:
        raise ValueError(f"points: got {len(points)} of them, expected 2 to 100")
    for index, (t, factor) in enumerate(points):
        number(f"points[{index}].t", t, 0, 100_000_000)
        number(f"points[{index}].factor", factor, 1e-8, 1e3)
    if points[0][0] != 0:
        raise ValueError(f"points: got a first t of {points[0][0]:g}, expected 0")
    for (before, _), (t, _) in pairwise(points):
        if t <= before:
            raise ValueError(f"points: got t = {t:g} after {before:g}, expected ascending t")


def _constant(s: Schedule, t: Array) -> Array:
    return np.ones_like(t)


def _step(s: Schedule, t: Array) -> Array:
    return np.asarray(s.final ** np.floor(t / s.steps))


def _exponential(s: Schedule, t: Array) -> Array:
    return np.asarray(s.final ** (t / s.steps))


def _cosine(s: Schedule, t: Array) -> Array:
    """Half a cosine wave from 1 to `final` (Loshchilov & Hutter 2016)."""
    done = np.minimum(t / s.steps, 1)
    return np.asarray(s.final + (1 - s.final) * (1 + np.cos(np.pi * done)) / 2)


def _warmup(s: Schedule, t: Array) -> Array:
    """Linear from `final` up to 1."""
    return np.asarray(s.final + (1 - s.final) * np.minimum(t / s.steps, 1))


def _one_cycle(s: Schedule, t: Array) -> Array:
    """Linear from 1/25 up to 1 in the first 30 %, then half a cosine down to `final` (Smith 2018).

    The numbers are those of PyTorch's `OneCycleLR`.
    """
    up = 0.3 * s.steps
    done = np.clip((t - up) / (s.steps - up), 0, 1)
    down = s.final + (1 - s.final) * (1 + np.cos(np.pi * done)) / 2
    return np.where(t < up, 0.04 + 0.96 * t / up, down)


def _curve(s: Schedule, t: Array) -> Array:
    """Straight lines between the points on a logarithmic axis."""
    at, factor = np.array(s.points).T
    return np.asarray(np.exp(np.interp(t, at, np.log(factor))))


KINDS: dict[str, Callable[[Schedule, Array], Array]] = {
    "constant": _constant,
    "step": _step,
    "exponential": _exponential,
    "cosine": _cosine,
    "warmup": _warmup,
    "one_cycle": _one_cycle,
    "curve": _curve,
}

DOING = {
    "constant": "stays as it is set",
    "step": "drops in steps",
    "exponential": "falls exponentially",
    "cosine": "falls along half a cosine",
    "warmup": "warms up in a straight line",
    "one_cycle": "goes through one cycle",
    "curve": "follows the curve",
}
"""What the learning rate does under each kind, in words."""
