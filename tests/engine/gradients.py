"""Numerical gradients: central differences in float64, the independent check of every formula."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


def numerical_gradient(function: Callable[[], float], at: Float, step: float = 1e-6) -> Float:
    """∂function/∂at, `at` being changed in place element by element and put back."""
    gradient = np.zeros_like(at)
    flat, result = at.reshape(-1), gradient.reshape(-1)
    assert np.shares_memory(flat, at)
    for i, value in enumerate(flat.copy()):
        flat[i] = value + step
        above = function()
        flat[i] = value - step
        below = function()
        flat[i] = value
        result[i] = (above - below) / (2 * step)
    return gradient


def relative_error(a: Float, b: Float) -> float:
    """The largest difference, relative to the largest of the numbers."""
    return float(np.abs(a - b).max() / max(np.abs(a).max(), np.abs(b).max(), 1e-12))
