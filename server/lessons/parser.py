"""Reads lesson files: steps and their parts, which are Markdown."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from server.lessons.goals import condition
from server.lessons.links import broken
from server.lessons.rehearsal import Rehearsal
from server.lessons.source import HEADER, OPTIONAL, STEP, Block, LessonError, Source

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
        block = Block(self, 1, fences[1], HEADER | OPTIONAL)
        self.header = header = block.table
        for field in HEADER:
            if field not in header:
                raise self.fail(0, field, "missing in the header")
        self.rehearsal = Rehearsal()
        self.rehearsal.begin(header["recipe"], block)
        steps = self.steps(fences[1] + 1)
        if not steps:
            words = "expected at least one heading ## with a step below it"
            raise self.fail(fences[1], "steps", words)
        return Lesson(
            name=name, title=header["title"], order=header["order"], summary=header["summary"],
            reveal=tuple(header["reveal"]), steps=tuple(steps),
        )  # fmt: skip

    def steps(self, start: int) -> list[dict[str, Any]]:
        tokens = _markdown.parse("\n".join(self.lines[start:]))
        self.check_links(start, tokens)
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
            steps.append(self.step(line, end, title, parts, first=not steps))
        return steps

    def check_links(self, start: int, tokens: list[Token]) -> None:
        for block in tokens:
            for token in block.children or ():
                target = str(token.attrs.get("href", ""))
                words = broken(target) if token.type == "link_open" else None
                if words and block.map:
                    lines = range(start + block.map[0], start + block.map[1])
                    line = next((k for k in lines if target in self.lines[k]), lines[0])
                    raise self.fail(line, "link", words)

    def step(
        self, line: int, end: int, title: str, parts: list[tuple[int, int, str]], *, first: bool
    ) -> dict[str, Any]:
        stops = [place for place, _, _ in parts] + [end]
        made: dict[str, Any] = {
            "title": title,
            "recipe": self.header["recipe"] if first else None,
            "commands": [],
            "catch_up": [],
            "reveal": [],
            "conceal": [],
            "goal": [],
        }
        text, block = self.block(line + 1, stops[0])
        if block:
            made |= block.table
            self.rehearse(made, block)
        pace = self.header.get("speed") if made["recipe"] is not None else None
        made = {"speed": pace} | made | {"text": self.render(text, stops[0])}
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

    def block(self, start: int, end: int) -> tuple[int, Block | None]:
        """The line where the text of a step begins, and the block ```toml before it, if any."""
        while start < end and not self.lines[start].strip():
            start += 1
        if start == end or self.lines[start].strip() != "```toml":
            return start, None
        fences = [k for k in range(start + 1, end) if self.lines[k].strip() == "```"]
        if not fences:
            raise self.fail(start, "TOML", "expected a line ``` at the end of the block")
        return fences[0] + 1, Block(self, start + 1, fences[0], STEP)

    def rehearse(self, made: dict[str, Any], block: Block) -> None:
        """Set the step up, complete what its block says, and look whether it can be done."""
        if "recipe" in block.table:
            made["recipe"] = self.header["recipe"] | block.table["recipe"]
            self.rehearsal.begin(made["recipe"], block)
        for field in ("catch_up", "commands"):
            made[field] = self.rehearsal.carry_out(field, made[field], block)
        self.rehearsal.revealed |= {*self.header["reveal"], *made["reveal"]}
        for number, text in enumerate(made["goal"]):
            try:
                goal = condition(str(text))
                self.rehearsal.check(goal)
            except ValueError as error:
                raise block.fail(("goal", number), str(error)) from None
            made["goal"][number] = goal.as_dict()

    def prediction(self, line: int, end: int) -> dict[str, Any]:
        question: list[str] = []
        choices: list[tuple[str, bool]] = []
        rights: list[int] = []
        for place, text in enumerate(self.lines[line + 1 : end], start=line + 1):
            if match := re.fullmatch(r"[-*] \[([ xX])\] (.+)", text.rstrip()):
                choices.append((match[2], match[1] != " "))
                rights += [place] if match[1] != " " else []
            elif re.match(r"[-*] ?\[", text):
                raise self.fail(
                    place, "Predict", "expected a choice, - [ ] …, or the right one, - [x] …"
                )
            elif choices and text.strip():
                so_far, right = choices.pop()
                choices.append((f"{so_far} {text.strip()}", right))
            else:
                question.append(text)
        if len(choices) < 2 or len(rights) != 1:
            words = "expected two choices or more, - [ ] …, and one right one, - [x] …"
            raise self.fail(rights[1] if len(rights) > 1 else line, "Predict", words)
        return {
            "question": _markdown.render("\n".join(question)),
            "choices": [
                {"text": _markdown.renderInline(text), "right": right} for text, right in choices
            ],
        }

    def render(self, start: int, end: int) -> str:
        html: str = _markdown.render("\n".join(self.lines[start:end]))
        return html
