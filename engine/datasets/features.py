"""Input features of points in the plane: what the network is given instead of bare x₁ and x₂."""

from collections.abc import Callable, Sequence

import numpy as np

from engine.operations import Array

FEATURES: dict[str, tuple[str, Callable[[Array, Array], Array]]] = {
    "x1": ("x₁", lambda x1, x2: x1),
    "x2": ("x₂", lambda x1, x2: x2),
    "x1_squared": ("x₁²", lambda x1, x2: x1 * x1),
    "x2_squared": ("x₂²", lambda x1, x2: x2 * x2),
    "x1_x2": ("x₁x₂", lambda x1, x2: x1 * x2),
    "sin_x1": ("sin x₁", lambda x1, x2: np.sin(x1)),
    "sin_x2": ("sin x₂", lambda x1, x2: np.sin(x2)),
}


def expand(points: Array, names: Sequence[str]) -> Array:
    """The named features of points (examples, 2), as (examples, features).

    Raises ValueError where a name is unknown or the points have not two columns.
    """
    if np.ndim(points) != 2 or points.shape[1] != 2:
        raise ValueError(f"points: got shape {np.shape(points)}, expected (examples, 2)")
    unknown = [name for name in names if name not in FEATURES]
    if unknown or not names:
        raise ValueError(f"features: got {list(names)}, expected some of {', '.join(FEATURES)}")
    x1, x2 = points.T
    return np.stack([FEATURES[name][1](x1, x2) for name in names], axis=1)
