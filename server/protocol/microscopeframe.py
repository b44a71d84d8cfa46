"""What frames say of the microscope, and of what is wrong with the run."""

from typing import Literal

from server.protocol.messages import Spoken
from server.protocol.tensors import TensorInfo


class ParameterInfo(Spoken):
    """Which parameter is meant."""

    layer: int
    unit: int
    input: int | None
    norm: Literal["scale", "shift"] | None


class CheckInfo(ParameterInfo):
    """The last gradient check: in double precision, without penalties and clipping."""

    step: int
    value: float
    by_backpropagation: float
    by_difference: float
    recorded: float
    """The same gradient as the step itself has it."""
    loss_above: float
    loss_below: float
    epsilon: float
    difference: float
    relative_error: float


class RepresentInfo(Spoken):
    """What is drawn of which layer."""

    layer: int
    units: list[int] | None
    names: list[str]
    """Of the two axes."""
    ends: tuple[float, float] | None
    """Of regression: what the lowest and the highest colour stand for, in the target's unit."""


class NumberInfo(Spoken):
    """A number, or one for each parameter."""

    number: float | None
    row: int | None
    """Of the tensor `lines`, where each parameter has its own."""


class LineInfo(Spoken):
    """A line of a calculation, such as v ← μ·v + g."""

    name: str
    """θ stands for the parameter."""
    how: str
    """{} for each operand."""
    operands: list[NumberInfo]
    result: NumberInfo
    weights_only: bool


class MicroscopeInfo(Spoken):
    """What the tensors of the microscope belong to; without it the lists are empty."""

    on: bool
    example: int | None
    """The one shown, counted in the minibatch; null: all of it."""
    by_hand: Literal["none", "some", "all"]
    """Which weights and biases have been set by hand since the initial ones were drawn."""
    added: bool
    """Whether neurons, layers or inputs have been added since."""
    slots: list[str]
    """Names of the optimizer's state arrays."""
    signals: list[str]
    """Names of the rows of the tensor `minibatch`."""
    gradient_lines: list[LineInfo]
    """From `backpropagated` to `gradients`: penalties and clipping."""
    update_lines: list[LineInfo]
    """From `gradients` to what is added to the parameters."""
    shares: ParameterInfo | None
    """What the tensor `example_shares` is about."""
    check: CheckInfo | None
    represent: RepresentInfo | None


class RemedyInfo(Spoken):
    """Something to try: commands to send, one after the other."""

    label: str
    commands: list[dict[str, object]]


class FindingInfo(Spoken):
    """Something that is wrong with the run."""

    name: str
    layers: list[int]
    """Where, counted from 1; none: in all."""
    message: str
    remedies: list[RemedyInfo]


def _microscope(name: str, shape: str, note: str, where: str = "microscope") -> TensorInfo:
    return TensorInfo(name, "F32", shape, note, where)


MICROSCOPE_TENSORS = (
    _microscope(
        "pre_activations",
        "rows, m",
        "what φ gets, of all examples of the upcoming minibatch: z, or γ·ẑ + β; 0 for inputs. Then "
        "m is the whole minibatch in `activations` and `deltas` too",
    ),
    _microscope("targets", "outputs, m", "what the loss compares with"),
    _microscope("sums", "rows, m", "z = W x + b, before batch normalisation"),
    _microscope("normalised", "rows, m", "ẑ of batch-normalised layers; else 0"),
    _microscope("masks", "rows, m", "dropout: 0 or 1/(1−p); without dropout 1"),
    _microscope("handed", "rows, m", "what the next layer reads: the activation under its mask"),
    _microscope("slopes", "rows, m", "φ′ of `pre_activations`"),
    _microscope(
        "arriving",
        "rows, m",
        "∂L/∂ of what a unit hands on: Wᵀδ of the next layer, or the loss's gradient",
    ),
    _microscope(
        "outer", "rows, m", "∂L/∂ of `pre_activations`; δ itself without batch normalisation"
    ),
    _microscope(
        "minibatch",
        "signals, rows",
        "of each signal the minibatch's mean; of arriving, outer and deltas its sum",
    ),
    _microscope(
        "normalisation",
        "4, rows",
        "of batch-normalised units mean and √(variance + ε) of z, mean of `outer` and of "
        "ẑ·`outer`; else 0",
    ),
    _microscope("losses", "m", "ℓ of each example; their mean is the loss"),
    _microscope("own_slopes", "outputs, m", "∂ℓ/∂ŷ of each example; ∂L/∂ŷ is 1/m of it"),
    _microscope(
        "probabilities", "outputs, m", "what logits stand for", "microscope, cross-entropy"
    ),
    _microscope("signals_forward", "P", "of the example: w·x, b; γ·ẑ, β"),
    _microscope("signals_backward", "P", "of the example: w·δ; 0 for all but weights"),
    _microscope("shares", "P", "the example's shares of `backpropagated`, or all of it"),
    _microscope("backpropagated", "P", "∂L/∂θ before penalties and clipping"),
    _microscope("lines", "n, P", "numbers of the lines of a calculation"),
    _microscope("new_parameters", "P", "after the step"),
    _microscope("state_before", "slots, P", "the optimizer's state"),
    _microscope("state_after", "slots, P", "the same after the step"),
    _microscope(
        "example_shares",
        "3, m",
        "of one gradient: each example's share, and its two factors",
        "microscope, shares",
    ),
    _microscope(
        "mesh",
        "rows, columns, 2",
        "where the layer puts the points of a grid of inputs: the plane, the line of all x (one "
        "row), or else the plane of the training inputs' two principal components",
        "represent",
    ),
    TensorInfo(
        "mesh_answers",
        "U8",
        "C, rows, columns",
        "what the network answers at these points; see surface, and for regression `ends`",
        "represent",
    ),
    _microscope("carried", "n, 2", "where it puts the training examples", "represent"),
    _microscope(
        "carried_targets",
        "n",
        "their classes, or their targets from −1 to 1 between the two `ends`",
        "represent",
    ),
)
