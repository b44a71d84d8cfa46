"""The real page in a real browser, beside a second viewer that says what is true."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Page,
    Request,
    Response,
    WebSocket,
    expect,
    sync_playwright,
)

from tests import live
from tests.setup_browser import launch

ARTIFACTS = Path(__file__).parent / "artifacts"
READY = "html[data-ready=true]"
TIMEOUT = 20_000  # milliseconds; generous, for a machine that is busy with other things
CATCH_UP = 3_000  # milliseconds

State = tuple[dict[str, Any], dict[str, Any], live.Frame]
failed = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=TIMEOUT)
    with sync_playwright() as playwright, launch(playwright.chromium) as browser:
        yield browser


@pytest.fixture
def expected_trouble() -> list[str]:
    """Parts of the complaints that a test provokes on purpose; it appends to the list."""
    return []


class OpenPage(Protocol):
    def __call__(self, address: str = "/", **context: Any) -> Page: ...


@pytest.fixture
def pages() -> list[Page]:
    """All pages that the test opened."""
    return []


@pytest.fixture
def open_page(
    browser: Browser,
    base_url: str,
    expected_trouble: list[str],
    pages: list[Page],
    request: pytest.FixtureRequest,
) -> Iterator[OpenPage]:
    """Open the page in a context of its own: ``open_page("/?…#…", reduced_motion="reduce")``.

    It comes back when its first frame is painted. At the end of the test no page may have
    logged an error or warning, thrown, missed a file or asked anyone but its own server.
    """
    trouble: list[str] = []

    def open_one(address: str = "/", **options: Any) -> Page:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 720}, **options})
        context.set_default_timeout(TIMEOUT)
        page = context.new_page()
        pages.append(page)
        _watch(page, base_url, trouble)
        page.goto(base_url + address)
        page.locator(READY).wait_for(state="attached")
        return page

    try:
        yield open_one
    finally:
        for number, page in enumerate(pages):
            if request.node.stash.get(failed, False):
                ARTIFACTS.mkdir(exist_ok=True)
                name = re.sub(r"[^\w.-]+", "_", request.node.name)
                page.screenshot(path=ARTIFACTS / f"{name}-{number}.png")
            page.context.close()
    surprises = [what for what in trouble if not any(part in what for part in expected_trouble)]
    assert not surprises, surprises


@pytest.fixture
def live_page(open_page: OpenPage) -> Page:
    """The page as a new user meets it, its first frame painted."""
    return open_page()


class ServerState(Protocol):
    def __call__(
        self,
        session: str,
        until: Callable[[dict[str, Any], dict[str, Any], live.Frame], object] | None = None,
        timeout: float = 10,
    ) -> State: ...


@pytest.fixture
def server_state(base_url: str, pages: list[Page]) -> ServerState:
    """What the server says of a session, asked by a viewer of its own.

    ``server_state(session)`` gives ``(topology, dataset, frame)`` as they are now;
    ``until=lambda topology, dataset, frame: …`` waits for a state of which that is true. Pages
    that show the session have painted that frame, or a later one, when it returns.
    """

    def state(session: str, until: Any = None, timeout: float = 10) -> State:
        with live.viewer(base_url, session) as seen:

            def reached() -> bool:
                if not seen.consistent():
                    return False
                return until is None or bool(until(seen.topology, seen.dataset, seen.frame))

            seen.wait(reached, timeout)
            assert seen.frame is not None
            for page in pages:
                _catch_up(page, session, seen.frame.meta["frame"])
            return seen.topology, seen.dataset, seen.frame

    return state


def _catch_up(page: Page, session: str, frame: int) -> None:
    """Wait until a page has painted that frame; not for ever: it may have lost its connection."""
    for _ in range(CATCH_UP // 20):
        if page.is_closed():
            return
        shown = page.evaluate("({ ...document.documentElement.dataset })")
        if shown.get("session") != session or int(shown.get("frame", 0)) >= frame:
            return
        page.wait_for_timeout(20)


def _watch(page: Page, base_url: str, trouble: list[str]) -> None:
    """Note in ``trouble`` all that a page in good health does not do."""

    def console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            trouble.append(f"console {message.type}: {message.text}")

    def requested(request: Request) -> None:
        if not request.url.startswith((base_url + "/", "data:", "blob:")):
            trouble.append(f"asked a stranger: {request.url}")

    def answered(response: Response) -> None:
        if response.status >= 400:
            trouble.append(f"{response.status}: {response.url}")

    def unanswered(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # what a reload or a closed page leaves behind
            trouble.append(f"request failed: {request.url} ({request.failure})")

    def connected(socket: WebSocket) -> None:
        if not socket.url.startswith(base_url.replace("http", "ws", 1) + "/"):
            trouble.append(f"socket to a stranger: {socket.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: trouble.append(f"page error: {error}"))
    page.on("request", requested)
    page.on("response", answered)
    page.on("requestfailed", unanswered)
    page.on("websocket", connected)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember a failure for `open_page`, which then photographs its pages."""
    report = yield
    if report.failed:
        item.stash[failed] = True
    return report
