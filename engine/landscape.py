"""The loss as a landscape over the parameters, in a plane through the current weights.

A network with P parameters is a point in P dimensions and its loss the height there. The heights
of many points are computed at once, as replicas of one network. The network itself is left alone.
"""

from collections.abc import Sequence

import numpy as np

from engine.operations import Array
from engine.run import Run
from engine.surface import Surface

PLANES = ("random", "gradient", "path")


def filter_normalised(origin: Run, rng: np.random.Generator) -> Array:
    """A random direction, each unit's part as long as that unit's weights (Li et al. 2018).

    So a network whose weights are large is not shown as flat. Biases stay as they are.
    """
    network = origin.network
    direction = np.zeros(network.parameters.shape)
    for layer, start in zip(network.layers, network.offsets, strict=False):
        drawn = rng.normal(size=(layer.units, layer.fan_in))
        weights = layer.weight.T.astype(np.float64)
        length = np.linalg.norm(weights, axis=1, keepdims=True)
        drawn *= length / np.linalg.norm(drawn, axis=1, keepdims=True)
        stretch = direction[start : start + layer.units * (layer.fan_in + 1)]
        stretch.reshape(layer.units, -1)[:, :-1] = drawn
    return direction


class Landscape:
    """The height on a square grid in a plane through the current weights, a row at a time."""

    def __init__(
        self, origin: Run, plane: str = "random", *, size: int = 41, path: Sequence[Array] = ()
    ) -> None:
        """`path` are earlier parameter vectors, oldest first; "path" needs two or more.

        "random": two filter-normalised directions. "gradient": the gradient of the minibatch to
        come, and what is left of its update beside that. "path": the two directions in which the
        weights moved most. Raises ValueError naming the field.
        """
        if plane not in PLANES:
            raise ValueError(f"plane: got {plane!r}, expected one of {', '.join(PLANES)}")
        if not 5 <= size <= 101:
            raise ValueError(f"size: got {size}, expected 5 to 101")
        theta = origin.network.parameters.astype(np.float64)
        walked = [np.asarray(p, np.float64) for p in path if p.shape == theta.shape]
        if plane == "path" and len(walked) < 2:
            raise ValueError(
                "plane: got 'path', but of this run too little has been trained to have one: its "
                "path begins anew with a reset, other data or another architecture"
            )
        record = origin.trainer.look_ahead()
        rng = np.random.default_rng([origin.recipe.seed, 4])
        self.plane, self.centre = plane, theta
        self.axes = self._axes(origin, plane, walked, record.gradients, record.update, rng)
        self.path = self.locate(np.array([*walked, theta]) - theta)
        """Where the network has been, (points, 2), in units of the axes."""
        self.step = self.locate(record.update[None])[0]
        """Where the next step leads."""
        reach = float(np.abs(self.path).max()) if plane == "path" else 1.0
        self.coordinates = np.linspace(-1, 1, size) * 1.2 * max(reach, 1e-12)
        self.losses = np.full((size, size), np.nan)
        """Rows run along the second axis, columns along the first; NaN is still to come."""
        self.rows = 0
        self._surface = Surface(origin, size)
        self.examples = self._surface.examples
        self.penalised = self._surface.penalised

    @staticmethod
    def _axes(
        origin: Run,
        plane: str,
        walked: Sequence[Array],
        gradient: Array,
        update: Array,
        rng: np.random.Generator,
    ) -> Array:
        """Two directions (2, P), at right angles but for the random ones."""
        if plane == "random":
            return np.array([filter_normalised(origin, rng) for _ in range(2)])
        theta = origin.network.parameters.astype(np.float64)
        if plane == "path":
            offsets = np.array(walked) - theta
            return np.asarray(np.linalg.svd(offsets, full_matrices=False)[2][:2])
        length = float(np.linalg.norm(theta)) or 1.0
        first = _unit(gradient.astype(np.float64), rng)
        rest = update - (update @ first) * first
        if np.linalg.norm(rest) <= 1e-6 * np.linalg.norm(update):  # plain SGD: they are parallel
            rest = rng.normal(size=theta.shape)
            rest -= (rest @ first) * first
        return np.array([first, _unit(rest, rng)]) * length

    @property
    def done(self) -> bool:
        """Whether all rows are there."""
        return self.rows == len(self.coordinates)

    def advance(self, rows: int = 1) -> None:
        """Compute so many more rows."""
        for v in self.coordinates[self.rows :][:rows]:
            along = self.coordinates[:, None] * self.axes[0] + v * self.axes[1]
            self.losses[self.rows] = self._surface.values(self.centre + along)
            self.rows += 1

    def locate(self, offsets: Array) -> Array:
        """Offsets from the centre (points, P), cast onto the plane: (points, 2)."""
        return np.asarray(np.linalg.lstsq(self.axes.T, np.asarray(offsets).T, rcond=None)[0].T)


def _unit(vector: Array, rng: np.random.Generator) -> Array:
    """Of length 1; a random direction where the vector is 0."""
    length = np.linalg.norm(vector)
    return vector / length if length else _unit(rng.normal(size=vector.shape), rng)
