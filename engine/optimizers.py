"""Optimizers: how a gradient becomes a weight update.

Each works on the network's one flat parameter vector, so that an update is a handful of
operations whatever the depth. Semantics and defaults are those of PyTorch's documentation, so
that a student can check a step against it. With replicas the arrays are `(replicas, parameters)`
and every replica may have its own learning rate.

Beside the operations every optimizer has its `lines`: the same update as a person writes it.
"""

from typing import ClassVar

import numpy as np

from engine.line import Line
from engine.operations import Array, Operations, constant
from engine.optimizer import Optimizer, Option, State
from engine.registry import Registry

optimizers: Registry[Optimizer] = Registry("optimizer")

MOMENTUM = Option("momentum μ", 0.9, 0, 0.999)
EPSILON = Option("ε", 1e-8, 1e-12, 1.0)


@optimizers.register("sgd")
class SGD(Optimizer):
    """Stochastic gradient descent (Robbins & Monro 1951): one step down the minibatch's slope."""

    title = "SGD"
    formula = "θ ← θ − η g"
    note = "The plain rule: against the gradient, as far as the learning rate says."
    against = "against its own gradient, g"

    def operations(self) -> Operations:
        yield from self._descend(self.gradients)

    def lines(self, w: Array, g: Array, before: State, after: State, rate: float) -> list[Line]:
        return [Line("Δθ = −η·g", "−{} · {}", (rate, g), -rate * g)]


@optimizers.register("momentum")
class Momentum(Optimizer):
    """SGD with momentum (Polyak 1964), velocity as PyTorch defines it (without the rate)."""

    title = "Momentum"
    formula = "v ← μ v + g;  θ ← θ − η v"
    note = "A velocity gathers along steady slopes and cancels across zigzags."
    against = "against its gradients of all steps so far, added up and fading: the velocity v"
    options: ClassVar = {"momentum": MOMENTUM}
    slots = ("velocity",)

    def operations(self) -> Operations:
        velocity = self.state["velocity"]
        yield np.multiply, (velocity, self._constants["momentum"], velocity)
        yield np.add, (velocity, self.gradients, velocity)
        yield from self._descend(velocity)

    def lines(self, w: Array, g: Array, before: State, after: State, rate: float) -> list[Line]:
        v = after["velocity"]
        return [
            self._gathered(g, before, after),
            Line("Δθ = −η·v", "−{} · {}", (rate, v), -rate * v),
        ]

    def _gathered(self, g: Array, before: State, after: State) -> Line:
        operands = self.values["momentum"], before["velocity"], g
        return Line("v ← μ·v + g", "{}·{} + {}", operands, after["velocity"])


@optimizers.register("nesterov")
class Nesterov(Momentum):
    """Nesterov momentum (Sutskever et al. 2013, in PyTorch's form)."""

    title = "Nesterov"
    formula = "v ← μ v + g;  θ ← θ − η (g + μ v)"
    note = "Momentum that looks ahead: it brakes earlier than plain momentum."
    against = (
        "against its own gradient, g, and μ times those of all steps so far, added up and fading: "
        "the velocity v"
    )

    def operations(self) -> Operations:
        velocity = self.state["velocity"]
        yield np.multiply, (velocity, self._constants["momentum"], velocity)
        yield np.add, (velocity, self.gradients, velocity)
        yield np.multiply, (velocity, self._constants["momentum"], self.scratch)
        yield np.add, (self.gradients, self.scratch, self.scratch)
        yield from self._descend(self.scratch)

    def lines(self, w: Array, g: Array, before: State, after: State, rate: float) -> list[Line]:
        mu, v = self.values["momentum"], after["velocity"]
        ahead = g + mu * v
        return [
            self._gathered(g, before, after),
            Line("g + μ·v", "{} + {}·{}", (g, mu, v), ahead),
            Line("Δθ = −η·(g + μ·v)", "−{} · {}", (rate, ahead), -rate * ahead),
        ]


@optimizers.register("adagrad")
class Adagrad(Optimizer):
    """Duchi et al. 2011: each weight's rate shrinks with the squares it has seen."""

    title = "Adagrad"
    formula = "s ← s + g²;  θ ← θ − η g / (√s + ε)"
    note = "Every weight has its own rate, which only ever shrinks."
    against = "against its own gradient, g, divided by the root of all its squares so far"
    usual_rate = 0.01
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

    def lines(self, w: Array, g: Array, before: State, after: State, rate: float) -> list[Line]:
        s = after["square_sum"]
        return [
            Line("s ← s + g²", "{} + {}²", (before["square_sum"], g), s),
            _scaled("Δθ = −η·g/(√s + ε)", rate, g, s, self.values["epsilon"]),
        ]


