"""Refusals: what was wrong with a command, in words that a student understands."""

import json
import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails, from_json

from server.protocol.fields import BOUNDS

LONGEST = 60
"""Characters of what came that a refusal repeats."""


class Refusal(Exception):
    """A command that cannot be carried out; nothing has changed."""

    def __init__(
        self,
        field: str,
        got: str,
        allowed: str,
        *,
        words: str | None = None,
        id: int | None = None,
        command: str | None = None,
    ) -> None:
        """`got` is what came and `allowed` what may come, both as text to show.

        `words` say the same to a student, where the three put together would not.
        """
        self.field, self.got, self.allowed = shorten(field), shorten(got), allowed
        self.id, self.command = id, command
        super().__init__(words or f"{self.field}: got {self.got}, expected {allowed}")


def shorten(text: str) -> str:
    """At most `LONGEST` characters of it, halves of characters replaced: they cannot be sent."""
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def number(value: float) -> str:
    """A bound as one writes it: 0.9, 1000, 4294967295, 1e-6."""
    return str(int(value)) if value == int(value) else f"{value:g}".replace("e-0", "e-")


def span(field: str) -> str:
    """The allowed range of a field, in words."""
    low, high = BOUNDS[field]
    return f"{number(low)} to {number(high)}"


# What came may be a list: it ends where "expected" follows, or else at the first comma.
_FORM = re.compile(
    r"([\w.\[\]]+): (?:got (?:(.*?), (?=expected )|(.*?), ))?(?:expected )?(.+)", re.DOTALL
)


def refusal_of_value_error(error: ValueError) -> Refusal:
    """The engine's `field: got …, expected …` as a refusal."""
    text = str(error)
    match = re.match(_FORM, text)
    if match is None:
        return Refusal("recipe", "this", text)
    return Refusal(match[1], match[2] or match[3] or "this", match[4], words=text)


def refusal_of(error: ValidationError, text: str | bytes) -> Refusal:
    """The first of pydantic's complaints about a message, in our words."""
    detail = error.errors(include_url=False, include_context=True)[0]
    id, command = address_of(text)
    # Inside a command the first part of the path repeats its type.
    path = [part for part in detail["loc"] if part != "[key]"]
    names = path[1:] if path and path[0] == command else path
    field = _joined(names) or "message"
    if detail["type"].startswith("union_tag"):
        field = "type"
    got, allowed = _words(detail, field, command)
    return Refusal(field, got, allowed, id=id, command=command)


def _joined(names: Sequence[str | int]) -> str:
    """A path as one field: `layers.0.units`; of a curve's points, `schedule.points[1].factor`."""
    field = ".".join(str(name) for name in names)
    return re.sub(r"(\bpoints)\.(\d+)(?:\.([01])\b)?", _point, field)


def _point(match: re.Match[str]) -> str:
    name = {"0": ".t", "1": ".factor", None: ""}[match[3]]
    return f"{match[1]}[{match[2]}]{name}"


def address_of(text: str | bytes) -> tuple[int | None, str | None]:
    """The id and type of a message that is not a valid command, as far as they can be made out."""
    try:
        message = from_json(text)
    except ValueError:
        return None, None
    if not isinstance(message, dict):
        return None, None
    id, command = message.get("id"), message.get("type")
    low, high = BOUNDS["id"]
    known = isinstance(id, int) and not isinstance(id, bool) and low <= id <= high
    return (id if known else None), (shorten(command) if isinstance(command, str) else None)


def _words(detail: ErrorDetails, field: str, command: str | None) -> tuple[str, str]:
    """What came and what is allowed."""
    kind, context, got = detail["type"], detail.get("ctx", {}), shorten(_show(detail["input"]))
    leaf = next((part for part in reversed(field.split(".")) if not part.isdigit()), field)
    leaf = f"{command}.{leaf}" if f"{command}.{leaf}" in BOUNDS else leaf
    if kind == "json_invalid":
        return shorten(str(context.get("error", "text"))), "one JSON object"
    if kind == "union_tag_invalid":
        tag = _show(detail["input"]["type"]).strip('"')
        return shorten(tag), str(context["expected_tags"]).replace("'", "")
    if kind == "union_tag_not_found":
        return "none", "the name of a command"
    if kind == "missing":
        return "nothing", _range_or(leaf, "a value: this field is needed")
    if kind == "extra_forbidden":
        return got, "no field of this name"
    if kind == "literal_error":
        return got, str(context["expected"]).replace("'", "")
    if kind == "tuple_type":
        return got, "a list" + (f" of numbers, each {span(leaf)}" if leaf in BOUNDS else "")
    if kind in _KINDS:
        return got, _range_or(leaf, _KINDS[kind], _NUMBERS.get(kind, ""))
    if kind in ("too_long", "string_too_long"):
        return _size(detail["input"]), f"at most {context['max_length']}"
    if kind in ("too_short", "string_too_short"):
        return _size(detail["input"]), f"at least {context['min_length']}"
    return got, detail["msg"]


_NUMBERS = {"int_type": "a whole number, ", "int_from_float": "a whole number, "}
_KINDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "greater_than_equal": "more",
    "less_than_equal": "less",
    "int_parsing_size": "a smaller number",
    "bool_type": "true or false",
    "string_type": "a text",
    "dict_type": "an object with names and values",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "string_pattern_mismatch": "letters, digits, - and _",
}


def _range_or(field: str, otherwise: str, prefix: str = "") -> str:
    return prefix + span(field) if field in BOUNDS else otherwise


def _size(value: Any) -> str:
    return f"{len(value)} characters" if isinstance(value, str) else f"{len(value)} entries"


def _show(value: Any) -> str:
    """A value as JSON has it, without writing out what is huge."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and abs(value) >= 10**LONGEST:
        return "a number of more than 60 digits"
    if isinstance(value, str):
        return f'"{value[:LONGEST]}"'
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    return json.dumps(value)  # NaN and Infinity as they came
