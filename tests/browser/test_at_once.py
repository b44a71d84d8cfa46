"""Changes made within one round trip: none takes another back."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.conftest import ServerState
from tests.browser.page import becomes
from tests.browser.test_schedule import choose, in_force


def test_numbers_changed_at_once_do_not_take_each_other_back(
    live_page: Page, server_state: ServerState
) -> None:
    choose(live_page, "cosine")
    in_force(live_page, server_state, kind="cosine")
    live_page.evaluate(
        """() => [["steps", 60], ["final", 0.5]].forEach(([name, value]) => {
          const field = document.querySelector(`#schedule-${name}`);
          field.value = value;
          field.dispatchEvent(new Event("change"));
        })"""
    )
    in_force(live_page, server_state, kind="cosine", steps=60, final=0.5)


def test_inputs_switched_at_once_are_all_switched(
    live_page: Page, server_state: ServerState
) -> None:
    live_page.evaluate(
        """() => ["x1_squared", "x2_squared", "x1"].forEach(
          (name) => document.querySelector(`#features [data-name=${name}]`).click())"""
    )
    becomes(live_page, server_state, features=["x2", "x1_squared", "x2_squared"])
