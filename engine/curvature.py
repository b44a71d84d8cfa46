"""A cut through the loss along the gradient, how it curves there, and the edge of stability.

All of it is of one function, the one that gradient descent on all training examples would walk
on: see `engine.surface`. Second derivatives come from differences of the gradient, in float64.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from engine.operations import Array
from engine.run import Run
from engine.surface import Surface


@dataclass(frozen=True)
class Cut:
    """The height on the way downhill: L(θ − s g) for step lengths s, g the gradient at θ."""

    steps: Array
    losses: Array
    learning_rate: float
    curvature: float
    """gᵀHg / gᵀg, the second derivative along the gradient."""
    largest_curvature: float
    """λmax, the largest eigenvalue of the Hessian H."""
    examples: int
    """How many it was computed on: all of the training part."""
    penalised: bool
    """Whether there are penalties."""

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
    """The same in small pieces, for whoever has other things to do in between.

    A piece is two passes forward and backward over all training examples at most.
    """
    theta = origin.network.parameters.astype(np.float64)
    rate = float(np.max(origin.trainer.rate_in_force))
    surface = Surface(origin, 1, most=None, dtype=np.float64)
    yield
    gradient = surface.gradients(theta)[0]
    largest = yield from largest_curvature(surface, theta, origin.recipe.seed, iterations)
    squared = float(gradient @ gradient)
    along = 0.0
    if squared:
        along = float(gradient @ hessian_product(surface, theta, gradient)) / squared
    edge = 2 / largest if largest > 0 else rate
    steps = np.linspace(0, 2 * max(edge, rate, 1e-12), points)
    losses = np.empty(points)
    for k, step in enumerate(steps):
        losses[k] = surface.values(theta - step * gradient)[0]
        yield
    return Cut(steps, losses, rate, along, largest, surface.examples, surface.penalised)


def hessian_product(surface: Surface, theta: Array, vector: Array) -> Array:
    """H v ≈ (g(θ + ε v) − g(θ − ε v)) / 2ε, central differences of the gradient."""
    epsilon = 1e-5 * (1 + float(np.linalg.norm(theta))) / (float(np.linalg.norm(vector)) or 1.0)
    ahead = surface.gradients(theta + epsilon * vector)[0]
    behind = surface.gradients(theta - epsilon * vector)[0]
    return np.asarray((ahead - behind) / (2 * epsilon))


def largest_curvature(
    surface: Surface, theta: Array, seed: int, iterations: int = 100
) -> Generator[None, None, float]:
    """λmax of the Hessian by power iteration, a pause after each; 0 where the loss is flat.

    Power iteration finds the eigenvalue that is largest in size. Where that is negative, the
    Hessian is shifted by it and the iteration repeated, which finds the largest one.
    """
    first = yield from _power_iteration(surface, theta, seed, 0.0, iterations)
    if first >= 0:
        return first
    shifted = yield from _power_iteration(surface, theta, seed, first, iterations)
    return shifted + first


def _power_iteration(
    surface: Surface, theta: Array, seed: int, shift: float, iterations: int
) -> Generator[None, None, float]:
    """The eigenvalue of H − shift that is largest in size."""
    vector = np.random.default_rng([seed, 5]).normal(size=theta.shape)
    vector /= np.linalg.norm(vector)
    value = 0.0
    for _ in range(iterations):
        image = hessian_product(surface, theta, vector) - shift * vector
        before, value = value, float(vector @ image)
        length = np.linalg.norm(image)
        if not np.isfinite(length) or length < 1e-12:
            return 0.0
        vector = image / length
        if abs(value - before) < 1e-5 * abs(value):
            break
        yield
    return value
