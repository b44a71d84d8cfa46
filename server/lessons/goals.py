"""Conditions: what a lesson may ask of the running session.

    test_loss < 0.1          steps >= 200         0.01 … as two conditions
    initializer = zeros      activation = relu    (the activation of all hidden layers)
    diverged                 not diverged
    batch_norm               not batch_norm       (in all hidden layers; in none)
    finding vanishing        no finding vanishing (what the diagnosis says is wrong)

The page looks at them with each frame (`static/lesson/goals.js`).
"""

import re
from dataclasses import dataclass

from engine.activations import activations
from engine.datasets import datasets
from engine.initializers import initializers
from engine.losses import losses
from engine.optimizers import optimizers

NUMBERS = {
    "steps": "steps",
    "epochs": "epochs",
    "train_loss": "training loss",
    "test_loss": "test loss",
    "train_metric": "accuracy in training",
    "test_metric": "test accuracy",
    "learning_rate": "learning rate",
    "batch_size": "minibatch",
    "l1": "L1 penalty",
    "l2": "L2 penalty",
    "noise": "noise",
    "layers": "hidden layers",
    "neurons": "hidden neurons",
    "minibatch_loss": "loss of the minibatch",
    "output": "output for the example",
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
        name = NUMBERS.get(self.what, self.what.replace("_", " "))
        return {"what": self.what, "name": name, "is": self.is_, "value": self.value}


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
        return Condition(what, sign, float(value))
    except ValueError:
        raise ValueError(f"got {value!r} in {text!r}, expected a number") from None


def _one_of(name: str, names: object) -> str:
    known = list(names)  # type: ignore[call-overload]
    if name not in known:
        raise ValueError(f"got {name!r}, expected one of {', '.join(known)}")
    return name
