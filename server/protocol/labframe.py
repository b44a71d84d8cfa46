"""What frames say of the lab and of the time machine."""

from typing import Literal

from server.protocol.messages import Spoken
from server.protocol.tensors import TensorInfo

Standing = Literal["here", "steps", "weights", "network", "data"]


class TimelineInfo(Spoken):
    """Moments are counted in steps made in all: a reset does not begin anew."""

    made: int
    """The moment that the frame shows."""
    present: int
    looking_back: bool
    sought: int | None
    """The moment that is being replayed to, from the one that the frame shows."""
    kept: list[int]
    """Moments whose state is kept; those between are replayed."""
    edits: list[tuple[int, str]]
    """The last 50 edits: when, and what."""
    undo: str | None
    """What `undo` would take back."""
    redo: str | None
    bytes: int
    """Memory that the kept states take."""
    budget: int


class RaceInfo(Spoken):
    """The race so far; labels and results for each lane and, within, each replica."""

    rates: list[float]
    scheduled: bool
    """Whether the schedule in force when it began multiplies them."""
    lanes: list[str]
    """What distinguishes each."""
    labels: list[list[str]]
    losses: list[list[float | None]]
    """Training loss now; null where it is not finite."""
    best: tuple[int, int]
    """Lane and replica of the lowest loss."""
    begin: int
    step: int
    end: int
    of: str
    """The race's data set and first step, where its data are not those shown; else empty."""
    surface: int
    """Points along one side of a replica's picture; 0 where there is none."""
    classes: int
    """How many the pictures decide among; 0 where they show a value."""
    bytes: int
    """Memory that the replicas take."""


class FinderInfo(Spoken):
    """The learning-rate finder, begun at `step`; without a suggestion the numbers are null."""

    done: bool
    step: int
    standing: Standing
    """How the network shown differs from the one it is of: not at all, in steps, in its weights at
    that step, in its shape, loss or penalties, in its data."""
    examples: int
    """Training examples that the loss is measured on after each step."""
    low: float | None
    high: float | None
    rate: float | None
    message: str


class MapInfo(Spoken):
    """A map of the loss around the weights as they were at `step`."""

    plane: str
    size: int
    rows: int
    """So many are computed."""
    step: int
    standing: Standing
    """As for the finder."""
    learning_rate: float
    """In force at that step: the next step is as long as it says."""
    examples: int
    """Training examples that the loss is of: 256 at most …"""
    available: int
    """… of so many."""
    penalised: bool
    """Whether the height is the loss with L1 or L2 penalties."""


class CutInfo(Spoken):
    """The loss along the gradient at `step`."""

    step: int
    standing: Standing
    """As for the finder."""
    learning_rate: float
    curvature: float
    largest_curvature: float
    edge: float | None
    """2/λmax; null where the loss does not curve upwards."""
    examples: int
    """Training examples that the loss is of: all."""
    penalised: bool
    """Whether the height is the loss with L1 or L2 penalties."""


class LabInfo(Spoken):
    """The lab's computations; null where there is none."""

    race: RaceInfo | None
    finder: FinderInfo | None
    map: MapInfo | None
    cut: CutInfo | None


LAB_TENSORS = (
    TensorInfo(
        "schedule", "F64", "2, n", "steps from here on, and the learning rate then", "scheduled"
    ),
    TensorInfo(
        "ghosts",
        "F64",
        "3, n",
        "futures left behind: number of the branch, step, training loss",
        "with ghosts",
    ),
    TensorInfo("race_steps", "F64", "n", "steps at which losses were taken", "with a race"),
    TensorInfo("race_train", "F32", "lanes, R, n", "training losses", "with a race"),
    TensorInfo("race_test", "F32", "lanes, R, n", "test losses", "with a race"),
    TensorInfo(
        "race_surfaces",
        "U8",
        "lanes, R, S, S or lanes, R, 1, S",
        "each replica's output as `surface` has it; several classes: the class decided for, 255 "
        "for NaN; of a curve the prediction, 127 being the largest magnitude of a target",
        "with a race, plane and curve",
    ),
    TensorInfo(
        "finder",
        "F64",
        "3, n",
        "learning rate, minibatch loss, smoothed loss of the examples",
        "with a finder",
    ),
    TensorInfo("map", "F64", "size, size", "losses; NaN is still to come", "with a map"),
    TensorInfo("map_axis", "F64", "size", "coordinates along both axes", "with a map"),
    TensorInfo(
        "map_path", "F64", "n, 2", "where the weights have been, the present last", "with a map"
    ),
    TensorInfo("map_step", "F64", "2", "where the next step leads", "with a map"),
    TensorInfo("cut", "F64", "2, n", "step lengths along −gradient, and losses", "with a cut"),
)
