import numpy as np
import pytest

from engine.experiment import Experiment
from engine.finder import SMOOTHING, Finder
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
    rates, losses, smoothed = finder.curve()
    average = 0.0
    for k, rate in enumerate(np.geomspace(1e-3, 1.0, 20)):
        run.trainer.learning_rate = float(rate)
        run.trainer.step()
        assert rates[k] == pytest.approx(rate)
        assert losses[k] == run.trainer.batch_loss
        average = SMOOTHING * average + (1 - SMOOTHING) * losses[k]
        assert smoothed[k] == pytest.approx(average / (1 - SMOOTHING ** (k + 1)))


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


@pytest.mark.parametrize("dataset", ["circle", "spiral", "xor"])
def test_an_easy_first_minibatch_or_a_lucky_early_one_does_not_mislead_it(dataset):
    run = Experiment(recipe_for(dataset))
    run.trainer.step(150)
    finder = Finder(run)
    finder.advance(200)
    rate = finder.suggestion().rate
    assert rate is not None
    assert 0.01 < rate < 1


def test_where_nothing_can_be_learned_it_suggests_nothing():
    run = Experiment(recipe_for("moons", initializer="zeros", layers=[{"units": 3}]))
    finder = Finder(run, 1e-8, 1e-6, 30)
    finder.advance(30)
    assert finder.suggestion().rate is None
    assert "did not fall" in finder.suggestion().message


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
