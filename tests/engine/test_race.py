import re
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from engine.experiment import Experiment
from engine.history import CAPACITY
from engine.race import Race, spaced_rates
from engine.recipe import recipe_for


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
    rates = [0.001, 0.005, 0.02]  # small enough that rounding is not magnified
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
        race.finish()
        recorded = race.adopt(0, k).trainer.history.columns()[:, -1]
        np.testing.assert_allclose(
            recorded, [alone.trainer.steps, *expected, rate], rtol=1e-3, atol=0.011
        )
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
    for name, value in (("initializer", "zeros"), ("activation", "relu")):
        with pytest.raises(ValueError, match=r"variants: got .*only vary from the initial weights"):
            Race(origin, [0.01], [{name: value}], afresh=False)


@pytest.mark.parametrize(
    ("dataset", "changes", "expected"),
    [
        # from rates that are too slow to those that diverge, in this order
        ("mpg", {}, ["too slow", "converging", "diverged"]),
        ("moons", {}, ["too slow", "converging", "stuck"]),
        ("digits", {}, ["too slow", "converging", "oscillating"]),
        ("xor", {"optimizer": "adam"}, ["too slow", "converging", "stuck"]),
    ],
)
def test_a_real_race_shows_what_a_learning_rate_does(dataset, changes, expected):
    race = Race(Experiment(recipe_for(dataset, **changes)), spaced_rates(2e-5, 10, 16))
    race.advance(1500)
    race.finish()
    (labels,) = race.labels()
    seen = list(dict.fromkeys(labels))
    # At the edge between two of them the last bits of a processor's arithmetic decide.
    assert [label for label in seen if label in expected] == expected
    assert set(seen) - set(expected) <= {"oscillating"}
    assert "oscillating" in expected or labels.count("oscillating") <= 1
    steps, losses, _ = race.curves(0)
    later = losses[:, steps >= steps[-1] / 2]
    for label, row, whole in zip(labels, later, losses, strict=True):
        if label == "oscillating":  # it is not flat
            assert (np.diff(row) > 0).any()
            assert (np.diff(row) < 0).any()
            assert np.ptp(row) > 0.02 * whole[0]
        if label == "converging":
            assert whole[-1] < 0.7 * whole[0]
        if label == "stuck":
            assert whole[-1] > 2 * np.nanmin(losses[:, -1])


def test_a_replica_that_cannot_be_taken_over_is_refused():
    race = Race(Experiment(recipe_for("mpg")), [0.01, 30])
    race.advance(200)
    assert [race.survives(0, replica) for replica in (0, 1)] == [True, False]
    with pytest.raises(ValueError, match="replica: got the one at 30, which diverged"):
        race.adopt(0, 1)


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


GROWTH = """
import os
from engine.experiment import Experiment
from engine.race import Race, spaced_rates
from engine.recipe import recipe_for

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

run = Experiment(recipe_for("{dataset}", **{changes}))
Race(run, [0.01, 0.1]).advance(5)
before = resident()
race = Race(run, spaced_rates(1e-4, 1, 64), [dict(optimizer=name) for name in {optimizers}])
race.advance(200)
print(resident() - before, race.nbytes, race.predicted)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    ("dataset", "changes", "optimizers"),
    [
        ("digits", {}, ["sgd"]),
        ("moons", {"samples": 2000}, ["sgd", "momentum", "rmsprop", "adam"]),
    ],
)
def test_the_memory_said_is_what_the_process_grows_by(dataset, changes, optimizers):
    code = GROWTH.format(dataset=dataset, changes=changes, optimizers=optimizers)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    grown, counted, predicted = map(int, done.stdout.split())
    assert grown > 20e6
    assert counted == pytest.approx(grown, rel=0.25)
    assert predicted == pytest.approx(counted, rel=0.05)


def test_outputs_are_those_of_each_replica():
    race = Race(run(0), [0.01, 0.1])
    race.advance(50)
    points = np.random.default_rng(0).normal(size=(200, 2))  # more than there are examples
    outputs = race.outputs(0, points)
    assert outputs.shape == (2, 200, 1)
    for k in range(2):
        alone = race.adopt(0, k).network.predict(points)
        np.testing.assert_allclose(outputs[k], alone, rtol=1e-4, atol=1e-5)


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
    with pytest.raises(ValueError, match=r"rates: got 0.1 twice, expected different ones"):
        Race(origin, [0.1, 0.2, 0.1])
    with pytest.raises(ValueError, match="variants: got sgd twice, expected different ones"):
        Race(origin, [0.1], [{"optimizer": "sgd"}, {"optimizer": "adam"}, {"optimizer": "sgd"}])
    lanes = [{"batch_size": size} for size in (10, 11, 12, 13)]
    large = Experiment(recipe_for("moons", samples=2000, layers=8 * ({"units": 32},)))
    with pytest.raises(ValueError, match=r"replicas: got 64 in 4 lanes, \d+ MB, .* 512 MB") as no:
        Race(large, spaced_rates(1e-3, 1, 64), lanes)
    most = int(re.findall("at most ([0-9]+)", str(no.value))[0])
    assert 10 < most < 64
    assert Race(large, spaced_rates(1e-3, 1, most), lanes).nbytes < 512e6
    race = Race(origin, [0.1])
    with pytest.raises(ValueError, match="replica: got 1, expected a whole number, 0…0"):
        race.adopt(0, 1)
