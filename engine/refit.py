"""A layer fitted anew to what arrives from a changed layer in front of it: least squares."""

import numpy as np

from engine.layers import Dense
from engine.operations import Array, run

LEAST_SLOPE = 0.05
PULL = 1e-4


def refit(layer: Dense, source: Array, target: Array) -> None:
    """Set weights and biases so that the layer makes of `source` what comes closest to `target`.

    `source` is (examples, fan_in) and `target` (examples, units), the affine map's result. An
    error weighs as much as the activation's slope there passes on: where a unit is saturated it
    hardly matters. Of solutions that fit about as well, the one nearest to the weights that the
    layer has is taken (ridge regression): large weights that cancel each other would fit too, but
    could not be trained.
    """
    ones = np.ones((len(source), 1))
    design = np.concatenate([source, ones], axis=1).astype(np.float64)
    error = target - design @ layer.affine.T
    weight = slopes(layer, target) + LEAST_SLOPE
    for unit in range(layer.units):
        weighted = design * weight[:, unit, None]
        square = weighted.T @ weighted
        square += PULL * square.diagonal().max() * np.eye(len(square))
        missed = weighted.T @ (error[:, unit] * weight[:, unit])
        layer.affine[unit] += np.linalg.solve(square, missed)


def slopes(layer: Dense, affine: Array) -> Array:
    """φ′ of each unit where the affine map gives (examples, units), as in use."""
    z = affine.astype(np.float64)
    if layer.norm is not None:
        mean, variance = layer.norm.running
        z = layer.norm.scale * (z - mean) / np.sqrt(variance + layer.norm.epsilon)
        z = z + layer.norm.shift
    a, slope = np.empty_like(z), np.empty_like(z)
    with np.errstate(over="ignore"):
        run(layer.activation.forward(z, a))
        run(layer.activation.derivative(z, a, slope))
    return slope
