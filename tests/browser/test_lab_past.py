"""The lab while a moment of the past is looked at: it works on copies of that moment."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, ServerState
from tests.browser.laboratory import open_lab, race
from tests.browser.page import expect_refusal, meta_becomes, session_of
from tests.browser.test_time import looking_back, moment, trained


def looking(open_page: OpenPage, server_state: ServerState) -> tuple[Page, int, int]:
    """A page that looks back, with the step that it shows and that of the present."""
    page = open_page("/#dataset=moons&paused")
    for _ in range(4):
        page.get_by_role("button", name="One epoch").click()
    trained(page, server_state, 4 * 34)
    present = server_state(session_of(page))[2].meta["step"]
    moment(page).press("Home")
    for _ in range(20):
        page.keyboard.press("ArrowRight")
    frame = looking_back(page, server_state, 20)[2]
    return page, frame.meta["step"], present


@pytest.mark.parametrize("adopting", ["there", "from the present"])
def test_a_race_from_the_past_is_run_and_adopted(
    open_page: OpenPage, server_state: ServerState, adopting: str
) -> None:
    page, step, present = looking(open_page, server_state)
    there = server_state(session_of(page))[2].tensors["parameters"]
    open_lab(page)
    page.locator("#race-from").select_option(label="weights shown")
    place = race(page, server_state)
    expect(place.get_by_text(f"steps after step {step}", exact=True)).to_be_visible()
    frame = server_state(session_of(page))[2]
    assert frame.meta["timeline"]["looking_back"]
    assert frame.meta["lab"]["race"]["begin"] == step
    np.testing.assert_array_equal(frame.tensors["parameters"], there)
    if adopting == "from the present":
        page.get_by_role("button", name="back to the present").click()
        expect(page.locator("#past")).to_be_hidden()
    place.locator(".lab-tile").nth(2).click()
    frame = meta_becomes(page, server_state, step=step + 200)[2]
    assert not frame.meta["timeline"]["looking_back"]
    expect(page.locator("#past")).to_be_hidden()
    expect(page.locator(".chart-ghost")).to_be_visible()
    page.mouse.move(0, 0)
    expect(place.locator(".lab-readout")).to_contain_text(f"Undo leads back to step {present}.")
    page.locator("#undo").click()
    meta_becomes(page, server_state, step=present)


def test_finder_and_landscape_are_of_the_moment_that_is_shown(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page, step, _ = looking(open_page, server_state)
    place = open_lab(page, "landscape")
    page.locator("#map-size").select_option("21")
    place.get_by_role("button", name="Compute").click()
    readout = place.locator(".lab-readout")
    expect(readout).to_contain_text(f"As it was at step {step}. The network stands there.")
    expect(place.locator("circle.landing")).to_be_visible()
    place = page.locator("#lab-finder")
    page.get_by_role("radio", name="finder").check(force=True)
    place.get_by_role("button", name="Start").click()
    expect(place.locator("figcaption")).to_contain_text(f"from step {step}")
    use = place.get_by_role("button", name="Use")
    use.click()
    expect_refusal(page, use, "in the past, where nothing can be changed", "go on from here")
    moment(page).press("Home")
    looking_back(page, server_state, 0)
    page.get_by_role("radio", name="landscape").check(force=True)
    expect(readout).to_contain_text(f"What is shown is {step} steps earlier: compute anew")
    page.get_by_role("button", name="back to the present").click()
    expect(readout).to_contain_text("The network has moved on by")


@pytest.mark.parametrize("theme", ["light", "projector"])
def test_the_whole_answer_to_adopting_is_seen(
    open_page: OpenPage, server_state: ServerState, theme: str
) -> None:
    page = open_page("/#dataset=moons&paused")
    page.get_by_label("theme").select_option(theme)
    place = race(page, server_state, count="16")
    readout = place.locator(".lab-readout")
    where = "(all) => all.map((one) => one.getBoundingClientRect().top)"
    tiles = place.locator(".lab-tile")
    before = tiles.evaluate_all(where)
    tiles.nth(8).click()
    page.mouse.move(0, 0)
    expect(readout).to_contain_text(re.compile(r"^Took over the .* loss curve\. Undo leads back"))
    hidden = "(e) => [e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight]"
    assert readout.evaluate(hidden) == [0, 0]
    assert readout.evaluate("(e) => getComputedStyle(e).textOverflow") == "clip"
    assert tiles.evaluate_all(where) == before  # nothing moves from under the pointer
    foot = place.locator(".lab-foot")
    assert foot.evaluate(hidden) == [0, 0]
