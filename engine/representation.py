"""What a layer makes of space: a grid of inputs and the training examples, carried up to it.

The grid consists of true inputs. In the plane it is a grid over the plane, for the curve the line
of all inputs; where there are more inputs than two, it lies on the plane through the mean of the
training inputs along their first two principal components, and reaches as far as they do.
"""

from dataclasses import dataclass

import numpy as np

from engine.network import Network
from engine.operations import Array
from engine.run import Run


@dataclass(frozen=True)
class Carried:
    """Where a layer puts grid and examples, and what the network answers on the grid."""

    grid: Array
    """(rows, columns, 2); the curve's grid is one row."""
    examples: Array
    """(training examples, 2)."""
    outputs: Array
    """(rows · columns, outputs)."""


class Representation:
    """The grid and the training examples of a run, to be carried up to any layer."""

    def __init__(self, run: Run, span: tuple[float, float], side: int) -> None:
        """`span`: where the axes of plane and curve end; `side`: points along one of the grid."""
        self._axes: dict[int, Array] = {}
        examples = run.inputs(run.data.x_train)
        kind = run.data.info.kind
        if kind == "curve":
            line = np.linspace(*span, 4 * (side - 1) + 1)
            self.shape, grid = (1, len(line)), run.inputs(line[:, None])
        elif kind == "plane":
            axis = np.linspace(*span, side)
            x1, x2 = np.meshgrid(axis, axis)
            self.shape, grid = (side, side), run.inputs(np.stack([x1.ravel(), x2.ravel()], axis=1))
        else:
            centre, self._axes[0] = principal_axes(examples)
            places = (examples - centre) @ self._axes[0]
            first, second = np.linspace(places.min(axis=0), places.max(axis=0), side, axis=1)
            x1, x2 = np.meshgrid(first, second)
            on_plane = np.stack([x1.ravel(), x2.ravel()], axis=1)
            self.shape, grid = (side, side), centre + on_plane @ self._axes[0].T
        self._inputs = np.ascontiguousarray(np.concatenate([grid, examples]), run.network.dtype)
        self._points = len(grid)

    def carried(
        self, network: Network, layer: int, units: tuple[int, ...] | None = None
    ) -> Carried:
        """On two units of the layer, or on the two principal components of the examples there.

        Layer 0 is the inputs. The second number is 0 where the layer has one unit.
        """
        layers = network.activations(self._inputs)
        values = layers[layer]
        if values.shape[1] == 1:
            places = np.pad(values, ((0, 0), (0, 1)))
        elif units is not None:
            places = values[:, list(units)]
        else:
            centre, axes = principal_axes(values[self._points :], self._axes.get(layer))
            self._axes[layer] = axes
            places = (values - centre) @ axes
        return Carried(
            places[: self._points].reshape(*self.shape, 2),
            places[self._points :],
            layers[-1][: self._points].copy(),
        )


def principal_axes(values: Array, like: Array | None = None) -> tuple[Array, Array]:
    """The mean of values (examples, units), and their two directions of largest variance.

    The directions are orthonormal, (units, 2). One and its opposite are the same: the one is taken
    that points as `like` does, the axes of a moment ago, so that a picture does not flip; without
    it, or where it is of other units, the one whose largest parts are positive: the sum of their
    cubes, since two inputs that are each other's opposite are equally large. Examples that are not
    finite are left out.
    """
    finite = values[np.isfinite(values).all(axis=1)].astype(np.float64)
    if len(finite) == 0:
        finite = np.zeros((1, values.shape[1]))
    centre = finite.mean(axis=0)
    spread = finite - centre
    spread /= np.abs(spread).max() or 1.0  # squares must not overflow
    axes = np.linalg.eigh(spread.T @ spread)[1][:, :-3:-1]
    if like is None or like.shape != axes.shape:
        way = np.sum(axes**3, axis=0)
    else:
        way = np.sum(axes * like, axis=0)
    return centre, axes * np.where(way < 0, -1, 1)
