import numpy as np
import pytest

from engine.divergence import EXPLODED
from engine.labels import BLOWN_UP, RULES, labels

STEPS = np.arange(21.0)
GOOD = np.geomspace(1, 0.01, 21)
"""Of the best replica, whose rate is 1."""


def beside(curve, rate: float) -> str:
    """The label of a curve of that rate in a race that GOOD wins."""
    given = STEPS, np.stack([GOOD, curve]), np.array([1, rate]), 0.01
    best, label = labels(*given)
    assert best == "converging"
    return label


LOW, HIGH = 0.1, 10.0


@pytest.mark.parametrize(
    ("curve", "rate", "expected"),
    [
        (np.linspace(1, 0.9, 21), LOW, "too slow"),
        (np.ones(21), LOW, "too slow"),
        (np.linspace(1, 0.3, 21), LOW, "converging"),
        (np.geomspace(1, 0.02, 21), HIGH, "converging"),
        # far from the lowest loss, but on its way
        (np.linspace(1, 0.4, 21), HIGH, "converging"),
        # flat: whatever it did before, it oscillates no longer
        (np.full(21, 0.4), HIGH, "stuck"),
        (np.r_[1, 3, 0.5, 2, 0.4, np.full(16, 0.7)], HIGH, "stuck"),
        (np.r_[1, np.full(20, 5.0)], HIGH, "stuck"),
        (np.r_[1, np.full(20, 0.05)], HIGH, "converging"),
        # coming down from its own explosion, still above the start
        (np.r_[1, np.geomspace(9, 1.2, 20)], HIGH, "stuck"),
        (np.r_[1, np.geomspace(9, 0.8, 20)], HIGH, "converging"),
        # thrown out late, and flat since
        (np.r_[np.geomspace(1, 0.02, 15), np.full(6, 0.9)], HIGH, "stuck"),
        (np.where(STEPS % 2, 0.2, 0.6), HIGH, "oscillating"),
        (np.where(STEPS % 2, 0.2, 0.6), LOW, "oscillating"),
        # small swings count where it gets nowhere, not where it has arrived
        (np.r_[1, np.where(STEPS % 2, 0.60, 0.65)[1:]], HIGH, "oscillating"),
        (np.r_[1, np.where(STEPS % 2, 0.02, 0.07)[1:]], HIGH, "converging"),
        # it swung at first, and settled
        (np.r_[1, 3, 0.5, 2, 0.4, 0.6, np.geomspace(0.3, 0.02, 15)], HIGH, "converging"),
        (np.r_[np.ones(5), np.full(16, np.nan)], HIGH, "diverged"),
        (np.geomspace(1, 1e9, 21), HIGH, "diverged"),
        (np.full(21, np.inf), LOW, "diverged"),
    ],
)
def test_each_label_follows_its_rule(curve, rate, expected):
    assert expected in RULES
    assert beside(curve, rate) == expected


def test_at_the_start_nothing_is_known_against_any():
    assert labels(np.zeros(1), np.ones((3, 1)), np.array([1, 2, 3]), 1.0) == ["too slow"] * 3


def test_where_none_learns_none_is_said_to_converge():
    curves = np.stack(
        [np.full(21, 0.5), np.r_[0.5, np.full(20, 0.6)], np.r_[0.5, np.full(20, 0.7)]]
    )
    assert labels(STEPS, curves, np.array([1, 2, 3]), 0.5) == ["too slow", "stuck", "stuck"]
    assert set(labels(STEPS, np.full((2, 21), np.nan), np.array([1, 2]), np.inf)) == {"diverged"}


def test_what_a_race_calls_diverged_does_not_contradict_what_training_does():
    assert beside(np.geomspace(1, 1.01 * BLOWN_UP, 21), HIGH) == "diverged"
    assert beside(np.geomspace(1, 0.99 * BLOWN_UP, 21), HIGH) != "diverged"
    assert (BLOWN_UP, EXPLODED) == (10, 1e6)  # as the rule has them in words
    assert "above ten times" in RULES["diverged"]
    assert "training itself stops, as diverged, only above a million times" in RULES["diverged"]
