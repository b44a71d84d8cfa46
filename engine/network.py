"""A network: a chain of layers over one flat parameter vector and one flat gradient vector.

`net.layers[k].weight` (fan_in, fan_out) and `.bias` (fan_out,) are views into `net.parameters`,
and `.weight_gradient`, `.bias_gradient` into `net.gradients`, which has the same layout. So an
optimizer is a few operations whatever the depth, a snapshot is one copy, and a loss landscape is
a walk in one space. With `replicas` every array has one more axis in front.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.activations import Activation, activations
from engine.checks import whole
from engine.initializers import Initializer, initializers
from engine.layers import BatchNorm, Dense
from engine.memory import zeros
from engine.operations import Array, Operations, run, transposed
from engine.workspace import Workspace


class Network:
    """A fully connected network. Inputs and predictions are `(..., batch, units)`.

    Replicas read the same inputs (batch, inputs), or each its own (replicas, batch, inputs).
    """

    def __init__(
        self,
        sizes: Sequence[int],
        hidden: str | Sequence[str] = "tanh",
        output: str = "linear",
        initializer: str | Initializer = "glorot_uniform",
        *,
        batch_norm: bool | Sequence[bool] = False,
        dropout: float | Sequence[float] = 0.0,
        dtype: type = np.float32,
        seed: int = 0,
        replicas: int | None = None,
    ) -> None:
        """`sizes` are inputs, hidden layers and outputs, such as [2, 4, 4, 1].

        `hidden`, `batch_norm` and `dropout` are one value or one for each hidden layer.
        Replicas start with the same weights. Raises ValueError naming what does not fit.
        """
        if len(sizes) < 2:
            raise ValueError(f"sizes: got {list(sizes)}, expected inputs and outputs at least")
        sizes = [whole("sizes", size, 1) for size in sizes]
        whole("seed", seed, 0)
        if replicas is not None:
            whole("replicas", replicas, 1)
        if np.dtype(dtype) not in (np.float32, np.float64):
            raise ValueError(f"dtype: got {np.dtype(dtype).name}, expected float32 or float64")
        count = len(sizes) - 2
        names = [*_each(hidden, count, "hidden"), output]
        norms = [*_each(batch_norm, count, "batch_norm"), False]
        drops = [*_each(dropout, count, "dropout"), 0.0]
        layers = [
            Dense(fan_in, units, make_activation(name), batch_norm=norm, dropout=drop)
            for fan_in, units, name, norm, drop in zip(
                sizes, sizes[1:], names, norms, drops, strict=False
            )
        ]
        self.dtype = np.dtype(dtype)
        self.replicas = replicas
        self.seed = seed
        self.initializer = (
            initializers.find(initializer)() if isinstance(initializer, str) else initializer
        )
        self.assemble(layers)
        self.initialize()

    def assemble(self, layers: list[Dense]) -> None:
        """Lay the layers over new flat vectors, all zero; `initialize` or a copy fills them."""
        self.layers = layers
        self.version = getattr(self, "version", 0) + 1  # whoever bound the old arrays sees this
        leading = () if self.replicas is None else (self.replicas,)
        self.offsets = np.cumsum([0, *(layer.size for layer in layers)]).tolist()
        shape = *leading, self.offsets[-1]
        self.parameters, self.gradients = zeros(shape, self.dtype), zeros(shape, self.dtype)
        for layer, start, stop in zip(layers, self.offsets, self.offsets[1:], strict=False):
            layer.bind(self.parameters[..., start:stop], self.gradients[..., start:stop])
        self._workspaces: dict[tuple[int, bool, bool], Workspace] = {}

    @property
    def sizes(self) -> list[int]:
        """Inputs, hidden units, outputs."""
        return [self.layers[0].fan_in, *(layer.units for layer in self.layers)]

    @property
    def norms(self) -> list[BatchNorm]:
        """The batch normalisations, in the order of the layers that have one."""
        return [layer.norm for layer in self.layers if layer.norm]

    def initialize(self) -> None:
        """Draw the initial weights, the same for the same seed and architecture.

        Every layer has a random stream of its own, so that changing one layer does not change
        the initial weights of the others.
        """
        for index, layer in enumerate(self.layers):
            self.initialize_layer(index)
            if layer.norm:
                layer.norm.scale[...] = 1
                layer.norm.shift[...] = 0
                layer.norm.reset()

    def initialize_layer(self, index: int) -> None:
        """Draw one layer's weights and set its biases to 0."""
        layer = self.layers[index]
        rng = np.random.default_rng([self.seed, index])
        layer.weight[...] = self.initializer.draw(rng, layer.fan_in, layer.units)
        layer.bias[...] = 0

    # ---- the two passes -------------------------------------------------------------------

    def forward_operations(self, w: Workspace) -> Operations:
        """Forward pass: every layer in turn, from the inputs to the prediction."""
        for layer, buffers in zip(self.layers, w.layers, strict=True):
            yield from layer.forward(buffers, w.rng)

    def backward_operations(self, w: Workspace, *, inputs_too: bool = False) -> Operations:
        """Backward pass: from ∂L/∂prediction in `w.output_gradient`, layer by layer, chain rule.

        Adjacent layers with the same activation function have their φ′ computed in one go.
        """
        for activation, z, a, derivative in w.derivative_spans(self.layers):
            yield from activation.derivative(z, a, derivative)
        for index in reversed(range(len(self.layers))):
            below = w.delta_below(index) if index or inputs_too else None
            yield from self.layers[index].backward(
                w.layers[index], below, training=w.rng is not None
            )

    def workspace(self, batch: int, *, training: bool = False, shared: bool = True) -> Workspace:
        """Buffers for so many examples, kept for the next call. `training` ones have dropout.

        Where inputs are not `shared`, each replica has its own.
        """
        key = batch, training, shared
        if key not in self._workspaces:
            while len(self._workspaces) >= 8:
                self._workspaces.pop(next(iter(self._workspaces)))
            rng = np.random.default_rng([self.seed, 1 << 20]) if training else None
            self._workspaces[key] = Workspace(self.layers, batch, rng=rng, shared=shared)
        return self._workspaces[key]

    def forward(self, x: Array) -> Array:
        """The prediction (..., batch, outputs) for x (..., batch, inputs), as in training.

        Keeps what `backward` needs. Raises ValueError where x does not fit.
        """
        batch, shared = self._checked(x)
        self._forward = self.workspace(batch, training=True, shared=shared)
        self._forward.write_input(x)
        with np.errstate(over="ignore"):
            run(self.forward_operations(self._forward))
        return transposed(self._forward.prediction).copy()

    def backward(self, gradient: Array) -> Array:
        """Fill `gradients` from ∂L/∂prediction (..., batch, outputs); returns ∂L/∂x.

        Raises ValueError before any `forward`, or where the shape differs from the prediction's.
        """
        w = getattr(self, "_forward", None)
        if w is None:
            raise ValueError("backward: call forward first")
        expected = transposed(w.prediction).shape
        if np.shape(gradient) != expected:
            raise ValueError(f"gradient: got shape {np.shape(gradient)}, expected {expected}")
        w.output_gradient[...] = transposed(np.asarray(gradient))
        run(self.backward_operations(w, inputs_too=True))
        return transposed(w.delta_below(0)[..., :-1, :]).copy()

    # ---- use, without touching training ---------------------------------------------------

    def activations(self, x: Array) -> list[Array]:
        """Every layer's activations (..., batch, units) for x (..., batch, inputs), which is first.

        As in use: running statistics, no dropout. The arrays are views, valid until the next
        call with as many examples; nothing that training uses is touched.
        """
        batch, shared = self._checked(x)
        w = self.workspace(batch, shared=shared)
        w.write_input(x)
        with np.errstate(over="ignore"):
            run(w.program(self.forward_operations))
        return [transposed(a) for a in [w.input[..., :-1, :], *(b.activation for b in w.layers)]]

    def predict(self, x: Array) -> Array:
        """The prediction (..., batch, outputs) for x (..., batch, inputs), as in use."""
        return self.activations(x)[-1].copy()

    def _checked(self, x: Array) -> tuple[int, bool]:
        """The number of examples in x, and whether all replicas read the same ones."""
        shape, inputs, own = np.shape(x), self.layers[0].fan_in, (self.replicas,)
        shared = len(shape) == 2
        if not (shared or (self.replicas and shape[:-2] == own)) or shape[-1] != inputs:
            expected = f"(examples, {inputs})"
            if self.replicas:
                expected += f" or ({self.replicas}, examples, {inputs})"
            raise ValueError(f"x: got shape {shape}, expected {expected}")
        if not shape[-2]:
            raise ValueError(f"x: got shape {shape}, expected one example or more")
        return shape[-2], shared


def make_activation(name: object, field: str = "activation") -> Activation:
    """The activation function of that name; ValueError says which there are."""
    return activations.find(name, field)()


def _each(value: object, count: int, field: str) -> list[Any]:
    """One value for every hidden layer."""
    if isinstance(value, str | bool | int | float):
        return [value] * count
    values: list[Any] = list(value)  # type: ignore[call-overload]
    if len(values) != count:
        raise ValueError(f"{field}: got {len(values)} values, expected {count}, one a hidden layer")
    return values
