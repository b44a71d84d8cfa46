"""Uvicorn, with what it lacks: peers that stop reading are cut off, and the end comes in time."""

import asyncio
import socket
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from server.hub import Hub

FAREWELL_SECONDS = 0.3
"""For the last messages to leave before connections are cut."""


class WebSocketConnection(WebSocketsSansIOProtocol):
    """A WebSocket that can be cut off: closing politely waits for what the peer does not read."""

    async def run_asgi(self) -> None:
        """Let the application cut the connection: `scope["extensions"]["abort"]()`."""
        extensions: dict[str, Any] = self.scope["extensions"]
        extensions["abort"] = self.transport.abort
        await super().run_asgi()

    def keepalive_timeout(self) -> None:
        """No answer to our ping: what the peer has not read, it never will."""
        super().keepalive_timeout()
        self.transport.abort()


class Server(uvicorn.Server):
    """A server that ends at once, whatever its viewers do."""

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            ws=WebSocketConnection,
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
