"""What client and server say to each other, declared once.

Text messages are JSON: `commands` go to the server, `messages` come back. Binary messages are
frames: safetensors with the tensors of `frame`. `parse` turns a client's text into a command or
raises a `Refusal` that says in words what is wrong. `python -m server.protocol` writes the
JavaScript twin, `static/protocol.js`.
"""

from server.protocol.commands import COMMANDS, Command, parse
from server.protocol.fields import (
    BOUNDS,
    FOR_GOOD,
    MAX_CREDIT,
    MAX_MESSAGE_BYTES,
    PROTOCOL_VERSION,
)
from server.protocol.messages import MESSAGES, Message
from server.protocol.refusal import Refusal

__all__ = [
    "BOUNDS",
    "COMMANDS",
    "FOR_GOOD",
    "MAX_CREDIT",
    "MAX_MESSAGE_BYTES",
    "MESSAGES",
    "PROTOCOL_VERSION",
    "Command",
    "Message",
    "Refusal",
    "parse",
]
