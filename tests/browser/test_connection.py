"""Lost and found connections, sessions that end, training that diverges."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from server.protocol import FOR_GOOD
from tests import live
from tests.browser.conftest import READY, OpenPage, ServerState
from tests.browser.page import becomes, comes, meta_becomes, session_of, type_in


@pytest.fixture
def cut(live_page: Page) -> Any:
    """Cut the page's connection; what it opens later passes, after `blocked` is set to False."""
    state: dict[str, Any] = {"blocked": False, "routes": []}

    def pass_on(route: WebSocketRoute) -> None:
        if state["blocked"]:
            route.close()
            return
        route.connect_to_server()
        state["routes"].append(route)

    live_page.route_web_socket("**/ws", pass_on)
    live_page.reload()
    live_page.locator(READY).wait_for(state="attached")
    return state


def other_than(session: str) -> str:
    """A page that shows another session."""
    return f"html[data-session]:not([data-session='']):not([data-session='{session}'])"


def test_it_reconnects_and_finds_its_session_as_it_was(
    live_page: Page, cut: dict[str, Any], server_state: ServerState
) -> None:
    session = session_of(live_page)
    type_in(live_page.get_by_role("textbox", name="Learning rate"), "0.7")
    expect(live_page.get_by_role("slider", name="learning rate")).to_have_value("-0.155")
    cut["blocked"] = True
    cut["routes"].pop().close(code=1012)
    banner = live_page.get_by_role("alert").filter(has_text="connection to the server is lost")
    expect(banner).to_be_visible()
    # Nothing looks alive.
    expect(live_page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(live_page.locator("#pace")).to_have_text("not connected")
    expect(live_page.get_by_role("status")).to_have_text("Not connected to the server.")
    # Nothing is lost in silence, and no control shows what was not done.
    live_page.locator("#shapes label", has=live_page.get_by_role("radio", name="circle")).click()
    expect(live_page.get_by_role("radio", name="circle")).not_to_be_checked()
    live_page.get_by_role("button", name="One minibatch").click()
    expect(banner).to_contain_text("nothing can be changed")
    type_in(live_page.get_by_role("textbox", name="Learning rate"), "0.1")
    expect(live_page.get_by_role("textbox", name="Learning rate")).to_have_value("0.700")
    cut["blocked"] = False
    expect(banner).to_be_hidden(timeout=20_000)
    assert session_of(live_page) == session
    expect(live_page.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    expect(live_page.get_by_role("status")).to_have_text("Connected again.")
    _, _, frame = meta_becomes(live_page, server_state, playing=True, learning_rate=0.7)
    step = frame.meta["step"]
    server_state(session, until=lambda t, d, f: f.meta["step"] > step)


def test_another_session_leaves_the_first_for_good(live_page: Page) -> None:
    codes: list[int | None] = []

    def pass_on(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def note(code: int | None, reason: str | None) -> None:
            codes.append(code)
            server.close(code=code)

        route.on_close(note)

    live_page.route_web_socket("**/ws", pass_on)
    live_page.reload()
    live_page.locator(READY).wait_for(state="attached")
    first = session_of(live_page)
    live_page.evaluate("location.hash = '#dataset=xor&seed=3'")
    live_page.locator(other_than(first)).wait_for(state="attached")
    comes(live_page, lambda: set(codes) == {FOR_GOOD})


def test_a_session_that_is_gone_can_be_started_again(
    open_page: OpenPage, tmp_path: Path, expected_trouble: list[str], base_url: str
) -> None:
    expected_trouble.extend(["WebSocket", "asked a stranger", "socket to a stranger"])
    page = open_page()
    with live.server(tmp_path / "first.log") as url:
        page.goto(url + "/#dataset=xor&seed=6&rate=0.2")
        page.locator(READY).wait_for(state="attached")
        first = session_of(page)
        port = url.rpartition(":")[2]
    closed = page.get_by_role("alert").filter(has_text="session has ended")
    expect(closed).to_be_visible()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()
    expect(page.locator("#pace")).to_have_text("ended")
    again = page.get_by_role("button", name="Start again with this recipe")
    with _server_on(port, tmp_path / "second.log"):
        again.click()
        expect(closed).to_be_hidden(timeout=20_000)
        page.locator(other_than(first)).wait_for(state="attached")
        with live.viewer(url, session_of(page)) as seen:
            recipe = seen.topology["recipe"]
            chosen = (recipe["dataset"], recipe["seed"], recipe["learning_rate"])
            assert chosen == ("xor", 6, 0.2)
        page.goto(base_url)


ONE_SESSION = """
from server.hub import Hub
Hub.__init__.__kwdefaults__["capacity"] = 1
from server.cli import main
main()
"""


def test_a_server_that_is_full_says_so_and_can_be_asked_again(
    open_page: OpenPage, tmp_path: Path, expected_trouble: list[str]
) -> None:
    expected_trouble.extend(["asked a stranger", "socket to a stranger"])
    first, second = open_page(), open_page()
    with live.server(tmp_path / "log", command=(sys.executable, "-c", ONE_SESSION)) as url:
        first.goto(url)
        first.locator(READY).wait_for(state="attached")
        second.goto(url + "/#dataset=xor&seed=6")
        alert = second.get_by_role("alert").filter(has_text="No session could be started")
        expect(alert).to_contain_text("wait until one ends")
        first.goto("about:blank")
        alert.get_by_role("button", name="Try again").click()
        second.locator(READY).wait_for(state="attached")
        expect(alert).to_be_hidden()
        expect(second.get_by_role("radio", name="exclusive or")).to_be_checked()
        second.goto("about:blank")


@contextlib.contextmanager
def _server_on(port: str, log: Path) -> Iterator[None]:
    """A server at the address of one that has gone."""
    command = [sys.executable, "-m", "server", "--no-browser", "--port", port]
    with log.open("wb") as output:
        running = subprocess.Popen(command, stdout=output, stderr=output)
        try:
            end = time.monotonic() + live.START_SECONDS
            while time.monotonic() < end:
                with contextlib.suppress(OSError):
                    live.get(f"http://127.0.0.1:{port}/healthz")
                    break
                time.sleep(0.05)
            yield
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(live.END_SECONDS)


DIVERGING = (
    "/#dataset=moons&seed=0&rate=100&layers=4relu,4relu&output=linear&loss=mean_squared_error"
)


def test_divergence_is_said_in_words_with_a_way_out(
    open_page: OpenPage, server_state: ServerState
) -> None:
    page = open_page(DIVERGING)
    alert = page.get_by_role("alert").filter(has_text="Diverged")
    _, _, frame = server_state(session_of(page), until=lambda t, d, f: f.meta["diverged"])
    diverged = frame.meta["diverged"]
    expect(alert).to_contain_text(f"Diverged in step {diverged['step']:,}")
    expect(alert).to_contain_text(diverged["quantity"].partition(",")[0])
    expect(alert).to_contain_text("layer")
    assert not frame.meta["playing"]
    page.get_by_role("button", name="Try a third of the rate: 33.3").click()
    server_state(session_of(page), until=lambda t, d, f: 33 < f.meta["learning_rate"] < 34)
    alert.get_by_role("button", name="Reset").wait_for()
    type_in(page.get_by_role("textbox", name="Learning rate"), "0.03")
    becomes(page, server_state, learning_rate=0.03)
    page.get_by_role("button", name="Reset", exact=True).first.click()
    expect(alert).to_be_hidden()
    meta_becomes(page, server_state, diverged=None)


def test_a_session_that_does_not_answer_is_said_to_be_silent(live_page: Page) -> None:
    """Its process hangs: the connection is well, but nothing comes."""
    silent = False

    def pass_on(route: WebSocketRoute) -> None:
        server = route.connect_to_server()
        server.on_message(lambda message: None if silent else route.send(message))

    live_page.route_web_socket("**/ws", pass_on)
    live_page.reload()
    live_page.locator(READY).wait_for(state="attached")
    banner = live_page.get_by_role("alert").filter(has_text="The session does not answer")
    expect(live_page.locator("#pace")).to_contain_text("steps/s")
    expect(banner).to_be_hidden()
    silent = True
    expect(banner).to_be_visible(timeout=20_000)
    expect(banner).to_contain_text("s so far")
    expect(live_page.locator("#pace")).to_have_text("no answer")
    # Nothing more is asked of it, and no control shows what is not in force.
    circle = live_page.get_by_role("radio", name="circle")
    live_page.locator("#shapes label", has=circle).click()
    expect(circle).not_to_be_checked()
    first = session_of(live_page)
    silent = False
    banner.get_by_role("button", name="Start again with this recipe").click()
    live_page.locator(other_than(first)).wait_for(state="attached")
    expect(banner).to_be_hidden()
    expect(live_page.locator("#pace")).to_contain_text("steps/s")
