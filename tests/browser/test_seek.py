"""A moment that is far from every state kept: the page goes there by and by, and says so."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import pause, session_of
from tests.browser.test_time import moment, trained


def test_a_far_moment_is_replayed_to_by_and_by(open_page: OpenPage, server_state: ServerState):
    page = open_page("/#dataset=spiral&seed=0&layers=32tanh,32tanh,32tanh,32tanh,32tanh,32tanh")
    page.locator("input[name=speed][value=max]").check(force=True)
    trained(page, server_state, 3000)
    pause(page, server_state)
    present = int(moment(page).get_attribute("max") or "")
    moment(page).focus()
    moment(page).evaluate("(one, made) => { one.value = made; }", present // 2)
    moment(page).dispatch_event("input")
    moment(page).dispatch_event("change")
    _, _, frame = server_state(
        session_of(page),
        until=lambda t, d, f: (
            f.meta["step"] == present // 2 and f.meta["timeline"]["sought"] is None
        ),
        timeout=30,
    )
    assert frame.meta["timeline"]["looking_back"]
    expect(page.locator("#past-words")).to_have_text(
        f"step {present // 2:,} of {present:,}, as it was"
    )
