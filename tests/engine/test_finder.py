import time

import numpy as np
import pytest

from engine.experiment import Experiment
from engine.finder import Finder
from engine.recipe import recipe_for


def test_the_ramp_leaves_the_network_alone():
    run = Experiment(recipe_for("moons"))
    run.trainer.step(100)
    before, state = run.network.parameters.copy(), run.trainer.snapshot()
    finder = Finder(run)
    finder.advance(10_000)
    assert finder.done
    np.testing.assert_array_equal(run.network.parameters, before)
    after = run.trainer.snapshot()
    assert after.random == state.random
    assert (after.steps, after.place.cursor) == (state.steps, state.place.cursor)


def test_its_losses_are_those_of_training_with_each_rate_in_turn():
    run = Experiment(recipe_for("moons"))
    finder = Finder(run, 1e-3, 1.0, 20)
    finder.advance(7)
    assert not finder.done
    finder.advance(13)
    rates, losses, measured = finder.curve()
    assert finder.examples == 256
    x, y = run.trainer.evaluator.train
    chosen = np.linspace(0, len(x) - 1, 256).round().astype(int)
    for k, rate in enumerate(np.geomspace(1e-3, 1.0, 20)):
        run.trainer.learning_rate = float(rate)
        run.trainer.step()
        assert rates[k] == pytest.approx(rate)
        assert losses[k] == run.trainer.batch_loss
        loss = run.trainer.loss.value(run.network.predict(x[chosen, :-1]), y[chosen])
        assert measured[k] == pytest.approx(float(loss), rel=1e-5)  # so few are not smoothed


def test_a_long_ramp_is_smoothed_over_a_part_of_it():
    finder = Finder(Experiment(recipe_for("moons")), steps=400)
    finder.advance(100)
    raw, smoothed = np.array(finder._losses), finder.curve()[2]
    assert smoothed[50] == pytest.approx(raw[45:56].mean())
    assert smoothed[0] == pytest.approx(raw[:6].mean())
    assert smoothed[-1] == pytest.approx(raw[-6:].mean())


@pytest.mark.parametrize(
    "schedule",
    [
        {"kind": "warmup", "final": 0.01},
        {"kind": "exponential", "steps": 100, "final": 0.1},
        {"kind": "curve", "points": ((0, 0.001), (50, 100))},
    ],
)
def test_a_schedule_in_force_changes_nothing_since_the_ramp_applies_its_rates(schedule):
    plain, scheduled = Experiment(recipe_for("moons")), Experiment(recipe_for("moons"))
    scheduled.edit("set", schedule=schedule)
    finders = [Finder(run) for run in (plain, scheduled)]
    for finder in finders:
        finder.advance(200)
    assert finders[0].suggestion() == finders[1].suggestion()
    np.testing.assert_array_equal(finders[0].curve()[1], finders[1].curve()[1])
    assert scheduled.trainer.schedule.kind == schedule["kind"]


@pytest.mark.parametrize(
    ("dataset", "optimizer"), [("mpg", "sgd"), ("digits", "adam"), ("wine", "sgd")]
)
def test_what_it_suggests_trains_well(dataset, optimizer):
    """Beside the suggestion, a hundredth of it is slow and fifty times it is too much."""
    recipe = recipe_for(dataset, optimizer=optimizer)
    run = Experiment(recipe)
    finder = Finder(run)
    finder.advance(200)
    found = finder.suggestion()
    assert found.low is not None
    assert found.high is not None
    assert found.rate is not None
    assert found.low <= found.rate <= found.high
    final = {}
    for factor in (0.01, 1, 50):
        other = Experiment(recipe.changed(learning_rate=found.rate * factor))
        other.trainer.step(200)
        loss = np.inf if other.trainer.diverged else other.trainer.evaluate().train_loss
        final[factor] = loss
    assert final[1] == min(final.values())


