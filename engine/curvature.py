"""A cut through the loss along the gradient, how it curves there, and the edge of stability.

All of it is of one function, the one that gradient descent on all training examples would walk
on: see `engine.surface`. Second derivatives come from differences of the gradient, in float64;
of a function with kinks they are those of the smooth piece that the weights are on.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from engine.operations import Array
from engine.run import Run
from engine.surface import Surface

TOLERANCE = 1e-3
"""Of λmax: its error is at most this share of it, and as a rule far less."""


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
    # All that is read of the run is read before the first pause: it may be edited meanwhile.
    surface = Surface(origin, 1, most=None, dtype=np.float64)
    piece, seed = Surface.piece(origin, theta), origin.recipe.seed
    yield
    gradient = surface.gradients(theta)[0]
    yield
    largest = yield from largest_curvature(piece, theta, seed, iterations)
    squared = float(gradient @ gradient)
    along = 0.0
    if squared:
        along = float(gradient @ hessian_product(piece, theta, gradient)) / squared
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
    """λmax of the Hessian, a pause after each product with it; 0 where the loss is flat.

    Power iteration v, Hv, H²v … turns towards the eigenvector whose eigenvalue is largest in
    size: slowly where another is nearly as large, and to the wrong one where that is negative.
    So all its vectors are kept, and λmax is the largest eigenvalue of H within what they span
    (Lanczos 1950): from the same products, and far sooner.
    """
    vector = np.random.default_rng([seed, 5]).normal(size=theta.shape)
    basis = np.empty((min(iterations, theta.size), theta.size))
    within = np.zeros((len(basis), len(basis)))
    largest = 0.0
    for k in range(len(basis)):
        basis[k] = vector / np.linalg.norm(vector)
        vector = hessian_product(surface, theta, basis[k])
        if not np.isfinite(vector).all():
            return 0.0
        for _ in range(2):  # the second time takes away what rounding left over
            shares = basis[: k + 1] @ vector
            within[k, : k + 1] += shares
            vector -= shares @ basis[: k + 1]
        found, vectors = np.linalg.eigh(within[: k + 1, : k + 1])  # reads the lower triangle
        largest = float(found[-1])
        rest = float(np.linalg.norm(vector))
        # How far H takes the eigenvector found out of the span bounds the eigenvalue's error.
        if rest * abs(vectors[-1, -1]) <= TOLERANCE * abs(largest) or rest < 1e-12:
            break
        yield
    return largest
