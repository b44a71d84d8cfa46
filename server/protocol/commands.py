"""Commands: what a client may ask, one class each."""

import json
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from server.protocol import lab, microscope
from server.protocol.fields import (
    L1,
    L2,
    MAX_HIDDEN_LAYERS,
    MAX_MESSAGE_BYTES,
    Activation,
    Arms,
    BatchSize,
    ClipNorm,
    CommandBase,
    Count,
    Dataset,
    Dropout,
    Feature,
    FrameNumber,
    Index,
    Initializer,
    Input,
    Layer,
    LearningRate,
    Loss,
    Noise,
    Optimizer,
    OptimizerOption,
    Part,
    Position,
    Samples,
    Seed,
    SessionId,
    Speed,
    Std,
    Strict,
    TestShare,
    Unit,
    Units,
    Value,
)
from server.protocol.lab import ScheduleFields
from server.protocol.refusal import Refusal, address_of, refusal_of


class LayerSpec(Strict):
    """One hidden layer."""

    units: Units
    activation: Activation = "tanh"
    batch_norm: bool = False
    dropout: Dropout = 0.0


class DataFields(Strict):
    """Which examples to learn from. What is left out stays as it is."""

    dataset: Dataset = "moons"
    samples: Samples = 500
    """How many examples to generate (tables have their own)."""
    noise: Noise = 0.2
    """As a share of the most noise there is."""
    test_share: TestShare = 0.33
    """The share of examples kept from training."""
    arms: Arms = 3
    """Arms of the spiral, one class each."""


class TrainingFields(Strict):
    """How to learn. What is left out stays as it is."""

    learning_rate: LearningRate = 0.03
    batch_size: BatchSize = 10
    l1: L1 = 0.0
    l2: L2 = 0.0
    clip_norm: ClipNorm | None = None
    """The longest gradient that is not shortened; null switches clipping off."""
    optimizer: Optimizer = "sgd"
    optimizer_options: dict[OptimizerOption, float] = Field(default_factory=dict)
    loss: Loss = "half_squared_error"
    output_activation: Activation = "tanh"
    schedule: ScheduleFields = ScheduleFields()


class RecipeFields(TrainingFields, DataFields):
    """All that determines a run. What is left out has the default."""

    features: Annotated[tuple[Feature, ...], Field(min_length=1, max_length=7)] = ("x1", "x2")
    """What the network sees of a point of the plane; tables and images always show all columns."""
    layers: Annotated[tuple[LayerSpec, ...], Field(max_length=MAX_HIDDEN_LAYERS)] = (
        LayerSpec(units=4),
        LayerSpec(units=4),
    )
    initializer: Initializer = "glorot_uniform"
    std: Std = 0.5
    """Standard deviation of the initial weights, for the initializer "normal"."""
    seed: Seed = 0


class Create(CommandBase):
    """Start a new session and watch it. It stands still until play or step."""

    type: Literal["create"] = "create"
    recipe: RecipeFields = RecipeFields()


class Join(CommandBase):
    """Watch a session that exists."""

    type: Literal["join"] = "join"
    session: SessionId


class Ack(CommandBase):
    """This frame has been painted: one more may be sent. Has no answer."""

    type: Literal["ack"] = "ack"
    frame: FrameNumber


class Play(CommandBase):
    """Train until told otherwise, at the speed in force."""

    type: Literal["play"] = "play"


class Pause(CommandBase):
    """Stand still between two steps."""

    type: Literal["pause"] = "pause"


class Step(CommandBase):
    """Make so many steps (or epochs) as fast as it goes, then stand still."""

    type: Literal["step"] = "step"
    count: Count = 1
    unit: Literal["minibatch", "epoch"] = "minibatch"


class SetSpeed(CommandBase):
    """How fast play goes; null is as fast as the machine can."""

    type: Literal["speed"] = "speed"
    steps_per_second: Speed | None


class Set(TrainingFields, CommandBase):
    """Change hyperparameters between two steps."""

    type: Literal["set"] = "set"


class SetData(DataFields, CommandBase):
    """Change the data between two steps."""

    type: Literal["data"] = "data"


