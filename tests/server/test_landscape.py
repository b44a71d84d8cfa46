"""The landscape of a session: which states make the path, and what frames say of it."""

from __future__ import annotations

from itertools import count
from typing import Any

import numpy as np
import pytest

from server.landscape import walked
from tests.server.driving import done, make, not_done, run, standing
from tests.server.test_lab import shown, work


def trained(**recipe: Any) -> Any:
    """A session that has trained a while, some of its states kept."""
    session = make(samples=60, **recipe)
    train(session)
    return session


def train(session: Any) -> None:
    for _ in range(20):
        done(session, "step", count=20)
        run(session, 0.2)
        session.past.timeline.keep(session.experiment)


def path(session: Any) -> list[np.ndarray]:
    return walked(session.past.timeline, session.shown)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [("reset", {}), ("reset", {"seed": 7}), ("data", {"dataset": "circle"})],
)
def test_the_path_begins_anew_with_the_run(kind: str, fields: dict[str, Any]):
    session = trained()
    assert len(path(session)) > 2
    done(session, kind, **fields)
    assert path(session) == []
    assert not_done(session, "map_loss", plane="path").field == "plane"
    start = session.experiment.network.parameters.copy()
    train(session)
    states = path(session)
    assert len(states) > 2
    steps = np.linalg.norm(np.diff([start, *states], axis=0), axis=1)
    whole = np.linalg.norm(states[-1] - start)
    assert steps.max() < 3 * whole  # no leap to another run and back
    done(session, "map_loss", plane="path", size=5)
    work(session)
    assert len(shown(session)[0]["map_path"]) == len(states) + 1


def test_a_reset_at_the_first_step_begins_another_path_too():
    session = make(samples=60)
    done(session, "reset", seed=4)
    assert path(session) == []


def test_undoing_a_reset_brings_the_path_back():
    session = trained()
    before = len(path(session))
    done(session, "reset")
    done(session, "undo")
    assert len(path(session)) >= before


def test_a_frame_says_of_how_many_examples_and_of_what_it_is():
    session = make(samples=600, test_share=0, l2=0.1)
    done(session, "map_loss", size=5)
    done(session, "cut_loss")
    work(session)
    _, meta = shown(session)
    assert (meta["lab"]["map"]["examples"], meta["lab"]["cut"]["examples"]) == (256, 600)
    assert meta["lab"]["map"]["penalised"]
    assert meta["lab"]["cut"]["penalised"]
    done(session, "set", l2=0)
    done(session, "cut_loss")
    work(session)
    assert not shown(session)[1]["lab"]["cut"]["penalised"]


def test_frames_keep_coming_while_a_cut_of_many_examples_is_computed():
    """A piece is two passes over the examples: some hundred pieces make the whole."""
    session = make(dataset="digits", layers=[{"units": 32}] * 3)
    done(session, "cut_loss")
    pieces, ticks = 0, count()
    while session.lab.busy:
        session.lab.work(lambda: float(next(ticks)), 2.0, 100.0)  # one piece
        pieces += 1
        assert pieces < 1000
    assert pieces > 64
    assert shown(session)[1]["lab"]["cut"]["examples"] == len(session.experiment.data.x_train)


def test_what_the_lab_computes_in_the_past_is_of_that_moment():
    session = trained()
    kept = session.past.timeline.checkpoints[8]
    rate = session.experiment.recipe.learning_rate
    done(session, "set", learning_rate=0.5)
    before = standing(session)
    done(session, "look_back", made=kept.made)
    states = path(session)
    assert len(states) == 9
    np.testing.assert_array_equal(states[-1], kept.snapshot.parameters)
    step = kept.snapshot.steps
    assert f"weights of step {step}" in done(session, "map_loss", plane="path", size=5).message
    assert f"step {step}" in done(session, "cut_loss").message
    assert f"step {step}" in done(session, "find_rate").message
    done(session, "look_back", made=session.experiment.made - 1)  # it was of where one stood
    work(session)
    tensors, meta = shown(session)
    found = meta["lab"]
    assert found["map"]["step"] == found["cut"]["step"] == found["finder"]["step"] == step
    assert found["map"]["learning_rate"] == found["cut"]["learning_rate"] == rate
    assert len(tensors["map_path"]) == len(states) + 1
    np.testing.assert_allclose(tensors["map_path"][-1], 0, atol=1e-9)
    there = session.past.timeline.at(session.experiment, kept.made)
    loss = there.trainer.evaluate().train_loss
    assert tensors["cut"][1, 0] == pytest.approx(loss, rel=1e-5)
    assert standing(session) == before
    assert not_done(session, "set", learning_rate=0.1).message.endswith("back to the present.")
    for what in ("map", "cut", "finder"):
        done(session, "close", what=what)
