"""A real server in a process of its own, and a viewer that speaks its protocol."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

START_SECONDS = 20
END_SECONDS = 3


@dataclass(frozen=True)
class Frame:
    """One frame: its metadata and its tensors by name."""

    meta: dict[str, Any]
    tensors: dict[str, np.ndarray[Any, Any]]

    @staticmethod
    def decode(message: bytes) -> Frame:
        size = int.from_bytes(message[:8], "little")
        header = json.loads(message[8 : 8 + size])
        return Frame(json.loads(header["__metadata__"]["frame"]), load(message))


class Viewer:
    """A connection to one session; keeps the newest of what it was told.

    ``topology``, ``dataset`` and ``frame`` are the newest of each; ``events`` and ``replies``
    (refusals included) are all of them, in order.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.session = ""
        self.topology: dict[str, Any] = {}
        self.dataset: dict[str, Any] = {}
        self.frame: Frame | None = None
        self.events: list[dict[str, Any]] = []
        self.replies: list[dict[str, Any]] = []

    def send(self, **command: Any) -> None:
        self.socket.send(json.dumps(command))

    def receive(self, timeout: float) -> None:
        """Take one message in; a frame is acknowledged. Raises TimeoutError when none comes."""
        message = self.socket.recv(timeout)
        if isinstance(message, bytes):
            self.frame = Frame.decode(message)
            self.send(type="ack", frame=self.frame.meta["frame"])
            return
        told = json.loads(message)
        if told["type"] == "welcome":
            self.session = told["session"]
        elif told["type"] in ("topology", "dataset"):
            setattr(self, told["type"], told)
        elif told["type"] == "event":
            self.events.append(told)
        else:
            self.replies.append(told)

    def wait(self, until: Callable[[], object], timeout: float = START_SECONDS) -> None:
        """Take messages in until ``until()``. Raises TimeoutError."""
        end = time.monotonic() + timeout
        while not until():
            self.receive(max(0.0, end - time.monotonic()))

    def consistent(self) -> bool:
        """Whether a frame of the newest topology, and its data set, have arrived."""
        return (
            bool(self.topology and self.dataset)
            and self.dataset["name"] == self.topology["recipe"]["dataset"]
            and self.frame is not None
            and self.frame.meta["version"] == self.topology["version"]
        )


@contextlib.contextmanager
def viewer(url: str, session: str | None = None, **recipe: Any) -> Iterator[Viewer]:
    """Join a session, or create one of ``recipe``, and wait for its first frame."""
    address = url.replace("http", "ws", 1) + "/ws"
    with connect(address, origin=Origin(url), max_size=None, proxy=None) as socket:
        joined = Viewer(socket)
        if session is None:
            joined.send(type="create", recipe=recipe)
        else:
            joined.send(type="join", session=session)
        joined.wait(joined.consistent, timeout=START_SECONDS)
        yield joined


def frames(socket: ClientConnection, seconds: float) -> list[Frame]:
    """All frames that come within a time."""
    found, end = [], time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        try:
            message = socket.recv(left)
        except TimeoutError:
            break
        if isinstance(message, bytes):
            found.append(Frame.decode(message))
    return found


def next_frames(socket: ClientConnection, count: int) -> list[Frame]:
    """So many frames, as soon as they have come."""
    found: list[Frame] = []
    end = time.monotonic() + START_SECONDS
    while len(found) < count:
        message = socket.recv(end - time.monotonic())
        if isinstance(message, bytes):
            found.append(Frame.decode(message))
    return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@contextlib.contextmanager
def server(
    log: Path, command: tuple[str, ...] = (sys.executable, "-m", "server"), **process: Any
) -> Iterator[str]:
    """Run a server on a free loopback port; yields its URL, such as ``http://127.0.0.1:4711``.

    On the way out it must end within three seconds of SIGTERM and have logged no traceback.
    """
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    arguments = [*command, "--no-browser", "--host", "127.0.0.1", "--port", str(port)]
    with log.open("wb") as output:
        running = subprocess.Popen(
            arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **process
        )
        try:
            _wait_until_healthy(url, running, log)
            yield url
        finally:
            running.send_signal(signal.SIGTERM)
            try:
                code = running.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                running.kill()
                running.wait()
                raise AssertionError(f"the server outlived SIGTERM by {END_SECONDS} s") from None
    said = log.read_text(errors="replace")
    assert "Traceback" not in said, said
    assert code in (0, -signal.SIGTERM, 128 + signal.SIGTERM) or os.name == "nt", said


def _wait_until_healthy(url: str, running: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < end and running.poll() is None:
        try:
            with opener.open(f"{url}/healthz", timeout=1):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise AssertionError(f"the server did not start: {log.read_text(errors='replace')}")


def get(url: str) -> tuple[int, str, bytes]:
    """GET a page of the server: status, content type, body."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=10) as answer:
        return answer.status, answer.headers.get("content-type", ""), answer.read()
