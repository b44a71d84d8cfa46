"""Races and the time machine on the page: of what data a race is, the way back from adopting."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, ServerState
from tests.browser.laboratory import race
from tests.browser.page import becomes, comes, session_of

LOOK = "canvas => canvas.toDataURL()"
BLOT = """canvas => {
  canvas.getContext("2d").fillRect(0, 0, canvas.width, canvas.height);
  return canvas.toDataURL();
}"""


def test_a_race_of_other_data_says_so_and_adopting_can_be_undone(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#dataset=rings&paused")
    place = race(page, server_state)
    other = place.locator("#race-of")
    first = place.locator(".lab-tile canvas").first
    expect(other).to_have_text("")
    blot = first.evaluate(BLOT)
    page.get_by_role("radio", name="spiral", exact=True).check(force=True)
    becomes(page, server_state, dataset="spiral")
    expect(other).to_have_text("A race of three rings, step 0 on")
    comes(page, lambda: first.evaluate(LOOK) != blot)
    beside_others = first.evaluate(LOOK)
    assert first.evaluate(BLOT) == blot
    place.locator(".lab-tile").nth(2).click()
    becomes(page, server_state, dataset="rings")
    expect(other).to_have_text("")
    comes(page, lambda: first.evaluate(LOOK) != blot)
    assert first.evaluate(LOOK) == beside_others
    page.mouse.move(0, 0)
    expect(place.locator(".lab-readout")).to_contain_text("Undo leads back to step 0.")
    undo = page.locator("#undo")
    expect(undo).to_have_accessible_name("Undo: adopt")
    undo.click()
    becomes(page, server_state, dataset="spiral")
    expect(other).to_contain_text("three rings")
    expect(place.locator(".lab-readout")).to_contain_text("click to go on with its weights")
    expect(page.locator("#redo")).to_have_accessible_name("Redo: adopt")
    assert server_state(session_of(page))[0]["recipe"]["learning_rate"] == 0.03
