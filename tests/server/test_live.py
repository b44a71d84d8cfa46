"""The real thing: uvicorn on loopback, worker processes, viewers with sockets."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from socket import SHUT_RDWR
from typing import Any

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from server import app
from server.protocol import FOR_GOOD, MAX_CREDIT
from server.room import Parting
from tests.live import Viewer, frames, next_frames, viewer
from tests.server.conftest import Running
from tests.server.stuck import send_without_reading


def address(running: Running) -> str:
    return running.url.replace("http", "ws", 1) + "/ws"


@contextlib.contextmanager
def join(running: Running, **first: Any) -> Iterator[ClientConnection]:
    """A connection whose first command was sent."""
    with connect(address(running), max_size=None, proxy=None) as socket:
        socket.send(json.dumps(first))
        yield socket


def text(socket: ClientConnection, kind: str, timeout: float = 10) -> dict[str, Any]:
    """The next text message of a type."""
    end = time.monotonic() + timeout
    while True:
        message = socket.recv(max(0.0, end - time.monotonic()))
        if isinstance(message, str):
            told: dict[str, Any] = json.loads(message)
            if told["type"] == kind:
                return told


def until(reached: Callable[[], object], timeout: float = 10) -> None:
    """Wait for something that the server does by itself."""
    end = time.monotonic() + timeout
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.01)


def meta(v: Viewer) -> dict[str, Any]:
    """The numbers of a viewer's newest frame."""
    assert v.frame is not None
    return v.frame.meta


def tensors(v: Viewer) -> dict[str, Any]:
    """Its tensors."""
    assert v.frame is not None
    return v.frame.tensors


def edited(v: Viewer) -> bool:
    """Whether a viewer has heard of an edit and seen it."""
    return bool(v.topology["version"] == 2 and v.consistent() and v.events)


def answered(v: Viewer, number: int) -> bool:
    """Whether the command of that id has been answered."""
    return bool(v.replies and v.replies[-1]["id"] == number)


def newer(v: Viewer, frame: int) -> bool:
    """Whether another frame than that one has come."""
    return bool(meta(v)["frame"] > frame)


def steps(running: Running, session: str) -> int:
    """Where a session is, seen by a viewer of its own."""
    with viewer(running.url, session) as seen:
        step: int = meta(seen)["step"]
        return step


def test_messages_come_in_order(running: Running):
    with join(running, type="create", id=3) as socket:
        kinds = [json.loads(socket.recv(10))["type"] for _ in range(3)]
        assert kinds == ["welcome", "dataset", "topology"]
        assert isinstance(socket.recv(10), bytes)


@pytest.mark.parametrize(
    ("code", "parting"), [(1000, Parting.CLOSED), (1001, Parting.LEFT), (FOR_GOOD, Parting.LEFT)]
)
def test_the_server_knows_how_a_viewer_went(running: Running, code: int, parting: Parting):
    with join(running, type="create") as socket:
        room = running.hub.rooms[text(socket, "welcome")["session"]]
        socket.send('{"type": "pause"}')
        text(socket, "reply")
        socket.close(code)
    until(lambda: room.alone_since)
    assert room.parting is parting
    with join(running, type="join", session=room.name) as socket:
        text(socket, "welcome")
        socket.socket.shutdown(SHUT_RDWR)
        until(lambda: room.alone_since)
    assert room.parting is Parting.LOST


def test_a_client_trains_and_sees_it(running: Running):
    with viewer(running.url, dataset="circle", seed=4) as v:
        assert v.topology["recipe"]["seed"] == 4
        before = tensors(v)
        v.send(type="step", id=1)
        v.wait(lambda: meta(v)["step"] == 1)
        np.testing.assert_array_equal(
            tensors(v)["parameters"] - before["parameters"], before["updates"]
        )
        v.send(type="play", id=2)
        v.wait(lambda: meta(v)["step"] > 1000)
        v.send(type="set", id=3, learning_rate=0.5)
        v.wait(lambda: meta(v)["learning_rate"] == 0.5)
        assert [(r["type"], r["id"]) for r in v.replies] == [
            ("reply", 1),
            ("reply", 2),
            ("reply", 3),
        ]
        assert [event["kind"] for event in v.events] == ["edit"]


def test_credit_is_respected(running: Running):
    with join(running, type="create") as socket:
        socket.send('{"type": "play"}')
        got = next_frames(socket, MAX_CREDIT)
        assert frames(socket, 0.4) == []
        socket.send('{"type": "set", "learning_rate": 0.25}')
        text(socket, "reply")
        socket.send(json.dumps({"type": "ack", "frame": got[0].meta["frame"]}))
        (newest,) = next_frames(socket, 1)
        assert newest.meta["learning_rate"] == 0.25  # not one that lay waiting
        assert frames(socket, 0.4) == []
        socket.send('{"type": "ack", "frame": 99999}')
        refusal = text(socket, "refused")
        assert (refusal["command"], refusal["field"], refusal["got"]) == ("ack", "frame", "99999")
        assert frames(socket, 0.3) == []


def test_nothing_new_no_frame(running: Running):
    with viewer(running.url) as v:
        number = meta(v)["frame"]
        with pytest.raises(TimeoutError):
            v.wait(lambda: False, timeout=0.5)
        assert meta(v)["frame"] == number
        v.send(type="focus", layer=1, unit=2)
        v.wait(lambda: meta(v)["focus"])
        assert meta(v)["frame"] == number + 1


