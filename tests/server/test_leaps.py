"""Undo of a leap: a replica taken over, training that went on from the past, a recovery."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.server.driving import done, make, not_done, run, standing
from tests.server.test_adopt import race
from tests.server.test_lab import shown
from tests.server.test_past import train, trained


def worked_on() -> Any:
    """A race from step 200, and since then another layer, another optimizer, 500 steps."""
    session = trained(200)
    race(session, afresh=False)
    done(session, "add_layer", position=1)
    done(session, "set", optimizer="adam")
    train(session, 500)
    shown(session)
    return session


def ghosts(session: Any) -> list[tuple[float, float]]:
    """The first and last step of each."""
    numbers, steps, _ = shown(session)[0].get("ghosts", np.empty((3, 0)))
    return [
        (steps[numbers == number].min(), steps[numbers == number].max())
        for number in np.unique(numbers)
    ]


def test_undo_of_an_adoption_brings_back_what_the_session_was():
    session = worked_on()
    before = standing(session)
    answer = done(session, "adopt", replica=1)
    assert answer.message.endswith("Undo leads back to step 700.")
    adopted = standing(session)
    assert session.experiment.trainer.steps == 400
    train(session, 30)
    timeline = shown(session)[1]["timeline"]
    assert (timeline["undo"], timeline["redo"]) == ("adopt", None)
    assert "as it was just before" in done(session, "undo").message
    assert standing(session) == before
    timeline = shown(session)[1]["timeline"]
    assert (timeline["undo"], timeline["redo"]) == ("set optimizer adam", "adopt")
    assert done(session, "redo").message == "Again adopt: this is step 400."
    assert standing(session) == adopted
    done(session, "undo")
    assert standing(session) == before
    done(session, "undo")
    assert session.experiment.recipe.optimizer == "sgd"
    done(session, "undo")
    assert len(session.experiment.recipe.layers) == 2
    assert not_done(session, "undo").got == "none"
    for _ in range(3):
        done(session, "redo")
    assert standing(session) == adopted


def test_the_curve_that_was_left_is_a_ghost_only_while_it_is_left():
    session = worked_on()
    done(session, "adopt", replica=1)
    assert ghosts(session) == [(200, 700)]
    train(session, 30)
    done(session, "undo")
    assert ghosts(session) == [(200, 430)]
    done(session, "redo")
    assert ghosts(session) == [(200, 700)]


def test_the_states_of_what_was_left_come_back_with_it():
    session = worked_on()
    train(session, 2000)
    kept = shown(session)[1]["timeline"]["kept"]
    done(session, "adopt", replica=1)
    assert max(shown(session)[1]["timeline"]["kept"]) == 200
    done(session, "undo")
    assert set(kept) <= set(shown(session)[1]["timeline"]["kept"])


def test_undo_of_going_on_from_the_past_leads_back_to_what_came_after():
    session = trained(50)
    done(session, "set", learning_rate=0.1)
    train(session, 50)
    done(session, "add_neuron", layer=1)
    before = standing(session)
    done(session, "look_back", made=70)
    assert done(session, "go_on").message == (
        "Going on from step 70; what came after stays as a ghost. Undo leads back to step 100."
    )
    done(session, "pause")
    train(session, 20)
    assert shown(session)[1]["timeline"]["undo"] == "going on from step 70"
    done(session, "undo")
    assert standing(session) == before
    done(session, "redo")
    assert session.experiment.made == 70
    train(session, 10)
    done(session, "set", batch_size=5)
    done(session, "undo")
    done(session, "undo")
    assert standing(session) == before
    done(session, "undo")
    assert session.experiment.network.sizes == [2, 4, 4, 1]


def test_edits_before_the_branch_point_are_not_of_one_movement_with_those_after():
    session = trained(20)
    done(session, "set", learning_rate=0.1, now=1.0)
    done(session, "look_back", made=20)
    done(session, "look_back", made=None)
    train(session, 20)
    done(session, "look_back", made=30)
    done(session, "go_on", now=1.2)
    done(session, "set", learning_rate=0.2, now=1.4)
    done(session, "undo")
    assert session.experiment.recipe.learning_rate == 0.1
    assert session.experiment.made == 30


def test_undo_of_a_recovery_leads_back_to_what_diverged():
    session = make(dataset="mpg", learning_rate=60.0)
    done(session, "play")
    run(session, 3.0)
    before = standing(session)
    said = shown(session)[1]["diverged"]
    assert said
    done(session, "recover", steps=200)
    assert session.experiment.recipe.learning_rate == pytest.approx(20)
    assert shown(session)[1]["diverged"] is None
    done(session, "undo")
    assert standing(session) == before
    meta = shown(session)[1]
    assert (meta["diverged"], meta["playing"]) == (said, False)
    done(session, "redo")
    assert shown(session)[1]["diverged"] is None


@pytest.mark.parametrize(
    ("kind", "fields"),
    [("set", {"learning_rate": 0.1}), ("reset", {}), ("set_layer", {"layer": 1, "dropout": 0.1})],
)
def test_undo_of_an_edit_leads_back_to_what_diverged(kind: str, fields: dict[str, Any]):
    session = make(dataset="mpg", learning_rate=60.0)
    done(session, "play")
    run(session, 3.0)
    said = shown(session)[1]["diverged"]
    assert said
    done(session, kind, **fields)
    assert shown(session)[1]["diverged"] is None
    done(session, "undo")
    assert shown(session)[1]["diverged"] == said
    done(session, "play")  # tries again, and comes to the same
    run(session, 1.0)
    assert shown(session)[1]["diverged"] == said


def test_looking_back_and_returning_leaves_what_diverged_as_it_was():
    session = make(dataset="mpg", learning_rate=60.0)
    done(session, "play")
    run(session, 3.0)
    said = shown(session)[1]["diverged"]
    done(session, "look_back", made=0)
    assert shown(session)[1]["diverged"] is None
    done(session, "look_back", made=None)
    assert shown(session)[1]["diverged"] == said
    done(session, "recover", steps=5)
    done(session, "pause")
    assert session.past.timeline.ghosts[-1].why == "diverged at a learning rate of 60"


def test_what_there_is_no_room_for_is_told_and_not_promised():
    session = worked_on()
    session.past.timeline.budget = 1
    assert done(session, "adopt", replica=1).message.endswith(
        "Undo does not lead back to step 700: there is no room to keep it."
    )
    assert shown(session)[1]["timeline"]["undo"] == "adopt"
    assert done(session, "undo").message == (
        "Took back “adopt”: this is step 200, where the race began; there was no room to keep what "
        "the session was when the replica was taken over."
    )
    assert session.experiment.trainer.steps == 200
    done(session, "redo")
    assert session.experiment.trainer.steps == 400


def test_what_was_left_counts_in_the_budget_and_goes_first():
    session = worked_on()
    timeline = session.past.timeline
    alone = timeline.nbytes
    for _ in range(20):
        done(session, "adopt", replica=1)
        train(session, 10)
    assert timeline.nbytes > 4 * alone
    assert len(timeline.left) == 20
    timeline.budget = timeline.nbytes // 2
    train(session, 10)
    timeline.keep(session.experiment)
    assert timeline.nbytes <= timeline.budget
    left = len(timeline.left)
    assert 0 < left < 20
    for _ in range(left):
        assert "as it was just before" in done(session, "undo").message
    assert "no room" in done(session, "undo").message
    assert timeline.nbytes <= timeline.budget


def test_the_ghost_beside_a_replica_from_initial_weights_is_the_whole_former_curve():
    session = make(dataset="rings")
    train(session, 930)
    race(session)
    done(session, "adopt", replica=1)
    assert ghosts(session) == [(0, 930)]
    session = make(dataset="rings")
    train(session, 200)
    race(session)  # as long as what was trained: the moments of both are counted alike
    train(session, 100)
    done(session, "adopt", replica=1)
    assert ghosts(session) == [(0, 300)]
