"""Classes and values as the targets of a loss, and predictions back as classes and values.

Two classes need one output under the squared losses (targets −1 and 1) and under binary
cross-entropy (0 and 1); cross-entropy has an output for each class, as all losses have for three
classes and more.
"""

from typing import TYPE_CHECKING

import numpy as np

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


def encode(y: Array, data: "Data", loss: str) -> Array:
    """Targets for the loss: (n, outputs), or integer labels (n,) for cross_entropy."""
    if not _check(data, loss):
        return np.asarray((y - data.target_mean) / data.target_scale)[:, None]
    if loss == "cross_entropy":
        return y
    low = 0.0 if losses[loss].classifies else -1.0
    if output_units(data, loss) == 1:
        return np.where(y == 1, 1.0, low)[:, None]
    return np.where(y[:, None] == np.arange(len(data.class_names)), 1.0, low)


def decide(outputs: Array, data: "Data", loss: str) -> Array:
    """The class index for each row of outputs (n, outputs), or the value in its own units."""
    if not _check(data, loss):
        return np.asarray(outputs[:, 0] * data.target_scale + data.target_mean)
    if outputs.shape[1] == 1:
        return (outputs[:, 0] > 0).astype(int)
    return np.asarray(outputs.argmax(axis=1))


def probabilities(outputs: Array, data: "Data", loss: str) -> Array:
    """Outputs (n, outputs) as the probability of each class (n, classes), for display.

    Squared losses know no probabilities: there (1 + ŷ)/2, kept in 0…1, stands for it.
    Raises ValueError for regression.
    """
    if not _check(data, loss):
        raise ValueError(f"dataset: {data.info.name} is regression and has no classes")
    outputs = np.asarray(outputs, np.float64)
    if loss == "cross_entropy":
        grown = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        return np.asarray(grown / grown.sum(axis=1, keepdims=True))
    if losses[loss].from_logits:
        share = 0.5 * (1 + np.tanh(0.5 * outputs))  # the sigmoid
    else:
        share = np.clip((1 + outputs) / 2, 0, 1)
    if outputs.shape[1] == 1:
        return np.concatenate([1 - share, share], axis=1)
    total = share.sum(axis=1, keepdims=True)
    return np.where(total > 0, share / np.where(total > 0, total, 1), 1 / share.shape[1])
