"""Reads lesson files: steps and their parts, which are Markdown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from server.lessons.goals import condition
from server.lessons.source import HEADER, OPTIONAL, STEP, LessonError, Source

FOLDER = Path(__file__).parent
PARTS = ("Predict", "Do", "Why")

_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


def _open_link(self: Any, tokens: Any, index: int, options: Any, env: Any) -> str:
    """Links leave the page, and the session on it, open."""
    tokens[index].attrSet("target", "_blank")
    html: str = self.renderToken(tokens, index, options, env)
    return html


_markdown.add_render_rule("link_open", _open_link)


@dataclass(frozen=True)
class Lesson:
    """A lesson; `steps` are plain values, their texts HTML."""

    name: str
    title: str
    order: int
    summary: str
    reveal: tuple[str, ...]
    steps: tuple[dict[str, Any], ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for the page."""
        return {"name": self.name, "title": self.title, "reveal": self.reveal, "steps": self.steps}


@cache
def shipped() -> dict[str, Lesson]:
    """The lessons that come with the program, in their order. Raises `LessonError`."""
    lessons = sorted(map(read, FOLDER.glob("*.md")), key=lambda lesson: lesson.order)
    return {lesson.name: lesson for lesson in lessons}


def read(path: Path) -> Lesson:
    """The lesson in a file. Raises `LessonError`, and OSError where there is no such file."""
    name = path.stem
    if not re.fullmatch(r"[a-z0-9-]+", name):
        words = f"got {name!r}, expected small letters, digits and -"
        raise LessonError(path.name, 1, "name of the file", words)
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise LessonError(path.name, 1, "text", "expected UTF-8") from None
    return _Reader(path.name, text.splitlines()).lesson(name)


class _Reader(Source):
    def lesson(self, name: str) -> Lesson:
        fences = [k for k, line in enumerate(self.lines) if line.strip() == "+++"]
        if len(fences) < 2 or fences[0] != 0:
            raise self.fail(0, "header", "expected the header in TOML, between two lines +++")
        start, end = 1, fences[1]
        header = self.toml(start, end, HEADER | OPTIONAL)
        for field in HEADER:
            if field not in header:
                raise self.fail(0, field, "missing in the header")
        self.reveals(header, start, end)
        self.recipe(header["recipe"], start, end)
        steps = self.steps(end + 1, header)
        if not steps:
            raise self.fail(end, "steps", "expected at least one heading ## with a step below it")
        return Lesson(
            name=name, title=header["title"], order=header["order"], summary=header["summary"],
            reveal=tuple(header["reveal"]), steps=tuple(steps),
        )  # fmt: skip

    def steps(self, start: int, header: dict[str, Any]) -> list[dict[str, Any]]:
        tokens = _markdown.parse("\n".join(self.lines[start:]))
        heads = [
            (start + token.map[0], int(token.tag[1]), tokens[k + 1].content)
            for k, token in enumerate(tokens)
            if token.type == "heading_open" and token.map and token.level == 0
        ]
        bounds = [line for line, level, _ in heads if level <= 2] + [len(self.lines)]
        for line in range(start, bounds[0]):
            if self.lines[line].strip():
                raise self.fail(line, "text", "expected a heading ## before it: a step's title")
        steps: list[dict[str, Any]] = []
        for line, level, title in heads:
            if level == 3:
                continue
            if level != 2:
                words = "expected ## for a step, ### for its parts"
                raise self.fail(line, "heading", words)
            end = next(bound for bound in bounds if bound > line)
            parts = [head for head in heads if line < head[0] < end and head[1] == 3]
            first = header["recipe"] if not steps else None
            steps.append(self.step(line, end, title, parts, header, first))
        return steps

    def step(
        self,
        line: int,
        end: int,
        title: str,
        parts: list[tuple[int, int, str]],
        header: dict[str, Any],
        first: dict[str, Any] | None,
    ) -> dict[str, Any]:
        stops = [place for place, _, _ in parts] + [end]
        text, table = self.settings(line + 1, stops[0], header["recipe"])
        recipe = first
        if "recipe" in table or ("commands" in table and first is None):
            recipe = header["recipe"] | table.get("recipe", {})
        made: dict[str, Any] = {
            "title": title,
            "recipe": recipe,
            "commands": table.get("commands", []),
            "speed": table.get("speed", header.get("speed") if recipe is not None else None),
            "reveal": table.get("reveal", []),
            "conceal": table.get("conceal", []),
            "goal": table.get("goal", []),
            "text": self.render(text, stops[0]),
        }
        for (place, _, name), stop in zip(parts, stops[1:], strict=True):
            if name not in PARTS or name.lower() in made:
                words = f"got {name!r}, expected {', '.join(PARTS)}, each once"
                raise self.fail(place, "heading", words)
            if name == "Predict":
                made["predict"] = self.prediction(place, stop)
            else:
                made[name.lower()] = self.render(place + 1, stop)
        if bool(made["goal"]) != ("do" in made):
            raise self.fail(line, "goal", "expected with a part ### Do, and a Do with a goal")
        if ("predict" in made or "do" in made) != ("why" in made):
            raise self.fail(line, "Why", "expected a part ### Why where there is a Predict or Do")
        return {"predict": None, "do": "", "why": ""} | made

    def settings(self, start: int, end: int, base: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """The block ```toml of a step, if it has one, and the line after it."""
        while start < end and not self.lines[start].strip():
            start += 1
        if start == end or self.lines[start].strip() != "```toml":
            return start, {}
        fences = [k for k in range(start + 1, end) if self.lines[k].strip() == "```"]
        if not fences:
            raise self.fail(start, "TOML", "expected a line ``` at the end of the block")
        inside, stop = start + 1, fences[0]
        table = self.toml(inside, stop, STEP)
        self.reveals(table, inside, stop)
        self.recipe({**base, **table.get("recipe", {})}, inside, stop)
        if "commands" in table:
            table["commands"] = self.commands(table["commands"], inside, stop)
        goals = []
        for text in table.get("goal", ()):
            try:
                goals.append(condition(str(text)).as_dict())
            except ValueError as error:
                raise self.fail(self.line_of("goal", inside, stop), "goal", str(error)) from None
        return stop + 1, table | {"goal": goals}

    def prediction(self, line: int, end: int) -> dict[str, Any]:
        question: list[str] = []
        choices: list[tuple[str, bool]] = []
        for text in self.lines[line + 1 : end]:
            if match := re.fullmatch(r"[-*] \[([ xX])\] (.+)", text.rstrip()):
                choices.append((match[2], match[1] != " "))
            elif choices and text.strip():
                so_far, right = choices.pop()
                choices.append((f"{so_far} {text.strip()}", right))
            else:
                question.append(text)
        if len(choices) < 2 or sum(right for _, right in choices) != 1:
            words = "expected two choices or more, - [ ] …, and one right one, - [x] …"
            raise self.fail(line, "Predict", words)
        return {
            "question": _markdown.render("\n".join(question)),
            "choices": [
                {"text": _markdown.renderInline(text), "right": right} for text, right in choices
            ],
        }

    def render(self, start: int, end: int) -> str:
        html: str = _markdown.render("\n".join(self.lines[start:end]))
        return html
