"""One step, with all its numbers."""

from dataclasses import dataclass, field

import numpy as np

from engine.network import Network
from engine.operations import Array
from engine.workspace import Workspace


@dataclass(frozen=True)
class Record:
    """What a forward and backward pass computed; one array a layer, index 0 being the inputs.

    Arrays are `(..., units, batch)`; `gradients` and `update` are flat `(..., parameters)`.
    """

    batch: int
    loss: Array
    pre_activations: list[Array]
    """What φ gets: z, or γ·ẑ + β."""
    activations: list[Array]
    deltas: list[Array]
    gradients: Array
    """What the optimizer got: `backpropagated` with the penalties, clipped."""
    update: Array
    """What is added to the parameters; 0 where no update was made."""
    after: Array
    """The parameters after the step."""
    targets: Array
    """What the loss compared the prediction with, (outputs, batch)."""
    normalised: list[Array | None]
    """ẑ of layers with batch normalisation, None for others."""
    masks: list[Array | None]
    """0 or 1/(1 − p) of layers with dropout, None for others."""
    sums: list[Array]
    """z = W x + b: with batch normalisation what is normalised, else as `pre_activations`."""
    slopes: list[Array]
    """φ′ of `pre_activations`."""
    deviations: list[Array | None]
    """What batch normalisation divided by, (units, 1); None for other layers."""
    backpropagated: Array
    """What backpropagation computed, ∂L/∂θ: neither penalties nor clipping are in it."""
    examples: Array
    """Where in the training part the examples lie; empty for others."""
    state: dict[str, Array] = field(default_factory=dict)
    """The optimizer's state after the step."""


def read_record(
    network: Network,
    w: Workspace,
    loss: Array,
    before: Array,
    targets: Array,
    backpropagated: Array | None = None,
    examples: Array | None = None,
) -> Record:
    """Copy the numbers of the last pass made in `w`; `before` are the parameters it began with."""
    nothing = np.empty((0, w.batch), network.dtype)
    return Record(
        batch=w.batch,
        loss=loss,
        pre_activations=[nothing, *(b.z.copy() for b in w.layers)],
        activations=[w.input[..., :-1, :].copy(), *(b.activation.copy() for b in w.layers)],
        deltas=[nothing, *(b.delta.copy() for b in w.layers)],
        gradients=network.gradients.copy(),
        update=network.parameters - before,
        after=network.parameters.copy(),
        targets=targets.copy(),
        normalised=[None, *(_copied(b.normalised) for b in w.layers)],
        masks=[None, *(_copied(b.mask) for b in w.layers)],
        sums=[nothing, *(b.affine.copy() for b in w.layers)],
        slopes=[nothing, *_slopes(network, w)],
        backpropagated=(network.gradients if backpropagated is None else backpropagated).copy(),
        examples=np.empty(0, int) if examples is None else examples.copy(),
        deviations=[None, *(_copied(b.deviation) for b in w.layers)],
    )


def _slopes(network: Network, w: Workspace) -> list[Array]:
    """A linear layer's backward pass leaves its φ′ = 1 out, so that its array is not filled."""
    return [
        np.ones_like(b.derivative) if layer.activation.name == "linear" else b.derivative.copy()
        for layer, b in zip(network.layers, w.layers, strict=True)
    ]


def _copied(values: Array | None) -> Array | None:
    return None if values is None else values.copy()
