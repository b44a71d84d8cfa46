"""What curves of training losses show of their learning rates: the labels of a race."""

import numpy as np

from engine.operations import Array

BLOWN_UP = 10.0
"""Times the loss at the start: more is labelled as diverged."""

TERMS = (
    "By the loss on the training data, at each moment of the race, in this order. The way is that "
    "from the loss at the start down to the lowest of the race, at least a hundredth of the loss "
    "at the start; the best rate is the one whose loss is now the lowest in its lane."
)
RULES = {
    "diverged": "the loss is not a finite number, or above ten times what it was at the start. "
    "The race says so and goes on; training itself stops, as diverged, only above a million times.",
    "oscillating": "in the later half it rose by more than a tenth of the way and fell again by "
    "as much; or by more than a fiftieth, where it would otherwise be stuck.",
    "too slow": "with no higher rate than the best, it came less than half of the way.",
    "stuck": "with a higher rate than the best, it is more than a tenth of the way short of the "
    "lowest loss, and in the later half came less than a fifth nearer to it, or is still above "
    "the loss at the start: too large a rate threw it far off, often to where hardly any gradient "
    "is left.",
    "converging": "all others: they have come near the lowest loss, or still fall.",
}
"""The rule for each label, as the page has it: the first that fits is the label."""


def labels(steps: Array, losses: Array, rates: Array, lowest: float) -> list[str]:
    """The label of each replica of a lane, by `RULES`.

    `steps` (points,) and training `losses` (replicas, points) are its curves so far, `rates`
    (replicas,) its learning rates; `lowest` is the loss that the race's best replica has now.
    """
    first, last = losses[:, 0], losses[:, -1]
    lost = ~np.isfinite(losses).all(axis=1) | (last > BLOWN_UP * first)
    ranked = np.where(lost, np.inf, last)
    above = rates > rates[ranked == ranked.min()].max()
    with np.errstate(invalid="ignore", over="ignore"):
        way = np.maximum(first - lowest, first / 100)
        later = losses[:, steps >= (steps[0] + steps[-1]) / 2]
        since, until = later - lowest_of(later), later - lowest_of(later[:, ::-1])[:, ::-1]
        hump = np.minimum(since, until).max(axis=1)
        short, shorter = later[:, 0] - lowest, last - lowest
        # Coming down from its own explosion is no progress before it is back where it began.
        arriving = (shorter <= way / 10) | ((shorter < 0.8 * short) & (last <= first))
        conditions = {
            "diverged": lost,
            "oscillating": (hump > way / 10) | (above & ~arriving & (hump > way / 50)),
            "too slow": ~above & (first - last < way / 2),
            "stuck": above & ~arriving,
        }
    found = np.select(list(conditions.values()), list(conditions), "converging")
    return [str(each) for each in found]


def lowest_of(losses: Array) -> Array:
    """At each point (…, points) the lowest loss so far."""
    return np.minimum.accumulate(losses, axis=1)
