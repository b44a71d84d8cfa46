"""Classes and values as the targets of a loss, and predictions back as classes and values.

Two classes need one output under the squared losses and under binary cross-entropy;
cross-entropy has an output for each class, as all losses have for three classes and more. Under
the squared losses the targets are −1 and 1 (TF Playground's), or 0 and 1 where the output's
activation has no negative values: no sigmoid can learn a −1. `loss` and `output` are the names
of the loss and of the output layer's activation.
"""

from typing import TYPE_CHECKING

import numpy as np

from engine.activations import activations
from engine.losses import losses
from engine.operations import Array

if TYPE_CHECKING:
    from engine.datasets import Data


def _check(data: "Data", loss: str) -> bool:
    """Whether the task is classification; ValueError where the loss does not suit it."""
    classification = data.info.task == "classification"
    if losses.find(loss, "loss").classifies and not classification:
        raise ValueError(
            f"loss: got {loss!r}, expected one for regression, since the targets of "
            f"{data.info.name} are numbers, not classes"
        )
    return classification


def output_units(data: "Data", loss: str) -> int:
    """How many outputs a network needs for these data under this loss."""
    if not _check(data, loss) or (len(data.class_names) == 2 and loss != "cross_entropy"):
        return 1
    return len(data.class_names)


def lowest_target(loss: str, output: str) -> float:
    """The target of an output whose class is not the example's: −1 or 0; it is 1 elsewhere."""
    to_minus = activations[output].negative and not losses[loss].classifies
    return -1.0 if to_minus else 0.0


def encode(y: Array, data: "Data", loss: str, output: str) -> Array:
    """Targets for the loss: (n, outputs), or integer labels (n,) for cross_entropy."""
    if not _check(data, loss):
        return np.asarray((y - data.target_mean) / data.target_scale)[:, None]
    if loss == "cross_entropy":
        return y
    low = lowest_target(loss, output)
    if output_units(data, loss) == 1:
        return np.where(y == 1, 1.0, low)[:, None]
    return np.where(y[:, None] == np.arange(len(data.class_names)), 1.0, low)


def leaning(values: Array, loss: str, output: str) -> Array:
    """How far outputs, of any shape, lean to their class: −1 … 1, and 0 where it is even.

    Under the squared losses −1 and 1 are the two targets; from a logit it is 2p − 1.
    """
    if losses[loss].from_logits:
        return np.asarray(np.tanh(0.5 * values))  # 2 sigmoid(ŷ) − 1
    return np.clip(values if lowest_target(loss, output) < 0 else 2 * values - 1, -1, 1)


def decide(outputs: Array, data: "Data", loss: str, output: str) -> Array:
    """The class index for each row of outputs (n, outputs), or the value in its own units."""
    if not _check(data, loss):
        return np.asarray(outputs[:, 0] * data.target_scale + data.target_mean)
    if outputs.shape[1] == 1:
        return (leaning(outputs[:, 0], loss, output) > 0).astype(int)
    return np.asarray(outputs.argmax(axis=1))


def probabilities(outputs: Array, data: "Data", loss: str, output: str) -> Array:
    """Outputs (n, outputs) as the probability of each class (n, classes), for display.

    Squared losses know no probabilities: there the place of ŷ between the two targets, kept in
    0…1, stands for it. Raises ValueError for regression.
    """
    if not _check(data, loss):
        raise ValueError(f"dataset: {data.info.name} is regression and has no classes")
    outputs = np.asarray(outputs, np.float64)
    if loss == "cross_entropy":
        grown = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return np.asarray(grown / grown.sum(axis=1, keepdims=True))
    share = (1 + leaning(outputs, loss, output)) / 2
    if outputs.shape[1] == 1:
        return np.concatenate([1 - share, share], axis=1)
    total = share.sum(axis=1, keepdims=True)
    return np.where(total > 0, share / np.where(total > 0, total, 1), 1 / share.shape[1])
