"""The arrays that a pass through a network works in, for one batch size.

They are made once and used again in every step. Those of all layers lie one below the other in
one array each, so that an operation which is the same for several layers is one call:

    rows of `a`:   h₁ of layer 1   (units)
                   1               the row of ones that the next layer's biases multiply
                   h₂ of layer 2
                   1
                   …
"""

from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import replace

import numpy as np

from engine.activations import Activation
from engine.layers import Buffers, Dense
from engine.operations import Array, Operation, Operations, transposed


class Workspace:
    """Buffers of a chain of layers for `batch` examples; arrays are `(..., rows, batch)`."""

    def __init__(
        self,
        layers: list[Dense],
        batch: int,
        *,
        rng: np.random.Generator | None = None,
        shared: bool = True,
    ) -> None:
        """With `rng`, passes are as in training (minibatch statistics, dropout).

        Inputs that are not `shared` by all replicas have the axis of replicas, too.
        """
        first = layers[0]
        leading, dtype = first.affine.shape[:-2], first.affine.dtype
        self.starts = np.cumsum([0, *(layer.units + 1 for layer in layers)]).tolist()
        self.rng, self.batch = rng, batch
        # In memory the replicas lie inside the rows, so that the rows of one layer are adjacent
        # for all replicas together and an operation on them runs through them in one go.
        shape = (self.starts[-1], *leading, batch)
        self.z, self.a, self.derivative, self.delta = (
            np.zeros(shape, dtype).swapaxes(0, -2) for _ in range(4)
        )
        self.a[..., [stop - 1 for stop in self.starts[1:]], :] = 1
        # Where all replicas read the same examples, the input has no axis of replicas.
        own = () if shared else leading
        self.input = np.ones((*own, first.fan_in + 1, batch), dtype)
        self.input_delta = np.empty((*leading, first.fan_in + 1, batch), dtype)
        self.layers: list[Buffers] = []
        for index, layer in enumerate(layers):
            source = self.layers[-1].output if index else self.input
            self.layers.append(self._buffers(layer, index, source))
        self.prediction = self.layers[-1].activation
        self.output_gradient = self.layers[-1].delta
        self._programs: dict[str, list[Operation]] = {}

    def _buffers(self, layer: Dense, index: int, source: Array) -> Buffers:
        """The rows of one layer."""
        start, stop = self.starts[index], self.starts[index + 1]
        a = self.a[..., start : stop - 1, :]
        # A linear layer's activation is its pre-activation: one array serves as both.
        z = a if layer.activation.name == "linear" else self.z[..., start : stop - 1, :]
        with_ones = self.a[..., start:stop, :]
        return Buffers(
            source=source,
            affine=np.empty_like(z) if layer.norm else z,
            z=z,
            activation=a,
            derivative=self.derivative[..., start : stop - 1, :],
            delta=self.delta[..., start : stop - 1, :],
            output=np.ones_like(with_ones) if layer.dropout else with_ones,
            mask=np.ones(a.shape[-2:], a.dtype) if layer.dropout else None,
            normalised=np.empty_like(z) if layer.norm else None,
            deviation=np.empty_like(z[..., :1]) if layer.norm else None,
        )

    def reading(self, source: Array) -> "Workspace":
        """The same arrays, but reading the inputs in place from `source` (batch, inputs + 1).

        The last column of `source` is ones. Nothing is copied, so a training step on a
        minibatch that lies ready in memory begins at once.
        """
        other = copy(self)
        other.input = transposed(source)
        other.layers = [replace(self.layers[0], source=other.input), *self.layers[1:]]
        other._programs = {}
        return other

    def write_input(self, x: Array) -> None:
        """Copy inputs (..., batch, inputs) in."""
        self.input[..., :-1, :] = transposed(np.asarray(x))

    def delta_below(self, index: int) -> Array:
        """Where layer `index` writes ∂L/∂(its input), with a row for the ones."""
        if index == 0:
            return self.input_delta
        return self.delta[..., self.starts[index - 1] : self.starts[index], :]

    def derivative_spans(
        self, layers: list[Dense]
    ) -> Iterator[tuple[Activation, Array, Array, Array]]:
        """Stretches of adjacent layers with the same activation function: (φ, z, a, φ′)."""
        first = 0
        for k, layer in enumerate(layers):
            last = k + 1 == len(layers)
            if last or layers[k + 1].activation.name != layer.activation.name:
                if layer.activation.name != "linear":
                    rows = slice(self.starts[first], self.starts[k + 1] - 1)
                    yield (
                        layer.activation,
                        self.z[..., rows, :],
                        self.a[..., rows, :],
                        self.derivative[..., rows, :],
                    )
                first = k + 1

    def program(self, operations: Callable[["Workspace"], Operations]) -> list[Operation]:
        """The operations as a list, made once for this workspace."""
        if operations.__name__ not in self._programs:
            self._programs[operations.__name__] = list(operations(self))
        return self._programs[operations.__name__]
