"""A layer: affine map, optional batch normalisation, activation, optional dropout.

    z = W x + b        pre-activation           x: (..., fan_in, batch)   z: (..., units, batch)
    ẑ = BatchNorm(z)   optional
    a = φ(z)           activation
    o = a ⊙ mask       optional dropout; what the next layer receives

and, backwards, with δ = ∂L/∂z (the chain rule, one factor for each line above):

    ∂L/∂a = ∂L/∂o ⊙ mask
    δ     = ∂L/∂a ⊙ φ′(z), then through the normalisation where there is one
    ∂L/∂W = δ xᵀ,  ∂L/∂b = Σ δ over the batch,  ∂L/∂x = Wᵀ δ

The bias is one more column of the weight matrix, whose input is a row of ones: so one product is
the affine map and one product gives the gradients of weights and biases together.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np

from engine.activations import Activation
from engine.checks import flag, number
from engine.operations import (
    Array,
    Operations,
    constant,
    product,
    shared_product,
    transposed,
    transposed_product,
)


@dataclass(slots=True)
class Buffers:
    """The arrays of one layer for one batch size: views into those of the whole network."""

    source: Array
    """The layer's input with the row of ones: (..., fan_in + 1, batch)."""
    affine: Array
    """W x + b; the same array as `z` without batch normalisation."""
    z: Array
    """What the activation function gets: (..., units, batch)."""
    activation: Array
    """a = φ(z)."""
    derivative: Array
    """φ′(z), filled for several layers at once by the network."""
    delta: Array
    """∂L/∂o on arrival, turned in place into ∂L/∂a and then δ = ∂L/∂z."""
    output: Array
    """What the next layer reads: a, or a under the dropout mask, with the row of ones."""
    mask: Array | None = None
    """Dropout: 0 or 1/(1 − p) for each activation (units, batch), the same for all replicas."""
    normalised: Array | None = None
    """Batch normalisation: (x − mean) / deviation …"""
    deviation: Array | None = None
    """… and its divisor, (..., units, 1)."""


class Dense:
    """One fully connected layer. Parameters are views that `bind` makes into flat vectors."""

    def __init__(
        self,
        fan_in: int,
        units: int,
        activation: Activation,
        *,
        batch_norm: bool = False,
        dropout: float = 0.0,
    ) -> None:
        """Raises ValueError unless there is a unit and 0 ≤ dropout < 1."""
        if units < 1 or fan_in < 1:
            raise ValueError(f"units: got {units} with fan_in {fan_in}, expected 1 or more of each")
        if number("dropout", dropout, 0, 1) == 1:
            raise ValueError(f"dropout: got {dropout!r}, expected 0 or more and less than 1")
        self.fan_in, self.units, self.activation = fan_in, units, activation
        self.norm = BatchNorm(units) if flag("batch_norm", batch_norm) else None
        self.dropout = dropout

    @property
    def size(self) -> int:
        """The number of parameters."""
        return self.units * (self.fan_in + 1) + (2 * self.units if self.norm else 0)

    def bind(self, parameters: Array, gradients: Array) -> None:
        """Take the layer's stretch (..., size) of the flat vectors; `weight` etc. are views."""
        split = self.units * (self.fan_in + 1)
        shape = (*parameters.shape[:-1], self.units, self.fan_in + 1)
        self.affine = parameters[..., :split].reshape(shape)
        self.affine_gradient = gradients[..., :split].reshape(shape)
        self.weight_gradient = transposed(self.affine_gradient[..., :-1])
        self.bias_gradient = self.affine_gradient[..., -1]
        if self.norm:
            self.norm.bind(parameters[..., split:], gradients[..., split:])

    @property
    def weight(self) -> Array:
        """A writable view (..., fan_in, units) into the network's parameters."""
        return transposed(self.affine[..., :-1])

    @weight.setter
    def weight(self, values: Array) -> None:
        self.weight[...] = values

    @property
    def bias(self) -> Array:
        """A writable view (..., units) into the network's parameters."""
        return self.affine[..., -1]

    @bias.setter
    def bias(self, values: Array) -> None:
        self.bias[...] = values

    def forward(self, b: Buffers, rng: np.random.Generator | None) -> Operations:
        """Forward pass; with `rng` as in training, without as in use (evaluation)."""
        yield from shared_product(self.affine, b.source, b.affine)
        if self.norm:
            yield from self.norm.forward(b, training=rng is not None)
        yield from self.activation.forward(b.z, b.activation)
        if b.mask is not None and rng is not None:
            yield from self._drop(b, rng, b.mask)
        elif b.mask is not None:
            yield np.positive, (b.activation, b.output[..., :-1, :])

    def backward(self, b: Buffers, below: Array | None, *, training: bool = True) -> Operations:
        """Backward pass: fills this layer's gradients and, in `below`, ∂L/∂(its input).

        `below` is (..., fan_in + 1, batch); the row that belongs to the ones is not used.
        """
        if b.mask is not None and training:
            yield np.multiply, (b.delta, b.mask, b.delta)
        if self.activation.name != "linear":
            yield np.multiply, (b.delta, b.derivative, b.delta)
        if self.norm:
            yield from self.norm.backward(b, training=training)
        yield from shared_product(b.delta, transposed(b.source), self.affine_gradient)
        if below is None:
            return
        if self.affine.ndim == 2:
            yield product(transposed(self.affine), b.delta, below)
        else:  # without the row of the ones, which would be a tenth of the work
            yield from transposed_product(self.affine[..., :-1], b.delta, below[..., :-1, :])

    def _drop(self, b: Buffers, rng: np.random.Generator, mask: Array) -> Operations:
        """Each activation is kept with probability 1 − p and scaled up by 1/(1 − p).

        The draw is in single precision whatever the network's: a copy in double precision has
        the same mask.
        """
        drawn = mask if mask.dtype == np.float32 else np.empty(mask.shape, np.float32)
        kept = np.empty(mask.shape, bool)
        yield partial(rng.random, dtype=np.float32, out=drawn), ()
        yield np.less, (drawn, constant(1 - self.dropout, drawn), kept)
        yield np.divide, (kept, constant(1 - self.dropout, mask), mask)
        yield np.multiply, (b.activation, mask, b.output[..., :-1, :])


