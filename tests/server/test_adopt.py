"""Taking over a replica of a race, whatever has happened in the session since the race began."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.server.driving import done, make, not_done, run, standing
from tests.server.test_lab import shown
from tests.server.test_past import parameters, train, trained


def race(session: Any, **fields: Any) -> None:
    done(session, "race", **{"replicas": 3, "steps": 200, "low": 0.01, "high": 0.1} | fields)
    for _ in range(100):
        if not session.lab.busy:
            return
        run(session, 0.1)
    raise AssertionError("the race did not come to an end")


def test_the_way_back_from_divergence_ends_where_a_replica_was_taken_over():
    session = make(dataset="mpg")
    race(session)
    done(session, "adopt", replica=2)
    taken_over = parameters(session)
    done(session, "set", learning_rate=60.0)
    done(session, "play")
    run(session, 3.0)
    assert session.diverged
    done(session, "recover", steps=200)
    np.testing.assert_array_equal(parameters(session), taken_over)
    assert session.experiment.recipe.learning_rate == pytest.approx(20)


@pytest.mark.parametrize("between", ["undo", "branch", "other data"])
def test_a_replica_is_adopted_whatever_has_become_of_where_its_race_began(between: str):
    session = trained(50)
    done(session, "set", learning_rate=0.05)
    train(session, 50)
    race(session, afresh=False)
    assert session.lab.race is not None
    raced = session.lab.race.race.adopt(0, 1).network.parameters.copy()
    if between == "undo":
        done(session, "undo")
    if between == "branch":
        done(session, "look_back", made=20)
        done(session, "go_on")
        done(session, "pause")
    if between == "other data":
        done(session, "undo")
        done(session, "data", dataset="iris")
        train(session, 30)
    before = standing(session)
    done(session, "adopt", replica=1)
    np.testing.assert_array_equal(parameters(session), raced)
    assert session.experiment.recipe.dataset == "moons"
    assert session.experiment.trainer.steps == 300
    done(session, "undo")
    assert standing(session) == before
    done(session, "redo")
    np.testing.assert_array_equal(parameters(session), raced)
    for made in (0, 30, 50, 100):
        done(session, "look_back", made=made)
    done(session, "look_back", made=None)
    train(session, 1)


@pytest.mark.parametrize("adopting", ["there", "from the present"])
@pytest.mark.parametrize("afresh", [True, False])
def test_a_replica_of_a_race_from_the_past_becomes_the_present(adopting: str, afresh: bool):
    session = trained(100)
    done(session, "add_neuron", layer=1)
    train(session, 50)
    before = standing(session)
    done(session, "look_back", made=70)
    there = parameters(session)
    race(session, afresh=afresh)
    assert session.lab.race is not None
    raced = session.lab.race.race.adopt(0, 1).network.parameters.copy()
    assert standing(session) == before  # it was a copy that raced
    np.testing.assert_array_equal(parameters(session), there)
    if adopting == "from the present":
        done(session, "look_back", made=None)
    message = done(session, "adopt", replica=1).message
    assert message.endswith("Undo leads back to step 150.")
    tensors, meta = shown(session)
    assert not meta["timeline"]["looking_back"]
    assert meta["step"] == (200 if afresh else 270)
    assert meta["timeline"]["present"] == meta["timeline"]["made"] == 70
    np.testing.assert_array_equal(tensors["parameters"], raced)
    assert session.experiment.network.sizes == [2, 4, 4, 1]
    _, steps, losses = tensors["ghosts"]
    assert (steps.min(), steps.max()) == (0 if afresh else 70, 150)
    assert np.isfinite(losses).all()
    adopted = standing(session)
    train(session, 10)
    done(session, "look_back", made=70)
    np.testing.assert_array_equal(parameters(session), raced)
    done(session, "look_back", made=None)
    done(session, "undo")
    assert standing(session) == before
    done(session, "redo")
    assert standing(session) == adopted


def test_a_replica_that_diverged_is_refused_in_the_past_which_stays_as_it_is():
    session = make(dataset="mpg")
    train(session, 60)
    done(session, "look_back", made=20)
    race(session, afresh=False, rates=[0.01, 500.0])
    assert "diverged" in not_done(session, "adopt", replica=1).message
    assert session.shown.made == 20


def test_after_a_replica_is_taken_over_the_curve_has_an_accuracy_of_the_race_too():
    session = trained(50)
    race(session, afresh=False)
    done(session, "adopt", replica=1)
    train(session, 50)
    history = shown(session)[0]["history"]
    raced = (history[0] > 50) & (history[0] <= 250)
    assert raced.sum() > 5
    assert np.isfinite(history).all()
    assert (history[3:5, raced] > 0.5).all()
