"""What all optimizers have: the parameters that they move, a learning rate, options, state.

Numbers that can be changed while training (the learning rate, momentum, …) are kept in small
arrays which the operations read: changing one takes effect in the next step and touches no state.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.checks import number, numbers
from engine.line import Line
from engine.memory import zeros
from engine.operations import LARGE, Array, Operations, constant, run

STRETCH = 1 << 15
"""Parameters updated at a time: few enough for the processor's cache."""


State = Mapping[str, Array]


@dataclass(frozen=True)
class Option:
    """A number that an optimizer can be given: low ≤ value ≤ high."""

    title: str
    default: float
    low: float
    high: float


class Optimizer:
    """Plain data of all optimizers: parameters, gradients, learning rate, options, state."""

    name: ClassVar[str]
    title: ClassVar[str]
    formula: ClassVar[str]
    note: ClassVar[str]
    against: ClassVar[str]
    """What a parameter moves against, after "every weight and bias moves"."""
    usual_rate: ClassVar[float] = 0.001
    """The learning rate without one given: PyTorch's."""
    options: ClassVar[dict[str, Option]] = {}
    slots: ClassVar[tuple[str, ...]] = ()
    """Names of the state arrays, each of the parameters' shape."""

    def __init__(
        self,
        parameters: Array,
        gradients: Array,
        learning_rate: float | Array | None = None,
        **options: float,
    ) -> None:
        """`parameters` (…, P) is updated in place from `gradients` (…, P).

        `learning_rate` is a number, or one for each replica. Raises ValueError naming the
        argument or option that does not fit.
        """
        shape, dtype = parameters.shape, parameters.dtype
        if dtype.kind != "f":
            raise ValueError(f"parameters: got {dtype} values, expected float32 or float64")
        if gradients.shape != shape:
            raise ValueError(f"gradients: got shape {gradients.shape}, expected {shape}")
        self.parameters, self.gradients = parameters, gradients
        self.steps = 0
        self._largest = float(np.finfo(dtype).max)
        # One number, or one for each replica: repeated for each parameter where they are few,
        # since NumPy multiplies arrays of one shape in half the time.
        each = shape if parameters.size <= LARGE else (*shape[:-1], 1)
        self.rate = np.empty(each if shape[:-1] else (), dtype)
        self.learning_rate = self.usual_rate if learning_rate is None else learning_rate
        self.state = {slot: zeros(shape, dtype) for slot in self.slots}
        self.scratch, self.update = zeros(shape, dtype), zeros(shape, dtype)
        self.values = {name: option.default for name, option in self.options.items()}
        self._constants = {
            name: constant(0, parameters).copy()
            for option in self.options
            for name in (option, f"1-{option}")
        }
        self.configure(**options)

    @property
    def learning_rate(self) -> float | Array:
        """The learning rate η in force: a number, or a read-only array of one for each replica."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float | Array) -> None:
        values = numbers("learning_rate", rate, np.float64).copy()
        # In the parameters' own precision: a number too large for it would be infinite there.
        if not np.all((values >= 0) & (values <= self._largest)):
            raise ValueError(f"learning_rate: got {rate!r}, expected a finite number, 0 or more")
        leading = self.parameters.shape[:-1]
        if values.ndim and values.shape != leading:
            raise ValueError(
                f"learning_rate: got shape {values.shape}, expected one number"
                + (f" or {leading[0]} of them" if leading else "")
            )
        values.flags.writeable = False  # a change would not be in force
        self._learning_rate: float | Array = values if values.ndim else float(values)
        self.rate[...] = values[..., None] if values.ndim else values

    def configure(self, **options: float) -> None:
        """Change options between two steps.

        Raises ValueError naming the option; then none has changed.
        """
        for name, value in options.items():
            if name not in self.options:
                has = ", ".join(self.options) or "none"
                raise ValueError(
                    f"{name}: got {value!r}, expected no such option: {self.name} has {has}"
                )
        checked = {
            name: number(name, value, self.options[name].low, self.options[name].high)
            for name, value in options.items()
        }
        self.values.update(checked)
        for name, value in self.values.items():
            self._constants[name][...] = value
            self._constants[f"1-{name}"][...] = 1 - value

    def inherit(self, other: "Optimizer") -> bool:
        """Go on with the state of another, where that keeps the same; returns whether it does.

        Momentum and Nesterov share the velocity, Adam and AdamW the means and the step count.
        RMSProp's mean of squares is none of Adam's, which is corrected for having begun at 0.
        """
        if not self.slots or self.slots != other.slots:
            return False
        self.steps = other.steps
        for slot, values in other.state.items():
            self.state[slot][...] = values
        return True

    def operations(self) -> Operations:
        """One update, in place, as array operations."""
        raise NotImplementedError

    def lines(
        self,
        w: Array,
        g: Array,
        before: Mapping[str, Array],
        after: Mapping[str, Array],
        rate: float,
    ) -> list[Line]:
        """The update in words and numbers, the last line being what is added to the parameters.

        `w` and `g` are parameters and gradients, `before` and `after` the state around the step,
        `rate` the learning rate in force; `steps` are those made before it.
        """
        raise NotImplementedError

    def step(self) -> None:
        """Update the parameters once from the gradients as they are now."""
        run(self.operations())

    def _descend(self, direction: Array) -> Operations:
        """θ ← θ − η · direction, in stretches that stay in the processor's cache."""
        for first in range(0, self.parameters.shape[-1], STRETCH):
            part = (..., slice(first, first + STRETCH))
            theta = self.parameters[part]
            # One stretch of scratch serves them all, so that it never leaves the cache either.
            update = self.scratch[..., : theta.shape[-1]]
            yield np.multiply, (direction[part], self.rate, update)
            yield np.subtract, (theta, update, theta)
