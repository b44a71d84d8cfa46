"""Speed: which steps are due when, with a clock of our own."""

from __future__ import annotations

import pytest

from server.pace import CATCH_UP, TICK, Pace


def run(pace: Pace, seconds: float, tick: float, start: float = 100.0) -> int:
    """Look every `tick` seconds; returns the steps made in all."""
    total, now = 0, start
    while now < start + seconds:
        steps = pace.due(now)
        total += steps
        pace.made(now, steps, total)
        now += tick
    return total


@pytest.mark.parametrize("speed", [1, 2.5, 30, 1000, 20_000])
@pytest.mark.parametrize("tick", [0.003, 0.05])
def test_the_wished_for_speed_is_kept_and_measured(speed: float, tick: float):
    pace = Pace()
    pace.speed, pace.slice = speed, 10**6
    assert run(pace, 10, tick) == pytest.approx(10 * speed, rel=0.02, abs=1)
    assert pace.rate == pytest.approx(speed, rel=0.03)


def test_the_first_step_is_due_at_once_and_the_next_when_its_time_has_come():
    pace = Pace()
    pace.speed = 2
    assert pace.due(0) == 1
    pace.made(0, 1, 1)
    assert pace.wait(0) == pytest.approx(0.5)
    assert pace.wait(0.4) == pytest.approx(0.1)
    assert pace.due(0.4) == 0
    assert pace.due(0.5) == 1


def test_fast_steps_are_made_together():
    pace = Pace()
    pace.speed = 10_000
    pace.slice = 1000
    pace.made(0, pace.due(0), 1)
    assert pace.wait(0) == pytest.approx(TICK)


def test_after_a_delay_only_a_little_is_made_up_for():
    pace = Pace()
    pace.speed, pace.slice = 1000, 10**6
    pace.made(0, pace.due(0), 1)
    assert pace.due(60) == 1 + 1000 * CATCH_UP


def test_without_a_limit_slices_fit_the_budget():
    pace = Pace()
    seconds = 1e-4  # a step
    for _ in range(20):
        steps = pace.due(0)
        pace.spent(steps, steps * seconds, 0.006)
    assert pace.slice == 60
    assert pace.wait(0) == 0
    pace.spent(60, 0.6, 0.006)  # all at once a step takes a hundred times as long
    assert pace.slice == 1


def test_a_rate_needs_two_samples():
    assert Pace().rate == 0
