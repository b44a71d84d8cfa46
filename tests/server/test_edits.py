"""Edits while training: what is answered, told to all, and refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.experiment import Experiment
from server.protocol.commands import RecipeFields
from server.protocol.messages import Dataset, Event, Reply, Topology
from server.session import Session
from tests.server.driving import do, done, make, not_done, run, state
from tests.server.test_lab import shown


def test_an_edit_is_answered_then_told_to_all():
    session = make()
    reply, topology, event = do(session, "set", learning_rate=0.5)
    assert isinstance(reply, Reply)
    assert isinstance(topology, Topology)
    assert isinstance(event, Event)
    assert topology.version == 2
    assert topology.recipe.learning_rate == 0.5
    assert event.kind == "edit"
    assert event.message == reply.message == topology.notes[0]


EDITS: list[tuple[str, dict[str, Any]]] = [
    ("set", {"optimizer": "adam", "optimizer_options": {"beta1": 0.5}}),
    ("set", {"loss": "binary_cross_entropy"}),
    ("set", {"batch_size": 1, "l1": 0.1, "l2": 0.2, "clip_norm": 1}),
    ("set", {"clip_norm": None}),
    ("data", {"dataset": "rings"}),
    ("data", {"dataset": "digits"}),
    ("data", {"noise": 0.5, "test_share": 0}),
    ("features", {"features": ["x1", "sin_x2"]}),
    ("add_neuron", {"layer": 2}),
    ("remove_neuron", {"layer": 1, "unit": 3}),
    ("add_layer", {"position": 3}),
    ("remove_layer", {"layer": 2}),
    ("set_layer", {"layer": 1, "activation": "relu", "batch_norm": True, "dropout": 0.5}),
    ("set_parameter", {"layer": 3, "unit": 0, "input": None, "value": 2}),
    ("reset", {"seed": 9, "initializer": "normal", "std": 1}),
]


@pytest.mark.parametrize("dataset", ["rings", "plane", "sine", "breast_cancer", "mpg", "digits"])
@pytest.mark.parametrize("position", [1, 2, 3])
def test_every_edit_works_or_is_refused_whatever_the_data(dataset: str, position: int):
    session = make(dataset=dataset, samples=30)
    done(session, "play")
    for now, (kind, fields) in enumerate([*EDITS, ("add_layer", {"position": position})]):
        before = state(session)
        answer, *_ = do(session, kind, **fields)
        assert isinstance(answer, Reply) or state(session) == before
        run(session, 0.02, start=now)
        session.introduction()
        assert session.frame()


@pytest.mark.parametrize(("kind", "fields"), EDITS)
def test_every_edit_works_while_training(kind: str, fields: dict[str, Any]):
    session = make()
    done(session, "play")
    run(session, 0.1)
    done(session, kind, **fields)
    assert session.playing
    run(session, 0.1, start=1)
    topology = session.introduction()[1]
    assert isinstance(topology, Topology)
    assert topology.parameters == session.experiment.network.parameters.size
    assert topology.rows == sum(session.experiment.network.sizes)
    assert session.frame()


def test_topology_says_where_the_parameters_lie():
    session = make(layers=[{"units": 3, "batch_norm": True}])
    done(session, "set_parameter", layer=1, unit=2, input=1, value=0.125)
    done(session, "set_parameter", layer=1, unit=2, input=None, value=0.25)
    topology = session.introduction()[1]
    assert isinstance(topology, Topology)
    layer, parameters = topology.layers[1], session.experiment.network.parameters
    assert layer.offset is not None
    assert layer.scale_offset is not None
    assert layer.shift_offset is not None
    assert parameters[layer.offset + 2 * (layer.fan_in + 1) + 1] == 0.125
    assert parameters[layer.offset + 2 * (layer.fan_in + 1) + layer.fan_in] == 0.25
    assert (parameters[layer.scale_offset : layer.scale_offset + 3] == 1).all()
    assert (parameters[layer.shift_offset : layer.shift_offset + 3] == 0).all()
    assert layer.shift_offset + 3 == topology.layers[2].offset


@pytest.mark.parametrize(("layers", "position"), [([], 1), ([{"units": 8}], 1)])
def test_behind_more_inputs_than_a_layer_may_have_units_a_narrower_layer_is_added(
    layers: list[Any], position: int
):
    session = make(dataset="digits", layers=layers)
    done(session, "step", count=300)
    run(session, 1)
    before = session.experiment.trainer.evaluate()
    reply = done(session, "add_layer", position=position)
    assert session.experiment.network.sizes[: position + 1] == [64, 32]
    assert "32 directions out of 64" in reply.message
    assert "moved by at most" in reply.message
    after = session.experiment.trainer.evaluate()
    assert after.train_loss < before.train_loss + 0.02
    assert session.frame()
    first = make(dataset="digits", layers=layers).experiment.recipe
    done(session, "step", count=20)
    run(session, 1, start=1)
    again = Experiment.replay(first, session.experiment.edits, session.experiment.made)
    assert again.network.parameters.tobytes() == session.experiment.network.parameters.tobytes()


def test_a_refused_list_is_told_as_a_whole():
    refusal = not_done(make(), "features", features=["x1", "x1"])
    assert refusal.got == "['x1', 'x1']"
    assert refusal.allowed.startswith("one or more of x1, x2")
    refusal = not_done(make(), "remove_neuron", layer=1, unit=4)
    assert (refusal.got, refusal.allowed) == ("4", "a whole number, 0…3")


def test_reset_brings_the_same_initial_weights():
    session = make(seed=3)
    initial = session.experiment.network.parameters.copy()
    done(session, "step", count=100)
    run(session, 0.5)
    done(session, "reset")
    assert session.experiment.trainer.steps == 0
    assert (session.experiment.network.parameters == initial).all()
    kinds = [type(message) for message in do(session, "reset", seed=4)]
    assert kinds == [Reply, Dataset, Topology, Event]
    assert (session.experiment.network.parameters != initial).any()


def test_the_recipe_in_force_makes_the_same_run():
    session = make(dataset="penguins")
    done(session, "add_neuron", layer=1)
    topology = session.introduction()[1]
    assert isinstance(topology, Topology)
    again = Session(RecipeFields.model_validate_json(topology.recipe.model_dump_json()))
    assert again.experiment.recipe == session.experiment.recipe


def test_a_run_can_be_replayed_from_recipe_and_edits():
    session = make()
    first = session.experiment.recipe
    done(session, "step", count=57)
    run(session, 0.5)
    session.frame()
    done(session, "set", learning_rate=0.2, optimizer="adam")
    done(session, "add_neuron", layer=1)
    done(session, "step", count=31)
    run(session, 0.5, start=1)
    session.frame()
    again = Experiment.replay(first, session.experiment.edits, session.experiment.made)
    assert again.network.parameters.tobytes() == session.experiment.network.parameters.tobytes()


MOMENTUM = "optimizer_options.momentum"


@pytest.mark.parametrize(
    ("recipe", "kind", "fields", "field"),
    [
        ({"layers": [{"units": 32}]}, "add_neuron", {"layer": 1}, "layer"),
        ({"layers": [{"units": 1}] * 8}, "add_layer", {"position": 1}, "position"),
        ({"layers": []}, "remove_layer", {"layer": 1}, "layer"),
        ({"layers": [{"units": 1}]}, "remove_neuron", {"layer": 1, "unit": 0}, None),
        ({}, "add_neuron", {"layer": 3}, "layer"),
        ({}, "add_neuron", {"layer": 0}, "layer"),
        ({}, "add_layer", {"position": 9}, "position"),
        ({}, "remove_neuron", {"layer": 1, "unit": 4}, None),
        ({}, "set_parameter", {"layer": 0, "unit": 0, "input": 0, "value": 1}, "layer"),
        ({}, "set_parameter", {"layer": 1, "unit": 0, "input": 2, "value": 1}, "input"),
        ({}, "set", {}, "message"),
        ({}, "data", {}, "message"),
        ({}, "set_layer", {"layer": 1}, "message"),
        ({}, "set", {"optimizer_options": {"momentum": 0.5}}, MOMENTUM),
        ({"dataset": "iris"}, "features", {"features": ["x1"]}, "features"),
        ({"dataset": "iris"}, "data", {"noise": 0.3}, "noise"),
        ({"dataset": "mpg"}, "set", {"loss": "cross_entropy"}, "loss"),
        ({}, "features", {"features": ["x1", "x1"]}, "features"),
        ({}, "create", {}, "type"),
        ({}, "join", {"session": "x"}, "type"),
        ({}, "ack", {"frame": 1}, "type"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    recipe: dict[str, Any], kind: str, fields: dict[str, Any], field: str | None
):
    refusal = not_done(make(**recipe), kind, **fields)
    assert field is None or refusal.field == field
    assert refusal.got
    assert refusal.allowed


def test_what_was_set_by_hand_since_the_weights_were_drawn():
    session = make(samples=60, layers=[{"units": 1}])

    def told() -> tuple[str, bool]:
        microscope = shown(session)[1]["microscope"]
        return microscope["by_hand"], microscope["added"]

    assert told() == ("none", False)
    said = done(session, "set_parameter", layer=1, unit=0, input=0, value=-0.1).message
    assert said.startswith("Set the weight to −0.1;")
    places = [(1, 0), (1, 1), (1, None), (2, 0), (2, None)]
    for count, (layer, source) in enumerate(places, 1):
        done(session, "set_parameter", layer=layer, unit=0, input=source, value=0.5)
        assert told() == ("all" if count == len(places) else "some", False)
    done(session, "add_neuron", layer=1)
    assert told() == ("some", True)
    done(session, "undo")
    done(session, "undo")
    assert told() == ("some", False)
    done(session, "reset")
    assert told() == ("none", False)


def test_a_new_seed_says_that_the_data_are_new_too():
    session = make(samples=60)
    before = session.experiment.data.x_train.copy()
    assert done(session, "reset").message == "Initial weights again, at step 0."
    reply = done(session, "reset", initializer="he_normal")
    assert reply.message == "New initial weights, step 0."
    assert np.array_equal(session.experiment.data.x_train, before)
    reply = done(session, "reset", seed=9)
    assert reply.message == "New data and new initial weights, step 0."
    assert not np.array_equal(session.experiment.data.x_train, before)
