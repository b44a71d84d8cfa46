"""The text of a lesson, and the parts of it that are TOML, checked field by field."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from engine.recipe import recipe_for
from server.protocol import BOUNDS, Refusal, parse
from server.protocol.commands import RecipeFields
from server.protocol.refusal import refusal_of

REVEALS = (
    *("play", "step", "epoch", "reset", "speed", "rate", "optimizer", "minibatch"),
    *("seed", "data", "noise", "test_share", "inputs", "loss", "optimizer_options"),
    *("regularisation", "initial", "examples", "neurons", "layers", "activations"),
    *("layer_options", "lines", "table", "health", "microscope", "lab", "time"),
)
"""What a lesson can reveal; `static/css/lesson-reveal.css` says which elements these are."""
CONCEALS = ("network", "output", "losses", "health")
"""What a step can keep from sight until the student has predicted it."""
HEADER = {"title": str, "order": int, "summary": str, "reveal": list, "recipe": dict}
OPTIONAL = {"speed": (int, float, str)}
STEP = {
    "goal": list,
    "recipe": dict,
    "commands": list,
    "reveal": list,
    "conceal": list,
    "speed": (int, float, str),
}
FORBIDDEN = ("create", "join", "ack")


class LessonError(ValueError):
    """A mistake in a lesson file."""

    def __init__(self, file: str, line: int, field: str, words: str) -> None:
        self.file, self.line, self.field = file, line, field
        super().__init__(f"{file}, line {line}, {field}: {words}")


class Source:
    """The lines of a file; what is wrong in them is said by `LessonError`s."""

    def __init__(self, file: str, lines: list[str]) -> None:
        self.file, self.lines = file, lines

    def fail(self, line: int, field: str, words: str) -> LessonError:
        """`line` counts from 0, as lists do."""
        return LessonError(self.file, line + 1, field, words)

    def toml(self, start: int, end: int, fields: Mapping[str, Any]) -> dict[str, Any]:
        """A block of TOML in lines `start` to `end`, its fields of the right kinds."""
        try:
            table = tomllib.loads("\n".join(self.lines[start:end]))
        except tomllib.TOMLDecodeError as error:
            found = re.search(r"line (\d+)", str(error))
            line = start + int(found[1]) - 1 if found else end - 1
            raise self.fail(line, "TOML", str(error)) from None
        for field, value in table.items():
            line = self.line_of(field, start, end)
            if field not in fields:
                raise self.fail(line, field, f"unknown, expected {', '.join(fields)}")
            kinds = fields[field]
            if not isinstance(value, kinds) or isinstance(value, bool):
                many = kinds if isinstance(kinds, tuple) else (kinds,)
                wanted = " or ".join(_KINDS[kind] for kind in many)
                raise self.fail(line, field, f"got {value!r}, expected {wanted}")
        self.speed(table, start, end)
        return table

    def line_of(self, field: str, start: int, end: int) -> int:
        """The line that names a field: a.b is looked for as b, else as a."""
        for name in reversed(field.split(".")):
            pattern = re.compile(rf"(^|[\[{{,\s]){re.escape(name)}\s*[=\]]|[\"'<]{re.escape(name)}")
            for line in range(start, end):
                if pattern.search(self.lines[line]):
                    return line
        return start

    def speed(self, table: Mapping[str, Any], start: int, end: int) -> None:
        low, high = BOUNDS["steps_per_second"]
        speed = table.get("speed", low)
        if speed != "max" and not (isinstance(speed, int | float) and low <= speed <= high):
            line = self.line_of("speed", start, end)
            raise self.fail(line, "speed", f'got {speed!r}, expected {low} to {high:.0f}, or "max"')

    def reveals(self, table: Mapping[str, Any], start: int, end: int) -> None:
        for field, known in (("reveal", REVEALS), ("conceal", CONCEALS)):
            for name in table.get(field, ()):
                if name not in known:
                    line = self.line_of(str(name), start, end)
                    words = f"got {name!r}, expected some of {', '.join(known)}"
                    raise self.fail(line, field, words)

    def recipe(self, recipe: Mapping[str, Any], start: int, end: int) -> None:
        """Check that a session can be created of it."""
        text = json.dumps(recipe, default=str)
        try:
            named = RecipeFields.model_validate_json(text).model_dump(exclude_unset=True)
            recipe_for(named.pop("dataset", "moons"), **named)
        except ValidationError as error:
            refusal = refusal_of(error, text)
            field = refusal.field
            line = self.line_of(f"recipe.{field}", start, end)
            words = str(refusal).partition(": ")[2]
            raise self.fail(line, f"recipe.{field}", words) from None
        except ValueError as error:
            field, _, words = str(error).partition(": ")
            raise self.fail(self.line_of(field, start, end), f"recipe.{field}", words) from None

    def commands(self, commands: Iterable[Any], start: int, end: int) -> list[dict[str, Any]]:
        """Check them one by one; TOML has no null, so a bias is the input "bias"."""
        line = self.line_of("commands", start, end)
        checked = []
        for number, command in enumerate(commands, start=1):
            if isinstance(command, dict) and command.get("input") == "bias":
                command = command | {"input": None}
            try:
                kind = parse(json.dumps(command, default=str)).type
            except Refusal as refusal:
                words = f"command {number}: {refusal}"
                raise self.fail(line, "commands", words) from None
            if kind in FORBIDDEN:
                words = f"command {number}: got {kind!r}, expected an edit of the session"
                raise self.fail(line, "commands", words)
            checked.append(command)
        return checked


_KINDS = {
    str: "a text", int: "a whole number", float: "a number", list: "a list [ … ]",
    dict: "names and values",
}  # fmt: skip
