"""Activation functions: the non-linearity a = φ(z) of a layer.

Without one, layers of any number collapse into a single affine map. Each class says how to
compute φ(z) and its derivative φ′(z), the factor by which the backward pass multiplies whatever
gradient arrives at the activation: where φ′ is near 0 (a saturated sigmoid, a dead ReLU)
nothing gets through, which is how gradients vanish.

All arrays have one shape, `(..., units, batch)`; operations write into their last argument.
"""

from typing import ClassVar

import numpy as np

from engine.operations import Array, Operations, constant, run
from engine.registry import Registry


class Activation:
    """One kind of activation function."""

    name: ClassVar[str]
    title: ClassVar[str]
    formula: ClassVar[str]
    note: ClassVar[str]
    saturates: ClassVar[tuple[float, ...]] = ()
    """The values between which φ is caught when |z| is large: tanh has −1 and 1."""
    dies: ClassVar[bool] = False
    """Whether φ′ is exactly 0 for negative z, so that a unit can stop learning for good."""
    kinked: ClassVar[bool] = False
    """Whether φ is two straight lines that meet at 0, where φ′ jumps."""
    negative: ClassVar[bool] = True
    """Whether φ has negative values: an output without them cannot learn the target −1."""
    straight: ClassVar[tuple[float, float]] = (1.0, 0.99)
    """Centre and half the length of a stretch not far from 0 on which φ is nearly straight."""

    def forward(self, z: Array, a: Array) -> Operations:
        """a = φ(z)."""
        raise NotImplementedError

    def derivative(self, z: Array, a: Array, d: Array) -> Operations:
        """d = φ′(z), written in terms of a = φ(z) where that is cheaper."""
        raise NotImplementedError

    def tangent(self, at: float) -> tuple[float, float]:
        """φ and φ′ at one place."""
        z = np.array([[at]])
        a, d = np.empty_like(z), np.empty_like(z)
        run(self.forward(z, a))
        run(self.derivative(z, a, d))
        return float(a[0, 0]), float(d[0, 0])

    def straightening(self, low: Array, high: Array) -> tuple[Array, Array]:
        """Scales s and shifts c, one a unit, for which φ(s x + c) is nearly straight.

        For x between `low` and `high` (units,): they are laid over the `straight` stretch. A
        shorter one would be straighter, but the next layer would have to magnify so much that
        training could not go on at the learning rate in force.
        """
        centre, reach = self.straight
        scale = np.minimum(2 * reach / np.maximum(high - low, 1e-6), 1)
        return scale, centre - scale * (low + high) / 2


activations: Registry[Activation] = Registry("activation")


@activations.register("linear")
class Linear(Activation):
    """The identity: what an output layer for regression, or for logits, has."""

    title = "linear"
    formula = "φ(z) = z"
    note = "No non-linearity: stacked linear layers are one linear layer."
    straight = (0.0, float("inf"))

    def straightening(self, low: Array, high: Array) -> tuple[Array, Array]:
        """Nothing to do."""
        return np.ones_like(low), np.zeros_like(low)

    def forward(self, z: Array, a: Array) -> Operations:
        """Nothing to do when both are the same array, which the workspace sees to."""
        if z is not a:
            yield np.positive, (z, a)

    def derivative(self, z: Array, a: Array, d: Array) -> Operations:
        """φ′ = 1; a linear layer's backward pass leaves the factor out."""
        yield d.fill, (1,)


@activations.register("relu")
class ReLU(Activation):
    """Rectified linear unit (Nair & Hinton 2010)."""

    title = "ReLU"
    formula = "φ(z) = max(0, z)"
    note = "Passes gradients undiminished where z > 0, and none where z < 0."
    dies = True
    kinked = True
    negative = False

    def forward(self, z: Array, a: Array) -> Operations:
        # fmax is several times faster than maximum. It turns NaN into 0: divergence is looked
        # for in the parameters and the loss, never here.
        yield np.fmax, (z, constant(0, z), a)

    def derivative(self, z: Array, a: Array, d: Array) -> Operations:
        # φ′ = 1 where z > 0, else 0. A comparison and a copy are cheaper than np.sign.
        positive = np.empty(a.shape, bool)
        yield np.greater, (a, constant(0, a), positive)
        yield d.__setitem__, (..., positive)


@activations.register("leaky_relu")
class LeakyReLU(Activation):
    """ReLU that lets a hundredth through (Maas et al. 2013); slope as in PyTorch."""

    title = "leaky ReLU"
    formula = "φ(z) = max(0.01 z, z)"
    note = "A ReLU that cannot die: the gradient for z < 0 is small, but not 0."
    kinked = True
    slope = 0.01

    def forward(self, z: Array, a: Array) -> Operations:
        yield np.multiply, (z, constant(self.slope, z), a)
        yield np.fmax, (z, a, a)

    def derivative(self, z: Array, a: Array, d: Array) -> Operations:
        yield np.heaviside, (z, constant(0, z), d)
        yield np.fmax, (d, constant(self.slope, z), d)


@activations.register("elu")
class ELU(Activation):
    """Exponential linear unit (Clevert et al. 2015), α = 1."""

    title = "ELU"
    formula = "φ(z) = z for z > 0, eᶻ − 1 otherwise"
    note = "Smooth, with negative values that bring the mean activation nearer to 0."
    saturates = (-1.0,)

    def forward(self, z: Array, a: Array) -> Operations:
        yield np.fmin, (z, constant(0, z), a)
        yield np.expm1, (a, a)
        yield np.fmax, (z, a, a)

    def derivative(self, z: Array, a: Array, d: Array) -> Operations:
        # For z < 0: φ′ = eᶻ = a + 1; for z > 0: 1.
        yield np.fmin, (a, constant(0, z), d)
        yield np.add, (d, constant(1, z), d)


