"""The ways through a lesson: on, back, by jumps; what is concealed, and where training pauses."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from engine.recipe import Recipe
from server.lessons import shipped
from tests.browser.conftest import OpenPage, ServerState, State
from tests.browser.lessons import SHOWN, WHY, go, minibatch, predict, step_by_hand
from tests.browser.page import becomes, case, meta_becomes, session_of, visit
from tests.live import Frame


def network(page: Page, server_state: ServerState, **recipe: Any) -> State:
    """The network that stands on the page, once it has these values in its recipe."""
    page.locator(SHOWN).wait_for(state="attached")
    return becomes(page, server_state, **recipe)


BY_HAND = [0.4, 0.2, 0.1, 0.5, -1, 0, 0.5, 0.8, -0.1]


def by_hand(topology: dict[str, Any], dataset: object, frame: Frame) -> bool:
    parameters = frame.tensors["parameters"].round(5).tolist()
    return bool(frame.meta["step"] == 0 and parameters == pytest.approx(BY_HAND))


def test_begin_a_step_again(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page("/?lesson=backward-pass")
    step_by_hand(page)
    page.get_by_role("button", name="start again").click()
    expect(page.locator(WHY)).to_have_count(0)
    page.locator(SHOWN).wait_for(state="attached")
    server_state(session_of(page), until=by_hand)
    page.get_by_role("button", name="Back", exact=True).click()
    expect(page.locator("#lesson-body h3")).to_have_text("Backward pass (chain rule)")


def test_who_goes_back_finds_the_network_that_the_step_speaks_of(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/?lesson=backward-pass")
    step_by_hand(page)
    go(page, 2)
    page.locator(SHOWN).wait_for(state="attached")
    server_state(session_of(page), until=by_hand)
    # What has been explained can be read again, beside a network that says where it stands.
    go(page, 5)
    expect(page.locator(WHY)).to_contain_text("stands again where the step begins")
    page.locator(SHOWN).wait_for(state="attached")
    minibatch(page)
    expect(page.locator(WHY)).not_to_contain_text("stands again")
    goal = page.locator(".lesson-goals li").first
    expect(goal).to_have_text("steps 1 → exactly 1")


def test_a_step_made_too_early_is_taken_back_where_the_numbers_are_needed(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/?lesson=backward-pass")
    go(page, 4)
    predict(page, 1)
    page.locator(SHOWN).wait_for(state="attached")
    minibatch(page)
    meta_becomes(page, server_state, step=1)
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.locator("#lesson-body .lesson-note")).to_contain_text("stands again where this")
    page.locator(SHOWN).wait_for(state="attached")
    server_state(session_of(page), until=by_hand)
    predict(page, 1)
    minibatch(page)
    expect(page.locator(WHY)).to_be_visible()
    # And so it is for who went on after the goal: the next step speaks of the first one.
    minibatch(page)
    meta_becomes(page, server_state, step=2)
    page.get_by_role("button", name="Next", exact=True).click()
    page.locator(SHOWN).wait_for(state="attached")
    meta_becomes(page, server_state, step=1)


def test_who_only_looks_keeps_the_network(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page("/?lesson=backward-pass")
    go(page, 4)
    predict(page, 1)
    page.locator(SHOWN).wait_for(state="attached")
    session = session_of(page)
    page.get_by_role("button", name="Slow motion", exact=True).click()
    page.get_by_role("button", name="weight update", exact=True).click()
    page.get_by_role("button", name="Next", exact=True).click()
    expect(page.locator("#lesson-body h3")).to_have_text("Weight update")
    expect(page.locator("#lesson-body .lesson-note")).to_have_count(0)
    assert session_of(page) == session
    server_state(session, until=by_hand)


WAYS: list[tuple[str, list[int], dict[str, Any]]] = [
    ("learning-rate", [3, 2], {"dataset": "moons", "learning_rate": 0.0001}),
    ("learning-rate", [1, 2, 3], {"dataset": "plane", "learning_rate": 0.1}),
    ("vanishing-gradients", [4], {"dataset": "plane", "initializer": "normal"}),
    ("vanishing-gradients", [1, 3, 2], {"dataset": "circle", "initializer": "glorot_uniform"}),
    ("vanishing-gradients", [3, 4, 1], {"dataset": "circle", "output_activation": "tanh"}),
    ("initialisation", [3], {"dataset": "circle", "initializer": "normal", "std": 5}),
    ("initialisation", [1], {"dataset": "circle", "initializer": "zeros"}),
    ("non-linearity", [3, 2], {"features": ["x1", "x2"], "learning_rate": 0.03}),
    ("overfitting", [2, 1], {"dataset": "circle", "l2": 0}),
    ("batch-normalisation", [3, 1], {"batch_size": 10}),
    ("wine", [4, 3], {"dataset": "wine", "learning_rate": 0.03}),
]
"""Lessons, steps gone to one after the other, and what the network of the last has."""


def test_every_way_to_a_step_leads_to_its_network(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page()
    begun = ""
    for name, steps, recipe in WAYS:
        with case((name, steps)):
            if name != begun:
                visit(page, f"/?lesson={name}")
                begun = name
            for step in steps:
                go(page, step)
            topology, _, frame = network(page, server_state, **recipe)
            assert frame.meta["step"] == 0
            from_here = steps[-1] - 1
            while (wanted := shipped()[name].steps[from_here]["recipe"]) is None:
                from_here -= 1
            assert len(topology["recipe"]["layers"]) == len(wanted.get("layers", Recipe().layers))


def test_steps_entered_at_once_after_another_are_no_trouble(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/?lesson=learning-rate")
    # The browser complains of a connection that is closed while it is being opened.
    page.evaluate(
        """[3, 1].forEach((step) =>
          document.querySelector(`#lesson-steps li:nth-child(${step}) button`).click())"""
    )
    network(page, server_state, dataset="moons", learning_rate=0.0001)


def test_back_by_the_button_builds_anew(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page("/?lesson=learning-rate")
    go(page, 3)
    network(page, server_state, dataset="plane")
    page.get_by_role("button", name="Back", exact=True).click()
    network(page, server_state, dataset="moons", learning_rate=0.0001)


@pytest.mark.parametrize(("name", "step", "made"), [("backward-pass", 6, 1), ("digits", 4, 0)])
def test_who_comes_without_the_steps_before_is_caught_up(
    open_page: OpenPage, server_state: ServerState, name: str, step: int, made: int
) -> None:
    page = open_page(f"/?lesson={name}")
    go(page, step)
    page.locator(SHOWN).wait_for(state="attached")
    meta_becomes(page, server_state, step=made)


def test_next_without_having_done_the_step_catches_up_too(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/?lesson=backward-pass")
    go(page, 5)
    page.get_by_role("button", name="Skip").click()
    expect(page.locator("#lesson-place")).to_contain_text("step 6 of")
    page.locator(SHOWN).wait_for(state="attached")
    meta_becomes(page, server_state, step=1)


def test_a_prediction_may_be_skipped_but_not_in_silence(open_page: OpenPage) -> None:
    page = open_page("/?lesson=forward-pass")
    expect(page.locator("#lesson-next")).to_have_text("Skip")
    page.locator("#lesson-next").click()
    expect(page.locator("#lesson-body .lesson-note")).to_have_text(
        "Step 1 was passed without a prediction."
    )
    predict(page, 0)
    expect(page.locator("#lesson-next")).to_have_text("Next")


def test_no_number_tells_the_answer_before_the_prediction(open_page: OpenPage) -> None:
    page = open_page("/?lesson=forward-pass")
    place = page.locator("#network")
    box = place.bounding_box()
    assert box
    for left in range(0, int(box["width"]), 40):
        page.mouse.move(box["x"] + left, box["y"] + box["height"] / 2)
    expect(page.locator("#card")).to_be_hidden()
    expect(page.locator("#card dd")).to_have_count(0)
    expect(page.locator(".network-frame")).to_have_js_property("inert", True)
    predict(page, 1)
    page.locator("#network canvas[tabindex]").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#card dd").first).to_have_text("1.20")


def test_slow_motion_shows_the_backward_pass_by_hand(open_page: OpenPage) -> None:
    page = open_page("/?lesson=backward-pass")
    go(page, 4)
    page.keyboard.press("m")
    expect(page.locator("#microscope")).to_be_hidden()  # the numbers would tell
    predict(page, 1)
    page.locator(SHOWN).wait_for(state="attached")
    expect(page.locator(WHY)).to_contain_text("slow motion")
    page.get_by_role("button", name="Slow motion", exact=True).click()
    page.get_by_role("button", name="backward pass (chain rule), layer 1").click()
    expect(page.locator(".slow-formula")).to_contain_text("1.00·(0.500·(−0.500)) = −0.250")
    # The one step of the next part can be made there as well.
    go(page, 5)
    expect(page.locator("#microscope")).to_be_hidden()
    predict(page, 1)
    page.locator(SHOWN).wait_for(state="attached")
    page.get_by_role("button", name="Slow motion", exact=True).click()
    page.get_by_role("button", name="weight update", exact=True).click()
    page.get_by_role("button", name="On to the next phase").click()
    expect(page.locator(WHY)).to_be_visible()


@pytest.mark.parametrize("name", ["vanishing-gradients", "what-a-network-computes"])
def test_what_is_concealed_is_seen_after_the_prediction(open_page: OpenPage, name: str) -> None:
    page = open_page(f"/?lesson={name}")
    picture = page.locator("#network canvas").first
    expect(picture).to_be_hidden()
    predict(page, 0)
    expect(picture).to_be_visible()


def test_training_pauses_where_the_goal_is_reached(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/?lesson=learning-rate")
    predict(page, 0)
    page.locator(SHOWN).wait_for(state="attached")
    page.get_by_role("button", name="Play", exact=True).click()
    expect(page.locator(".lesson-note")).to_contain_text("Training is paused")
    _, _, frame = meta_becomes(page, server_state, playing=False)
    assert 300 <= frame.meta["step"] < 500
    page.get_by_role("button", name="Play", exact=True).click()
    meta_becomes(page, server_state, playing=True)
    server_state(session_of(page), until=lambda topology, dataset, now: now.meta["step"] > 600)


def test_what_the_session_refuses_is_said(open_page: OpenPage) -> None:
    page = open_page("/")
    lesson = shipped()["non-linearity"].as_dict()
    bad = {"type": "set_parameter", "layer": 2, "unit": 9, "input": 0, "value": 1}
    steps = [step | {"commands": [bad]} for step in lesson["steps"][:2]]
    answer = json.dumps(lesson | {"steps": steps})
    page.route("**/lessons/mine", lambda route: route.fulfill(body=answer))
    page.goto(page.url.partition("#")[0] + "?lesson=mine")
    alert = page.get_by_role("alert").filter(has_text="set_parameter")
    expect(alert).to_contain_text("unit: got 9")
    page.get_by_role("button", name="Understood").click()
    page.get_by_role("button", name="Skip").click()
    expect(alert).to_contain_text("unit: got 9")
