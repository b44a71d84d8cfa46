"""Commands of the learning-rate lab and of the time machine."""

from typing import Annotated, Literal

from pydantic import Field

from engine.landscape import PLANES
from engine.schedules import KINDS
from server.protocol.fields import (
    Activation,
    BatchSize,
    Begin,
    Choice,
    CommandBase,
    CurveFactor,
    CurveTime,
    Final,
    High,
    Initializer,
    Lane,
    Low,
    Made,
    Optimizer,
    RaceRate,
    RampSteps,
    Replica,
    Replicas,
    Size,
    Steps,
    Strict,
)

ScheduleKind = Annotated[str, Choice("ScheduleKind", KINDS)]
Plane = Annotated[str, Choice("PlaneName", PLANES)]


class ScheduleFields(Strict):
    """How the learning rate changes from here on: by what factor, in which step."""

    kind: ScheduleKind = "constant"
    steps: Steps = 2000
    """How long its course takes; for "step", the time between two drops."""
    final: Final = 0.01
    """The factor that it comes down to (warm-up: begins at); for "step", that of each drop."""
    begin: Begin = 0
    """The step that it begins at. Set while training, another kind begins now whatever is said
    here; the same kind goes on from where it began unless this says otherwise."""
    points: Annotated[tuple[tuple[CurveTime, CurveFactor], ...], Field(max_length=100)] = ()
    """For "curve": t, the steps since its beginning, and the factor then; t ascending from 0."""


class Variant(Strict):
    """What the replicas of one lane have in common; what is left out is as in the session."""

    optimizer: Optimizer = "sgd"
    batch_size: BatchSize = 10
    activation: Activation = "tanh"
    """Of all hidden layers; only in a race from the initial weights, as the next."""
    initializer: Initializer = "glorot_uniform"


class Race(CommandBase):
    """Train copies of the network side by side, each with a learning rate of its own."""

    type: Literal["race"] = "race"
    afresh: bool = True
    """From the initial weights; else from those that are shown."""
    low: Low = 1e-4
    high: High = 10.0
    replicas: Replicas = 16
    """How many rates, evenly spaced on a logarithmic axis."""
    rates: Annotated[tuple[RaceRate, ...], Field(min_length=1, max_length=64)] | None = None
    """Instead of low, high and replicas: these rates."""
    variants: Annotated[tuple[Variant, ...], Field(min_length=1, max_length=4)] = (Variant(),)
    """A lane of replicas for each."""
    steps: Steps = 2000
    """How long the race is."""


class Adopt(CommandBase):
    """The session goes on as one of the race's replicas: its weights, its rate, its curve.

    From where the race began, on its data; undo leads back to what the session was.
    """

    type: Literal["adopt"] = "adopt"
    lane: Lane = 0
    replica: Replica


class FindRate(CommandBase):
    """Raise the learning rate of a copy of the network from low to high, a little each step."""

    type: Literal["find_rate"] = "find_rate"
    low: Low = 1e-5
    high: High = 10.0
    steps: RampSteps = 200


class MapLoss(CommandBase):
    """Compute the loss in a plane through the weights that are shown."""

    type: Literal["map_loss"] = "map_loss"
    plane: Plane = "random"
    size: Size = 41
    """Points along each side."""


class CutLoss(CommandBase):
    """Compute the loss along the gradient, and the edge of stability 2/λmax."""

    type: Literal["cut_loss"] = "cut_loss"


class Close(CommandBase):
    """Stop and forget one of the lab's computations."""

    type: Literal["close"] = "close"
    what: Literal["race", "finder", "map", "cut"]
    keep: bool = False
    """Of a race: let it end here, and keep what it has come to."""


class LookBack(CommandBase):
    """Show a moment of the past, training paused; {"made": null} returns to the present."""

    type: Literal["look_back"] = "look_back"
    made: Made | None
    """Steps made in all at that moment, as the frame's timeline counts them."""


class GoOn(CommandBase):
    """Train on from the moment that is shown; what came after it stays as a ghost curve.

    Undo leads back to what the session was.
    """

    type: Literal["go_on"] = "go_on"


class Undo(CommandBase):
    """Back to just before the last edit or leap, steps made since then included.

    Leaps are `adopt`, `go_on` and `recover`.
    """

    type: Literal["undo"] = "undo"


class Redo(CommandBase):
    """Make the edit that was undone last, now; or the leap, to where it led."""

    type: Literal["redo"] = "redo"


class Recover(CommandBase):
    """Go back some steps and train on with a third of the learning rate."""

    type: Literal["recover"] = "recover"
    steps: Steps = 200


LabCommand = Race | FindRate | MapLoss | CutLoss | Close
"""Those that compute beside training, on copies of what is shown: in the past, of that moment."""
