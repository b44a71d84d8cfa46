"""What is wrong with a run, in words, with buttons that try something; calm when nothing is."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, ServerState
from tests.browser.page import becomes, comes, session_of


def test_nothing_is_said_of_a_healthy_run(live_page: Page) -> None:
    verdict = live_page.locator(".health-verdict")
    expect(verdict).to_have_text("gradients reach every layer")
    expect(live_page.locator(".health-remedies button")).to_have_count(0)


def test_a_remedy_is_tried_and_taken_back(open_page: OpenPage, server_state: ServerState) -> None:
    page = open_page("/#init=zeros&paused")
    verdict = page.locator(".health-verdict")
    frame = server_state(session_of(page))[2]
    (finding,) = frame.meta["findings"]
    expect(verdict).to_have_text(finding["message"])
    before = page.locator("#network").bounding_box()
    page.get_by_role("button", name="start again from random weights").click()
    becomes(page, server_state, initializer="glorot_uniform")
    expect(verdict).to_have_text("gradients reach every layer")
    assert page.locator("#network").bounding_box() == before
    page.locator(".health-remedies").get_by_role("button", name="undo").click()
    becomes(page, server_state, initializer="zeros")
    expect(verdict).to_have_text(finding["message"])


def test_a_remedy_of_several_edits_is_taken_back_whole(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page("/#layers=" + ",".join(["4sigmoid"] * 6))
    server_state(
        session_of(page),
        until=lambda t, d, f: any(each["name"] == "vanishing" for each in f.meta["findings"]),
    )
    page.get_by_role("button", name="ReLU in all layers").click()

    def all_are(activation: str) -> None:
        server_state(
            session_of(page),
            until=lambda t, d, f: all(
                each["activation"] == activation for each in t["recipe"]["layers"]
            ),
        )

    all_are("relu")
    page.locator(".health-remedies").get_by_role("button", name="undo").click()
    all_are("sigmoid")


def test_the_norms_are_remembered(live_page: Page) -> None:
    line = live_page.locator(".health-spark polyline").first

    def heights() -> list[str]:
        return [point.split(",")[1] for point in (line.get_attribute("points") or "").split()]

    comes(live_page, lambda: len(heights()) > 5 and len(set(heights())) > 1)