def logistic(z: Array, s: Array) -> Operations:
    """s = 1 / (1 + e⁻ᶻ). For very negative z, e⁻ᶻ overflows to infinity and s is 0: right."""
    one = constant(1, z)
    yield np.negative, (z, s)
    yield np.exp, (s, s)
    yield np.add, (s, one, s)
    yield np.divide, (one, s, s)


@activations.register("silu")
class SiLU(Activation):
    """Sigmoid-weighted linear unit, "swish" (Elfwing et al. 2017)."""

    title = "SiLU (swish)"
    formula = "φ(z) = z / (1 + e⁻ᶻ)"
    note = "A smooth relative of ReLU, slightly negative just below 0."
    straight = (2.4, 1.0)

    def forward(self, z: Array, a: Array) -> Operations:
        yield from logistic(z, a)
        yield np.multiply, (z, a, a)

    def derivative(self, z: Array, a: Array, d: Array) -> Operations:
        # φ′ = σ + a (1 − σ) = σ (1 − a) + a
        rest = np.empty_like(z)
        yield from logistic(z, d)
        yield np.subtract, (constant(1, z), a, rest)
        yield np.multiply, (d, rest, d)
        yield np.add, (d, a, d)


@activations.register("gelu")
class GELU(Activation):
    """Gaussian error linear unit (Hendrycks & Gimpel 2016), in its tanh form."""

    title = "GELU"
    formula = "φ(z) = z/2 · (1 + tanh(√(2/π) (z + 0.044715 z³)))"
    note = "What most transformers use: a smooth gate by the size of z."
    c, k = float(np.sqrt(2 / np.pi)), 0.044715
    straight = (1.41, 0.75)

    def _tanh(self, z: Array, t: Array) -> Operations:
        """t = tanh(c (z + k z³))."""
        yield np.multiply, (z, z, t)
        yield np.multiply, (t, constant(self.c * self.k, z), t)
        yield np.add, (t, constant(self.c, z), t)
        yield np.multiply, (t, z, t)
        yield np.tanh, (t, t)

    def forward(self, z: Array, a: Array) -> Operations:
        yield from self._tanh(z, a)
        yield np.add, (a, constant(1, z), a)
        yield np.multiply, (a, z, a)
        yield np.multiply, (a, constant(0.5, z), a)

    def derivative(self, z: Array, a: Array, d: Array) -> Operations:
        # φ′ = ½ (1 + t) + ½ z (1 − t²) c (1 + 3 k z²) = ½ (1 + t) (1 + (1 − t) z c (1 + 3 k z²))
        t, inner = np.empty_like(z), np.empty_like(z)
        one = constant(1, z)
        yield from self._tanh(z, t)
        yield np.multiply, (z, z, inner)
        yield np.multiply, (inner, constant(3 * self.k * self.c, z), inner)
        yield np.add, (inner, constant(self.c, z), inner)
        yield np.multiply, (inner, z, inner)
        yield np.subtract, (one, t, d)
        yield np.multiply, (d, inner, d)
        yield np.add, (d, one, d)
        yield np.add, (t, one, t)
        yield np.multiply, (t, constant(0.5, z), t)
        yield np.multiply, (d, t, d)


@activations.register("sigmoid")
class Sigmoid(Activation):
    """The logistic function: the classic, and the classic cause of vanishing gradients."""

    title = "sigmoid"
    formula = "φ(z) = 1 / (1 + e⁻ᶻ)"
    note = "φ′ is at most ¼: each layer shrinks the gradient at least fourfold per unit weight."
    saturates = (0.0, 1.0)
    straight = (0.0, 1.0)
    negative = False

    def forward(self, z: Array, a: Array) -> Operations:
        yield from logistic(z, a)

    def derivative(self, z: Array, a: Array, d: Array) -> Operations:
        # φ′ = a (1 − a)
        yield np.subtract, (constant(1, z), a, d)
        yield np.multiply, (a, d, d)


@activations.register("tanh")
class Tanh(Activation):
    """Hyperbolic tangent: a sigmoid centred on 0."""

    title = "tanh"
    formula = "φ(z) = tanh z"
    note = "φ′ is 1 at z = 0 and vanishes where the unit saturates near −1 or 1."
    saturates = (-1.0, 1.0)
    straight = (0.0, 0.6)

    def forward(self, z: Array, a: Array) -> Operations:
        yield np.tanh, (z, a)

    def derivative(self, z: Array, a: Array, d: Array) -> Operations:
        # φ′ = 1 − a²
        yield np.multiply, (a, a, d)
        yield np.subtract, (constant(1, z), d, d)


@activations.register("softplus")
class Softplus(Activation):
    """The smooth ReLU."""

    title = "softplus"
    formula = "φ(z) = ln(1 + eᶻ)"
    note = "A ReLU without a corner; its derivative is the sigmoid."
    negative = False
    straight = (3.0, 1.0)

    def forward(self, z: Array, a: Array) -> Operations:
        # ln(1 + eᶻ) = max(z, 0) + ln(1 + e^−|z|): nothing overflows.
        rest = np.empty_like(z)
        yield np.absolute, (z, rest)
        yield np.negative, (rest, rest)
        yield np.exp, (rest, rest)
        yield np.log1p, (rest, rest)
        yield np.fmax, (z, constant(0, z), a)
        yield np.add, (a, rest, a)

    def derivative(self, z: Array, a: Array, d: Array) -> Operations:
        yield from logistic(z, d)