class SetFeatures(CommandBase):
    """Choose what the network sees of a point of the plane."""

    type: Literal["features"] = "features"
    features: Annotated[tuple[Feature, ...], Field(min_length=1, max_length=7)]


class AddNeuron(CommandBase):
    """Add a unit to a hidden layer; the function computed stays the same."""

    type: Literal["add_neuron"] = "add_neuron"
    layer: Layer
    """1 is the first hidden layer."""


class RemoveNeuron(CommandBase):
    """Remove a unit from a hidden layer."""

    type: Literal["remove_neuron"] = "remove_neuron"
    layer: Layer
    unit: Unit


class AddLayer(CommandBase):
    """Insert a hidden layer, as near to the identity as its activation allows."""

    type: Literal["add_layer"] = "add_layer"
    position: Position
    """The index that the new layer will have; 1 is right after the inputs."""


class RemoveLayer(CommandBase):
    """Remove a hidden layer."""

    type: Literal["remove_layer"] = "remove_layer"
    layer: Layer


class SetLayer(CommandBase):
    """Change a hidden layer's options, or the output's activation. What is left out stays."""

    type: Literal["set_layer"] = "set_layer"
    layer: Layer
    activation: Activation = "tanh"
    batch_norm: bool = False
    dropout: Dropout = 0.0


class SetParameter(CommandBase):
    """Set one weight, or with a null input the unit's bias."""

    type: Literal["set_parameter"] = "set_parameter"
    layer: Layer
    unit: Unit
    input: Input | None
    value: Value


class Reset(CommandBase):
    """Back to step 0 with the same initial weights, or with others. What is left out stays."""

    type: Literal["reset"] = "reset"
    seed: Seed = 0
    initializer: Initializer = "glorot_uniform"
    std: Std = 0.5


class SelectExample(CommandBase):
    """Choose the example whose signals frames carry."""

    type: Literal["select_example"] = "select_example"
    part: Part
    index: Index


class Focus(CommandBase):
    """Choose the unit whose field frames carry in full size; {"layer": null} chooses none."""

    type: Literal["focus"] = "focus"
    layer: Layer | None
    unit: Unit = 0


Command = (
    Create | Join | Ack | Play | Pause | Step | SetSpeed | Set | SetData | SetFeatures
    | AddNeuron | RemoveNeuron | AddLayer | RemoveLayer | SetLayer | SetParameter
    | Reset | SelectExample | Focus
    | lab.Race | lab.Adopt | lab.FindRate | lab.MapLoss | lab.CutLoss | lab.Close
    | microscope.Microscope | microscope.CheckGradient | microscope.Shares | microscope.Represent
    | lab.LookBack | lab.GoOn | lab.Undo | lab.Redo | lab.Recover
)  # fmt: skip

COMMANDS: dict[str, type[CommandBase]] = {
    kind.model_fields["type"].default: kind for kind in Command.__args__
}
_adapter: TypeAdapter[Command] = TypeAdapter(Annotated[Command, Field(discriminator="type")])


def given(command: CommandBase) -> dict[str, Any]:
    """The arguments that the client named, `type` and `id` apart."""
    return command.model_dump(exclude_unset=True, exclude={"type", "id"})


def _once(pairs: list[tuple[str, Any]]) -> None:
    """Raises `Refusal` where an object has two values under one name."""
    seen = set()
    for name, _ in pairs:
        if name in seen:
            raise Refusal(name, "more than one value", "one")
        seen.add(name)


def parse(text: str | bytes) -> Command:
    """The command that a client's message holds.

    Raises `Refusal` with the field, what came, what is allowed and a sentence.
    """
    size = len(text if isinstance(text, bytes) else text.encode())
    if size > MAX_MESSAGE_BYTES:
        raise Refusal("message", f"{size} bytes", f"at most {MAX_MESSAGE_BYTES} bytes")
    try:
        json.loads(text, object_pairs_hook=_once)
    except Refusal as refusal:
        refusal.id, refusal.command = address_of(text)
        raise
    except (ValueError, RecursionError):
        pass  # what is no JSON is refused below
    try:
        return _adapter.validate_json(text)
    except ValidationError as error:
        raise refusal_of(error, text) from None
