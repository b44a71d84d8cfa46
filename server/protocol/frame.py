"""Frames: one complete picture of a session, in the safetensors format.

The metadata entry "frame" holds `FrameMeta` as JSON; `TENSORS` says what else there is. Rows are
units: all layers one after the other, inputs first, as the topology message says.
"""

from typing import Literal

from server.protocol.labframe import LAB_TENSORS, LabInfo, TimelineInfo
from server.protocol.messages import Spoken
from server.protocol.microscopeframe import MICROSCOPE_TENSORS, FindingInfo, MicroscopeInfo
from server.protocol.tensors import TensorInfo


class ExampleInfo(Spoken):
    """The selected example."""

    part: Literal["train", "test"]
    index: int
    target: float
    label: str
    chosen_output: float | None
    """The last output for the example that `select_example` chose, whichever one is shown: slow
    motion shows those of its minibatch. Null where it is not finite."""


class FocusInfo(Spoken):
    """The unit in focus."""

    layer: int
    unit: int


class DivergenceInfo(Spoken):
    """Where training blew up. The session stands at the state before that step."""

    step: int
    layer: int | None
    quantity: str
    reason: Literal["not finite", "exploding"]
    """A number was no longer finite; or the loss is a million times what it was at the start."""
    message: str


class GridInfo(Spoken):
    """Points along one side of the surface and of a field."""

    surface: int
    field: int


class FrameMeta(Spoken):
    """A frame's numbers; what is not finite is null."""

    frame: int
    """The number to acknowledge."""
    version: int
    """Of the topology that the tensors belong to."""
    step: int
    epoch: float
    examples: int
    steps_per_second: float
    playing: bool
    speed: float | None
    learning_rate: float
    """As it is set."""
    rate_in_force: float
    """Of the upcoming step: what is set, times the schedule's factor."""
    batch_size: int
    minibatch_loss: float | None
    """Of the upcoming minibatch."""
    train_loss: float | None
    test_loss: float | None
    train_metric: float | None
    test_metric: float | None
    metric: str
    example: ExampleInfo
    focus: FocusInfo | None
    diverged: DivergenceInfo | None
    surface_scale: float
    surface_ends: tuple[float, float]
    """What the network answers where one output's surface is at its ends: −scale and scale, the
    targets 0 and 1, or for binary cross-entropy the probabilities 0 and 1."""
    grid: GridInfo | None
    statistics: list[str]
    """Names of the columns of the tensor `statistics`."""
    timeline: TimelineInfo
    lab: LabInfo
    microscope: MicroscopeInfo
    findings: list[FindingInfo]
    """What is wrong with the run; mostly nothing."""
    summary: str
    """What can be said of the gradients where nothing is wrong."""


TENSORS = (
    TensorInfo("parameters", "F32", "P", "weights, biases, batch-norm scales and shifts"),
    TensorInfo("gradients", "F32", "P", "of the upcoming minibatch"),
    TensorInfo("updates", "F32", "P", "what the very next step adds to the parameters"),
    TensorInfo("activations", "F32", "rows, m", "of up to 32 examples of the upcoming minibatch"),
    TensorInfo("deltas", "F32", "rows, m", "∂L/∂z of the same examples; 0 for inputs"),
    TensorInfo(
        "example",
        "F32",
        "3, rows",
        "selected example: z, activation, ∂L/∂z; for inputs the network's input twice, and 0",
    ),
    TensorInfo("example_input", "F32", "columns", "the selected example, raw"),
    TensorInfo(
        "example_output", "F32", "classes or 1", "probabilities, or the prediction in its own unit"
    ),
    TensorInfo(
        "fields",
        "U8",
        "rows, F, F or rows, 1, F",
        "every unit's activation over the inputs: (byte − 128) / 127 · field_scales[row]; the "
        "first line of the picture is the largest x₂",
        "plane and curve",
    ),
    TensorInfo("field_scales", "F32", "rows", "see fields", "plane and curve"),
    TensorInfo(
        "surface",
        "U8",
        "C, S, S",
        "one output: (byte − 128) / 127 · surface_scale (2ŷ − 1 where the targets are 0 and 1, for "
        "binary cross-entropy 2p − 1), cut off there; several classes: probability = byte / 255",
        "plane",
    ),
    TensorInfo("fit", "F32", "2, 96", "x and prediction, in their own units", "curve"),
    TensorInfo("focus", "U8", "S, S", "the field of the unit in focus", "plane, with a focus"),
    TensorInfo("statistics", "F32", "layers − 1, 7", "NaN where a statistic does not apply"),
    TensorInfo(
        "norms",
        "F32",
        "layers, n",
        "a column for each step that was seen, thinned out: step, each layer's gradient norm",
    ),
    TensorInfo("histograms", "F32", "layers − 1, 2, 24", "shares: activations, gradients ∂L/∂z"),
    TensorInfo("histogram_ranges", "F32", "layers − 1, 2, 2", "lowest and highest bin's edge"),
    TensorInfo(
        "history",
        "F64",
        "6, n",
        "step, train loss, test loss, train metric, test metric, learning rate",
    ),
    TensorInfo(
        "confusion",
        "I32",
        "K, K",
        "true class, predicted class: counts over the test part (training part if that is empty)",
        "classification",
    ),
    TensorInfo(
        "predictions",
        "F32",
        "2, n",
        "target and prediction of up to 500 examples of the test part, or of the training part "
        "where there is none",
        "regression",
    ),
    *LAB_TENSORS,
    *MICROSCOPE_TENSORS,
)
