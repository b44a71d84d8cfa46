from typing import Any

import numpy as np
import pytest

from engine.experiment import Experiment
from engine.history import CAPACITY
from engine.race import Race, label, spaced_rates
from engine.recipe import recipe_for

STEPS = np.arange(11.0)


def run(steps=200, **changes) -> Experiment:
    e = Experiment(recipe_for("moons", samples=120, **changes))
    e.trainer.step(steps)
    return e


@pytest.mark.parametrize("afresh", [True, False])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimizer": "adam"},
        {"layers": [{"units": 5, "batch_norm": True, "dropout": 0.2}, {"units": 3}]},
    ],
)
def test_a_replica_is_the_same_network_trained_alone(afresh, changes):
    origin = run(**changes)
    rates = [0.003, 0.02, 0.1]
    race = Race(origin, rates, afresh=afresh)
    race.advance(100)
    assert origin.trainer.steps == 200
    for k, rate in enumerate(rates):
        alone = origin.fork(afresh=afresh, learning_rate=rate)
        alone.trainer.step(100)
        adopted = race.adopt(0, k)
        np.testing.assert_allclose(
            adopted.network.parameters, alone.network.parameters, rtol=2e-4, atol=2e-5
        )
        steps, train, test = race.curves(0)
        assert steps[0] == race.begin
        expected = alone.trainer.evaluate()
        if steps[-1] == race.step:
            assert train[k, -1] == pytest.approx(expected.train_loss, rel=1e-3)
            assert test[k, -1] == pytest.approx(expected.test_loss, rel=1e-3)
        assert adopted.trainer.steps == alone.trainer.steps
        adopted.trainer.step(10)
        alone.trainer.step(10)
        np.testing.assert_allclose(
            adopted.network.parameters, alone.network.parameters, rtol=1e-3, atol=1e-4
        )


def test_lanes_differ_in_what_cannot_share_a_run():
    origin = run(0)
    variants: list[dict[str, Any]] = [
        {"optimizer": "sgd"},
        {"optimizer": "adam"},
        {"activation": "relu"},
        {"batch_size": 40},
        {"initializer": "zeros"},
    ]
    race = Race(origin, [0.01, 0.1], variants)
    race.advance(60)
    finals = [race.curves(lane)[1][:, -1] for lane in range(5)]
    assert len({tuple(f) for f in finals}) == 5
    assert race.adopt(1, 0).recipe.optimizer == "adam"
    assert race.adopt(3, 1).recipe.batch_size == 40


@pytest.mark.parametrize("afresh", [True, False])
def test_adopting_a_replica_is_an_edit_that_replays_to_the_bit(afresh):
    live = run(150)
    live.trainer.record_history()
    race = Race(live, [0.01, 0.05], [{}, {"optimizer": "adam"}], afresh=afresh)
    race.advance(30)
    race.advance(47)
    words = live.adopt(race, 1, 1)
    assert "0.05" in words
    assert live.made == 150
    assert live.recipe.optimizer == "adam"
    assert live.recipe.learning_rate == live.trainer.learning_rate == 0.05
    assert live.trainer.steps == (77 if afresh else 227)
    steps, losses, *_ = live.trainer.history.columns()
    assert steps[-1] <= live.trainer.steps
    assert (np.diff(steps) > 0).all()
    assert steps[0] == 0
    assert losses[-1] == pytest.approx(race.curves(1)[1][1, -1])
    live.trainer.step(25)
    again = Experiment.replay(recipe_for("moons", samples=120), live.edits, live.made)
    np.testing.assert_array_equal(again.network.parameters, live.network.parameters)
    np.testing.assert_array_equal(again.trainer.history.columns()[0, :5], steps[:5])


def test_from_trained_weights_only_what_leaves_them_valid_may_differ():
    origin = run(50)
    race = Race(origin, [0.01], [{"optimizer": "adam"}, {"batch_size": 3}], afresh=False)
    np.testing.assert_array_equal(
        race.lanes[0].run.network.parameters[0], origin.network.parameters
    )
    with pytest.raises(ValueError, match="initializer: got a value, expected one of batch_size"):
        Race(origin, [0.01], [{"initializer": "zeros"}], afresh=False)


@pytest.mark.parametrize(
    ("losses", "below", "expected"),
    [
        (np.geomspace(1, 0.01, 11), False, "converging"),
        (np.linspace(1, 0.95, 11), True, "too slow"),
        (np.linspace(1, 0.95, 11), False, "oscillating"),
        (np.where(STEPS % 2, 0.2, 0.6), False, "oscillating"),
        (np.r_[np.ones(5), np.nan * np.ones(6)], False, "diverged"),
        (np.geomspace(1, 1e9, 11), False, "diverged"),
        # it swung at first, and settled
        (np.r_[1, 3, 0.5, 2, 0.4, np.geomspace(0.3, 0.1, 6)], False, "converging"),
    ],
)
def test_the_labels_follow_their_rule(losses, below, expected):
    assert label(STEPS, losses, 0.01, below_the_best=below) == expected


def test_a_real_race_shows_all_that_a_learning_rate_can_do():
    origin = Experiment(recipe_for("mpg", learning_rate=0.01))
    race = Race(origin, spaced_rates(1e-6, 30, 16))
    race.advance(2000)
    (labels,) = race.labels()
    order = ["too slow", "converging", "oscillating", "diverged"]
    assert labels[0] == "too slow"
    assert labels[-1] == "diverged"
    assert "converging" in labels
    assert [order.index(each) for each in labels] == sorted(order.index(each) for each in labels)
    with pytest.raises(ValueError, match="replica: the one at 30 diverged"):
        race.adopt(0, 15)


def test_memory_stays_bounded_and_the_curve_ends_near_the_present():
    race = Race(run(0), [0.01, 0.1])
    for _ in range(40):
        race.advance(1000)
    steps, train, _ = race.curves(0)
    assert len(steps) <= CAPACITY
    assert train.shape == (2, len(steps))
    assert steps[0] == 0
    assert steps[-1] > 39_000
    assert steps[1] <= 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.1, 0.1, 5), "high: got 0.1, expected more than low, 0.1"),
        ((0, 1, 5), "low: got 0, expected a number, 1e-08"),
        ((1e-3, 1e9, 5), "high: got 1000000000.0"),
        ((1e-3, 1, 1_000_000), "count: got 1000000, expected a whole number, 2…64"),
        ((float("nan"), 1, 5), "low: got nan"),
    ],
)
def test_absurd_ranges_are_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        spaced_rates(*arguments)


def test_absurd_races_are_refused_by_name():
    origin = run(0)
    with pytest.raises(ValueError, match="rates: got 0 of them, expected 1 to 64"):
        Race(origin, [])
    with pytest.raises(ValueError, match="rates: got -1"):
        Race(origin, [-1])
    with pytest.raises(ValueError, match="variants: got 9 of them, expected 1 to 8"):
        Race(origin, [0.1], [{}] * 9)
    large = Experiment(recipe_for("moons", samples=2000, layers=8 * ({"units": 32},)))
    with pytest.raises(
        ValueError, match="replicas: got 64 in each of 4 lanes, expected at most 12"
    ):
        Race(large, spaced_rates(1e-3, 1, 64), [{}] * 4)
    race = Race(origin, [0.1])
    with pytest.raises(ValueError, match="replica: got 1, expected a whole number, 0…0"):
        race.adopt(0, 1)
