"""Initial weights. Biases always start at 0.

If all weights started equal, all units of a layer would compute the same thing and receive the
same gradient for ever: randomness breaks the symmetry. Its *scale* decides whether signals keep
their size on the way through many layers: too small and activations and gradients vanish, too
large and they explode or saturate. The named schemes choose the variance from fan_in (a unit's
inputs) and fan_out (the layer's units), as in PyTorch with a gain of 1 for Glorot and √2 for He.
"""

from typing import ClassVar

import numpy as np

from engine.operations import Array
from engine.registry import Registry


class Initializer:
    """One way to draw the initial weights of a layer."""

    name: ClassVar[str]
    title: ClassVar[str]
    formula: ClassVar[str]
    note: ClassVar[str]

    def __init__(self, std: float = 0.5) -> None:
        """`std` is used by "normal" alone. Raises ValueError unless it is finite and ≥ 0."""
        if not (np.isfinite(std) and std >= 0):
            raise ValueError(f"std: got {std!r}, expected a finite number, 0 or more")
        self.std = float(std)

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
        """Initial weights, shape (fan_in, fan_out), float64."""
        raise NotImplementedError


initializers: Registry[Initializer] = Registry("initializer")


class VarianceScaling(Initializer):
    """Weights with the variance that `variance` computes from the fans."""

    uniform: ClassVar[bool]

    def variance(self, fan_in: int, fan_out: int) -> float:
        """The variance of one weight."""
        raise NotImplementedError

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
        std = float(np.sqrt(self.variance(fan_in, fan_out)))
        if self.uniform:
            limit = std * np.sqrt(3)  # a uniform distribution on ±limit has variance limit²/3
            return rng.uniform(-limit, limit, (fan_in, fan_out))
        return rng.normal(0, std, (fan_in, fan_out))


class Glorot(VarianceScaling):
    """Glorot & Bengio 2010: keeps the size of activations and of gradients, for tanh."""

    note = "Made for tanh and sigmoid: signals keep their size in both directions."

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2 / (fan_in + fan_out)


class He(VarianceScaling):
    """He et al. 2015: makes up for the half of the signal that ReLU throws away."""

    note = "Made for ReLU, which halves the signal: twice the variance of LeCun's."

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2 / fan_in


class LeCun(VarianceScaling):
    """LeCun et al. 1998: keeps the variance of the pre-activations."""

    note = "Keeps the variance of the pre-activations; the oldest of the three rules."

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 1 / fan_in


@initializers.register("glorot_uniform")
class GlorotUniform(Glorot):
    """Glorot's variance, uniform."""

    title, uniform = "Glorot, uniform", True
    formula = "w ~ U(±√(6 / (fan_in + fan_out)))"


@initializers.register("glorot_normal")
class GlorotNormal(Glorot):
    """Glorot's variance, normal."""

    title, uniform = "Glorot, normal", False
    formula = "w ~ N(0, 2 / (fan_in + fan_out))"


@initializers.register("he_uniform")
class HeUniform(He):
    """He's variance, uniform."""

    title, uniform = "He, uniform", True
    formula = "w ~ U(±√(6 / fan_in))"


@initializers.register("he_normal")
class HeNormal(He):
    """He's variance, normal."""

    title, uniform = "He, normal", False
    formula = "w ~ N(0, 2 / fan_in)"


@initializers.register("lecun_uniform")
class LeCunUniform(LeCun):
    """LeCun's variance, uniform."""

    title, uniform = "LeCun, uniform", True
    formula = "w ~ U(±√(3 / fan_in))"


@initializers.register("lecun_normal")
class LeCunNormal(LeCun):
    """LeCun's variance, normal."""

    title, uniform = "LeCun, normal", False
    formula = "w ~ N(0, 1 / fan_in)"


@initializers.register("uniform")
class Uniform(Initializer):
    """Uniform on −½ … ½, as TensorFlow Playground draws."""

    title = "uniform ±0.5"
    formula = "w ~ U(−0.5, 0.5)"
    note = "The same width for every layer, whatever its fans."

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
        return rng.uniform(-0.5, 0.5, (fan_in, fan_out))


@initializers.register("normal")
class Normal(Initializer):
    """Normal with a standard deviation of one's own choice: try 0.01 and 3."""

    title = "normal, own std"
    formula = "w ~ N(0, std²)"
    note = "Choose the scale yourself: too small vanishes, too large saturates or explodes."

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
        return rng.normal(0, self.std, (fan_in, fan_out))


@initializers.register("zeros")
class Zeros(Initializer):
    """All zero: shows why symmetry must be broken."""

    title = "zeros"
    formula = "w = 0"
    note = "All units of a layer stay equal for ever: nothing breaks the symmetry."

    def draw(self, rng: np.random.Generator, fan_in: int, fan_out: int) -> Array:
        return np.zeros((fan_in, fan_out))
