"""A network: a chain of layers over one flat parameter vector and one flat gradient vector.

`net.layers[k].weight` (fan_in, fan_out) and `.bias` (fan_out,) are views into `net.parameters`,
and `.weight_gradient`, `.bias_gradient` into `net.gradients`, which has the same layout. So an
optimizer is a few operations whatever the depth, a snapshot is one copy, and a loss landscape is
a walk in one space. With `replicas` every array has one more axis in front.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from engine.activations import Activation, activations
from engine.checks import numbers, precision, whole
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
        sizes = list(sizes) if isinstance(sizes, Sequence | np.ndarray) else [sizes]
        if len(sizes) < 2:
            raise ValueError(f"sizes: got {sizes}, expected inputs and outputs at least")
        sizes = [whole("sizes", size, 1) for size in sizes]
        self.seed = whole("seed", seed, 0)
        self.replicas = None if replicas is None else whole("replicas", replicas, 1)
        self.dtype = precision("dtype", dtype)
        if not isinstance(initializer, Initializer):
            initializer = initializers.find(initializer)()
        self.initializer = initializer
        count = len(sizes) - 2
        functions = [make_activation(name, "hidden") for name in _each(hidden, count, "hidden")]
        functions.append(make_activation(output, "output"))
        norms = [*_each(batch_norm, count, "batch_norm"), False]
        drops = [*_each(dropout, count, "dropout"), 0.0]
        layers = [
            Dense(fan_in, units, function, batch_norm=norm, dropout=drop)
            for fan_in, units, function, norm, drop in zip(
                sizes, sizes[1:], functions, norms, drops, strict=False
            )
        ]
        self.assemble(layers)
        self.initialize()

    def assemble(self, layers: list[Dense]) -> None:
        """Lay the layers over new flat vectors, all zero; `initialize` or a copy fills them."""
        self.layers = layers
        self.version = getattr(self, "version", 0) + 1  # whoever bound the old arrays sees this
        leading = () if self.replicas is None else (self.replicas,)
        self.offsets = np.cumsum([0, *(layer.size for layer in layers)]).tolist()
        shape = *leading, self.offsets[-1]
        self._parameters, self._gradients = zeros(shape, self.dtype), zeros(shape, self.dtype)
        self._bind()

    def _bind(self) -> None:
        """Make the layers' arrays views into the flat vectors."""
        for layer, start, stop in zip(self.layers, self.offsets, self.offsets[1:], strict=False):
            layer.bind(self._parameters[..., start:stop], self._gradients[..., start:stop])
        self._workspaces: dict[tuple[int, bool, bool], Workspace] = {}
        self._forward: Workspace | None = None

    def __getstate__(self) -> dict[str, Any]:
        """What a copy needs: buffers it makes for itself."""
        return {**self.__dict__, "_workspaces": {}, "_forward": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._bind()

    @property
    def parameters(self) -> Array:
        """All parameters (..., P), layer by layer; assigning copies values in."""
        return self._parameters

    @parameters.setter
    def parameters(self, values: Array) -> None:
        self._parameters[...] = values

    @property
    def gradients(self) -> Array:
        """∂L/∂parameters of the last backward pass, in the same layout."""
        return self._gradients

    @gradients.setter
    def gradients(self, values: Array) -> None:
        self._gradients[...] = values

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

    def forward(self, x: ArrayLike) -> Array:
        """The prediction (..., batch, outputs) for x (..., batch, inputs), as in training.

        Keeps what `backward` needs. Raises ValueError where x does not fit.
        """
        inputs, shared = self._checked(x)
        self._forward = w = self.workspace(inputs.shape[-2], training=True, shared=shared)
        w.write_input(inputs)
        with np.errstate(over="ignore"):
            run(self.forward_operations(w))
        return transposed(w.prediction).copy()

    def backward(self, gradient: Array) -> Array:
        """Fill `gradients` from ∂L/∂prediction (..., batch, outputs); returns ∂L/∂x.

        Raises ValueError before any `forward`, or where the shape differs from the prediction's.
        """
        w = self._forward
        if w is None:
            raise ValueError("backward: call forward first")
        expected = transposed(w.prediction).shape
        if np.shape(gradient) != expected:
            raise ValueError(f"gradient: got shape {np.shape(gradient)}, expected {expected}")
        w.output_gradient[...] = transposed(np.asarray(gradient))
        with np.errstate(over="ignore"):
            run(self.backward_operations(w, inputs_too=True))
        return transposed(w.delta_below(0)[..., :-1, :]).copy()

    # ---- use, without touching training ---------------------------------------------------

    def activations(self, x: ArrayLike) -> list[Array]:
        """Every layer's activations (..., batch, units) for x (..., batch, inputs), which is first.

        As in use: running statistics, no dropout. The arrays are views, valid until the next
        call with as many examples; nothing that training uses is touched.
        """
        inputs, shared = self._checked(x)
        w = self.workspace(inputs.shape[-2], shared=shared)
        w.write_input(inputs)
        with np.errstate(over="ignore"):
            run(w.program(self.forward_operations))
        return [transposed(a) for a in [w.input[..., :-1, :], *(b.activation for b in w.layers)]]

    def predict(self, x: ArrayLike) -> Array:
        """The prediction (..., batch, outputs) for x (..., batch, inputs), as in use."""
        return self.activations(x)[-1].copy()

    def _checked(self, x: ArrayLike) -> tuple[Array, bool]:
        """x as an array, and whether all replicas read the same examples."""
        found = numbers("x", x, self.dtype)
        shape, inputs, own = found.shape, self.layers[0].fan_in, (self.replicas,)
        shared = len(shape) == 2
        if not (shared or (self.replicas and shape[:-2] == own)) or shape[-1] != inputs:
            expected = f"(examples, {inputs})"
            if self.replicas:
                expected += f" or ({self.replicas}, examples, {inputs})"
            raise ValueError(f"x: got shape {shape}, expected {expected}")
        if not shape[-2]:
            raise ValueError(f"x: got shape {shape}, expected one example or more")
        if not np.isfinite(found).all():  # a rectifier would make a 0 of NaN
            raise ValueError("x: got values that are not finite, expected finite numbers")
        return found, shared


def make_activation(name: object, field: str = "activation") -> Activation:
    """The activation function of that name; ValueError says which there are."""
    return activations.find(name, field)()


def _each(value: object, count: int, field: str) -> list[Any]:
    """One value for every hidden layer."""
    if isinstance(value, str) or not isinstance(value, Sequence | np.ndarray):
        return [value] * count
    values = list(value)
    if len(values) != count:
        raise ValueError(f"{field}: got {len(values)} values, expected {count}, one a hidden layer")
    return values
