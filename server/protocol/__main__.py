"""Writes the JavaScript twin of the protocol: `python -m server.protocol`."""

from server.assets import STATIC
from server.protocol.twin import javascript

(STATIC / "protocol.js").write_text(javascript(), encoding="utf-8", newline="\n")
