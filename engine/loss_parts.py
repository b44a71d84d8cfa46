"""What several losses are made of: sums over units and batch, squared and clipped errors."""

from functools import partial

import numpy as np

from engine.operations import Array, Operation, Operations, constant


def total_product(a: Array, b: Array, total: Array) -> Operation:
    """total = Σ a b over units and batch, one sum for each replica."""
    if a.ndim == 2:
        return a.reshape(-1).dot, (b.reshape(-1), total)
    if a.shape[-2] == 1:
        return np.vecdot, (a[..., 0, :], b[..., 0, :], total)
    return partial(np.einsum, "...ub,...ub->...", out=total), (a, b)


def squared_error(prediction: Array, target: Array, total: Array) -> Operations:
    """total = Σ (ŷ − y)²."""
    error = np.empty_like(prediction)
    yield np.subtract, (prediction, target, error)
    yield total_product(error, error, total)


def clip(error: Array, clipped: Array) -> Operations:
    """Errors cut off at ±1."""
    yield np.fmin, (error, constant(1, error), clipped)
    yield np.fmax, (clipped, constant(-1, error), clipped)
