"""A Chromium that nobody looks into while its page is measured.

Whoever drives a browser from outside has all that its WebSockets bring sent to him as well: with
thirty frames a second this takes a fifth of a processor, which no user's browser spends. So one
connects to set the page up and, later, to read what it has seen; in between it is alone.
"""

import contextlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial

from playwright.sync_api import Page, Playwright, sync_playwright

from tests.live import free_port
from tests.setup_browser import launch

WIDTH, HEIGHT = 1280, 720

Visit = Callable[[], AbstractContextManager[Page]]


@contextlib.contextmanager
def unattended() -> Iterator[Visit]:
    """A Chromium with one page of 1280×720, which each call of what this gives connects to."""
    port = free_port()
    with (
        sync_playwright() as playwright,
        launch(playwright.chromium, f"--remote-debugging-port={port}"),
    ):
        visit = partial(_visit, playwright, port)
        with visit() as page:
            _resize(page)
        yield visit


@contextlib.contextmanager
def _visit(playwright: Playwright, port: int) -> Iterator[Page]:
    browser = playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
    try:
        (context,) = browser.contexts
        yield context.pages[0] if context.pages else context.new_page()
    finally:
        browser.close()  # the connection: the page stays


def _resize(page: Page) -> None:
    """Give the window itself this room for its page: an emulated size ends with the connection."""
    browser = page.context.new_cdp_session(page)
    width, height = page.evaluate("[outerWidth - innerWidth, outerHeight - innerHeight]")
    window = browser.send("Browser.getWindowForTarget")["windowId"]
    bounds = {"width": WIDTH + width, "height": HEIGHT + height}
    browser.send("Browser.setWindowBounds", {"windowId": window, "bounds": bounds})
    page.wait_for_function(f"innerWidth === {WIDTH} && innerHeight === {HEIGHT}")
