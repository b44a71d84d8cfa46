"""A viewer that goes on talking and never listens."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import socket
import threading
from urllib.parse import urlsplit


def send_without_reading(address: str, session: str) -> socket.socket:
    """Join a session, then send commands and read nothing, until the server cuts it off."""
    parts = urlsplit(address)
    assert parts.hostname is not None
    peer = socket.socket()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.connect((parts.hostname, parts.port))
    key = base64.b64encode(os.urandom(16)).decode()
    opening = (
        f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    )
    peer.sendall(opening.encode())
    assert b" 101 " in peer.recv(300)

    def talk() -> None:
        message = _frame(json.dumps({"type": "focus", "layer": 1, "unit": 0, "colour": "x" * 50}))
        with contextlib.suppress(OSError):
            peer.sendall(_frame(json.dumps({"type": "join", "session": session})))
            while True:
                peer.sendall(message)

    threading.Thread(target=talk, daemon=True).start()
    return peer


def _frame(text: str) -> bytes:
    """A masked text message, the mask being zero."""
    body = text.encode()
    length = len(body)
    size = bytes([0x80 | length]) if length < 126 else b"\xfe" + length.to_bytes(2, "big")
    return b"\x81" + size + b"\0\0\0\0" + body
