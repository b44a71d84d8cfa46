"""A lesson by keyboard, over a reload, and in slow motion: who is in it stays in it."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, ServerState
from tests.browser.lessons import SHOWN, WHY, go, predict, step_by_hand
from tests.browser.page import meta_becomes, session_of

FOCUSED = "() => document.activeElement.textContent"


def test_a_reload_leads_back_to_the_step_with_what_was_done(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/?lesson=backward-pass")
    step_by_hand(page)
    meta_becomes(page, server_state, step=1)
    page.reload()
    expect(page.locator("#lesson-place")).to_contain_text("step 5 of")
    page.locator(SHOWN).wait_for(state="attached")
    # The network stands where the step begins; the prediction and its answer are still there.
    meta_becomes(page, server_state, step=0)
    expect(page.locator(".lesson-predict input").nth(1)).to_be_checked()
    expect(page.locator(WHY)).to_contain_text("stands again where the step begins")
    expect(page.get_by_role("button", name=re.compile("Step 5: .*, done"))).to_be_visible()
    # Chosen from the menu, a lesson begins at its beginning.
    page.goto(page.url.partition("?")[0] + "?lesson=backward-pass")
    expect(page.locator("#lesson-place")).to_contain_text("step 1 of")
    go(page, 5)
    expect(page.locator(".lesson-predict input").nth(1)).not_to_be_checked()
    page.locator("#lesson-leave").click()
    assert "lesson" not in page.url


def test_a_step_that_there_is_not_leads_to_the_last(open_page: OpenPage) -> None:
    page = open_page("/?lesson=learning-rate&step=99")
    place = page.locator("#lesson-place")
    expect(place).to_have_text(re.compile(r"step (\d+) of \1"))


def test_the_example_of_a_goal_is_the_chosen_one_in_slow_motion_too(open_page: OpenPage) -> None:
    page = open_page("/?lesson=backward-pass")
    go(page, 5)
    predict(page, 1)
    page.locator(SHOWN).wait_for(state="attached")
    page.get_by_role("button", name="Slow motion", exact=True).click()
    goal = page.locator(".lesson-goals li").nth(1)
    expect(goal).to_contain_text("output for the example 0.500")
    page.get_by_role("button", name="weight update", exact=True).click()
    page.get_by_role("button", name="On to the next phase").click()
    expect(page.locator(WHY)).to_be_visible()
    expect(page.locator(WHY)).to_contain_text("0.724")
    expect(goal).to_contain_text("output for the example 0.724")


def test_space_does_not_train_where_the_lesson_does_not_let_one(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/?lesson=forward-pass")
    answers = page.locator(".lesson-predict input")
    answers.nth(1).focus()
    page.keyboard.press("Space")
    expect(answers.nth(1)).to_be_checked()
    page.keyboard.press("Space")
    page.locator(".lesson-predict label").first.click()
    page.keyboard.press("Space")
    expect(answers.first).to_be_checked()
    _, _, frame = server_state(session_of(page))
    assert (frame.meta["step"], frame.meta["playing"]) == (0, False)


def test_a_prediction_by_keyboard_leads_on_in_the_lesson(open_page: OpenPage) -> None:
    page = open_page("/?lesson=learning-rate")
    page.locator(".lesson-predict input").first.focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="This is my prediction").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".lesson-do")).to_be_visible()
    assert page.evaluate(FOCUSED) == "Do"
    page.keyboard.press("l")
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_visible()


def test_the_space_bar_plays_from_the_learning_rate(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=moons&paused")
    page.keyboard.press("l")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    meta_becomes(page, server_state, playing=True)
    page.keyboard.press("Space")
    meta_becomes(page, server_state, playing=False)