class BatchNorm:
    """Batch normalisation (Ioffe & Szegedy 2015), with PyTorch's ε and running averages.

    Each unit's pre-activations are brought to mean 0 and variance 1 over the minibatch, then
    scaled by γ and shifted by β, which are learned. In use, running averages stand in for the
    minibatch's statistics. Signals keep their size through many layers, whatever the weights'.
    """

    epsilon, momentum = 1e-5, 0.1

    def __init__(self, units: int) -> None:
        self.units = units
        self.running = np.empty((2, 0))

    def bind(self, parameters: Array, gradients: Array) -> None:
        """Scale γ and shift β are views (..., units) into `parameters` (..., 2 units)."""
        self.scale, self.shift = parameters[..., : self.units], parameters[..., self.units :]
        self.scale_gradient = gradients[..., : self.units]
        self.shift_gradient = gradients[..., self.units :]
        if self.running.shape[1:] != self.scale.shape:
            self.running = np.empty((2, *self.scale.shape), parameters.dtype)
            self.reset()

    def reset(self) -> None:
        """Running mean 0 and variance 1; `running` is (2, ..., units)."""
        self.running[0], self.running[1] = 0, 1

    def forward(self, b: Buffers, *, training: bool) -> Operations:
        """z = γ (x − mean) / √(variance + ε) + β, with x = `b.affine` (..., units, batch)."""
        x, normalised, deviation = b.affine, b.normalised, b.deviation
        running_mean, running_variance = self.running[..., None]
        mean, variance, square = (
            np.empty_like(deviation),
            np.empty_like(deviation),
            np.empty_like(x),
        )
        if training:
            batch = x.shape[-1]
            unbiased = self.momentum * batch / max(batch - 1, 1)
            yield partial(np.mean, axis=-1, keepdims=True, out=mean), (x,)
            yield np.subtract, (x, mean, normalised)
            yield np.multiply, (normalised, normalised, square)
            yield partial(np.mean, axis=-1, keepdims=True, out=variance), (square,)
            yield follow, (running_mean, mean, 1 - self.momentum, self.momentum)
            yield follow, (running_variance, variance, 1 - self.momentum, unbiased)
        else:
            yield np.positive, (running_variance, variance)
            yield np.subtract, (x, running_mean, normalised)
        yield np.add, (variance, constant(self.epsilon, variance), deviation)
        yield np.sqrt, (deviation, deviation)
        yield np.divide, (normalised, deviation, normalised)
        yield np.multiply, (normalised, self.scale[..., None], b.z)
        yield np.add, (b.z, self.shift[..., None], b.z)

    def backward(self, b: Buffers, *, training: bool) -> Operations:
        """From ∂L/∂z to ∂L/∂x, in place: γ/σ · (δ − mean δ − x̂ · mean(δ x̂)).

        The two means are there because each example moves the minibatch's statistics; in use
        the statistics are constants and only γ/σ is left.
        """
        delta, normalised = b.delta, b.normalised
        mean, term = np.empty_like(b.deviation), np.empty_like(delta)
        yield np.multiply, (delta, normalised, term)
        yield partial(np.add.reduce, axis=-1, out=self.scale_gradient), (term,)
        yield partial(np.add.reduce, axis=-1, out=self.shift_gradient), (delta,)
        if training:
            batch = constant(delta.shape[-1], mean)
            yield np.divide, (self.scale_gradient[..., None], batch, mean)
            yield np.multiply, (normalised, mean, term)
            yield np.subtract, (delta, term, delta)
            yield np.divide, (self.shift_gradient[..., None], batch, mean)
            yield np.subtract, (delta, mean, delta)
        yield np.multiply, (delta, self.scale[..., None], delta)
        yield np.divide, (delta, b.deviation, delta)


def follow(running: Array, value: Array, keep: float, take: float) -> None:
    """A running average: keeps most of itself and takes a little of the newest value."""
    running *= keep
    running += take * value
