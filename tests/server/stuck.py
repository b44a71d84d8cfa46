"""A WebSocket's bytes, without a library that sees to it that all is right."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import socket
import threading
from urllib.parse import urlsplit


def upgraded(address: str, receive_buffer: int = 0) -> socket.socket:
    """A connection on which WebSocket messages can be sent."""
    parts = urlsplit(address)
    assert parts.hostname is not None
    peer = socket.socket()
    if receive_buffer:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    peer.connect((parts.hostname, parts.port))
    key = base64.b64encode(os.urandom(16)).decode()
    opening = (
        f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    )
    peer.sendall(opening.encode())
    answer = b""
    while not answer.endswith(b"\r\n\r\n"):
        answer += peer.recv(1)
    assert b" 101 " in answer
    return peer


def send_without_reading(address: str, session: str) -> socket.socket:
    """Join a session, then send commands and read nothing, until the server cuts it off."""
    peer = upgraded(address, receive_buffer=4096)

    def talk() -> None:
        message = masked(json.dumps({"type": "focus", "layer": 1, "unit": 0, "colour": "x" * 50}))
        with contextlib.suppress(OSError):
            peer.sendall(masked(json.dumps({"type": "join", "session": session})))
            while True:
                peer.sendall(message)

    threading.Thread(target=talk, daemon=True).start()
    return peer


def masked(content: str | bytes, kind: int = 1, *, last: bool = True) -> bytes:
    """A client's frame, the mask being zero: text (1), its continuation (0), ping (9)."""
    body = content.encode() if isinstance(content, str) else content
    length = len(body)
    size = bytes([0x80 | length]) if length < 126 else b"\xfe" + length.to_bytes(2, "big")
    return bytes([(0x80 if last else 0) | kind]) + size + b"\0\0\0\0" + body
