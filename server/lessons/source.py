"""The text of a lesson, and the parts of it that are TOML, checked field by field."""

import re
import tomllib
from collections.abc import Mapping
from typing import Any

from server.lessons.places import Path, places, unclosed
from server.protocol import BOUNDS

REVEALS = (
    *("play", "step", "epoch", "reset", "speed", "rate", "optimizer", "minibatch"),
    *("seed", "data", "noise", "test_share", "inputs", "loss", "optimizer_options"),
    *("regularisation", "initial", "examples", "neurons", "layers", "activations"),
    *("layer_options", "lines", "table", "health", "microscope", "lab", "time"),
    *("plot", "chart", "accuracy"),
)
"""What a lesson can reveal; `static/css/lesson-reveal.css` says which elements these are."""
CONCEALS = ("network", "numbers", "output", "losses", "health")
"""What a step can keep from sight until the student has predicted it."""
HEADER = {"title": str, "order": int, "summary": str, "reveal": list, "recipe": dict}
OPTIONAL = {"speed": (int, float, str)}
STEP = {
    "goal": list,
    "recipe": dict,
    "commands": list,
    "catch_up": list,
    "reveal": list,
    "conceal": list,
    "speed": (int, float, str),
}


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


class Block:
    """A piece of TOML in a lesson, its fields of the right kinds; and where each of them stands."""

    def __init__(self, source: Source, start: int, end: int, fields: Mapping[str, Any]) -> None:
        """Lines `start` to `end`. Raises `LessonError`."""
        self.source, self.start = source, start
        text = "\n".join(source.lines[start:end])
        try:
            self.table: dict[str, Any] = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise self._unread(text, str(error)) from None
        self._places = places(text)
        for field, value in self.table.items():
            self._check_kind(field, value, fields)
        self._check_speed()
        for field, known in (("reveal", REVEALS), ("conceal", CONCEALS)):
            for number, name in enumerate(self.table.get(field, ())):
                if name not in known:
                    words = f"got {name!r}, expected some of {', '.join(known)}"
                    raise self.fail((field, number), words)

    def fail(self, path: Path, words: str, field: str = "") -> LessonError:
        """A mistake in the value at `path`, or in the nearest that the block names around it."""
        known = [path[:k] for k in range(len(path), 0, -1) if path[:k] in self._places]
        line = self._places[known[0]] if known else -1
        return self.source.fail(self.start + line, field or str(path[0]), words)

    def _unread(self, text: str, words: str) -> LessonError:
        """What was never closed is noticed further down, where the next field begins."""
        lines = text.split("\n")
        found = re.search(r" \(at line (\d+)", words)
        line = int(found[1]) - 1 if found else len(lines)
        opened = unclosed("\n".join(lines[:line]))
        if opened is not None and (not found or re.match(r"\s*(\[|[\w.-]+\s*=)", lines[line])):
            return self.source.fail(
                self.start + opened, _field(lines, opened), "a bracket is never closed"
            )
        line = min(line, len(lines) - 1)
        field = _field(lines, line if opened is None else opened)
        words = f"{re.sub(r' .at .*', '', words)} in: {lines[line].strip()}"
        return self.source.fail(self.start + line, field, words)

    def _check_kind(self, field: str, value: Any, fields: Mapping[str, Any]) -> None:
        if field not in fields:
            raise self.fail((field,), f"unknown, expected {', '.join(fields)}")
        kinds = fields[field]
        if not isinstance(value, kinds) or isinstance(value, bool):
            many = kinds if isinstance(kinds, tuple) else (kinds,)
            wanted = " or ".join(_KINDS[kind] for kind in many)
            raise self.fail((field,), f"got {value!r}, expected {wanted}")

    def _check_speed(self) -> None:
        low, high = BOUNDS["steps_per_second"]
        speed = self.table.get("speed", low)
        if speed != "max" and not (isinstance(speed, int | float) and low <= speed <= high):
            words = f'got {speed!r}, expected {low} to {high:.0f}, or "max"'
            raise self.fail(("speed",), words)


def _field(lines: list[str], line: int) -> str:
    """The key on a line of TOML, in its table; "TOML" where there is none."""
    key = re.match(r"\s*([\w.-]+)\s*=", lines[line])
    tables = [match[1] for text in lines[:line] if (match := re.match(r"\[+([\w.-]+)\]", text))]
    return ".".join([*tables[-1:], key[1]]) if key else "TOML"


_KINDS = {
    str: "a text", int: "a whole number", float: "a number", list: "a list [ … ]",
    dict: "names and values",
}  # fmt: skip
