"""The time machine of a session: any moment again, undo, redo, and a way back from divergence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.experiment import Experiment
from server.past import SPACING
from server.protocol.messages import Event, Topology
from tests.server.driving import do, done, make, not_done, run
from tests.server.test_lab import shown


def trained(steps: int = 100, **recipe: Any) -> Any:
    session = make(samples=60, **recipe)
    train(session, steps)
    return session


def train(session: Any, steps: int) -> None:
    done(session, "step", count=steps)
    run(session, 5.0)
    assert session.pending == 0


def parameters(session: Any) -> np.ndarray:
    return shown(session)[0]["parameters"]


def test_any_moment_of_the_past_is_shown_as_it_was():
    session = trained(100)
    first = session.experiment.recipe
    done(session, "add_neuron", layer=1)
    train(session, 100)
    present = parameters(session)
    for made in (0, 37, 100, 163):
        done(session, "look_back", made=made)
        tensors, meta = shown(session)
        timeline = meta["timeline"]
        assert (timeline["made"], timeline["present"], timeline["looking_back"]) == (
            made, 200, True,
        )  # fmt: skip
        edits = [edit for edit in session.experiment.edits if edit[0] <= made]
        expected = Experiment.replay(first, edits, made)
        np.testing.assert_array_equal(tensors["parameters"], expected.network.parameters)
        assert meta["step"] == made
    run(session, 1.0)
    assert shown(session)[1]["timeline"]["made"] == 163  # nothing trains meanwhile
    done(session, "look_back", made=None)
    np.testing.assert_array_equal(parameters(session), present)
    train(session, 1)


def test_the_architecture_of_that_moment_comes_with_it():
    session = trained(20)
    done(session, "remove_layer", layer=1)
    topology = next(m for m in do(session, "look_back", made=10) if isinstance(m, Topology))
    assert [layer.units for layer in topology.layers] == [2, 4, 4, 1]
    assert topology.version == shown(session)[1]["version"]
    assert len(topology.recipe.layers) == 2


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("play", {}),
        ("step", {}),
        ("set", {"learning_rate": 0.1}),
        ("undo", {}),
        ("recover", {}),
    ],
)
def test_the_past_cannot_be_changed(kind: str, fields: dict[str, Any]):
    session = trained(20)
    done(session, "look_back", made=5)
    refusal = not_done(session, kind, **fields)
    assert (refusal.field, refusal.got) == ("made", "a change at moment 5, which is past")
    assert refusal.message.startswith("This is step 5, in the past")
    assert "go on from here" in refusal.message


def test_going_on_from_the_past_leaves_the_future_as_a_ghost():
    session = trained(100)
    done(session, "look_back", made=40)
    then = parameters(session)
    done(session, "go_on")
    tensors, meta = shown(session)
    assert meta["step"] == meta["timeline"]["present"] == 40
    assert meta["playing"]
    np.testing.assert_array_equal(tensors["parameters"], then)
    branch, steps, losses = tensors["ghosts"]
    assert set(branch) == {0.0}
    assert steps.min() >= 40
    assert np.isfinite(losses).all()
    assert not_done(session, "go_on").field == "made"


def test_undo_and_redo_of_every_edit():
    session = trained(20)
    before = parameters(session)
    done(session, "remove_neuron", layer=1, unit=0)
    train(session, 10)
    assert shown(session)[1]["timeline"]["undo"] == "remove neuron"
    assert shown(session)[1]["timeline"]["edits"] == [[20, "remove neuron"]]
    done(session, "undo")
    np.testing.assert_array_equal(parameters(session), before)
    assert shown(session)[1]["timeline"]["redo"] == "remove neuron"
    train(session, 5)
    done(session, "redo")
    assert session.experiment.network.sizes == [2, 3, 4, 1]
    assert session.experiment.trainer.steps == 25
    assert not_done(session, "redo").got == "none"
    done(session, "undo")
    done(session, "set", learning_rate=0.2, schedule={"kind": "cosine"})
    assert shown(session)[1]["timeline"]["undo"] == "set learning rate 0.2, schedule cosine"
    assert not_done(session, "redo").got == "none"  # another edit was made since
    done(session, "undo")
    assert not_done(session, "undo").got == "none"


def test_undo_takes_back_a_whole_movement_of_a_slider():
    session = trained(20)
    done(session, "set", learning_rate=0.5, now=10.0)
    for k in range(5):
        done(session, "set", learning_rate=0.1 + k / 100, now=20.0 + k / 10)
    done(session, "set", learning_rate=0.7, now=None)  # nobody knows when
    done(session, "undo")
    assert session.experiment.recipe.learning_rate == 0.14
    done(session, "undo")
    assert session.experiment.recipe.learning_rate == 0.5
    done(session, "redo")
    assert session.experiment.recipe.learning_rate == 0.14
    done(session, "undo")
    done(session, "undo")
    assert session.experiment.recipe.learning_rate == 0.03
    assert not_done(session, "undo").got == "none"


def test_edits_of_different_things_are_taken_back_one_by_one():
    session = trained(20)
    for layer in (1, 2):
        done(session, "set_layer", layer=layer, activation="relu", now=5.0)
    for now in (5.1, 5.2):
        done(session, "add_neuron", layer=1, now=now)
    done(session, "undo")
    assert session.experiment.network.sizes == [2, 5, 4, 1]
    done(session, "undo")
    done(session, "undo")
    assert [layer.activation for layer in session.experiment.recipe.layers] == ["relu", "tanh"]


def test_redo_makes_a_whole_movement_again():
    session = trained(20, optimizer="adam")
    done(session, "set", optimizer_options={"beta1": 0.5}, now=1.0)
    done(session, "set", optimizer_options={"beta2": 0.7}, now=1.2)
    done(session, "undo")
    assert session.experiment.recipe.optimizer_options == {}
    done(session, "redo")
    assert session.experiment.recipe.optimizer_options == {"beta1": 0.5, "beta2": 0.7}


def test_undo_takes_back_a_whole_movement_of_the_noise():
    session = trained(20)
    for k in range(5):
        done(session, "data", noise=0.3 + k / 100, now=5 + k / 10)
    done(session, "undo")
    assert session.experiment.recipe.noise == 0.2


def test_a_far_moment_is_reached_by_and_by_with_the_edits_on_the_way():
    session = trained(100)
    session.past.timeline.checkpoints = session.past.timeline.checkpoints[:1]
    done(session, "add_neuron", layer=1)
    train(session, 19_900)
    session.past.timeline.checkpoints = session.past.timeline.checkpoints[:1]
    session.past._slice = 5
    assert "Replaying from step" in done(session, "look_back", made=700).message
    assert session.shown.made == 5 * SPACING
    assert shown(session)[1]["timeline"]["sought"] == 700
    heard = run(session, 1.0, start=20.0)
    assert [m.kind for m in heard if isinstance(m, Event)] == ["info"]
    (topology,) = (m for m in heard if isinstance(m, Topology))
    assert topology.layers[1].units == 5
    meta = shown(session)[1]
    assert (meta["step"], meta["version"]) == (700, topology.version)
    assert meta["timeline"]["sought"] is None


def test_after_a_move_in_time_the_speed_is_measured_anew():
    session = trained(100)
    done(session, "look_back", made=10)
    done(session, "go_on")
    for k in range(20):
        run(session, 0.05, start=30 + k / 20)
        assert shown(session)[1]["steps_per_second"] >= 0


def test_what_a_reset_left_behind_is_a_ghost_too():
    session = trained(60)
    done(session, "reset")
    train(session, 40)
    done(session, "look_back", made=30)
    assert "ghost" in done(session, "go_on").message
    steps = shown(session)[0]["ghosts"][1]
    assert (steps.min(), steps.max()) == (0, 40)


def test_ghosts_of_another_data_set_are_not_shown():
    session = trained(60)
    done(session, "look_back", made=30)
    done(session, "go_on")
    done(session, "pause")
    assert "ghosts" in shown(session)[0]
    done(session, "data", dataset="circle")
    assert "ghosts" not in shown(session)[0]
    done(session, "undo")
    assert "ghosts" in shown(session)[0]


def test_an_edit_at_the_first_step_renews_the_first_point_of_the_curve():
    session = make(samples=60)
    done(session, "set_parameter", layer=3, unit=0, input=None, value=3.0)
    tensors, meta = shown(session)
    assert tensors["history"][1, 0] == pytest.approx(meta["train_loss"])


def test_from_divergence_back_and_on_with_a_third_of_the_rate():
    session = make(dataset="mpg", learning_rate=60.0)
    done(session, "play")
    heard = run(session, 3.0)
    assert any(isinstance(m, Event) and m.kind == "divergence" for m in heard)
    assert shown(session)[1]["diverged"]
    assert "diverged" not in done(session, "recover", steps=200).message
    meta = shown(session)[1]
    assert meta["diverged"] is None
    assert meta["playing"]
    assert meta["learning_rate"] == pytest.approx(20)
    for _ in range(8):
        run(session, 1.0, start=10)
        if session.diverged:
            done(session, "recover")
    assert session.diverged is None
    assert np.isfinite(shown(session)[1]["train_loss"])


def test_a_schedule_is_shown_ahead_and_its_rate_is_in_force():
    session = trained(50, learning_rate=0.1)
    assert "schedule" not in shown(session)[0]
    done(session, "set", schedule={"kind": "cosine", "steps": 100, "final": 0.0})
    assert session.experiment.recipe.schedule.begin == 50
    train(session, 50)
    tensors, meta = shown(session)
    assert meta["learning_rate"] == 0.1
    assert meta["rate_in_force"] == pytest.approx(0.05)
    steps, rates = tensors["schedule"]
    assert steps[0] == 100
    assert rates[0] == pytest.approx(0.05)
    assert rates[-1] == pytest.approx(0, abs=1e-9)
    np.testing.assert_allclose(tensors["history"][5][-1], 0.05)
    refusal = not_done(session, "set", schedule={"kind": "curve", "points": [[5, 1], [9, 1]]})
    assert "expected 0" in refusal.message


def test_memory_is_bounded_and_told():
    session = trained(10)
    for _ in range(30):
        done(session, "set", learning_rate=0.1)
        train(session, 10)
    timeline = shown(session)[1]["timeline"]
    assert 0 < timeline["bytes"] <= timeline["budget"]
    assert timeline["kept"] == sorted(timeline["kept"])
    assert len(timeline["edits"]) == 30
