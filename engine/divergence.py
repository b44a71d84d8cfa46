"""Divergence: what to do when a number is no longer finite.

Nothing is clipped or replaced in silence. The trainer replays from its last known good state to the
first step that is not finite; here that step is looked at layer by layer.
"""

from dataclasses import dataclass

import numpy as np

from engine.network import Network
from engine.operations import Array
from engine.record import Record


@dataclass(frozen=True)
class Divergence:
    """The first quantity that was not finite: in which step, layer (from 1) and what."""

    step: int
    layer: int
    quantity: str
    message: str


def is_finite(network: Network, loss: float | Array) -> bool:
    """Whether all parameters and the loss of the last minibatch are finite numbers."""
    return bool(np.isfinite(loss).all() and np.isfinite(network.parameters).all())


def describe(step: int, record: Record, network: Network) -> Divergence:
    """What went wrong in `step`, from its record and the parameters that it left behind."""
    layer, quantity = first_non_finite(record, network)
    where = "the output layer" if layer == len(network.layers) else f"layer {layer}"
    message = (
        f"Training diverged: in step {step} the {quantity} of {where} were no longer finite "
        "numbers. The weights shown are those before that step."
    )
    return Divergence(step, layer, quantity, message)


def first_non_finite(record: Record, network: Network) -> tuple[int, str]:
    """Layer (from 1) and name of the first quantity, in the order in which a step computes them."""
    layers = range(1, len(network.layers) + 1)
    for layer in layers:
        if not np.isfinite(record.pre_activations[layer]).all():
            return layer, "pre-activations"
        if not np.isfinite(record.activations[layer]).all():
            return layer, "activations"
    if not np.isfinite(record.loss).all():
        return len(network.layers), "predictions, squared or exponentiated in the loss,"
    for layer in reversed(layers):
        if not np.isfinite(record.deltas[layer]).all():
            return layer, "gradients"
    for layer in layers:
        start, stop = network.offsets[layer - 1 : layer + 1]
        if not np.isfinite(record.gradients[start:stop]).all():
            return layer, "weight gradients"
    for layer in layers:
        start, stop = network.offsets[layer - 1 : layer + 1]
        if not np.isfinite(network.parameters[start:stop]).all():
            return layer, "updated weights"
    return len(network.layers), "optimizer state"
