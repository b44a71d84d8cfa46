"""Whatever is asked of a session, it answers, and goes on."""

from __future__ import annotations

import json
import math
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from server.describe import refused
from server.protocol import BOUNDS, Refusal, parse, reference
from server.protocol.messages import Refused
from server.session import Session
from tests.server.driving import make, run, state

NAMES = [name for names in reference.choices().values() for name in names]
ODD: list[Any] = [
    None,
    True,
    -1,
    0,
    1,
    2,
    0.5,
    1e-3,
    1e300,
    -(2**70),
    math.nan,
    "",
    "x1",
    "ü",
    [],
    {},
]


@st.composite
def commands(draw: st.DrawFn) -> dict[str, Any]:
    """A command whose fields are mostly of the right kind."""
    entry = draw(st.sampled_from(reference.commands()))
    command: dict[str, Any] = {"type": entry.name}
    for field in entry.fields[2:]:
        if not field.required and draw(st.booleans()):
            continue
        pool: list[Any] = reference.choices().get(field.type, NAMES)
        if draw(st.integers(0, 9)) == 0:
            command[field.name] = draw(st.sampled_from(ODD))
        elif "number" in field.type.split(" | "):
            low, high = BOUNDS.get(field.name, (1, 1e6))
            near = [low, high, (low + high) / 2, 1, 2, 3, 4, 0.1]
            command[field.name] = draw(st.sampled_from(near))
        elif field.type == "FeatureName[]":
            names = reference.choices()["FeatureName"]
            command[field.name] = draw(st.lists(st.sampled_from(names), max_size=4))
        elif field.type.startswith("Partial"):
            options = reference.choices()["OptimizerOptionName"]
            command[field.name] = {draw(st.sampled_from(options)): draw(st.sampled_from([0.5, 2]))}
        elif field.type == "ScheduleFields":
            kind = draw(st.sampled_from(reference.choices()["ScheduleKind"]))
            command[field.name] = {"kind": kind, "steps": 9, "points": [[0, 1], [5, 0.5]]}
        elif field.type == "Variant[]":
            optimizers = reference.choices()["OptimizerName"]
            command[field.name] = [
                {"optimizer": draw(st.sampled_from(optimizers))},
                {"initializer": "he_normal"},
            ]
        elif field.type == "boolean":
            command[field.name] = draw(st.booleans())
        elif field.type.startswith('"'):
            command[field.name] = draw(
                st.sampled_from(json.loads(f"[{field.type.replace('|', ',')}]"))
            )
        else:
            command[field.name] = draw(st.sampled_from(pool))
    return command


def well_behaved(session: Session, command: Any, now: float) -> None:
    before = state(session)
    try:
        answers = session.handle(parse(json.dumps(command)))
    except Refusal as refusal:
        answers = [refused(refusal)]
    for message in answers:
        message.encode()
    if isinstance(answers[0], Refused):
        assert state(session) == before, command
    run(session, 0.03, start=now)
    session.frame()


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.sampled_from(["moons", "rings", "plane", "sine", "penguins", "mpg", "digits"]),
    st.lists(st.integers(1, 32), max_size=8),
    st.lists(commands(), min_size=1, max_size=12),
)
def test_whatever_is_asked_it_answers_and_goes_on(
    dataset: str, layers: list[int], asked: list[Any]
):
    session = make(dataset=dataset, samples=30, layers=[{"units": units} for units in layers])
    for now, command in enumerate([{"type": "play"}, *asked]):
        well_behaved(session, command, now)
