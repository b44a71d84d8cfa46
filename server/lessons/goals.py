"""Conditions: what a lesson may ask of the running session.

    test_loss < 0.1          steps >= 200         0.01 … as two conditions
    initializer = zeros      activation = relu    (the activation of all hidden layers)
    diverged                 not diverged
    batch_norm               not batch_norm       (in all hidden layers; in none)
    finding vanishing        no finding vanishing (what the diagnosis says is wrong)

The page looks at them with each frame (`static/lesson/goals.js`).
"""

import math
import operator
import re
from dataclasses import dataclass
from typing import NamedTuple

from engine.activations import activations
from engine.datasets import datasets
from engine.initializers import initializers
from engine.losses import losses
from engine.optimizers import optimizers
from server.protocol.fields import BOUNDS, MAX_HIDDEN_LAYERS, MAX_UNITS


class Number(NamedTuple):
    """What a number is called, and between which values it can be."""

    name: str
    low: float = 0
    high: float = math.inf


NUMBERS = {
    "steps": Number("steps"),
    "epochs": Number("epochs"),
    "train_loss": Number("training loss"),
    "test_loss": Number("test loss"),
    "train_metric": Number("accuracy in training", high=1),
    "test_metric": Number("test accuracy", high=1),
    "learning_rate": Number("learning rate", *BOUNDS["learning_rate"]),
    "batch_size": Number("minibatch", *BOUNDS["batch_size"]),
    "l1": Number("L1 penalty", *BOUNDS["l1"]),
    "l2": Number("L2 penalty", *BOUNDS["l2"]),
    "noise": Number("noise", *BOUNDS["noise"]),
    "layers": Number("hidden layers", high=MAX_HIDDEN_LAYERS),
    "neurons": Number("hidden neurons", high=MAX_HIDDEN_LAYERS * MAX_UNITS),
    "minibatch_loss": Number("loss of the minibatch"),
    "output": Number("output for the example", low=-math.inf),
}
"""Numbers that can be compared, and what they are called."""
NAMES = {
    "dataset": datasets,
    "activation": activations,
    "loss": losses,
    "optimizer": optimizers,
    "initializer": initializers,
}
SWITCHES = ("diverged", "batch_norm")
FINDINGS = (
    "symmetric",
    "exploding",
    "vanishing",
    "dead",
    "saturated",
    "rate too high",
    "rate too low",
    "overfitting",
)
"""The names of `engine.diagnosis`."""


@dataclass(frozen=True)
class Condition:
    """`what` compared by `is` (one of < <= > >= = ≠) with `value`."""

    what: str
    is_: str
    value: float | str | bool

    def as_dict(self) -> dict[str, float | str | bool]:
        """Plain values for the page."""
        return {"what": self.what, "name": self.name, "is": self.is_, "value": self.value}

    @property
    def name(self) -> str:
        """In words."""
        return NUMBERS[self.what].name if self.what in NUMBERS else self.what.replace("_", " ")

    def holds(self, now: float | str | bool) -> bool:
        """Whether it is true of what is now."""
        compare = _COMPARE[self.is_]
        return bool(compare(now, self.value))

    def within(self, low: float, high: float) -> bool:
        """Whether some number from `low` to `high` fulfils it."""
        value = float(self.value)
        return low <= value <= high if self.is_ == "=" else self.holds(low) or self.holds(high)


_COMPARE = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "=": operator.eq,
    "≠": operator.ne,
}  # fmt: skip


def condition(text: str) -> Condition:
    """Read a condition. Raises ValueError: got …, expected …."""
    text = " ".join(text.split())
    if match := re.fullmatch(r"(no )?finding (.+)", text):
        return Condition("finding", "≠" if match[1] else "=", _one_of(match[2], FINDINGS))
    if match := re.fullmatch(r"(not )?(\w+)", text):
        return Condition(_one_of(match[2], SWITCHES), "=", not match[1])
    match = re.fullmatch(r"(\w+) ?(<=|>=|<|>|=) ?(\S+)", text)
    if match is None:
        raise ValueError(f"got {text!r}, expected a condition such as test_loss < 0.1")
    what, sign, value = match.groups()
    if what in NAMES and sign == "=":
        return Condition(what, "=", _one_of(value, NAMES[what]))
    _one_of(what, NUMBERS)
    try:
        number = float(value)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"got {value!r} in {text!r}, expected a number")
    return Condition(what, sign, number)


def _one_of(name: str, names: object) -> str:
    known = list(names)  # type: ignore[call-overload]
    if name not in known:
        raise ValueError(f"got {name!r}, expected one of {', '.join(known)}")
    return name