def test_frames_are_shared_and_edits_are_told_to_all(running: Running):
    with viewer(running.url) as one, viewer(running.url, one.session) as two:
        assert meta(two)["frame"] == meta(one)["frame"]
        assert two.topology == one.topology
        one.send(type="add_neuron", layer=1, id=1)
        for v in (one, two):
            v.wait(partial(edited, v))
            assert len(tensors(v)["parameters"]) == v.topology["parameters"]
        assert meta(one)["frame"] == meta(two)["frame"]
        assert two.replies == []


def test_a_slow_viewer_does_not_slow_another(running: Running):
    with viewer(running.url) as fast, join(running, type="join", session=fast.session) as slow:
        fast.send(type="play")
        first = meta(fast)["frame"]
        fast.wait(lambda: meta(fast)["frame"] - first > 20)
        got = next_frames(slow, MAX_CREDIT)
        assert frames(slow, 0.3) == []
        slow.send(json.dumps({"type": "ack", "frame": got[0].meta["frame"]}))
        (newest,) = next_frames(slow, 1)
        assert newest.meta["step"] > meta(fast)["step"]


def test_a_dropped_viewer_finds_its_session_as_it_was(running: Running):
    with viewer(running.url, dataset="spiral") as v:
        session = v.session
        v.send(type="step", count=500)
        v.wait(lambda: meta(v)["step"] == 500)
        kept = tensors(v)["parameters"]
    with viewer(running.url, session) as again:
        assert meta(again)["step"] == 500
        assert again.topology["recipe"]["dataset"] == "spiral"
        np.testing.assert_array_equal(tensors(again)["parameters"], kept)


def test_what_is_refused_is_refused_in_words_and_the_connection_lives(running: Running):
    with connect(address(running), proxy=None) as socket:
        mistakes: list[tuple[str | bytes, str]] = [
            ('{"type": "play", "id": 4}', "type"),
            ('{"type": "join", "session": "nobody"}', "session"),
            (b"\x00", "message"),
            ("{", "message"),
            ('{"type": "create", "recipe": {"learning_rate": 1000}}', "recipe.learning_rate"),
            ('{"type": "create", "recipe": {"dataset": "mpg", "loss": "cross_entropy"}}', "loss"),
            (" " * 70_000, "message"),
        ]
        for sent, field in mistakes:
            socket.send(sent)
            assert text(socket, "refused")["field"] == field
        socket.send('{"type": "create"}')
        text(socket, "topology")
        socket.send('{"type": "create", "id": 9}')
        assert text(socket, "refused")["id"] == 9


def test_commands_without_end_are_refused_in_words_and_none_is_lost(running: Running):
    with viewer(running.url) as v:
        for number in range(300):
            v.send(type="step", id=number, count=1)
        v.wait(lambda: len(v.replies) == 300, timeout=20)
        assert sorted(reply["id"] for reply in v.replies) == list(range(300))
        for reply in v.replies:
            assert reply["type"] == "reply" or "64 unanswered" in reply["message"]


@pytest.mark.skipif(os.name == "nt", reason="a crash by signal")
def test_a_crash_ends_one_session_and_no_other(running: Running):
    with viewer(running.url) as victim, viewer(running.url) as other:
        line = running.hub.rooms[victim.session].line
        os.kill(line.pid, signal.SIGKILL)  # type: ignore[attr-defined]
        victim.wait(lambda: victim.events)
        assert victim.events[0]["kind"] == "ended"
        assert "ended" in victim.events[0]["message"]
        with pytest.raises(ConnectionClosed) as closed:
            victim.receive(5)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1000
        other.send(type="step", count=10)
        other.wait(lambda: meta(other)["step"] == 10)
    with join(running, type="join", session=victim.session) as socket:
        assert text(socket, "refused")["field"] == "session"


def test_a_peer_that_stops_reading_is_cut_off(running: Running, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(app, "SEND_SECONDS", 0.5)
    with viewer(running.url) as v:
        room = running.hub.rooms[v.session]
        stuck = send_without_reading(address(running), v.session)
        deadline = time.monotonic() + 10
        while len(room.viewers) > 1 and time.monotonic() < deadline:
            v.send(type="step")
            v.wait(lambda: v.replies)
            v.replies.clear()
        assert len(room.viewers) == 1
        stuck.close()


def test_training_goes_on_only_while_somebody_watches(running: Running):
    with viewer(running.url) as v:
        v.send(type="speed", steps_per_second=50)
        v.send(type="play")
        v.wait(lambda: meta(v)["step"] > 20)
        session, before = v.session, meta(v)["step"]
    time.sleep(12)
    made = steps(running, session) - before
    assert 450 < made < 560  # ten seconds of it, not twelve
    with viewer(running.url, session) as v:
        reached = meta(v)["step"]
        v.wait(lambda: meta(v)["step"] > reached + 20)


def test_a_change_is_in_force_in_the_next_frame(running: Running):
    with viewer(running.url) as v:
        v.send(type="play")
        v.wait(lambda: meta(v)["step"] > 1000)
        for number in range(30):
            rate = 0.01 + number / 1000
            v.send(type="set", learning_rate=rate, id=number)
            v.wait(partial(answered, v, number))
            v.wait(partial(newer, v, meta(v)["frame"]))
            assert meta(v)["learning_rate"] == rate
