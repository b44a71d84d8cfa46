"""Divergence: training that does not come down but blows up.

Nothing is clipped or replaced in silence. The trainer looks at every slice of steps; where one
went wrong it replays from its last good state to the first step that did, and stops in front of it.
Here that step is looked at layer by layer.

A step has gone wrong where a number is no longer finite (a weight, the loss, or what the optimizer
remembers), or, earlier, where the loss explodes: more than a million times what it was at the start
on the whole training part. It is that much because training then stops; the label "diverged" in a
race stops nothing, and is given earlier (`engine.labels`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from engine.network import Network
from engine.operations import Array
from engine.optimizer import Optimizer
from engine.record import Record

EXPLODED = 1e6
"""Times the loss at the start, or 1 where that is less."""
SUSPICIOUS = 10.0
"""The same of a minibatch's loss, or times the largest weight in one slice of steps: then the loss
on the whole training part is looked at."""
HUGE = 1e3
"""Larger than the activations of any network that still learns."""
TAIL = 60
"""Steps before the one that went wrong of which the loss curve keeps every one."""

Reason = Literal["not finite", "exploding"]


@dataclass(frozen=True)
class Divergence:
    """What went wrong first: in which step, layer (from 1) and quantity, and how."""

    step: int
    layer: int
    quantity: str
    reason: Reason
    message: str


def is_finite(network: Network, optimizer: Optimizer, loss: float | Array) -> bool:
    """Whether all parameters, the last minibatch's loss and the optimizer's state are finite.

    The state matters by itself: where g² is too large a number for it, Adam's update is 0, and
    everything else looks as if nothing had happened.
    """
    arrays = (np.asarray(loss), network.parameters, *optimizer.state.values())
    return all(bool(np.isfinite(array).all()) for array in arrays)


def describe(step: int, record: Record, network: Network, state: Iterable[Array]) -> Divergence:
    """A number was not finite: which, from the step's record and what it left behind.

    `state` are the optimizer's arrays (parameters,) after the step.
    """
    layer, quantity = first_non_finite(record, network, state)
    what = (
        f"in step {step:,} the {quantity} of {_name(layer, network)} were no longer finite numbers"
    )
    return Divergence(step, layer, quantity, "not finite", _message(what))


def describe_explosion(
    step: int, record: Record, activations: Sequence[Array], network: Network
) -> Divergence:
    """The loss exploded: which layer did so first, in the step's forward pass or after it.

    `activations` are those of all training examples after the step, (examples, units) a layer,
    index 0 being the inputs.
    """
    passes = [record.activations[1:], activations[1:]]
    sizes = [float(np.abs(values).max()) for each in passes for values in each]
    first = next((k for k, size in enumerate(sizes) if not size < HUGE), len(sizes) - 1)
    layer = first % len(network.layers) + 1
    what = (
        f"step {step:,} took the training loss to more than a million times what it was at the "
        f"start; the activations of {_name(layer, network)} were the first to explode, up to "
        f"{sizes[first]:.2g}"
    )
    return Divergence(step, layer, "activations", "exploding", _message(what))


def _name(layer: int, network: Network) -> str:
    return "the output layer" if layer == len(network.layers) else f"layer {layer}"


def _message(what: str) -> str:
    return f"Training diverged: {what}. The weights shown are those before that step."


def first_non_finite(record: Record, network: Network, state: Iterable[Array]) -> tuple[int, str]:
    """Layer (from 1) and name of the first quantity, in the order in which a step computes them."""
    layers = range(1, len(network.layers) + 1)
    for layer in layers:
        if not np.isfinite(record.pre_activations[layer]).all():
            return layer, "pre-activations"
        if not np.isfinite(record.activations[layer]).all():
            return layer, "activations"
    if not np.isfinite(record.loss).all():
        return len(network.layers), "predictions, squared or exponentiated in the loss,"
    for layer in reversed(layers):
        if not np.isfinite(record.deltas[layer]).all():
            return layer, "gradients"
    flat = [("weight gradients", record.gradients)]
    flat += [("optimizer's averages", values) for values in state]
    flat += [("updated weights", network.parameters)]
    for quantity, values in flat:
        for layer in layers:
            start, stop = network.offsets[layer - 1 : layer + 1]
            if not np.isfinite(values[start:stop]).all():
                return layer, quantity
    raise ValueError("step: got one whose numbers are all finite, expected one that diverged")
