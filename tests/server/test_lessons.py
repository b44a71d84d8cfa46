"""Lessons: what is wrong with a file is named; the shipped ones are right in every number."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from engine.diagnosis import FOLLOWS
from server.cli import make_parser
from server.glossary import glossary
from server.lessons import LessonError, read, shipped
from server.lessons.goals import FINDINGS, condition
from server.lessons.source import REVEALS
from tests.server.conftest import Running
from tests.server.test_gate import request

CSS = Path(__file__).parents[2] / "static" / "css" / "lesson-reveal.css"
GOOD = """+++
title = "Mine"
order = 1
summary = "A lesson."
reveal = ["play", "rate"]

[recipe]
dataset = "moons"
learning_rate = 0.03
+++

## One

```toml
goal = ["test_loss < 0.1"]
```

A *text*.

### Predict

What?

- [ ] this
- [x] that,
  or nearly

### Do

Press Play.

### Why

So.
"""


def write(folder: Path, text: str, name: str = "mine.md") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_a_lesson_is_read(tmp_path: Path):
    lesson = read(write(tmp_path, GOOD))
    (step,) = lesson.steps
    assert (lesson.name, lesson.title, lesson.reveal) == ("mine", "Mine", ("play", "rate"))
    assert step["recipe"] == {"dataset": "moons", "learning_rate": 0.03}
    assert step["text"] == "<p>A <em>text</em>.</p>\n"
    assert step["predict"]["choices"] == [
        {"text": "this", "right": False},
        {"text": "that, or nearly", "right": True},
    ]
    assert step["goal"] == [{"what": "test_loss", "name": "test loss", "is": "<", "value": 0.1}]
    assert json.loads(json.dumps(lesson.as_dict()))["steps"][0]["why"] == "<p>So.</p>\n"


@pytest.mark.parametrize("name", shipped())
def test_numbers_are_written_as_the_page_writes_them(name: str):
    for step in shipped()[name].steps:
        choices = [choice["text"] for choice in (step["predict"] or {"choices": []})["choices"]]
        text = " ".join([step["text"], step["do"], step["why"], *choices])
        assert re.findall(r"(?<![\d.])\d{4,}", text) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "field", "words"),
    [
        ("+++\ntitle", "title", 1, "header", "+++"),
        ('title = "Mine"', "title = Mine", 2, "title", "Invalid value in: title = Mine"),
        ("order = 1", "order = ten", 3, "order", "Invalid value"),
        ("0.03\n", "fast\n", 9, "recipe.learning_rate", "Invalid value"),
        ("order = 1", "order", 3, "TOML", "Expected '='"),
        ('title = "Mine"\n', "", 1, "title", "missing"),
        ("order = 1", 'order = "1"', 3, "order", "a whole number"),
        ("order = 1", "order = 1\ncolour = 3", 4, "colour", "unknown"),
        ('"rate"]', '"ratte"]', 5, "reveal", "'ratte'"),
        ("0.03\n", "300\n", 9, "recipe.learning_rate", "0 to 100"),
        ("0.03\n", '"0.03"\n', 9, "recipe.learning_rate", "0 to 100"),
        ('"moons"', '"moon"', 8, "recipe.dataset", "moons"),
        ('"moons"', '"iris"\nloss = "half_squared_error"\noutput_activation = "softmax"', 10,
         "recipe.output_activation", "tanh"),
        ('"moons"', '"sine"\nloss = "binary_cross_entropy"', 9, "recipe.loss", "regression"),
        ("test_loss < 0.1", "test_los < 0.1", 15, "goal", "test_loss"),
        ("test_loss < 0.1", "test_loss < low", 15, "goal", "a number"),
        ("test_loss < 0.1", "finding nothing", 15, "goal", "vanishing"),
        ("goal = [", "goals = [", 15, "goals", "goal"),
        ("goal = [", 'conceal = ["all"]\ngoal = [', 15, "conceal", "output"),
        ("goal = [", "speed = 0\ngoal = [", 15, "speed", "1 to"),
        ("goal = [", 'commands = [{ type = "jump" }]\ngoal = [', 15, "commands", "command 1"),
        ("goal = [", 'commands = [{ type = "create" }]\ngoal = [', 15, "commands", "edit"),
        ("\n```\n\nA", "\n\nA", 14, "TOML", "```"),
        ("- [x]", "- [ ]", 20, "Predict", "one right one"),
        ("- [ ]", "- [x]", 25, "Predict", "one right one"),
        ("- [x]", "- [y]", 25, "Predict", "or the right one"),
        ('"rate"]', '"rate"', 5, "reveal", "never closed"),
        ('"rate"]', '"rate",', 5, "reveal", "never closed"),
        ("[\"test_loss < 0.1\"]", '[\n"steps >= 1",\n"test_loss < low"]', 17, "goal", "a number"),
        ("0.03\n", '0.03\nlayers = [{ units = 1 },\n{ units = 3, activation = "x" }]\n', 11,
         "recipe.layers.1.activation", "tanh"),
        ("goal = [", 'commands = [\n{ type = "pause" },\n{ type = "jump" },\n]\ngoal = [', 17,
         "commands", "command 2"),
        ("goal = [", 'commands = [{ type = "set_layer", layer = 7, units = 1 }]\ngoal = [', 15,
         "commands", "command 1"),
        ("goal = [", 'commands = [{ type = "set_layer", layer = 7, dropout = 0.1 }]\ngoal = [', 15,
         "commands", "command 1: layer: got 7"),
        ("goal = [", 'catch_up = [{ type = "select_example", part = "train", index = 1800 }]\n'
         "goal = [", 15, "catch_up", "command 1: index: got 1800"),
        ("test_loss < 0.1", "test_metric >= 95", 15, "goal", "test accuracy is 0 to 1"),
        ("test_loss < 0.1", "test_loss < 0", 15, "goal", "can never be"),
        ("test_loss < 0.1", "test_loss < nan", 15, "goal", "a number"),
        ("test_loss < 0.1", "learning_rate = 200", 15, "goal", "0 to 100"),
        ("test_loss < 0.1", "l2 = 0.1", 15, "goal", "regularisation in reveal"),
        ("### Do", "### Act", 28, "heading", "Predict, Do, Why"),
        ("### Why", "### Do", 32, "heading", "each once"),
        ("### Why\n\nSo.\n", "", 12, "Why", "expected a part"),
        ("### Do\n\nPress Play.\n", "", 12, "goal", "### Do"),
        ("A *text*", "A\n[text](/glossary#deltaa)", 19, "link", "expected #delta"),
        ("this", "[this](/glosary)", 24, "link", "/glossary"),
        ("So.", "[So](#why).", 34, "link", "/protocol"),
        ("## One", "One", 12, "text", "##"),
        ("## One", "# One", 12, "heading", "##"),
    ],
)  # fmt: skip
def test_mistakes_are_named_by_file_line_and_field(
    tmp_path: Path, old: str, new: str, line: int, field: str, words: str
):
    assert old in GOOD
    with pytest.raises(LessonError) as caught:
        read(write(tmp_path, GOOD.replace(old, new, 1)))
    error = caught.value
    assert (error.file, error.line, error.field) == ("mine.md", line, field), str(error)
    assert str(error).startswith(f"mine.md, line {line}, {field}: ")
    assert words in str(error)


@pytest.mark.parametrize(
    ("recipe", "goal", "words"),
    [
        ("layers = []", "activation = relu", "no hidden layer"),
        ("layers = []", "batch_norm", "no hidden layer"),
        ("layers = [{ units = 2 }]", "activation = relu", "activations in reveal"),
        ("test_share = 0", "test_loss < 0.1", "put aside for the test"),
        ("noise = 0", "noise > 1", "noise is 0 to 1"),
    ],
)
def test_a_goal_that_the_recipe_rules_out(tmp_path: Path, recipe: str, goal: str, words: str):
    text = GOOD.replace("learning_rate = 0.03", recipe).replace("test_loss < 0.1", goal)
    with pytest.raises(LessonError, match=f"line 15, goal: .*{words}"):
        read(write(tmp_path, text))


def test_a_control_revealed_in_an_earlier_step_may_have_been_used(tmp_path: Path):
    one = GOOD.replace("goal = [", 'reveal = ["layers", "activations"]\ngoal = [')
    two = GOOD.partition("## One")[2].replace("test_loss < 0.1", "activation = relu")
    again = two.replace("goal = [", "recipe = {}\ngoal = [")
    assert len(read(write(tmp_path, f"{one}\n## Two{two}")).steps) == 2
    with pytest.raises(LessonError, match="activations in reveal"):
        read(write(tmp_path, f"{one}\n## Two{again}"))


def test_a_file_has_a_plain_name_and_is_text(tmp_path: Path):
    with pytest.raises(LessonError, match="name of the file"):
        read(write(tmp_path, GOOD, "My lesson.md"))
    (tmp_path / "bytes.md").write_bytes(b"+++\n\xff")
    with pytest.raises(LessonError, match="UTF-8"):
        read(tmp_path / "bytes.md")


def test_no_html_and_no_script_comes_through(tmp_path: Path):
    evil = "<script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>"
    (step,) = read(write(tmp_path, GOOD.replace("A *text*.", evil).replace("this", evil))).steps
    for html in (step["text"], step["predict"]["choices"][0]["text"]):
        assert "<script" not in html
        assert "<img" not in html
        assert "href" not in html


@pytest.mark.parametrize("text", ["steps >= 3", "no finding dead", "not diverged", "loss = x"])
def test_conditions(text: str):
    if text == "loss = x":
        with pytest.raises(ValueError, match="expected one of"):
            condition(text)
    else:
        assert condition(text).as_dict()["what"] in ("steps", "finding", "diverged")


def test_the_names_of_findings_are_those_of_the_diagnosis():
    assert set(FOLLOWS) | set().union(*FOLLOWS.values()) <= set(FINDINGS)


def test_every_control_that_can_be_revealed_is_hidden_otherwise():
    css = CSS.read_text("utf-8")
    assert [name for name in REVEALS if f'[data-reveal~="{name}"]' not in css] == []


def test_there_are_lessons_in_order_each_with_a_prediction_and_a_goal():
    lessons = list(shipped().values())
    assert len(lessons) >= 11
    assert [lesson.order for lesson in lessons] == list(range(1, len(lessons) + 1))
    for lesson in lessons:
        assert all(step["predict"] for step in lesson.steps), lesson.name
        assert any(step["goal"] for step in lesson.steps), lesson.name
    story = [step["title"] for step in shipped()["backward-pass"].steps]
    assert story == ["Initialisation", "Forward pass", "Loss", "Backward pass (chain rule)",
                     "Weight update", "Iteration"]  # fmt: skip


def test_links_lead_to_entries_of_the_glossary_in_a_tab_of_their_own():
    names = {term.name for group in glossary() for term in group.terms}
    links = re.findall(r"<a [^>]*>", str(list(shipped().values())))
    assert len(links) >= 8
    for link in links:
        target = re.fullmatch(r'<a href="/glossary#([\w-]+)" target="_blank">', link)
        assert target, link
        assert target[1] in names


def test_the_glossary_has_a_sentence_for_each_of_its_terms(running: Running):
    terms = [term for group in glossary() for term in group.terms]
    assert len({term.name for term in terms}) == len(terms)
    _, page, _ = request(running, "/glossary", {})
    for term in terms:
        assert re.search(r"\.( \(.+\)\.)?$|\)\.$", term.says), term.name
        assert f'id="{term.name}"' in page


def test_the_command_opens_a_lesson_by_its_name_or_path(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    chosen = make_parser().parse_args(["--lesson", "wine"]).lesson
    assert chosen == shipped()["wine"]
    own = str(write(tmp_path, GOOD))
    assert make_parser().parse_args(["--lesson", own]).lesson.title == "Mine"
    write(tmp_path, GOOD.replace("0.03", "300"))
    for name, words in (
        ("magic", "learning-rate"),
        (own, "line 9, recipe.learning_rate"),
        ("no/mine.md", "there is no file 'no/mine.md'"),
    ):
        with pytest.raises(SystemExit):
            make_parser().parse_args(["--lesson", name])
        assert words in capsys.readouterr().err


def test_lessons_are_served_and_listed(running: Running):
    status, body, _ = request(running, "/lessons/digits", {})
    assert status == 200
    assert json.loads(body)["title"] == "Handwritten digits"
    status, body, _ = request(running, "/lessons/nothing", {})
    assert status == 404
    assert "learning-rate" in body
    _, page, _ = request(running, "/", {})
    assert [name for name in shipped() if f'href="/?lesson={name}"' not in page] == []
