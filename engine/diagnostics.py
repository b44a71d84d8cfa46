"""What to look at when a network does not learn: numbers for each layer, hidden ones and output.

Activations are those of a fixed sample of the training examples, as in use, so that a dead unit
is one that no example wakes up, not one that ten examples missed. Gradients and updates are those
of a recorded step.
"""

import math

import numpy as np

from engine.operations import Array
from engine.record import Record
from engine.trainer import Trainer

STATISTICS = (
    "gradient_norm",
    "weight_norm",
    "update_ratio",
    "dead_share",
    "saturated_share",
    "activation_mean",
    "activation_std",
)
SATURATED = 0.05
"""A unit counts as saturated for an example when it is this near to the end of its range."""


def layer_statistics(trainer: Trainer, record: Record, sample: list[Array] | None = None) -> Array:
    """A row for each layer, a column for each of STATISTICS; float32 (layers, 7).

    `gradient_norm` and `weight_norm` are those of the layer's weights; `update_ratio` is the
    size of the update over that of the weights (about 10⁻³ is healthy); `dead_share` is the
    share of units that are 0 for every example; `saturated_share` the share of activations at
    the end of their range. NaN: does not apply to this activation function.
    """
    network = trainer.network
    sample = sample or trainer.evaluator.sample_activations()
    table = np.full((len(network.layers), len(STATISTICS)), np.nan, np.float32)
    for k, layer in enumerate(network.layers):
        start = network.offsets[k]
        split = start + layer.units * (layer.fan_in + 1)
        shape = (layer.units, layer.fan_in + 1)
        gradient, update, weight = (
            vector[start:split].reshape(shape)[:, :-1]
            for vector in (record.gradients, record.update, network.parameters)
        )
        weight_norm = norm(weight)
        a = sample[k + 1]
        table[k, :3] = norm(gradient), weight_norm, norm(update) / (weight_norm or np.nan)
        if layer.activation.dies:
            table[k, 3] = np.mean((a <= 0).all(axis=0))
        if layer.activation.saturates:
            ends = layer.activation.saturates
            near = sum(np.count_nonzero(np.abs(a - end) < SATURATED) for end in ends)
            table[k, 4] = near / a.size
        mean = float(a.mean())
        table[k, 5:] = mean, norm(a - mean) / math.sqrt(a.size)
    return table


def norm(a: Array) -> float:
    """√Σa², summed in double precision so that it does not overflow or vanish by itself."""
    flat = a.astype(np.float64).ravel()
    return math.sqrt(flat @ flat)


def histograms(
    trainer: Trainer, record: Record, bins: int = 24, sample: list[Array] | None = None
) -> tuple[Array, Array]:
    """How activations, and gradients δ = ∂L/∂z, are distributed in each layer.

    Returns shares, float32 (layers, 2, bins), and their ranges, float32 (layers, 2, 2).
    """
    layers = trainer.network.layers
    sample = sample or trainer.evaluator.sample_activations()
    shares = np.zeros((len(layers), 2, bins), np.float32)
    ranges = np.zeros((len(layers), 2, 2), np.float32)
    for k, layer in enumerate(layers):
        a, delta = sample[k + 1], record.deltas[k + 1]
        ends = layer.activation.saturates
        low, high = ends if len(ends) == 2 else (float(a.min()), float(a.max()))
        reach = float(np.abs(delta).max())
        shares[k, 0], ranges[k, 0] = _shares(a, low, high, bins), (low, high)
        shares[k, 1], ranges[k, 1] = _shares(delta, -reach, reach, bins), (-reach, reach)
    return shares, ranges


def _shares(values: Array, low: float, high: float, bins: int) -> Array:
    """The share of finite values in each bin; all 0 where there are none."""
    if not (np.isfinite(low) and np.isfinite(high)):
        return np.zeros(bins, np.float32)
    width = (high - low) / bins or 1.0
    # np.histogram takes ten times as long, and this is done for every frame.
    scaled = (values.ravel() - low) * (1 / width)
    index = np.fmin(np.fmax(scaled, 0), bins - 1).astype(np.intp)
    counts = np.bincount(index, minlength=bins)
    return np.asarray(counts / max(values.size, 1), np.float32)
