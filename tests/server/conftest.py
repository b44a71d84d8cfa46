"""A real server inside the test process, so that tests can reach its hub and its workers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

import pytest

from server.app import create_app
from server.cli import listen
from server.gate import served_hosts
from server.hub import Hub
from server.serve import Server

Result = TypeVar("Result")


@dataclass
class Running:
    """A server in a thread of its own."""

    url: str
    hub: Hub
    server: Server
    loop: asyncio.AbstractEventLoop

    def ask(self, make: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        """Run a coroutine in the server's event loop."""
        return asyncio.run_coroutine_threadsafe(make(), self.loop).result(20)


@pytest.fixture(scope="session")
def running() -> Iterator[Running]:
    """A server on a free loopback port, the same for all tests; ended in good order."""
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    ready = threading.Event()
    kept: list[Running] = []

    async def serve() -> None:
        hub = Hub(capacity=8, spare_seconds=0)  # some tests break their connections
        hosts = served_hosts("127.0.0.1", port)
        app = create_app(hub, hosts=hosts, start={"dataset": "xor"})
        server = Server(app, hub)
        url = f"http://127.0.0.1:{port}"
        kept.append(Running(url, hub, server, asyncio.get_running_loop()))
        ready.set()
        await server.serve(sockets=[listener])

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(10)
    yield kept[0]
    kept[0].server.should_exit = True
    thread.join(10)
    assert not thread.is_alive()
