"""Peers that mean no good, or are broken: they are bounded, and nobody else notices."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server import app, serve
from server.room import MOST_UNANSWERED
from tests.live import get, viewer
from tests.server.conftest import Running
from tests.server.stuck import masked, upgraded
from tests.server.test_any_command import commands


@contextlib.contextmanager
def peer(running: Running, receive_buffer: int = 0) -> Iterator[socket.socket]:
    """A WebSocket without a library."""
    opened = upgraded(running.url.replace("http", "ws", 1) + "/ws", receive_buffer)
    opened.settimeout(5)
    with opened:
        yield opened


def told(connection: socket.socket) -> dict[str, Any]:
    """The next text message, a short one."""
    head = connection.recv(2, socket.MSG_WAITALL)
    assert head[0] == 0x81
    size = head[1]
    if size == 126:
        size = int.from_bytes(connection.recv(2, socket.MSG_WAITALL), "big")
    message: dict[str, Any] = json.loads(connection.recv(size, socket.MSG_WAITALL))
    return message


def cut_off(connection: socket.socket, message: bytes, seconds: float = 10) -> bool:
    """Whether the server ends the connection while a message is sent to it without end."""
    end = time.monotonic() + seconds
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        while time.monotonic() < end:
            connection.sendall(message)
        return False
    return True


def test_connections_that_ask_for_nothing_make_room(
    running: Running, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(serve, "MOST_CONNECTIONS", 24)
    place = urlsplit(running.url)
    with viewer(running.url) as v, contextlib.ExitStack() as open_ones:
        for _ in range(200):
            idle = socket.create_connection((place.hostname or "", place.port or 0), timeout=5)
            open_ones.enter_context(idle)
        assert get(f"{running.url}/healthz")[0] == 200
        assert len(running.server.server_state.connections) <= 26
        v.send(type="step")
        v.wait(lambda: v.replies)


def test_websockets_that_say_nothing_make_room(running: Running, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(serve, "MOST_CONNECTIONS", 24)
    with viewer(running.url) as v, contextlib.ExitStack() as open_ones:
        for _ in range(60):
            open_ones.enter_context(peer(running))
        assert get(f"{running.url}/healthz")[0] == 200
        assert len(running.server.server_state.connections) <= 26
        with viewer(running.url, v.session) as other:
            other.send(type="step")
            v.wait(lambda: v.frame is not None and v.frame.meta["step"] == 1)


def test_a_connection_must_enter_a_session_in_time(
    running: Running, monkeypatch: pytest.MonkeyPatch
):
    with viewer(running.url) as v:
        monkeypatch.setattr(app, "ENTER_SECONDS", 1)
        with viewer(running.url, v.session) as joined, peer(running) as waiting:
            waiting.sendall(masked("nothing"))
            assert told(waiting)["type"] == "refused"
            assert waiting.recv(2)[0] == 0x88  # a close frame
            time.sleep(0.2)
            joined.send(type="step")
            joined.wait(lambda: joined.replies)


def test_pings_that_are_not_read_wait_for_nothing(running: Running):
    with peer(running, receive_buffer=4096) as flooding:
        flooding.settimeout(1)
        name = flooding.getsockname()
        cut_off(flooding, masked(b"x" * 125, 9) * 500, seconds=2)
        connections = list(running.server.server_state.connections)
        (connection,) = [one for one in connections if getattr(one, "client", None) == name]
        assert connection.transport.get_write_buffer_size() < 1_000_000


def test_a_message_without_end_is_cut_off(running: Running):
    with peer(running) as endless:
        endless.sendall(masked("", 1, last=False))
        assert cut_off(endless, masked("", 0, last=False) * 100)


def test_text_that_is_none_is_refused_in_words(running: Running):
    with peer(running) as odd:
        odd.sendall(masked(b"\xff\xfe"))
        assert told(odd)["field"] == "message"
        odd.sendall(masked(b"\xc3", 1, last=False) + masked(b"\xa4", 0))  # ä, cut in two
        assert told(odd)["got"] == "expected value at line 1 column 1"


@pytest.mark.parametrize("protocol", ["http", "websocket"])
def test_garbage_ends_the_connection_and_nothing_else(running: Running, protocol: str):
    place = urlsplit(running.url)
    with contextlib.ExitStack() as stack:
        if protocol == "http":
            address = place.hostname or "", place.port or 0
            connection = stack.enter_context(socket.create_connection(address, timeout=5))
        else:
            connection = stack.enter_context(peer(running))
        assert cut_off(connection, os.urandom(10_000))
    assert get(f"{running.url}/healthz")[0] == 200


@settings(max_examples=25, deadline=None, derandomize=True)
@given(
    st.lists(
        commands().map(json.dumps) | st.text() | st.binary(),
        max_size=MOST_UNANSWERED - 1,
    )
)
def test_whatever_is_sent_the_session_goes_on(running: Running, sent: list[str | bytes]):
    with viewer(running.url, samples=30) as v:
        for message in sent:
            v.socket.send(message)
        v.send(type="pause", id=4711)
        v.wait(lambda: v.replies and v.replies[-1]["id"] == 4711, timeout=20)
        assert v.replies[-1]["type"] == "reply"
        acknowledged = sum(isinstance(m, str) and m.startswith('{"type": "ack"') for m in sent)
        assert len(sent) + 1 - acknowledged <= len(v.replies) <= len(sent) + 1
        v.wait(v.consistent)


def test_a_viewer_that_leaves_while_a_frame_is_under_way_is_no_trouble(
    running: Running, monkeypatch: pytest.MonkeyPatch
):
    """More than the system's own buffer holds: asyncio closes it once the rest is read."""
    troubles: list[dict[str, Any]] = []
    running.loop.set_exception_handler(lambda _, context: troubles.append(context))
    inner = serve.WebSocketConnection.__init__

    def hasty(self: serve.WebSocketConnection, *arguments: Any, **named: Any) -> None:
        inner(self, *arguments, **named)
        self.close_timeout = 0.5

    monkeypatch.setattr(serve.WebSocketConnection, "__init__", hasty)
    wide = {"dataset": "digits", "layers": [{"units": 32}] * 8, "batch_size": 1000}
    with peer(running, receive_buffer=4096) as leaving:
        leaving.sendall(masked(json.dumps({"type": "create", "recipe": wide})))
        leaving.sendall(masked(json.dumps({"type": "microscope", "on": True, "example": None})))
        connections = running.server.server_state.connections
        end = time.monotonic() + 20
        while not any(c.transport.get_write_buffer_size() for c in connections):
            assert time.monotonic() < end
            time.sleep(0.01)
        leaving.sendall(masked(b"\x0f\xa0", 8))
        while leaving.recv(1 << 16):
            pass
    time.sleep(1)  # longer than the patience with whoever does not close
    running.loop.set_exception_handler(None)
    assert troubles == []
