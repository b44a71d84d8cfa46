"""What frames say of the microscope, and of what is wrong with the run."""

from server.protocol.messages import Spoken
from server.protocol.tensors import TensorInfo


class CheckInfo(Spoken):
    """The last gradient check."""

    step: int
    layer: int
    unit: int
    input: int | None
    value: float
    by_backpropagation: float
    by_difference: float
    loss_above: float
    loss_below: float
    epsilon: float
    relative_error: float


class RepresentInfo(Spoken):
    """What is drawn of which layer."""

    layer: int
    units: list[int] | None
    names: list[str]
    """Of the two axes."""
    size: int
    """Points along one side of the mesh."""


class MicroscopeInfo(Spoken):
    """What the tensors of the microscope belong to."""

    on: bool
    slots: list[str]
    """Names of the optimizer's state arrays."""
    options: dict[str, float]
    """The optimizer's options in force."""
    optimizer_steps: int
    """Updates made so far: the step shown is the next."""
    clipped: bool
    """Whether the gradient of this step was shortened."""
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


MICROSCOPE_TENSORS = (
    TensorInfo(
        "pre_activations",
        "F32",
        "rows, m",
        "z of all examples of the upcoming minibatch; 0 for inputs. Then m is the whole "
        "minibatch in `activations` and `deltas` too",
        "microscope",
    ),
    TensorInfo("targets", "F32", "outputs, m", "what the loss compares with", "microscope"),
    TensorInfo(
        "normalised", "F32", "rows, m", "x̂ of batch-normalised layers; else 0", "microscope"
    ),
    TensorInfo("masks", "F32", "rows, m", "dropout: 0 or 1/(1−p); without dropout 1", "microscope"),
    TensorInfo("sums", "F32", "rows, m", "W x + b, before batch normalisation", "microscope"),
    TensorInfo("slopes", "F32", "rows, m", "φ′(z)", "microscope"),
    TensorInfo(
        "arriving",
        "F32",
        "rows, m",
        "∂L/∂ of what a unit hands on: Wᵀδ of the next layer, or the loss's gradient",
        "microscope",
    ),
    TensorInfo(
        "normalisation",
        "F32",
        "2, rows",
        "mean and √(variance + ε) of batch-normalised units; else 0",
        "microscope",
    ),
    TensorInfo("losses", "F32", "m", "each example's; their mean is the loss", "microscope"),
    TensorInfo("state_before", "F32", "slots, P", "the optimizer's state", "microscope"),
    TensorInfo("state_after", "F32", "slots, P", "the same after the step", "microscope"),
    TensorInfo(
        "mesh", "F32", "S, S, 2", "the plane's grid points as the layer has them", "represent"
    ),
    TensorInfo("carried", "F32", "n, 2", "the training points likewise", "represent"),
)