def found_along(dataset: str, steps: range, **changes) -> list[float]:
    """The rates suggested at these steps of training, where one was."""
    run, rates = Experiment(recipe_for(dataset, **changes)), []
    for step in steps:
        run.trainer.step(step - run.trainer.steps)
        finder = Finder(run)
        finder.advance(200)
        rate = finder.suggestion().rate
        rates += [] if rate is None else [rate]
    return rates


@pytest.mark.parametrize(
    ("dataset", "steps"),
    [
        ("moons", range(600, 800, 10)),
        ("circle", range(100, 200, 10)),
        ("xor", range(250, 350, 10)),
        ("wine", range(600, 800, 10)),
    ],
)
def test_what_minibatches_happen_to_come_hardly_matters(dataset, steps):
    """Suggestions at neighbouring steps: most lie within the range of a third to a tenth."""
    rates = found_along(dataset, steps)
    assert len(rates) >= len(steps) / 2
    low, high = np.quantile(rates, [0.1, 0.9])
    assert high / low < 10 / 3
    assert 0.005 < low < high < 1


def test_the_rate_is_the_middle_of_the_range_below_where_the_loss_had_risen_by_a_quarter():
    finder = Finder(Experiment(recipe_for("moons")))
    finder.advance(200)
    rates, _, smoothed = finder.curve()
    found = finder.suggestion()
    edge = next(r for k, r in enumerate(rates) if smoothed[k] > 1.25 * smoothed[: k + 1].min())
    assert found.low == pytest.approx(edge / 10)
    assert found.high == pytest.approx(edge / 3)
    assert found.rate == pytest.approx(edge / 30**0.5)
    assert f"{edge:.2g}" in found.message


def test_a_ramp_that_ends_while_the_loss_is_falling_says_so():
    finder = Finder(Experiment(recipe_for("moons")), high=0.05)
    finder.advance(200)
    found = finder.suggestion()
    assert (found.low, found.high, found.rate) == (None, None, None)
    assert "At the end of the ramp, a rate of 0.05, the loss was still falling" in found.message
    assert "try a higher end" in found.message


def test_a_network_that_has_learned_already_gets_no_false_precision():
    run = Experiment(recipe_for("mpg"))
    run.trainer.step(5000)
    finder = Finder(run)
    finder.advance(200)
    assert finder.suggestion().rate is None
    assert "too little to tell" in finder.suggestion().message


def test_a_ramp_that_blows_up_within_one_step_ends_there():
    finder = Finder(Experiment(recipe_for("mpg", layers=[{"units": 8, "activation": "relu"}])))
    finder.advance(200)
    rates = finder.curve()[0]
    assert finder.done
    assert len(rates) < 200
    found = finder.suggestion()
    assert found.high is not None
    assert found.high <= rates[-1] / 3


def test_where_nothing_can_be_learned_it_suggests_nothing():
    run = Experiment(recipe_for("moons", initializer="zeros", layers=[{"units": 3}]))
    finder = Finder(run, 1e-8, 1e-6, 30)
    finder.advance(30)
    assert finder.suggestion().rate is None
    assert "hardly changed" in finder.suggestion().message


def test_a_long_ramp_costs_as_much_a_step_as_a_short_one():
    """The curve is not made anew at every step."""
    run = Experiment(recipe_for("moons"))
    seconds = []
    for steps in (500, 5000):
        finder = Finder(run, 1e-8, 1e-6, steps)
        begin = time.process_time()
        while not finder.done:
            finder.advance(5)
        seconds.append((time.process_time() - begin) / steps)
    assert seconds[1] < 5 * seconds[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1.0, 0.1), "high: got 0.1, expected more than low, 1"),
        ((0.0, 0.1), "low: got 0.0"),
        ((1e-4, 1.0, 3), "steps: got 3, expected a whole number, 20…5000"),
    ],
)
def test_absurd_ramps_are_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        Finder(Experiment(recipe_for("moons")), *arguments)
