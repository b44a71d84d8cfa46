"""Lessons: each is led to its end in the page, by doing what it says."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from server.lessons import shipped
from tests.browser.conftest import READY, OpenPage, ServerState
from tests.browser.lessons import SHOWN, WHY, minibatch, predict
from tests.browser.page import becomes, case, session_of, type_in, visit

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def play(page: Page) -> None:
    """Press Play, unless training runs already; at the highest speed, where that is shown."""
    if page.locator(".speed").is_visible():
        page.locator("label", has_text="600 steps per second").locator("i").click()
    if page.locator("#play").get_attribute("data-playing") == "false":
        page.get_by_role("button", name="Play", exact=True).click()


def rate(number: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        type_in(page.get_by_role("textbox", name="Learning rate"), number)
        play(page)

    return act


def set_output_bias(page: Page) -> None:
    """Click the disc at the corner of the output neuron, and type."""
    room = page.locator("#network").bounding_box()
    assert room is not None
    right, middle = room["x"] + room["width"], room["y"] + 64 + (room["height"] - 64) / 2
    for left, down in itertools.product(range(40, 160, 4), range(0, 60, 4)):
        page.mouse.move(right - left, middle + down)
        page.evaluate("new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn)))")
        if page.locator("#card h3").inner_text().startswith("bias"):
            page.mouse.down()
            page.mouse.up()
            type_in(page.locator("#editor-value"), "0.4")
            return
    pytest.fail("no bias was found at the output")


def bend(*layers: int) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        for layer in layers:
            page.get_by_label(f"Activation of layer {layer}").select_option("relu")
            expect(page.get_by_label(f"Activation of layer {layer}")).to_have_value("relu")
        if len(layers) > 1:
            page.get_by_role("button", name="Reset", exact=True).first.click()
        play(page)

    return act


def begin_with(initializer: str) -> Callable[[Page], None]:
    def act(page: Page) -> None:
        page.get_by_label("initialiser").select_option(label=initializer)
        page.locator("#divergence").wait_for(state="hidden")
        play(page)

    return act


def penalise(page: Page) -> None:
    type_in(page.get_by_label("L2 penalty"), "0.01")
    page.get_by_role("button", name="Reset", exact=True).first.click()
    play(page)


DEEDS: dict[tuple[str, int], Callable[[Page], None]] = {
    ("forward-pass", 3): set_output_bias,
    ("backward-pass", 4): minibatch,
    ("learning-rate", 1): rate("0.1"),
    ("learning-rate", 2): rate("0.2"),
    ("non-linearity", 1): bend(1),
    ("initialisation", 2): begin_with("Glorot, uniform"),
    ("vanishing-gradients", 1): bend(1, 2, 3, 4),
    ("vanishing-gradients", 3): begin_with("He, normal"),
    ("overfitting", 1): penalise,
}
"""What a step asks for, where that is not just to play."""


@pytest.mark.parametrize("name", shipped())
def test_every_lesson_reaches_its_end_by_doing_what_it_says(open_page: OpenPage, name: str) -> None:
    page = open_page(f"/?lesson={name}")
    lesson = shipped()[name]
    expect(page.get_by_role("region", name=lesson.title)).to_be_visible()
    for number, step in enumerate(lesson.steps):
        expect(page.locator("#lesson-place")).to_have_text(
            f"Lesson · step {number + 1} of {len(lesson.steps)}"
        )
        expect(page.locator("#lesson-body h3")).to_have_text(step["title"])
        page.locator(SHOWN).wait_for(state="attached")
        expect(page.locator(WHY)).to_have_count(0)
        right = [choice["right"] for choice in step["predict"]["choices"]].index(True)
        predict(page, right if number % 2 == 0 else 0)
        if step["goal"]:
            expect(page.locator(".lesson-goals li")).to_have_count(len(step["goal"]))
            expect(page.locator("#play")).to_have_attribute("data-playing", "false")
            DEEDS.get((name, number), play)(page)
        expect(page.locator(WHY)).to_be_visible(timeout=15_000)
        if step["goal"]:
            expect(page.locator("#play")).to_have_attribute("data-playing", "false")
        said = "As you predicted" if right == 0 or number % 2 == 0 else "Not as you predicted"
        expect(page.locator(".lesson-verdict")).to_contain_text(said)
        expect(page.locator(".lesson-predict [data-right=true]")).to_contain_text("✓")
        go_on = "Next" if number + 1 < len(lesson.steps) else "Finish"
        page.get_by_role("button", name=go_on, exact=True).click()
    expect(page.get_by_role("heading", name="Lessons")).to_be_visible()


def test_a_lesson_waits_for_the_prediction_and_shows_how_the_goal_stands(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/?lesson=learning-rate")
    page.keyboard.press(" ")
    page.keyboard.press(".")
    expect(page.locator(".transport")).to_have_js_property("inert", True)
    assert server_state(session_of(page))[2].meta["step"] == 0
    predict(page, 0)
    goal = page.locator(".lesson-goals li")
    expect(goal).to_have_text("steps 0 → at least 300")
    page.locator("#lesson-body").click()
    page.keyboard.press(" ")
    expect(goal).to_have_attribute("data-reached", "true")
    page.get_by_role("button", name="Next", exact=True).click()
    predict(page, 0)
    expect(goal).to_have_text(re.compile(r"test loss 1\.\d+ → below 0\.1"))
    assert server_state(session_of(page))[2].meta["playing"] is False


def shown(page: Page, selectors: list[str]) -> list[str]:
    return [selector for selector in selectors if page.locator(selector).first.is_visible()]


CONTROLS = [
    *("#play", "#step", "#epoch", "#reset", "#slow", ".speed", "#rate", "#optimizer"),
    *("#batch_size", "#seed", "#shapes", "#table", "#noise", "#test_share", "#features"),
    *("#loss-function", "#l2", "#initializer", "#samples", ".add-layer", "#heads select"),
    *("#heads .popover", ".network-only", "#network-table", "#health", "#timeline", "#schedule"),
    *(
        ".bars .bar-5",
        "#show-test",
        "#discretize",
        "#log-loss",
        "#log-step",
        "#save-loss",
        "#metric",
        "#show-metric",
    ),
]


def test_a_lesson_shows_only_what_it_needs_and_can_be_left(open_page: OpenPage) -> None:
    page = open_page("/?lesson=learning-rate")
    assert shown(page, CONTROLS) == ["#play", "#reset", ".speed", "#rate"]
    page.get_by_role("button", name="leave the lesson").click()
    expect(page.locator("#lesson")).to_be_hidden()
    assert {"#seed", "#optimizer", "#health", "#timeline"} <= set(shown(page, CONTROLS))
    expect(page).to_have_url(re.compile(r"/#dataset=moons"))
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_enabled()


def test_the_menu_lists_the_lessons_and_begins_one(
    live_page: Page, server_state: ServerState
) -> None:
    live_page.get_by_role("button", name="lessons").click()
    links = live_page.get_by_role("dialog").get_by_role("link")
    expect(links).to_have_text([lesson.title for lesson in shipped().values()])
    links.filter(has_text="wine").click()
    live_page.locator(READY).wait_for(state="attached")
    expect(live_page.locator("#lesson-title")).to_have_text("A real table: wine")
    becomes(live_page, server_state, dataset="wine")


def test_a_lesson_that_there_is_not(open_page: OpenPage, expected_trouble: list[str]) -> None:
    expected_trouble += ["404"]
    page = open_page("/?lesson=magic")
    expect(page.get_by_role("alert").filter(has_text="magic")).to_contain_text("learning-rate")


def fits(place: Locator) -> bool:
    return bool(place.evaluate("(e) => e.scrollWidth <= e.clientWidth + 1"))


@pytest.mark.parametrize("name", ["backward-pass", "vanishing-gradients", "digits"])
def test_the_page_does_not_scroll(open_page: OpenPage, name: str) -> None:
    page = open_page(f"/?lesson={name}")
    predict(page, 0)
    root = page.locator("html")
    for theme in ("light", "dark", "projector"):
        with case(theme):
            page.get_by_label("theme").select_option(theme)
            expect(root).to_have_attribute("data-theme", theme)
            assert root.evaluate(
                "(e) => e.scrollHeight <= innerHeight && e.scrollWidth <= innerWidth"
            )
            expect(page.locator("#lesson-next")).to_be_in_viewport(ratio=1)
            assert fits(page.locator("#lesson-body"))


def test_no_formula_of_a_lesson_is_cut(open_page: OpenPage) -> None:
    page = open_page()
    for name, lesson in shipped().items():
        if not any("<pre>" in step["text"] for step in lesson.steps):
            continue
        visit(page, f"/?lesson={name}")
        for number, step in enumerate(lesson.steps, start=1):
            with case((name, number)):
                page.get_by_role("button", name=re.compile(f"Step {number}:")).click()
                expect(page.locator("#lesson-body h3")).to_have_text(step["title"])
                assert all(fits(formula) for formula in page.locator("#lesson-body pre").all())
        page.locator(SHOWN).wait_for(state="attached")


def test_on_a_phone_too_the_layers_have_the_controls_that_a_step_needs(
    open_page: OpenPage,
) -> None:
    page = open_page("/?lesson=vanishing-gradients", **PHONE)
    page.get_by_role("button", name=re.compile("Step 2:")).click()
    predict(page, 1)
    page.locator(SHOWN).wait_for(state="attached")
    page.get_by_title("More about layer 3").click()
    menu = page.get_by_label("Activation of layer 3")
    menu.select_option("relu")
    expect(menu).to_have_value("relu")
    expect(page.get_by_label("Dropout")).to_have_count(4)
    assert not any(one.is_visible() for one in page.get_by_label("Dropout").all())


def test_on_a_phone_the_lesson_stands_above_the_network(open_page: OpenPage) -> None:
    page = open_page("/", **PHONE)
    for name, told in shipped().items():
        with case(name):
            visit(page, f"/?lesson={name}")
            expect(page.locator("#lesson-title")).to_have_text(told.title)
            lesson, stage = (page.locator(where).bounding_box() for where in ("#lesson", "#stage"))
            assert lesson
            assert stage
            assert lesson["y"] + lesson["height"] <= stage["y"]
            assert fits(page.locator("html"))
