"""The protocol's declarations as plain tables: for the JavaScript twin and the /protocol page."""

import json
from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from server.protocol.commands import COMMANDS, LayerSpec, RecipeFields
from server.protocol.fields import BOUNDS, Choice
from server.protocol.frame import DivergenceInfo, ExampleInfo, FocusInfo, FrameMeta, GridInfo
from server.protocol.lab import ScheduleFields, Variant
from server.protocol.labframe import (
    CutInfo,
    FinderInfo,
    LabInfo,
    MapInfo,
    RaceInfo,
    TimelineInfo,
)
from server.protocol.messages import MESSAGES, DataPart, HiddenLayer, LayerInfo, Recipe
from server.protocol.microscopeframe import (
    CheckInfo,
    FindingInfo,
    LineInfo,
    MicroscopeInfo,
    NumberInfo,
    ParameterInfo,
    RemedyInfo,
    RepresentInfo,
)
from server.protocol.refusal import span

PARTS: tuple[type[BaseModel], ...] = (
    LayerSpec, RecipeFields, HiddenLayer, Recipe, DataPart, LayerInfo,
    ScheduleFields, Variant, ExampleInfo, FocusInfo, DivergenceInfo, GridInfo,
    TimelineInfo, RaceInfo, FinderInfo, MapInfo, CutInfo, LabInfo,
    ParameterInfo, CheckInfo, RepresentInfo, NumberInfo, LineInfo, MicroscopeInfo,
    RemedyInfo, FindingInfo, FrameMeta,
)  # fmt: skip
"""Objects inside commands, messages and frames."""

SENT = (LayerSpec, RecipeFields, ScheduleFields, Variant)
"""Those that a client sends, and may leave out what has a default."""

_NAMES: dict[type[BaseModel], str] = {
    **{kind: kind.__name__ for kind in PARTS},
    **{kind: f"{kind.__name__}Command" for kind in COMMANDS.values()},
    **{kind: f"{kind.__name__}Message" for kind in MESSAGES.values()},
}


@dataclass(frozen=True)
class FieldEntry:
    """One field: its type as TypeScript writes it, its range, and a note."""

    name: str
    type: str
    required: bool
    range: str
    note: str


@dataclass(frozen=True)
class Entry:
    """One command, message or object."""

    name: str
    typedef: str
    sentence: str
    fields: tuple[FieldEntry, ...]


def commands() -> list[Entry]:
    """Every command."""
    return [entry(kind, name, sent=True) for name, kind in COMMANDS.items()]


def messages() -> list[Entry]:
    """Every message."""
    return [entry(kind, name) for name, kind in MESSAGES.items()]


def parts() -> list[Entry]:
    """Every object inside them."""
    return [entry(kind, kind.__name__, sent=kind in SENT) for kind in PARTS]


def entry(kind: type[BaseModel], name: str, *, sent: bool = False) -> Entry:
    """A model as a table. `sent`: by a client, which may leave out what has a default."""
    fields = sorted(kind.model_fields.items(), key=lambda item: _ORDER.get(item[0], 0))
    return Entry(
        name,
        _NAMES[kind],
        " ".join((kind.__doc__ or "").split()),
        tuple(
            FieldEntry(
                field,
                type_of(info.annotation, info.metadata),
                not sent or info.is_required() or field == "type",
                _range(name, field) if sent and _is_number(info.annotation) else "",
                " ".join((info.description or "").split()),
            )
            for field, info in fields
        ),
    )


def _range(name: str, field: str) -> str:
    """Of the command's own bounds, where it has some."""
    own = f"{name}.{field}"
    return span(own if own in BOUNDS else field)


_ORDER = {"type": -2, "id": -1}


def type_of(annotation: Any, metadata: Any = ()) -> str:
    """A Python annotation as a TypeScript type."""
    for item in metadata:
        if isinstance(item, Choice):
            return item.name
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return type_of(inner[0], inner[1:])
    if origin in (Union, UnionType):
        return " | ".join(type_of(one) for one in inner)
    if origin is Literal:
        return " | ".join(json.dumps(one) for one in inner)
    if origin is dict:
        plain = f"Record<{type_of(inner[0])}, {type_of(inner[1])}>"
        return plain if inner[0] is str else f"Partial<{plain}>"
    if origin is list or (origin is tuple and inner[-1] is Ellipsis):
        item = type_of(inner[0])
        return f"({item})[]" if " | " in item else f"{item}[]"
    if origin is tuple:
        return f"[{', '.join(type_of(one) for one in inner)}]"
    return _PLAIN.get(annotation) or _NAMES[annotation]


_PLAIN = {
    object: "any",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "string",
    NoneType: "null",
}


def _is_number(annotation: Any) -> bool:
    return "number" in type_of(annotation).split(" | ")


def choices() -> dict[str, list[str]]:
    """The registries' names that commands may use, by the name of their type."""
    found: dict[str, list[str]] = {}

    def look(annotation: Any, metadata: Any = ()) -> None:
        for item in metadata:
            if isinstance(item, Choice):
                found[item.name] = list(item.names)
        inner = get_args(annotation)
        if get_origin(annotation) is Annotated:
            look(inner[0], inner[1:])
        elif get_origin(annotation) is not Literal:
            for one in inner:
                look(one)

    for kind in (*PARTS, *COMMANDS.values()):
        for info in kind.model_fields.values():
            look(info.annotation, info.metadata)
    return found
