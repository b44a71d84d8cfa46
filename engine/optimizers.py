"""Optimizers: how a gradient becomes a weight update.

Each works on the network's one flat parameter vector, so that an update is a handful of
operations whatever the depth. Semantics and defaults are those of PyTorch's documentation, so
that a student can check a step against it. With replicas the arrays are `(replicas, parameters)`
and every replica may have its own learning rate.

Numbers that can be changed while training (the learning rate, momentum, …) are kept in small
arrays which the operations read: changing one takes effect in the next step and touches no state.
"""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from engine.operations import LARGE, Array, Operations, constant, run
from engine.registry import Registry

STRETCH = 1 << 15
"""Parameters updated at a time: few enough for the processor's cache."""


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
    options: ClassVar[dict[str, Option]] = {}
    slots: ClassVar[tuple[str, ...]] = ()
    """Names of the state arrays, each of the parameters' shape."""

    def __init__(
        self,
        parameters: Array,
        gradients: Array,
        learning_rate: float | Array = 0.01,
        **options: float,
    ) -> None:
        """`parameters` (…, P) is updated in place from `gradients` (…, P).

        `learning_rate` is a number, or one for each replica. Raises ValueError naming the option.
        """
        self.parameters, self.gradients = parameters, gradients
        self.steps = 0
        leading = parameters.shape[:-1]
        # One number, or one for each replica: repeated for each parameter where they are few,
        # since NumPy multiplies arrays of one shape in half the time.
        shape = parameters.shape if parameters.size <= LARGE else (*leading, 1)
        self.rate = np.empty(shape if leading else (), parameters.dtype)
        self.learning_rate = learning_rate
        self.state = {slot: np.zeros_like(parameters) for slot in self.slots}
        self.scratch = np.empty_like(parameters)
        self.update = np.empty_like(parameters)
        self.values = {name: option.default for name, option in self.options.items()}
        self._constants = {
            name: constant(0, parameters).copy()
            for option in self.options
            for name in (option, f"1-{option}")
        }
        self.configure(**options)

    @property
    def learning_rate(self) -> float | Array:
        """The learning rate η in force: a number, or one for each replica."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float | Array) -> None:
        values = np.asarray(rate, np.float64)
        if not np.all(np.isfinite(values)) or np.any(values < 0):
            raise ValueError(f"learning_rate: got {rate!r}, expected a finite number, 0 or more")
        leading = self.parameters.shape[:-1]
        if values.ndim and values.shape != leading:
            raise ValueError(
                f"learning_rate: got shape {values.shape}, expected one number"
                + (f" or {leading[0]} of them" if leading else "")
            )
        self._learning_rate: float | Array = values.copy() if values.ndim else float(values)
        self.rate[...] = values[..., None] if values.ndim else values

    def configure(self, **options: float) -> None:
        """Change options between two steps.

        Raises ValueError naming the option; then none has changed.
        """
        for name, value in options.items():
            if name not in self.options:
                allowed = ", ".join(self.options) or "none"
                raise ValueError(f"{name}: {self.name} has no such option, it has {allowed}")
            option = self.options[name]
            if not (isinstance(value, int | float) and option.low <= value <= option.high):
                raise ValueError(f"{name}: got {value!r}, expected {option.low}…{option.high}")
        self.values.update({name: float(value) for name, value in options.items()})
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


optimizers: Registry[Optimizer] = Registry("optimizer")

MOMENTUM = Option("momentum μ", 0.9, 0, 0.999)
EPSILON = Option("ε", 1e-8, 1e-12, 1.0)


@optimizers.register("sgd")
class SGD(Optimizer):
    """Stochastic gradient descent (Robbins & Monro 1951): one step down the minibatch's slope."""

    title = "SGD"
    formula = "θ ← θ − η g"
    note = "The plain rule: against the gradient, as far as the learning rate says."

    def operations(self) -> Operations:
        yield from self._descend(self.gradients)


@optimizers.register("momentum")
class Momentum(Optimizer):
    """SGD with momentum (Polyak 1964), velocity as PyTorch defines it (without the rate)."""

    title = "Momentum"
    formula = "v ← μ v + g;  θ ← θ − η v"
    note = "A velocity gathers along steady slopes and cancels across zigzags."
    options: ClassVar = {"momentum": MOMENTUM}
    slots = ("velocity",)

    def operations(self) -> Operations:
        velocity = self.state["velocity"]
        yield np.multiply, (velocity, self._constants["momentum"], velocity)
        yield np.add, (velocity, self.gradients, velocity)
        yield from self._descend(velocity)


@optimizers.register("nesterov")
class Nesterov(Momentum):
    """Nesterov momentum (Sutskever et al. 2013, in PyTorch's form)."""

    title = "Nesterov"
    formula = "v ← μ v + g;  θ ← θ − η (g + μ v)"
    note = "Momentum that looks ahead: it brakes earlier than plain momentum."

    def operations(self) -> Operations:
        velocity = self.state["velocity"]
        yield np.multiply, (velocity, self._constants["momentum"], velocity)
        yield np.add, (velocity, self.gradients, velocity)
        yield np.multiply, (velocity, self._constants["momentum"], self.scratch)
        yield np.add, (self.gradients, self.scratch, self.scratch)
        yield from self._descend(self.scratch)


