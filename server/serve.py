"""Uvicorn, with what it lacks: patience that ends, memory that is bounded, an end in time."""

import asyncio
import contextlib
import socket
import sys
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn._types import ASGISendEvent
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame

from server.hub import Hub

FAREWELL_SECONDS = 0.3
"""For the last messages to leave before connections are cut."""
MOST_CONNECTIONS = 512
"""Open at the same time; the files that a process may open are not many more."""
MOST_FRAGMENTS = 256
"""Pieces that a message may come in."""


class HttpConnection(H11Protocol):
    """An HTTP connection. When there are too many, the oldest is cut off.

    A request takes milliseconds: the oldest is one that asks for nothing, or does not read what
    it asked for. A WebSocket that has not entered a session counts among them.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Make room where there is none."""
        super().connection_made(transport)
        self.since = self.loop.time()
        alive = [one for one in self.connections if not one.transport.is_closing()]
        if len(alive) > MOST_CONNECTIONS:
            guests = [
                one
                for one in alive
                if isinstance(one, HttpConnection)
                or (isinstance(one, WebSocketConnection) and not one.entered)
            ]
            min(guests, key=lambda one: one.since).transport.abort()


class WebSocketConnection(WebSocketsSansIOProtocol):
    """A WebSocket that can be cut off: closing politely waits for what the peer does not read."""

    entered = False
    """Whether it watches a session: then it is not cut off to make room."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Remember since when."""
        super().connection_made(transport)
        self.since = self.loop.time()

    def cut(self) -> None:
        """Cut it off. What has ended already is left alone: asyncio would stumble over it."""
        if self in self.connections:
            self.transport.abort()

    async def run_asgi(self) -> None:
        """Let the application use `scope["extensions"]`: "abort" to cut it, "enter" to keep it."""
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions["abort"], extensions["enter"] = self.cut, self._enter
        await super().run_asgi()
        self.loop.call_later(self.close_timeout, self.cut)

    def _enter(self) -> None:
        self.entered = True

    async def send(self, message: ASGISendEvent) -> None:
        """An answer by HTTP, to whom the gate denies, completes the handshake like any other."""
        await super().send(message)
        if message["type"] == "websocket.http.response.body" and self.close_sent:
            self.handshake_complete = True

    def keepalive_timeout(self) -> None:
        """No answer to our ping: what the peer has not read, it never will."""
        super().keepalive_timeout()
        self.cut()

    def handle_ping(self) -> None:
        """A peer that does not read what it is sent gets no answer on top."""
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.conn.data_to_send()

    def handle_cont(self, event: Frame) -> None:
        """A message in more pieces than anybody would make is not waited for."""
        if len(self.frames) >= MOST_FRAGMENTS:
            self.cut()
        else:
            super().handle_cont(event)

    def send_receive_event_to_app(self) -> None:
        """Text that is none is passed on as bytes, which the application refuses in words."""
        try:
            b"".join(self.frames).decode()
        except UnicodeDecodeError:
            self.curr_msg_data_type = "bytes"
        super().send_receive_event_to_app()


class Server(uvicorn.Server):
    """A server that ends at once, whatever its viewers do."""

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            http=HttpConnection,
            ws=WebSocketConnection,
            backlog=128,  # connections accepted in one go, before any is looked at
            ws_max_size=1 << 20,  # what is larger than our own limit is still refused in words
            ws_ping_interval=20,
            ws_ping_timeout=20,
            ws_per_message_deflate=False,
            timeout_graceful_shutdown=1,
            timeout_keep_alive=30,
            server_header=False,
            proxy_headers=False,  # no proxy stands in front, so nobody may say what one would
        )
        super().__init__(config)
        self.hub = hub

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Ctrl-C or SIGTERM. The end comes soon enough: a second one does not break it off."""
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the sessions, let viewers hear of it, cut off whoever is left."""
        await self.hub.close()
        await asyncio.sleep(FAREWELL_SECONDS if self.server_state.connections else 0)
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)


def raise_file_limit() -> None:
    """Have the files that `MOST_CONNECTIONS` and all sessions need, where the system agrees."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = 4 * MOST_CONNECTIONS
        with contextlib.suppress(ValueError, OSError):
            if soft < wanted and soft != resource.RLIM_INFINITY:
                most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
                resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
