"""The loss as a landscape over the parameters: maps, cuts, and how steeply it curves.

A network with P parameters is a point in P dimensions and its loss the height there. Here that
height is looked at in a plane or on a line through the current weights, with many points at once
as replicas of one network. The network itself is left alone.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from engine.evaluation import Part
from engine.operations import Array, Operation, run, transposed
from engine.regularization import Regularization
from engine.run import Run

PLANES = ("random", "gradient", "path")
EXAMPLES = 256
CUT_PIECE = 8
"""Points of a cut that are computed at a time."""


class Surface:
    """The loss of a run's network, as in use, as a function of its parameters."""

    def __init__(self, origin: Run, points: int, *, dtype: type = np.float32) -> None:
        """`points` parameter vectors at once, on at most 256 evenly taken training examples."""
        trainer = origin.trainer
        self.network, self.loss = origin.build(replicas=points, dtype=dtype), trainer.loss
        for norm, kept in zip(self.network.norms, origin.network.norms, strict=True):
            norm.running[...] = kept.running[:, None]
        x, y = _sample(trainer.evaluator.train, dtype)
        self._total: Array = np.zeros(points, dtype)
        w = self.network.workspace(len(x)).reading(x)
        self._scale = self.loss.scale(*w.prediction.shape[-2:])
        self._forward: list[Operation] = [
            *self.network.forward_operations(w),
            *self.loss.total_operations(w.prediction, transposed(y), self._total),
        ]
        penalties = trainer.regularization
        self._backward: list[Operation] = [
            *self.loss.gradient_operations(w.prediction, transposed(y), w.output_gradient),
            *self.network.backward_operations(w),
            *Regularization(self.network, penalties.l1, penalties.l2).operations(),
        ]

    def values(self, points: Array) -> Array:
        """The loss at each of the points (points, P); infinite where it overflows."""
        self.network.parameters[...] = points
        with np.errstate(all="ignore"):
            run(self._forward)
        losses = self._total.astype(np.float64) * self._scale
        return np.where(np.isfinite(losses), losses, np.inf)

    def gradients(self, points: Array) -> Array:
        """The gradient, penalties included, at each of the points (points, P)."""
        self.network.parameters[...] = points
        with np.errstate(all="ignore"):
            run(chain(self._forward, self._backward))
        return self.network.gradients.astype(np.float64)


def _sample(part: Part, dtype: type) -> Part:
    """At most 256 examples, evenly taken."""
    x, y = part
    chosen = np.linspace(0, len(x) - 1, min(len(x), EXAMPLES)).round().astype(int)
    return np.ascontiguousarray(x[chosen], dtype), np.ascontiguousarray(y[chosen], dtype)


# ---- a map --------------------------------------------------------------------------------------


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
    """The loss on a square grid in a plane through the current weights, a row at a time."""

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
            raise ValueError("plane: got 'path', but the network has not moved since it was built")
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


# ---- a cut along the gradient, and the edge of stability -----------------------------------------


@dataclass(frozen=True)
class Cut:
    """The loss along the way downhill: L(θ − s g) for step lengths s, g the gradient at θ."""

    steps: Array
    losses: Array
    learning_rate: float
    curvature: float
    """gᵀHg / gᵀg, the second derivative along the gradient."""
    largest_curvature: float
    """λmax, the largest eigenvalue of the Hessian H."""

    @property
    def edge(self) -> float:
        """2 / λmax: above it, gradient descent overshoots by more than it gains."""
        return 2 / self.largest_curvature if self.largest_curvature > 0 else np.inf


def cut_along_gradient(origin: Run, points: int = 64, iterations: int = 100) -> Cut:
    """Straight downhill from the current weights, up to twice the edge or the rate in force."""
    work = cutting(origin, points, iterations)
    while True:
        try:
            next(work)
        except StopIteration as done:
            cut: Cut = done.value
            return cut


def cutting(origin: Run, points: int = 64, iterations: int = 100) -> Generator[None, None, Cut]:
    """The same in small pieces, for whoever has other things to do in between."""
    theta = origin.network.parameters.astype(np.float64)
    rate = float(np.max(origin.trainer.rate_in_force))
    pair = Surface(origin, 2, dtype=np.float64)
    line = Surface(origin, CUT_PIECE, dtype=np.float64)
    yield
    gradient = pair.gradients(np.array([theta, theta]))[0]
    largest = yield from largest_curvature(pair, theta, origin.recipe.seed, iterations)
    squared = float(gradient @ gradient)
    along = 0.0
    if squared:
        along = float(gradient @ hessian_product(pair, theta, gradient)) / squared
    edge = 2 / largest if largest > 0 else rate
    steps = np.linspace(0, 2 * max(edge, rate, 1e-12), points)
    losses = np.empty(points)
    for first in range(0, points, CUT_PIECE):
        chosen = np.minimum(np.arange(first, first + CUT_PIECE), points - 1)
        losses[chosen] = line.values(theta - steps[chosen, None] * gradient)
        yield
    return Cut(steps, losses, rate, along, largest)


def hessian_product(pair: Surface, theta: Array, vector: Array) -> Array:
    """H v ≈ (g(θ + ε v) − g(θ − ε v)) / 2ε, central differences of the gradient."""
    epsilon = 1e-5 * (1 + float(np.linalg.norm(theta))) / (float(np.linalg.norm(vector)) or 1.0)
    ahead, behind = pair.gradients(np.array([theta + epsilon * vector, theta - epsilon * vector]))
    return np.asarray((ahead - behind) / (2 * epsilon))


def largest_curvature(
    pair: Surface, theta: Array, seed: int, iterations: int = 100
) -> Generator[None, None, float]:
    """λmax of the Hessian by power iteration, a pause after each; 0 where the loss is flat.

    Power iteration finds the eigenvalue that is largest in size. Where that is negative, the
    Hessian is shifted by it and the iteration repeated, which finds the largest one.
    """
    first = yield from _power_iteration(pair, theta, seed, 0.0, iterations)
    if first >= 0:
        return first
    shifted = yield from _power_iteration(pair, theta, seed, first, iterations)
    return shifted + first


def _power_iteration(
    pair: Surface, theta: Array, seed: int, shift: float, iterations: int
) -> Generator[None, None, float]:
    """The eigenvalue of H − shift that is largest in size."""
    vector = np.random.default_rng([seed, 5]).normal(size=theta.shape)
    vector /= np.linalg.norm(vector)
    value = 0.0
    for _ in range(iterations):
        image = hessian_product(pair, theta, vector) - shift * vector
        before, value = value, float(vector @ image)
        length = np.linalg.norm(image)
        if not np.isfinite(length) or length < 1e-12:
            return 0.0
        vector = image / length
        if abs(value - before) < 1e-5 * abs(value):
            break
        yield
    return value
