"""Schedules over the protocol: where they begin, and refusals of the engine by field."""

from __future__ import annotations

from typing import Any

import pytest

from server.protocol import Refusal
from server.protocol.refusal import refusal_of_value_error
from tests.server.driving import done, make, run

CURVE: dict[str, Any] = {"kind": "curve", "points": [[0, 1], [100, 0.1]]}


def train(session: Any, steps: int) -> None:
    done(session, "step", count=steps)
    run(session, 1.0)


def test_a_point_can_be_moved_ahead_while_the_schedule_runs():
    session = make(samples=60)
    train(session, 40)
    done(session, "set", schedule=CURVE)
    train(session, 50)
    before = session.experiment.trainer.rate_in_force
    points = [[0, 1], [50, 10**-0.5], [100, 5]]
    told = done(session, "set", schedule={**CURVE, "points": points, "begin": 40})
    assert "counted from step 40" in told.message
    assert session.experiment.recipe.schedule.begin == 40
    assert session.experiment.trainer.rate_in_force == pytest.approx(before)
    done(session, "set", schedule={**CURVE, "points": points, "begin": 90})
    assert session.experiment.trainer.rate_in_force == session.experiment.trainer.learning_rate


def test_what_the_engine_says_of_a_point_is_refused_by_its_field():
    refusal = refusal_of_value_error(ValueError("points[1].factor: got 0, expected a number"))
    assert isinstance(refusal, Refusal)
    assert (refusal.field, refusal.got) == ("points[1].factor", "0")
