import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.datasets import datasets
from engine.edits import EDITS
from engine.experiment import Experiment
from engine.recipe import LayerSpec, Recipe, recipe_for

# What each data set is learned to within so many steps, and with what.
LEVELS = {
    "moons": (0.99, 4000, {}),
    "circle": (0.97, 4000, {}),
    "xor": (0.93, 6000, {}),
    "gauss": (0.99, 500, {}),
    "spiral": (
        0.9,
        15000,
        {
            "layers": 2 * (LayerSpec(8),),
            "features": ("x1", "x2", "sin_x1", "sin_x2"),
            "noise": 0.05,
        },
    ),
    "rings": (0.95, 5000, {}),
    "arms": (
        0.9,
        15000,
        {
            "arms": 3,
            "noise": 0.05,
            "layers": 2 * (LayerSpec(12),),
            "optimizer": "adam",
            "learning_rate": 0.01,
        },
    ),
    "plane": (0.9, 2000, {}),
    "gaussian": (
        0.8,
        15000,
        {"layers": 2 * (LayerSpec(8),), "noise": 0.0, "optimizer": "adam", "learning_rate": 0.01},
    ),
    "sine": (
        0.85,
        6000,
        {"layers": 2 * (LayerSpec(8),), "optimizer": "adam", "learning_rate": 0.01},
    ),
    "penguins": (0.95, 2000, {}),
    "iris": (0.9, 2000, {}),
    "wine": (0.93, 2000, {}),
    "breast_cancer": (0.93, 1000, {}),
    "mpg": (0.8, 2000, {}),
    "digits": (0.93, 4000, {"layers": (LayerSpec(32, "relu"),), "learning_rate": 0.1}),
}


def test_every_data_set_has_a_stated_level():
    assert set(LEVELS) == set(datasets)


@pytest.mark.parametrize("name", LEVELS)
def test_a_network_learns_each_data_set_to_a_stated_level(name):
    level, steps, changes = LEVELS[name]
    run = Experiment(recipe_for(name, **changes))
    before = run.trainer.evaluate().test_metric
    assert run.trainer.step(steps) == steps
    assert run.trainer.evaluate().test_metric >= level > before


def test_the_test_part_is_never_trained_on():
    one, other = Experiment(Recipe()), Experiment(Recipe())
    x, y, (test_x, test_y) = other._examples()
    other.trainer.set_data(x, y, (test_x + 100, -test_y))
    one.trainer.set_data(x, y, (test_x, test_y))
    one.trainer.step(100)
    other.trainer.step(100)
    np.testing.assert_array_equal(one.network.parameters, other.network.parameters)
    assert one.trainer.evaluate().test_loss != other.trainer.evaluate().test_loss


COMMANDS = st.one_of(
    st.tuples(st.just("set"), st.fixed_dictionaries({"learning_rate": st.floats(0.001, 0.1)})),
    st.tuples(st.just("set"), st.fixed_dictionaries({"batch_size": st.integers(1, 64)})),
    st.tuples(
        st.just("set"), st.fixed_dictionaries({"l2": st.floats(0, 0.1), "clip_norm": st.just(1.0)})
    ),
    st.tuples(
        st.just("set"),
        st.fixed_dictionaries({"optimizer": st.sampled_from(["sgd", "adam", "momentum"])}),
    ),
    st.tuples(
        st.just("set"),
        st.fixed_dictionaries(
            {
                "loss": st.sampled_from(
                    ["half_squared_error", "huber", "binary_cross_entropy", "cross_entropy"]
                )
            }
        ),
    ),
    st.tuples(st.just("data"), st.fixed_dictionaries({"noise": st.floats(0, 1)})),
    st.tuples(
        st.just("data"),
        st.fixed_dictionaries({"dataset": st.sampled_from(["moons", "rings", "iris", "sine"])}),
    ),
    st.tuples(
        st.just("features"),
        st.fixed_dictionaries(
            {"features": st.sampled_from([["x1"], ["x2", "x1_x2"], ["x1", "x2", "sin_x1"]])}
        ),
    ),
    st.tuples(st.just("add_neuron"), st.fixed_dictionaries({"layer": st.integers(1, 3)})),
    st.tuples(
        st.just("remove_neuron"),
        st.fixed_dictionaries({"layer": st.integers(1, 3), "unit": st.integers(0, 4)}),
    ),
    st.tuples(st.just("add_layer"), st.fixed_dictionaries({"position": st.integers(1, 3)})),
    st.tuples(st.just("remove_layer"), st.fixed_dictionaries({"layer": st.integers(1, 3)})),
    st.tuples(
        st.just("set_layer"),
        st.fixed_dictionaries(
            {"layer": st.integers(1, 2), "activation": st.sampled_from(["relu", "sigmoid", "tanh"])}
        ),
    ),
    st.tuples(
        st.just("set_layer"),
        st.fixed_dictionaries(
            {
                "layer": st.integers(1, 2),
                "batch_norm": st.booleans(),
                "dropout": st.sampled_from([0.0, 0.25]),
            }
        ),
    ),
    st.tuples(
        st.just("set_parameter"),
        st.fixed_dictionaries(
            {
                "layer": st.integers(1, 2),
                "unit": st.integers(0, 3),
                "input": st.none() | st.integers(0, 1),
                "value": st.floats(-3, 3),
            }
        ),
    ),
    st.tuples(
        st.just("reset"),
        st.fixed_dictionaries(
            {}, optional={"seed": st.integers(0, 9), "initializer": st.just("he_normal")}
        ),
    ),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 25), COMMANDS), max_size=7))
