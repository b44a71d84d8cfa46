import math
from typing import Any

import numpy as np
import pytest

from engine import Network, Trainer
from engine.experiment import Experiment
from engine.recipe import recipe_for
from engine.schedules import DOING, KINDS, Schedule

CURVE = ((0.0, 1.0), (10.0, 0.1), (20.0, 0.1))

WORKED: dict[str, dict[int, float]] = {
    "constant": {0: 1, 50: 1, 1000: 1},
    "step": {0: 1, 99: 1, 100: 0.1, 250: 0.01},
    "exponential": {0: 1, 50: math.sqrt(0.1), 100: 0.1, 200: 0.01},
    "cosine": {0: 1, 50: 0.55, 100: 0.1, 500: 0.1},
    "warmup": {0: 0.1, 50: 0.55, 100: 1, 500: 1},
    "one_cycle": {0: 0.04, 15: 0.52, 30: 1, 65: 0.55, 100: 0.1, 300: 0.1},
    "curve": {0: 1, 5: math.sqrt(0.1), 10: 0.1, 99: 0.1},
}


def make(kind: str, **options) -> Schedule:
    points: dict[str, Any] = {"points": CURVE} if kind == "curve" else {}
    return Schedule(kind, **{"steps": 100, "final": 0.1, **points, **options})


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_against_numbers_worked_by_hand(kind):
    assert DOING.keys() == KINDS.keys() == WORKED.keys()
    for t, factor in WORKED[kind].items():
        assert make(kind).factor(t) == pytest.approx(factor)
        assert make(kind, begin=1000).factor(1000 + t) == pytest.approx(factor)
        assert make(kind, begin=1000).factor(10) == make(kind).factor(0)
    np.testing.assert_allclose(
        make(kind).course(np.arange(600)), [make(kind).factor(k) for k in range(600)], rtol=1e-12
    )


def trainer(**options) -> Trainer:
    x = np.random.default_rng(0).normal(size=(47, 2))
    network = Network([2, 4, 1], dtype=np.float64, seed=1)
    return Trainer(network, x, x[:, :1] * x[:, 1:], learning_rate=0.2, batch_size=8, **options)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_training_uses_the_rate_of_each_step_however_steps_are_cut(kind, optimizer):
    once, by_hand = trainer(optimizer=optimizer), trainer(optimizer=optimizer)
    once.schedule = make(kind, begin=3)
    once.step(40)
    for step in range(40):
        by_hand.learning_rate = 0.2 * make(kind, begin=3).factor(step)
        by_hand.step()
    np.testing.assert_array_equal(once.network.parameters, by_hand.network.parameters)
    assert once.learning_rate == 0.2
    assert once.rate_in_force == pytest.approx(0.2 * make(kind, begin=3).factor(40))


def test_it_multiplies_the_rate_of_every_replica():
    network = Network([2, 4, 1], dtype=np.float64, seed=1, replicas=2)
    x = np.random.default_rng(0).normal(size=(47, 2))
    t = Trainer(network, x, x[:, :1], learning_rate=np.array([0.1, 0.2]), batch_size=8)
    t.schedule = make("step")
    t.step(150)
    np.testing.assert_allclose(t.rate_in_force, [0.01, 0.02])


def test_the_curve_shows_the_rate_that_was_in_force():
    t = trainer()
    t.schedule = make("cosine")
    t.step(100)
    t.record_history()
    steps, *_, rates = t.history.columns()
    np.testing.assert_allclose(rates, 0.2 * make("cosine").course(steps))


def begun(**changes: Any) -> Experiment:
    """A run whose schedule began at step 30 and which stands at step 70."""
    run = Experiment(recipe_for("moons"))
    run.trainer.step(30)
    run.edit("set", schedule={"kind": "curve", "points": CURVE, **changes})
    run.trainer.step(40)
    return run


def test_another_kind_of_schedule_begins_now_and_the_same_kind_goes_on():
    run = begun(begin=5)
    assert run.recipe.schedule.begin == 30
    points = ((0.0, 1.0), (50.0, 0.5))
    words = run.edit("set", schedule={"kind": "curve", "points": points})
    assert run.trainer.schedule == run.recipe.schedule
    assert (run.recipe.schedule.begin, run.recipe.schedule.points) == (30, points)
    assert "counted from step 30" in words
    assert run.trainer.rate_in_force == pytest.approx(run.recipe.learning_rate * 0.5 ** (40 / 50))
    words = run.edit("set", schedule={"kind": "cosine", "steps": 100, "begin": 30})
    assert run.recipe.schedule.begin == 70
    assert "counted" not in words


def test_the_same_kind_begins_where_it_is_told_to():
    run = begun()
    run.edit("set", schedule={"kind": "curve", "points": CURVE, "begin": 70})
    assert run.recipe.schedule.begin == 70
    assert run.trainer.rate_in_force == run.recipe.learning_rate


def test_what_lies_behind_can_be_drawn_otherwise_without_a_change_of_what_is():
    """Only what lies ahead changes the run."""
    one, other = begun(), begun()
    other.edit("set", schedule={"kind": "curve", "points": ((0, 3.0), *CURVE[1:])})
    for run in (one, other):
        run.trainer.step(50)
    np.testing.assert_array_equal(one.network.parameters, other.network.parameters)


def test_a_run_with_a_changed_schedule_is_replayed_to_the_bit():
    run = begun()
    run.edit("set", schedule={"kind": "curve", "points": ((0, 1.0), (90, 0.01))})
    run.trainer.step(60)
    again = Experiment.replay(recipe_for("moons"), run.edits, 130)
    np.testing.assert_array_equal(run.network.parameters, again.network.parameters)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "linear"}, "kind: got 'linear', expected one of constant"),
        ({"steps": 0}, "steps: got 0"),
        ({"final": 2}, "final: got 2, expected a number, 0…1"),
        ({"kind": "exponential", "final": 0}, "final: got 0, expected more than 0"),
        ({"kind": "curve"}, "points: got 0 of them, expected 2 to 100"),
        ({"kind": "curve", "points": ((5, 1), (9, 1))}, "points: got a first t of 5, expected 0"),
        ({"kind": "curve", "points": ((0, 1), (9, 1), (9, 2))}, "got t = 9 after 9"),
        ({"kind": "curve", "points": ((0, 1), (9, 0))}, r"points\[1\]\.factor: got 0"),
        ({"kind": "curve", "points": ((0, 1), (float("nan"), 1))}, r"points\[1\]\.t: got nan"),
    ],
)
def test_what_is_no_schedule_is_refused_by_name(options, message):
    with pytest.raises(ValueError, match=message):
        Schedule(**options)
