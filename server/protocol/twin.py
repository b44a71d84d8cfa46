"""The protocol in JavaScript: types for every command and message, constants, frame decoder."""

import json
from collections.abc import Iterable
from pathlib import Path

from server.protocol import reference
from server.protocol.commands import COMMANDS
from server.protocol.fields import (
    BOUNDS,
    FOR_GOOD,
    MAX_CREDIT,
    MAX_MESSAGE_BYTES,
    PROTOCOL_VERSION,
)
from server.protocol.frame import TENSORS
from server.protocol.messages import MESSAGES
from server.protocol.reference import Entry
from server.protocol.refusal import number

_DECODER = Path(__file__).with_name("decoder.js")
_ARRAYS = {"F32": "Float32Array", "F64": "Float64Array", "U8": "Uint8Array", "I32": "Int32Array"}
_WIDTH = 100


def javascript() -> str:
    """The text of `static/protocol.js`."""
    commands, messages = reference.commands(), reference.messages()
    blocks = [
        "// Written by `python -m server.protocol` from server/protocol/: change it there.\n"
        "// What client and server say to each other: types, bounds, and the decoder of frames.",
        f"export const PROTOCOL_VERSION = {PROTOCOL_VERSION};",
        "/** Frames that may be received and not yet acknowledged. */\n"
        f"export const MAX_CREDIT = {MAX_CREDIT};",
        f"export const MAX_MESSAGE_BYTES = {MAX_MESSAGE_BYTES};",
        "/** The close code of a viewer that will not come back to its session. */\n"
        f"export const FOR_GOOD = {FOR_GOOD};",
        "/** Every number's smallest and largest value, by the name of its field. */\n"
        + _object("BOUNDS", {name: _pair(pair) for name, pair in BOUNDS.items()}),
        "/** The types of all commands. */\n" + _list("COMMANDS", COMMANDS),
        "/** The types of all messages. */\n" + _list("MESSAGES", MESSAGES),
        *(
            f"/** @typedef {{{' | '.join(json.dumps(one) for one in names)}}} {name} */"
            for name, names in reference.choices().items()
        ),
        *(_typedef(one) for one in reference.parts() + commands + messages),
        f"/** @typedef {{{' | '.join(one.typedef for one in commands)}}} Command */",
        f"/** @typedef {{{' | '.join(one.typedef for one in messages)}}} Message */",
        _frame(),
        _DECODER.read_text(encoding="utf-8").strip(),
    ]
    return "\n\n".join(blocks) + "\n"


def _pair(pair: tuple[float, float]) -> str:
    return f"[{number(pair[0])}, {number(pair[1])}]"


def _object(name: str, values: dict[str, str]) -> str:
    keys = {key: key if key.isidentifier() else json.dumps(key) for key in values}
    lines = "".join(f"  {keys[key]}: {value},\n" for key, value in values.items())
    return f"export const {name} = Object.freeze({{\n{lines}}});"


def _list(name: str, values: Iterable[str]) -> str:
    items = [json.dumps(value) for value in values]
    line = f"export const {name} = [{', '.join(items)}];"
    if len(line) <= _WIDTH:
        return line
    return f"export const {name} = [\n" + "".join(f"  {item},\n" for item in items) + "];"


def _typedef(entry: Entry) -> str:
    lines = [entry.sentence, f"@typedef {{object}} {entry.typedef}"]
    for field in entry.fields:
        name = field.name if field.required else f"[{field.name}]"
        words = "; ".join(part for part in (field.range, field.note) if part)
        lines.append(f"@property {{{field.type}}} {name} {words}".rstrip())
    return _comment(lines)


def _frame() -> str:
    lines = [
        "A decoded frame: its numbers, and its tensors as views into the message.",
        "@typedef {object} Frame",
        "@property {FrameMeta} meta",
        "@property {Record<string, number[]>} shapes of the tensors, by name",
    ]
    for tensor in TENSORS:
        name = tensor.name if tensor.where == "always" else f"[{tensor.name}]"
        kind = _ARRAYS[tensor.dtype]
        lines.append(f"@property {{{kind}}} {name} [{tensor.shape}] {tensor.note}")
    return _comment(lines)


def _comment(lines: list[str]) -> str:
    return "/**\n" + "".join(f" * {line}\n" for line in lines) + " */"
