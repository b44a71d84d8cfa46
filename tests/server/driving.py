"""Driving a session in tests: commands, and a clock of our own."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import numpy as np

from server.protocol import parse
from server.protocol.commands import RecipeFields
from server.protocol.messages import Message, Refused, Reply
from server.session import Session

BUDGET = 0.006


def make(**recipe: Any) -> Session:
    """A session of a recipe as a client writes it."""
    return Session(RecipeFields.model_validate_json(json.dumps(recipe)))


def do(session: Session, kind: str, /, now: float | None = None, **fields: Any) -> list[Message]:
    """Carry out a command."""
    return session.handle(parse(json.dumps({"type": kind, "id": 5, **fields})), now)


def done(session: Session, kind: str, /, now: float | None = None, **fields: Any) -> Reply:
    """Carry out a command that must not be refused."""
    answer = do(session, kind, now, **fields)[0]
    assert isinstance(answer, Reply), answer
    assert (answer.id, answer.command) == (5, kind)
    return answer


def not_done(session: Session, kind: str, /, **fields: Any) -> Refused:
    """Carry out a command that must be refused."""
    before = state(session)
    answers = do(session, kind, **fields)
    assert len(answers) == 1
    assert isinstance(answers[0], Refused), answers
    assert state(session) == before
    return answers[0]


def run(session: Session, seconds: float, start: float = 0.0, tick: float = 0.01) -> list[Message]:
    """Let time pass; a step takes 10 µs."""
    heard: list[Message] = []
    for now in np.arange(start, start + seconds, tick):
        before = session.experiment.made
        heard += session.advance(float(now))
        session.spent((session.experiment.made - before) * 1e-5, BUDGET)
        session.background(partial(float, now), BUDGET, BUDGET)
    return heard


def standing(session: Session) -> tuple[Any, ...]:
    """What the network is, and how it came to be: what undo has to bring back."""
    live = session.experiment
    return (
        live.recipe,
        live.moment,
        list(live.edits),
        live.data.x_train.tobytes(),
        live.network.parameters.tobytes(),
        [values.tobytes() for values in live.trainer.optimizer.state.values()],
        live.trainer.steps,
        live.trainer.epoch,
        live.trainer.history.columns().tobytes(),
    )


def state(session: Session) -> tuple[Any, ...]:
    """Everything that a refused command must leave as it was."""
    experiment = session.experiment
    return (
        experiment.recipe,
        experiment.data,
        experiment.network.sizes,
        experiment.network.parameters.tobytes(),
        [values.tobytes() for values in experiment.trainer.optimizer.state.values()],
        experiment.trainer.steps,
        list(experiment.edits),
        session.version,
        session.playing,
        session.pending,
        session.pace.speed,
        session.view.part,
        session.view.index,
        session.view.focus,
        session.shown.made,
        len(session.past.timeline.ghosts),
        [vars(session.lab)[each] for each in ("race", "finder", "map", "cut")],
    )  # fmt: skip
