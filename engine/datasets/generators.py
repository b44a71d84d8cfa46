"""Data made on the spot: points in the plane (−6…6) with a class or a value, and one curve.

Every function takes a random generator, the number of examples and the noise, 0…1 as a share of
the fullest that makes sense for the shape, and returns points `(samples, columns)` and targets
`(samples,)`: integer classes, or numbers. Of two classes, 1 is the positive (blue) one.
"""

import numpy as np

from engine.operations import Array

REACH = 6.0
"""Points lie between −6 and 6 on both axes."""


def shared_out(samples: int, classes: int) -> Array:
    """Class labels in equal numbers, the first classes taking what is left over."""
    return np.arange(samples) % classes


def jitter(rng: np.random.Generator, points: Array, noise: float, full: float) -> Array:
    """Points moved at random, by a normal distribution of width noise · full.

    What would leave the plane is folded back at its edge: every point trained on can be seen.
    """
    moved = points + rng.normal(0, noise * full, points.shape)
    beyond = np.abs(moved) > REACH
    return np.where(beyond, np.sign(moved) * np.fmax(2 * REACH - np.abs(moved), -REACH), moved)


def polar(radius: Array, angle: Array) -> Array:
    """Polar coordinates as points (samples, 2)."""
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)


def circle(rng: np.random.Generator, samples: int, noise: float) -> tuple[Array, Array]:
    """A disc of class 1 inside a ring of class 0; noise blurs the edge between them."""
    inside = shared_out(samples, 2)
    radius = np.where(inside == 1, rng.uniform(0, 2.5, samples), rng.uniform(3.5, 5, samples))
    points = polar(radius, rng.uniform(0, 2 * np.pi, samples))
    return jitter(rng, points, noise, 1.5), inside


def xor(rng: np.random.Generator, samples: int, noise: float) -> tuple[Array, Array]:
    """Four quadrants, opposite ones of one class: no straight line parts them."""
    quadrant = shared_out(samples, 4)
    signs = np.stack([1 - 2 * (quadrant % 2), 1 - 2 * (quadrant // 2)], axis=-1)
    points = signs * rng.uniform(0.3, 5, (samples, 2))
    return jitter(rng, points, noise, 1.5), (signs.prod(axis=-1) > 0).astype(int)


def gauss(rng: np.random.Generator, samples: int, noise: float) -> tuple[Array, Array]:
    """Two clouds that a straight line parts."""
    label = shared_out(samples, 2)
    centre = np.where(label == 1, 2.0, -2.0)[:, None] * np.ones(2)
    return jitter(rng, centre, 0.5 + 2.0 * noise, 1.0), label


def spiral_arms(
    rng: np.random.Generator, samples: int, noise: float, arms: int
) -> tuple[Array, Array]:
    """So many spiral arms wound into each other, a class each."""
    label = shared_out(samples, arms)
    along = np.sqrt(rng.uniform(0.005, 1, samples))  # even along the arm, not crowded inside
    angle = 1.75 * 2 * np.pi * along + 2 * np.pi * label / arms
    return jitter(rng, polar(5 * along, angle), noise, 1.0), label


def spiral(rng: np.random.Generator, samples: int, noise: float) -> tuple[Array, Array]:
    """Two spiral arms: the hard one."""
    return spiral_arms(rng, samples, noise, 2)


def moons(rng: np.random.Generator, samples: int, noise: float) -> tuple[Array, Array]:
    """Two half moons that reach into each other."""
    label = shared_out(samples, 2)
    angle = rng.uniform(0, np.pi, samples)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=-1)
    points = np.where(label[:, None] == 1, lower, upper)
    points = (points - [0.5, 0.25]) * [3.2, 3.6]
    return jitter(rng, points, noise, 1.4), label


def rings(rng: np.random.Generator, samples: int, noise: float) -> tuple[Array, Array]:
    """Three rings around one centre, a class each."""
    label = shared_out(samples, 3)
    radius = np.array([1.0, 3.0, 5.0])[label] + rng.uniform(-0.4, 0.4, samples)
    points = polar(radius, rng.uniform(0, 2 * np.pi, samples))
    return jitter(rng, points, noise, 1.2), label


def plane(rng: np.random.Generator, samples: int, noise: float) -> tuple[Array, Array]:
    """A tilted plane: the value grows with x₁ + x₂, from −1 to 1.

    A noisy value is the value of a place nearby, so that it stays between −1 and 1.
    """
    points = rng.uniform(-REACH, REACH, (samples, 2))
    return points, jitter(rng, points, noise, 2.0).sum(axis=-1) / (2 * REACH)


def gaussian(rng: np.random.Generator, samples: int, noise: float) -> tuple[Array, Array]:
    """Hills and hollows: six bumps of alternating sign, from −1 to 1; noise as in `plane`."""
    points = rng.uniform(-REACH, REACH, (samples, 2))
    centres = np.array([[-4, 2.5], [0, 2.5], [4, 2.5], [-4, -2.5], [0, -2.5], [4, -2.5]])
    signs = np.array([1, -1, 1, -1, 1, -1])
    places = jitter(rng, points, noise, 2.0)
    distance = np.linalg.norm(places[:, None] - centres, axis=-1)
    bumps = signs * np.clip(1 - distance / 2, 0, 1)
    nearest = np.abs(bumps).argmax(axis=-1)
    return points, bumps[np.arange(samples), nearest]


def sine(rng: np.random.Generator, samples: int, noise: float) -> tuple[Array, Array]:
    """A curve over one input: a wave that grows, on a slope."""
    x = rng.uniform(-REACH, REACH, (samples, 1))
    value = np.sin(1.2 * x[:, 0]) * (1 + x[:, 0] / 8) + 0.15 * x[:, 0]
    return x, value + rng.normal(0, noise * 0.8, samples)
