"""Messages: what the server says, one class each. They arrive in order and are never dropped."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from server.protocol.commands import LayerSpec, RecipeFields


class Spoken(BaseModel):
    """What the server says, or a part of it. NaN and Infinity are written as null."""

    model_config = ConfigDict(extra="forbid", use_attribute_docstrings=True)

    def encode(self) -> str:
        """The message as JSON."""
        return self.model_dump_json()


class MessageBase(Spoken):
    """What all messages have: a type."""


class Welcome(MessageBase):
    """The answer to create and join; dataset and topology follow."""

    type: Literal["welcome"] = "welcome"
    id: int | None
    session: str
    """Whoever knows this name can join."""
    protocol: int


class Reply(MessageBase):
    """A command was carried out; the sentence says what it did."""

    type: Literal["reply"] = "reply"
    id: int | None
    command: str
    message: str


class Refused(MessageBase):
    """A command was not carried out, and nothing has changed."""

    type: Literal["refused"] = "refused"
    id: int | None
    command: str | None
    field: str
    got: str
    allowed: str
    message: str
    """All of it in one sentence."""


class DataPart(Spoken):
    """The training part or the test part of a data set."""

    count: int
    points: list[list[float]]
    """Raw coordinates, for the plane and the curve; empty for tables and images."""
    targets: list[float]
    """Class indices or values, one for each point."""


class Dataset(MessageBase):
    """The data in force: after joining, and after every change of it."""

    type: Literal["dataset"] = "dataset"
    name: str
    title: str
    kind: Literal["plane", "curve", "table", "image"]
    task: Literal["classification", "regression"]
    source: str
    licence: str
    note: str
    columns: list[str]
    classes: list[str]
    """Names of the classes; empty for regression."""
    target: str
    image_shape: tuple[int, int] | None
    train: DataPart
    test: DataPart
    range: tuple[float, float]
    """Of both axes of the plane."""


class LayerInfo(Spoken):
    """Where a layer lies. Its block of parameters is [units, fan_in + 1], row by row: the weight
    from input i to unit j at offset + j·(fan_in + 1) + i, the bias of unit j after its weights.
    """

    index: int
    kind: Literal["input", "hidden", "output"]
    units: int
    row: int
    """The layer's first row in the tensors that have a row for each unit."""
    names: list[str]
    """What the units stand for: inputs and outputs alone have names."""
    activation: str | None
    batch_norm: bool
    dropout: float
    fan_in: int
    offset: int | None
    scale_offset: int | None
    """Where the batch normalisation's scales γ begin, one for each unit."""
    shift_offset: int | None
    """Where its shifts β begin."""


class HiddenLayer(LayerSpec):
    """One hidden layer of the recipe in force."""


class Recipe(RecipeFields):
    """The whole recipe in force, edits included: create makes the same run of it."""

    layers: tuple[HiddenLayer, ...]


class Topology(MessageBase):
    """The architecture and recipe in force: after joining, and after every change of them."""

    type: Literal["topology"] = "topology"
    version: int
    """Rises with every change; frames repeat it."""
    recipe: Recipe
    parameters: int
    rows: int
    """Units of all layers, inputs included."""
    layers: list[LayerInfo]
    playing: bool
    speed: float | None
    notes: list[str]
    """What the last edit kept and what it initialised."""


class Event(MessageBase):
    """Something happened in the session: for all who watch it."""

    type: Literal["event"] = "event"
    step: int | None
    kind: Literal["edit", "divergence", "info", "ended"]
    message: str


Message = Welcome | Reply | Refused | Dataset | Topology | Event

MESSAGES: dict[str, type[MessageBase]] = {
    kind.model_fields["type"].default: kind for kind in Message.__args__
}