@optimizers.register("adagrad")
class Adagrad(Optimizer):
    """Duchi et al. 2011: each weight's rate shrinks with the squares it has seen."""

    title = "Adagrad"
    formula = "s ← s + g²;  θ ← θ − η g / (√s + ε)"
    note = "Every weight has its own rate, which only ever shrinks."
    options: ClassVar = {"epsilon": Option("ε", 1e-10, 1e-12, 1.0)}
    slots = ("square_sum",)

    def operations(self) -> Operations:
        squares, scratch = self.state["square_sum"], self.scratch
        yield np.multiply, (self.gradients, self.gradients, scratch)
        yield np.add, (squares, scratch, squares)
        yield np.sqrt, (squares, scratch)
        yield np.add, (scratch, self._constants["epsilon"], scratch)
        yield np.divide, (self.gradients, scratch, scratch)
        yield from self._descend(scratch)


@optimizers.register("rmsprop")
class RMSProp(Optimizer):
    """Tieleman & Hinton 2012: divides by a running root mean square of the gradient."""

    title = "RMSProp"
    formula = "v ← α v + (1 − α) g²;  θ ← θ − η g / (√v + ε)"
    note = "Steps of about η for every weight, whatever the size of its gradient."
    options: ClassVar = {"alpha": Option("decay α", 0.99, 0, 0.9999), "epsilon": EPSILON}
    slots = ("square_mean",)

    def operations(self) -> Operations:
        squares, scratch = self.state["square_mean"], self.scratch
        yield np.multiply, (self.gradients, self.gradients, scratch)
        yield np.multiply, (scratch, self._constants["1-alpha"], scratch)
        yield np.multiply, (squares, self._constants["alpha"], squares)
        yield np.add, (squares, scratch, squares)
        yield np.sqrt, (squares, scratch)
        yield np.add, (scratch, self._constants["epsilon"], scratch)
        yield np.divide, (self.gradients, scratch, scratch)
        yield from self._descend(scratch)


@optimizers.register("adam")
class Adam(Optimizer):
    """Kingma & Ba 2014: momentum and RMSProp, both corrected for starting at 0."""

    title = "Adam"
    formula = "m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²;  θ ← θ − η m̂ / (√v̂ + ε)"
    note = "Momentum, a rate for each weight, and a correction for the first steps."
    options: ClassVar = {
        "beta1": Option("β₁", 0.9, 0, 0.9999),
        "beta2": Option("β₂", 0.999, 0, 0.99999),
        "epsilon": EPSILON,
    }
    slots = ("mean", "square_mean")

    def __init__(
        self,
        parameters: Array,
        gradients: Array,
        learning_rate: float | Array = 0.001,
        **options: float,
    ) -> None:
        super().__init__(parameters, gradients, learning_rate, **options)
        self._corrected_rate = np.empty_like(self.rate)
        self._root_correction = constant(1, parameters).copy()

    def _correct(self) -> None:
        """m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ): the averages began at 0."""
        self.steps += 1
        self._corrected_rate[...] = self.rate / (1 - self.values["beta1"] ** self.steps)
        self._root_correction[...] = np.sqrt(1 - self.values["beta2"] ** self.steps)

    def operations(self) -> Operations:
        mean, squares = self.state["mean"], self.state["square_mean"]
        scratch, constants = self.scratch, self._constants
        yield self._correct, ()
        yield np.multiply, (self.gradients, constants["1-beta1"], scratch)
        yield np.multiply, (mean, constants["beta1"], mean)
        yield np.add, (mean, scratch, mean)
        yield np.multiply, (self.gradients, self.gradients, scratch)
        yield np.multiply, (scratch, constants["1-beta2"], scratch)
        yield np.multiply, (squares, constants["beta2"], squares)
        yield np.add, (squares, scratch, squares)
        yield np.sqrt, (squares, scratch)
        yield np.divide, (scratch, self._root_correction, scratch)
        yield np.add, (scratch, constants["epsilon"], scratch)
        yield np.divide, (mean, scratch, scratch)
        yield np.multiply, (scratch, self._corrected_rate, self.update)
        yield np.subtract, (self.parameters, self.update, self.parameters)


@optimizers.register("adamw")
class AdamW(Adam):
    """Loshchilov & Hutter 2017: Adam with weight decay apart from the gradient."""

    title = "AdamW"
    formula = "θ ← θ − η λ θ, then Adam's update"
    note = "Adam whose weight decay λ is not scaled by the gradient's history."
    options: ClassVar = {**Adam.options, "weight_decay": Option("weight decay λ", 0.01, 0, 1)}

    def operations(self) -> Operations:
        yield np.multiply, (self.parameters, self._constants["weight_decay"], self.update)
        yield from self._descend(self.update)
        yield from super().operations()
