"""The protocol: what is accepted, and what is said about the rest."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.schedules import Schedule
from server.assets import STATIC
from server.describe import refused
from server.protocol import BOUNDS, COMMANDS, MAX_MESSAGE_BYTES, Refusal, parse, reference
from server.protocol.commands import given as named
from server.protocol.messages import Refused
from server.protocol.refusal import number
from server.protocol.twin import javascript

SMALLEST: dict[str, dict[str, Any]] = {
    "create": {},
    "join": {"session": "abc"},
    "ack": {"frame": 1},
    "play": {},
    "pause": {},
    "step": {},
    "speed": {"steps_per_second": 5},
    "set": {},
    "data": {},
    "features": {"features": ["x1"]},
    "add_neuron": {"layer": 1},
    "remove_neuron": {"layer": 1, "unit": 0},
    "add_layer": {"position": 1},
    "remove_layer": {"layer": 1},
    "set_layer": {"layer": 1},
    "set_parameter": {"layer": 1, "unit": 0, "input": 0, "value": 0.5},
    "reset": {},
    "select_example": {"part": "train", "index": 0},
    "focus": {"layer": 1, "unit": 0},
    "race": {},
    "adopt": {"replica": 0},
    "find_rate": {},
    "map_loss": {},
    "cut_loss": {},
    "close": {"what": "race"},
    "look_back": {"made": 3},
    "go_on": {},
    "undo": {},
    "redo": {},
    "recover": {},
    "microscope": {"on": True},
    "check_gradient": {"layer": 1, "unit": 0, "input": None},
    "shares": {"layer": 1, "unit": 0, "input": None},
    "represent": {"layer": 1},
}
"""Each command with the fields that it needs."""

BOUNDED = [
    (entry.name, field.name, field.range)
    for entry in reference.commands()
    for field in entry.fields
    if field.range and field.name != "id"
]


def said(command: Any) -> Refused:
    """The refusal of a command that must be refused."""
    text = command if isinstance(command, str) else json.dumps(command)
    with pytest.raises(Refusal) as caught:
        parse(text)
    return refused(caught.value)


def test_there_is_an_example_of_every_command():
    assert SMALLEST.keys() == COMMANDS.keys()


@pytest.mark.parametrize("kind", COMMANDS)
def test_every_command_is_accepted_with_what_it_needs(kind: str):
    command = parse(json.dumps({"type": kind, "id": 7, **SMALLEST[kind]}))
    assert type(command) is COMMANDS[kind]
    assert command.id == 7
    assert named(command) == SMALLEST[kind] or kind == "features"


@pytest.mark.parametrize("kind", COMMANDS)
def test_unknown_fields_are_refused_by_name(kind: str):
    refusal = said({"type": kind, "id": 3, **SMALLEST[kind], "colour": "red"})
    assert (refusal.field, refusal.got, refusal.command, refusal.id) == (
        "colour", '"red"', kind, 3,
    )  # fmt: skip
    assert refusal.message == 'colour: got "red", expected no field of this name'


def curve(*points: Any) -> dict[str, Any]:
    """A command that sets a schedule drawn by hand."""
    return {"type": "set", "schedule": {"kind": "curve", "points": points}}


@pytest.mark.parametrize(("kind", "field", "told"), BOUNDED)
def test_numbers_are_bounded_and_the_refusal_says_how(kind: str, field: str, told: str):
    name = "steps_per_second" if kind == "speed" else field
    low, high = BOUNDS.get(f"{kind}.{field}", BOUNDS[name])
    assert told == f"{number(low)} to {number(high)}"  # on the page of the protocol
    for value in (low, high):
        parse(json.dumps({"type": kind, **SMALLEST[kind], field: value}))
    for value in (low - 1, high + max(1, high * 1e-9), 10**400, -(10**400)):
        value = int(value) if isinstance(low, int) else value
        refusal = said({"type": kind, **SMALLEST[kind], field: value})
        assert refusal.field == field
        assert number(low) in refusal.allowed
        assert number(high) in refusal.allowed
        assert len(refusal.message) < 200
    wrong: list[Any] = ["1", True, [], {}]
    for odd in wrong:
        assert said({"type": kind, **SMALLEST[kind], field: odd}).field == field


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "1e999"])
@pytest.mark.parametrize("field", ["learning_rate", "l2", "clip_norm"])
def test_what_is_not_finite_is_refused(text: str, field: str):
    refusal = said(f'{{"type": "set", "{field}": {text}}}')
    assert refusal.field == field


@pytest.mark.parametrize(
    ("command", "field"),
    [
        ({"type": "set", "optimizer": "lion"}, "optimizer"),
        ({"type": "set", "optimizer_options": {"speed": 1}}, "optimizer_options.speed"),
        ({"type": "set", "optimizer_options": {"momentum": "high"}}, "optimizer_options.momentum"),
        ({"type": "features", "features": []}, "features"),
        ({"type": "features", "features": ["x3"]}, "features.0"),
        ({"type": "create", "recipe": {"layers": [{"units": 33}]}}, "recipe.layers.0.units"),
        ({"type": "create", "recipe": {"layers": [{"units": 4}] * 9}}, "recipe.layers"),
        (
            {"type": "create", "recipe": {"layers": [{"activation": "relu"}]}},
            "recipe.layers.0.units",
        ),
        ({"type": "create", "recipe": 5}, "recipe"),
        (curve([0, 1], [5, 0]), "schedule.points[1].factor"),
        (curve([0, 1], [5, 1e4]), "schedule.points[1].factor"),
        (curve([0, 1], [-5, 1]), "schedule.points[1].t"),
        (curve([0, 1], [5]), "schedule.points[1].factor"),
        (curve([0, 1], 5), "schedule.points[1]"),
        ({"type": "select_example", "part": "both", "index": 0}, "part"),
        ({"type": "set_parameter", "layer": 1, "unit": 0, "value": 1}, "input"),
        ({"type": "set_layer", "layer": 1, "batch_norm": 1}, "batch_norm"),
        ({"type": "join", "session": "../etc"}, "session"),
        ({"type": "fly"}, "type"),
        ({"typ": "play"}, "type"),
        ([], "message"),
        ("{", "message"),
        ("", "message"),
        ("[" * 5000, "message"),
        ('{"type":"play","id":' + "[" * 500 + "]" * 500 + "}", "message"),
        ('{"type":"play","id":' + "9" * 5000 + "}", "message"),
    ],
)
def test_refusals_name_the_field(command: Any, field: str):
    refusal = said(command)
    assert refusal.field == field
    assert refusal.got
    assert refusal.allowed
    assert len(refusal.message) < 700


@pytest.mark.parametrize(
    ("command", "allowed"),
    [
        (curve([0, 1], [5, 0]), "1e-8 to 1000"),
        (curve([0, 1], [2e7, 1]), "0 to 10000000"),
        ({"type": "race", "rates": "0.1"}, "a list of numbers, each 1e-8 to 1000"),
        ({"type": "race", "rates": 0.1}, "a list of numbers, each 1e-8 to 1000"),
        ({"type": "race", "rates": [0.1, "x"]}, "1e-8 to 1000"),
        (curve([0, 1], 5), "a list"),
    ],
)
def test_refusals_say_what_is_allowed(command: Any, allowed: str):
    assert said(command).allowed == allowed


def test_the_declared_bounds_of_a_curve_are_those_of_the_engine():
    low, high = BOUNDS["factor"]
    points = ((0, low), (BOUNDS["t"][1], high))
    assert Schedule("curve", points=points).points == points
    assert parse(json.dumps(curve(*points)))
    for beyond in (low / 2, high * 2):
        with pytest.raises(ValueError, match=r"points\[1\]\.factor"):
            Schedule("curve", points=((0, 1), (5, beyond)))


def test_a_message_that_is_too_long_is_refused():
    refusal = said('{"type": "play"}' + " " * MAX_MESSAGE_BYTES)
    assert refusal.field == "message"
    assert str(MAX_MESSAGE_BYTES) in refusal.allowed


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "set", "learning_rate": 1, "learning_rate": 0.5}',
        '{"type": "create", "recipe": {"learning_rate": 1, "seed": 1, "learning_rate": 1}}',
    ],
)
def test_a_name_given_twice_is_refused(text: str):
    refusal = said(text)
    assert (refusal.field, refusal.got) == ("learning_rate", "more than one value")


def test_a_refusal_of_a_name_given_twice_still_answers_its_command():
    refusal = said('{"type": "set", "id": 555, "learning_rate": 1, "learning_rate": 0.5}')
    assert (refusal.id, refusal.command) == (555, "set")


def test_half_a_character_and_a_name_without_end_can_be_refused():
    refusal = said(r'{"\ud800": 1, "\ud800": 2}')
    assert refusal.field == "?"
    assert "more than one value" in refusal.encode()
    refusal = said(json.dumps({"type": "play", "x" * 60_000: 1}))
    assert len(refusal.encode()) < 500
    assert said('{"type": null}').got == "null"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(st.text() | JSON.map(json.dumps) | st.binary().map(lambda b: b.decode("latin-1")))
def test_whatever_comes_is_a_command_or_a_refusal(text: str):
    try:
        parse(text)
    except Refusal as refusal:
        refused(refusal).encode()


def test_the_javascript_twin_is_current():
    written = (STATIC / "protocol.js").read_text(encoding="utf-8")
    assert written == javascript(), "run `python -m server.protocol` and commit static/protocol.js"
