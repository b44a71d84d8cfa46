"""What an edit changes, keeps and says."""

import numpy as np
import pytest

from engine.activations import activations
from engine.experiment import Experiment
from engine.recipe import Recipe, recipe_for


@pytest.mark.parametrize("output", activations)
def test_every_output_activation_learns_two_classes_under_the_squared_error(output):
    run = Experiment(recipe_for("moons", output_activation=output, learning_rate=0.1))
    run.trainer.step(8000)
    metrics = run.trainer.evaluate()
    assert min(metrics.train_metric, metrics.test_metric) > 0.95
    # What is counted as right here is what is decided, and drawn, there.
    decided = run.decide(run.network.predict(run.inputs(run.data.x_train)))
    assert np.mean(decided == run.data.y_train) == pytest.approx(metrics.train_metric)


def test_an_output_that_has_no_negative_values_gets_targets_from_0_to_1_in_mid_run():
    run = Experiment(Recipe(learning_rate=0.1))
    run.trainer.step(500)
    words = run.edit("set_layer", layer=3, activation="sigmoid")
    assert "targets of the classes are 0 and 1 now" in words
    assert sorted(np.unique(run.trainer.minibatches.parts[1])) == [0, 1]
    run.trainer.step(4000)
    assert run.trainer.evaluate().train_metric > 0.95
    words = run.edit("set", output_activation="tanh")
    assert "targets of the classes are −1 and 1 now" in words
    assert sorted(np.unique(run.trainer.minibatches.parts[1])) == [-1, 1]
    assert "targets" not in run.edit("set", output_activation="linear")


@pytest.mark.parametrize(
    ("before", "after", "kept"),
    [
        ("momentum", "nesterov", "goes on with the same state: velocity"),
        ("nesterov", "momentum", "goes on with the same state: velocity"),
        ("adam", "adamw", "goes on with the same state: mean, square mean"),
        ("adamw", "adam", "goes on with the same state: mean, square mean"),
        ("rmsprop", "adam", "starts at 0"),
        ("adam", "rmsprop", "starts at 0"),
        ("momentum", "adam", "starts at 0"),
        ("momentum", "sgd", "no state of its own"),
    ],
)
def test_an_optimizer_goes_on_with_state_that_means_the_same_to_it(before, after, kept):
    run = Experiment(Recipe(optimizer=before, learning_rate=0.003))
    run.trainer.step(100)
    old = run.trainer.optimizer
    assert kept in run.edit("set", optimizer=after)
    new = run.trainer.optimizer
    assert new.name == after
    same = "same" in kept
    assert new.steps == (old.steps if same else 0)
    for slot in new.slots:
        expected = old.state[slot] if same else np.zeros_like(new.state[slot])
        np.testing.assert_array_equal(new.state[slot], expected)
    if after == "adamw":  # without decay the two are one
        other = Experiment(Recipe(optimizer="adam", learning_rate=0.003))
        run.edit("set", optimizer_options={"weight_decay": 0})
        run.trainer.step(50)
        other.trainer.step(150)
        np.testing.assert_array_equal(run.network.parameters, other.network.parameters)


def test_features_on_and_off_keep_what_was_learned():
    run = Experiment(Recipe())
    run.trainer.step(500)
    before = run.network.predict(run.inputs(run.data.x_test))
    words = run.edit("features", features=["x1", "x1_squared", "x2"])
    np.testing.assert_allclose(run.network.predict(run.inputs(run.data.x_test)), before, atol=1e-6)
    assert "computes the same as before" in words


def test_a_loss_from_logits_makes_the_output_linear_and_says_so():
    run = Experiment(Recipe())
    words = run.edit("set", loss="cross_entropy")
    assert "linear" in words
    assert run.recipe.output_activation == "linear"
    assert run.network.sizes[-1] == 2
    assert run.trainer.step(100) == 100
