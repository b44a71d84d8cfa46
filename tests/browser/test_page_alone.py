"""The page needs nobody but its own server."""

from __future__ import annotations

from playwright.sync_api import Page, Request, WebSocket

from tests.browser.conftest import READY, OpenPage, ServerState


def test_the_page_asks_nothing_from_anywhere_else(open_page: OpenPage, base_url: str) -> None:
    page = open_page()  # complains by itself, at the end, of what it asks elsewhere
    asked: list[str] = []

    def note(what: Request | WebSocket) -> None:
        asked.append(what.url.replace("ws:", "http:", 1))

    page.on("request", note)
    page.on("websocket", note)
    page.reload()
    page.locator(READY).wait_for(state="attached")
    page.wait_for_load_state("networkidle")
    assert any("/vendor/uPlot" in url for url in asked)
    assert f"{base_url}/ws" in asked
    assert all(url.startswith((base_url, "data:", "blob:")) for url in asked), asked


def test_a_second_viewer_sees_the_session_of_the_page(
    live_page: Page, server_state: ServerState
) -> None:
    session = live_page.evaluate("document.documentElement.dataset.session")
    topology, dataset, frame = server_state(session, until=lambda t, d, f: f.meta["step"] > 0)
    assert topology["version"] == frame.meta["version"]
    assert dataset["name"] == topology["recipe"]["dataset"]
    assert frame.tensors["parameters"].size == topology["parameters"]