def test_a_recipe_and_its_edits_replay_to_the_same_bits(script):
    run = Experiment(Recipe(samples=60))
    for steps, (name, arguments) in script:
        run.trainer.step(steps)
        before = run.recipe, run.network.parameters.copy(), len(run.edits)
        try:
            words = run.edit(name, **arguments)
        except ValueError:  # refused: nothing has changed
            words = "refused"
            assert (run.recipe, len(run.edits)) == (before[0], before[2])
            np.testing.assert_array_equal(run.network.parameters, before[1])
        assert words
        # What the recipe says is what the network has.
        assert tuple(layer.units for layer in run.network.layers[:-1]) == tuple(
            layer.units for layer in run.recipe.layers
        )
        assert run.trainer.learning_rate == run.recipe.learning_rate
        assert run.trainer.loss.name == run.recipe.loss
        assert run.trainer.optimizer.name == run.recipe.optimizer
        json.dumps(run.recipe.as_dict(), allow_nan=False)
    run.trainer.step(10)
    again = Experiment.replay(Recipe(samples=60), run.edits, run.made)
    np.testing.assert_array_equal(run.network.parameters, again.network.parameters)
    assert again.recipe == run.recipe
    assert again.trainer.steps == run.trainer.steps


def test_a_reset_gives_the_initial_weights_that_the_recipe_in_force_gives():
    run = Experiment(Recipe())
    run.trainer.step(50)
    run.edit("add_neuron", layer=1)
    run.edit("add_layer", position=2)
    run.edit("features", features=["x1", "x2", "x1_x2"])
    run.trainer.step(50)
    run.edit("reset")
    fresh = Experiment(run.recipe)
    np.testing.assert_array_equal(run.network.parameters, fresh.network.parameters)
    assert run.trainer.steps == 0


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (("paint", {}), "edit: got 'paint'"),
        (("set", {"speed": 3}), "speed: got a value"),
        (("set", {"learning_rate": float("inf")}), "learning_rate: got inf"),
        (("set", {"optimizer": "lion"}), "optimizer: got 'lion'"),
        (
            ("set", {"optimizer_options": {"momentum": 0.5}}),
            "optimizer_options.momentum: got 0.5, expected no such option: sgd has none",
        ),
        (
            ("set", {"output_activation": "relu", "loss": "cross_entropy"}),
            "output_activation: got 'relu'",
        ),
        (("data", {"dataset": "mnist"}), "dataset: got 'mnist'"),
        (("data", {"noise": 2}), "noise: got 2, expected a number, 0…1"),
        (("features", {"features": []}), r"features: got \[\]"),
        (("features", {"features": ["x1", "x1"]}), "features: .* each once"),
        (("set_layer", {"layer": 4, "activation": "tanh"}), "layer: got 4"),
        (("set_layer", {"layer": 3, "dropout": 0.5}), "layer: the output layer has no option"),
        (("set_parameter", {"layer": 1, "unit": 0, "input": 9, "value": 1.0}), "input: got 9"),
        (("set_parameter", {"layer": 1, "unit": 0, "input": 0, "value": 1e300}), "value: got 1e"),
        (("reset", {"noise": 1}), "noise: got a value, expected one of seed"),
    ],
)
def test_refused_edits_name_the_field_and_change_nothing(edit, message):
    run = Experiment(Recipe())
    before = run.network.parameters.copy()
    name, arguments = edit
    with pytest.raises(ValueError, match=message):
        run.edit(name, **arguments)
    np.testing.assert_array_equal(run.network.parameters, before)
    assert run.recipe == Recipe()
    assert run.edits == []


def test_every_edit_is_tried_here():
    tried = {"set", "data", "features", "add_neuron", "remove_neuron", "add_layer"}
    tried |= {"remove_layer", "set_layer", "set_parameter", "reset"}
    tried |= {"adopt"}  # in test_race
    assert tried == set(EDITS)