@optimizers.register("rmsprop")
class RMSProp(Optimizer):
    """Tieleman & Hinton 2012: divides by a running root mean square of the gradient."""

    title = "RMSProp"
    formula = "v ← α v + (1 − α) g²;  θ ← θ − η g / (√v + ε)"
    note = "Steps of about η for every weight, whatever the size of its gradient."
    against = "against its own gradient, g, in units of its usual size, √v"
    usual_rate = 0.01
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

    def lines(self, w: Array, g: Array, before: State, after: State, rate: float) -> list[Line]:
        v = after["square_mean"]
        return [
            _followed("v ← α·v + (1−α)·g²", self.values["alpha"], before["square_mean"], g, v, "²"),
            _scaled("Δθ = −η·g/(√v + ε)", rate, g, v, self.values["epsilon"]),
        ]


@optimizers.register("adam")
class Adam(Optimizer):
    """Kingma & Ba 2014: momentum and RMSProp, both corrected for starting at 0."""

    title = "Adam"
    formula = "m ← β₁m + (1−β₁)g;  v ← β₂v + (1−β₂)g²;  θ ← θ − η m̂ / (√v̂ + ε)"
    note = "Momentum, a rate for each weight, and a correction for the first steps."
    against = "against the running mean of its gradients, m̂, in units of their usual size, √v̂"
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
        learning_rate: float | Array | None = None,
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

    def lines(self, w: Array, g: Array, before: State, after: State, rate: float) -> list[Line]:
        beta1, beta2 = self.values["beta1"], self.values["beta2"]
        t = self.steps + 1
        power = str(t).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
        m, v = after["mean"], after["square_mean"]
        share1, share2 = 1 - beta1**t, 1 - beta2**t
        mean, square = m / share1, v / share2
        return [
            _followed("m ← β₁·m + (1−β₁)·g", beta1, before["mean"], g, m),
            _followed("v ← β₂·v + (1−β₂)·g²", beta2, before["square_mean"], g, v, "²"),
            Line("1 − β₁ᵗ", f"1 − {{}}{power}", (beta1,), share1),
            Line("m̂ = m/(1 − β₁ᵗ)", "{} / {}", (m, share1), mean),
            Line("1 − β₂ᵗ", f"1 − {{}}{power}", (beta2,), share2),
            Line("v̂ = v/(1 − β₂ᵗ)", "{} / {}", (v, share2), square),
            _scaled("Δθ = −η·m̂/(√v̂ + ε)", rate, mean, square, self.values["epsilon"]),
        ]


@optimizers.register("adamw")
class AdamW(Adam):
    """Loshchilov & Hutter 2017: Adam with weight decay apart from the gradient."""

    title = "AdamW"
    formula = "θ ← θ − η λ θ, then Adam's update"
    note = "Adam whose weight decay λ is not scaled by the gradient's history."
    against = f"{Adam.against}, and weight decay λ draws it towards 0"
    options: ClassVar = {**Adam.options, "weight_decay": Option("weight decay λ", 0.01, 0, 1)}

    def operations(self) -> Operations:
        yield np.multiply, (self.parameters, self._constants["weight_decay"], self.update)
        yield from self._descend(self.update)
        yield from super().operations()

    def lines(self, w: Array, g: Array, before: State, after: State, rate: float) -> list[Line]:
        decay = self.values["weight_decay"]
        *lines, step = super().lines(w - rate * decay * w, g, before, after, rate)
        shrunk, moved = -rate * decay * w, step.result
        return [
            *lines,
            Line("−η·λ·θ", "−{} · {} · {}", (rate, decay, w), shrunk),
            Line(step.name.removeprefix("Δθ = "), step.how, step.operands, moved),
            Line("Δθ", "{} + {}", (shrunk, moved), shrunk + moved),
        ]


def _followed(
    name: str, keep: float, before: Array, g: Array, after: Array, power: str = ""
) -> Line:
    """A running average of g, or of its square."""
    return Line(name, f"{{}}·{{}} + {{}}·{{}}{power}", (keep, before, 1 - keep, g), after)


def _scaled(name: str, rate: float, up: Array, square: Array, epsilon: float) -> Line:
    """−η · up / (√square + ε)."""
    step = -rate * up / (np.sqrt(square) + epsilon)
    return Line(name, "−{} · {} / (√{} + {})", (rate, up, square, epsilon), step)
