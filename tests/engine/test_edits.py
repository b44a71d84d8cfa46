"""What an edit changes, keeps and says."""

import numpy as np
import pytest

from engine.activations import activations
from engine.experiment import Experiment
from engine.race import Race
from engine.recipe import Recipe, recipe_for
from engine.timeline import Timeline


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


@pytest.mark.parametrize("dataset", ["moons", "iris"])
def test_test_examples_that_have_been_trained_on_are_counted(dataset):
    run = Experiment(recipe_for(dataset))
    names = [run.data.identities("train")[k] for k in run.trainer.minibatches.order]
    run.trainer.step(7)  # 70 examples: less than an epoch
    words = run.edit("data", test_share=0.5)
    known = set(names[:70]) & set(run.data.identities("test"))
    assert len(known) > 5
    assert f"{len(known)} of the {len(run.data.x_test)} test examples have been trained" in words
    assert "reset for an honest test" in words
    known |= set(names[:70]) | set(run.data.identities("train"))
    run.trainer.step(100)  # more than an epoch
    run.edit("data", test_share=0.6)
    assert run.tested_before() == len(known & set(run.data.identities("test")))
    again = Experiment.replay(recipe_for(dataset), run.edits, run.made)
    assert again.tested_before() == run.tested_before() > 0
    run.edit("reset")
    assert run.tested_before() == 0
    assert "trained on before" not in run.edit("data", test_share=0.33)


def test_examples_that_another_noise_or_seed_makes_are_new_ones_and_the_old_come_back():
    run = Experiment(Recipe())
    run.trainer.step(200)
    assert "trained on before" not in run.edit("data", noise=0.3)
    assert "trained on before" not in run.edit("data", test_share=0.5)
    run.trainer.step(200)
    assert "trained on before" in run.edit("data", noise=0.2)


def test_undo_takes_the_count_back_with_the_rest():
    run = Experiment(Recipe())
    timeline = Timeline(run)
    run.trainer.step(200)
    timeline.keep(run)
    run.edit("features", features=["x1", "x2", "sin_x1"])
    timeline.keep(run)
    run.edit("data", test_share=0.5)
    count = run.tested_before()
    assert count > 50
    back = timeline.at(run, 200, edits=1)
    assert back.tested_before() == 0
    back.edit("data", test_share=0.5)
    assert back.tested_before() == count


def test_weights_taken_from_a_race_that_began_afresh_have_seen_no_other_examples():
    run = Experiment(Recipe(samples=60))
    run.trainer.step(50)
    run.edit("data", test_share=0.6)
    assert run.tested_before() > 0
    race = Race(run, [0.01, 0.1])
    race.advance(20)
    run.adopt(race, 0, 1)
    assert run.tested_before() == 0


@pytest.mark.parametrize(("dataset", "field"), [("iris", "noise"), ("digits", "samples")])
def test_what_a_table_has_not_to_choose_is_refused(dataset, field):
    run = Experiment(recipe_for(dataset))
    value = {"noise": 0.5, "samples": 300}[field]
    message = f"{field}: got {value}, expected one of dataset, test_share"
    with pytest.raises(ValueError, match=message):
        run.edit("data", **{field: value})
    with pytest.raises(ValueError, match=r"arms: got 3, expected one of dataset, .*, noise"):
        run.edit("data", dataset="moons", arms=3)
    assert run.edit("data", test_share=run.recipe.test_share) == "Nothing has changed."


@pytest.mark.parametrize(
    ("recipe", "dataset", "loss", "output", "words"),
    [
        ({}, "circle", "half_squared_error", "tanh", "the loss stays ½ squared error."),
        ({}, "rings", "cross_entropy", "linear", "the loss is cross-entropy now, instead of ½"),
        (
            {"loss": "binary_cross_entropy"},
            "circle",
            "binary_cross_entropy",
            "linear",
            "the loss stays binary cross-entropy.",
        ),
        (
            {"loss": "binary_cross_entropy"},
            "mpg",
            "half_squared_error",
            "linear",
            "the loss is ½ squared error now, instead of binary cross-entropy.",
        ),
        ({"loss": "huber"}, "mpg", "huber", "linear", "stays Huber, the output linear instead of"),
        ({"output_activation": "sigmoid"}, "xor", "half_squared_error", "sigmoid", "stays"),
        ({"output_activation": "sigmoid"}, "rings", "cross_entropy", "linear", "output linear"),
        ({"dataset": "mpg"}, "moons", "half_squared_error", "tanh", "output tanh instead of"),
        ({"dataset": "iris"}, "moons", "half_squared_error", "tanh", "instead of cross-entropy"),
    ],
)
def test_another_data_set_keeps_a_chosen_loss_where_it_fits(recipe, dataset, loss, output, words):
    run = Experiment(recipe_for(recipe.pop("dataset", "moons"), **recipe))
    assert words in run.edit("data", dataset=dataset)
    assert (run.recipe.loss, run.recipe.output_activation) == (loss, output)
    assert run.trainer.step(20) == 20


def test_one_input_for_another_is_not_said_to_change_nothing():
    run = Experiment(Recipe())
    run.trainer.step(200)
    words = run.edit("features", features=["x1", "x1_squared"])
    assert "1 new with zero weights. 1 removed" in words
    assert "same as before" not in words
    assert "same as before" in run.edit("features", features=["x1", "x1_squared", "x2"])


def test_options_that_both_optimizers_have_stay_as_they_were_set():
    run = Experiment(Recipe())
    run.edit("set", optimizer="momentum", optimizer_options={"momentum": 0.5})
    run.edit("set", optimizer="nesterov")
    assert run.trainer.optimizer.values == {"momentum": 0.5}
    assert run.recipe.optimizer_options == {"momentum": 0.5}
    run.edit("set", optimizer="adam", optimizer_options={"beta1": 0.8})
    assert run.trainer.optimizer.values["beta1"] == 0.8
    run.edit("set", optimizer="sgd")
    assert run.trainer.optimizer.values == {}


def test_a_new_neuron_among_zeros_is_said_to_learn_nothing():
    run = Experiment(Recipe(initializer="zeros"))
    words = run.edit("add_neuron", layer=1)
    assert "zero weights on both sides" in words
    run.trainer.step(50)
    assert not run.network.layers[0].weight[:, -1].any()


def test_layers_are_counted_from_1_in_what_is_said():
    run = Experiment(Recipe())
    before = run.recipe
    for name, arguments in (
        ("add_neuron", {"layer": 3}),
        ("remove_neuron", {"layer": 0, "unit": 0}),
        ("remove_layer", {"layer": 1.0}),
    ):
        with pytest.raises(ValueError, match=r"layer: got .*, expected a whole number, 1…2"):
            run.edit(name, **arguments)
    assert (run.recipe, run.edits) == (before, [])
    assert "drops 0.5% of" in run.edit("set_layer", layer=1, dropout=0.005)
    run.edit("remove_layer", layer=1)
    run.edit("remove_layer", layer=1)
    with pytest.raises(ValueError, match="layer: got 1, there is no hidden layer"):
        run.edit("add_neuron", layer=1)
