"""How well the network does on the whole training and test parts.

Everything here is computed as in use: running statistics, no dropout. Nothing that training uses
is touched, so that looking never changes what is being looked at.
"""

import math
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from engine.checks import numbers
from engine.losses import Loss
from engine.memory import arrays_of
from engine.network import Network
from engine.operations import Array, Operation, run, transposed

Part = tuple[Array, Array]
"""Inputs with a column of ones (examples, inputs + 1), and targets (examples, outputs)."""

Pass = tuple[list[Operation], Array, Array]
"""The operations that evaluate a part, its prediction and its targets."""


def examples_of(network: Network, loss: Loss, x: Array, y: Array, field: str) -> Part:
    """Inputs (examples, inputs) and targets as a part; ValueError naming what does not fit."""
    inputs = network.layers[0].fan_in
    x = numbers(field, x, network.dtype)
    if x.ndim != 2 or x.shape[1] != inputs or not len(x):
        raise ValueError(f"{field}: got shape {x.shape}, expected (examples, {inputs})")
    targets = loss.prepare(y, network.layers[-1].units, network.dtype)
    if targets.ndim != 2 or len(targets) != len(x):
        raise ValueError(f"y: got shape {np.shape(y)}, expected one target for each of {len(x)}")
    for name, values in ((field, x), ("y", targets)):
        if not np.isfinite(values).all():
            raise ValueError(f"{name}: got values that are not finite, expected finite numbers")
    ones = np.ones((len(x), 1), network.dtype)
    # A copy, as the inputs are: the caller's array may change.
    return np.concatenate([x, ones], axis=1), np.array(targets, order="C")


class Metrics(NamedTuple):
    """How well the network does. NaN where there is no test part. With replicas, arrays."""

    train_loss: float
    test_loss: float
    train_metric: float
    test_metric: float


class Evaluator:
    """Loss and metric of a network on a training part and perhaps a test part."""

    def __init__(
        self, network: Network, loss: Loss, metric: str, train: Part, test: Part | None
    ) -> None:
        """`metric` is a name in METRICS."""
        self.network, self.loss, self.train, self.test = network, loss, train, test
        between = threshold(loss, train[1])
        self.metric = partial(accuracy, between=between) if metric == "accuracy" else r_squared
        self.answers = np.empty(0)
        """What `metrics` predicted last, (..., examples, outputs): for the test part, or without
        one for the training part."""
        self._value = np.zeros(network.parameters.shape[:-1], network.dtype)
        self._passes = [self._pass(part) for part in (train, test)]

    def _pass(self, part: Part | None) -> Pass | None:
        """Forward pass and loss on all examples of a part, its prediction, its targets."""
        if part is None:
            return None
        # The passes read the inputs as (inputs + 1, examples): that is how they should lie.
        w = self.network.workspace(len(part[0])).reading(np.asfortranarray(part[0]))
        target = transposed(part[1])
        program = list(self.network.forward_operations(w))
        program += self.loss.total_operations(w.prediction, target, self._value)
        return program, w.prediction, target

    def metrics(self) -> Metrics:
        """Loss and metric on both parts."""
        (train_loss, train_metric), (test_loss, test_metric) = (
            (self._loss(ready), self._metric(ready)) for ready in self._passes
        )
        last = self._passes[1] or self._passes[0]
        if last is not None:
            self.answers = transposed(last[1]).copy()
        return Metrics(train_loss, test_loss, train_metric, test_metric)

    def _loss(self, ready: Pass | None) -> Any:
        """Run the pass; a number, or with replicas an array of them. NaN without examples."""
        if ready is None:
            return np.nan
        program, prediction, _ = ready
        with np.errstate(over="ignore", invalid="ignore"):
            run(program)
        loss = self._value * self.loss.scale(*prediction.shape[-2:])
        return loss if loss.ndim else float(loss)

    def _metric(self, ready: Pass | None) -> Any:
        """Of the prediction that the pass has made."""
        if ready is None:
            return np.nan
        with np.errstate(over="ignore", invalid="ignore"):
            metric = self.metric(*ready[1:])
        return metric if metric.ndim else float(metric)

    def arrays(self) -> Iterator[Array]:
        """All that its passes work on."""
        for ready in self._passes:
            yield from arrays_of(ready[0] if ready else ())

    def activations(self) -> list[Array]:
        """Activations of every layer for all training examples, the inputs first: views."""
        return self.network.activations(self.train[0][:, :-1])

    def predictions(self) -> Array:
        """The prediction for each training example, (..., examples, outputs)."""
        return self.activations()[-1].copy()

    @property
    def sample(self) -> Part:
        """The fixed sample of the training examples that is looked at again and again.

        At most 200 examples, fewer for large networks, evenly taken.
        """
        x, y = self.train
        most = min(200, max(40, 16_000 // sum(self.network.sizes)))
        stride = math.ceil(len(x) / most)
        return x[::stride], y[::stride]

    def sample_activations(self) -> list[Array]:
        """Activations of every layer for the sample: (..., examples, units), the inputs first."""
        return self.network.activations(self.sample[0][:, :-1])

    def cadence(self, batch_size: int) -> int:
        """Steps between evaluations that keep them below a three-hundredth of training.

        Counted in floating-point operations, with what calling NumPy costs expressed in them,
        so that it is the same on every machine. Whoever watches may evaluate more often.
        """
        calling, units = 2e5 * len(self.network.layers), sum(self.network.sizes)
        weights: int = self.network.parameters.shape[-1]
        total = len(self.train[0])
        total += len(self.test[0]) if self.test else 0
        step = 6 * weights * batch_size + calling
        return math.ceil(1000 * (total * (2 * weights + 20 * units) + calling) / step)


def threshold(loss: Loss, targets: Array) -> float:
    """What parts the two classes of one output: the middle of its targets, for logits 0.

    The higher target is 1, the lower one −1 or 0.
    """
    if loss.from_logits:
        return 0.0
    return 0.5 + min(float(targets.min()), 0.0) / 2


def accuracy(prediction: Array, target: Array, between: float) -> Array:
    """The share of examples whose class is right; arrays (..., outputs, batch).

    One output: the classes lie above and below `between`, their targets being −1 or 0, and 1.
    """
    if prediction.shape[-2] == 1:
        return np.asarray(np.mean((prediction > between) == (target > 0.5), axis=(-2, -1)))
    return np.asarray(np.mean(prediction.argmax(-2) == target.argmax(-2), axis=-1))


def r_squared(prediction: Array, target: Array) -> Array:
    """R² = 1 − Σ(ŷ − y)² / Σ(y − mean y)², arrays (..., outputs, batch); NaN if all y are one."""
    residual = np.sum((prediction - target) ** 2, axis=(-2, -1))
    total = np.sum((target - target.mean(-1, keepdims=True)) ** 2, axis=(-2, -1))
    return np.asarray(1 - residual / np.where(total > 0, total, np.nan))


METRICS = "accuracy", "R²"


def metric_name(metric: str | None, loss: Loss) -> str:
    """The metric asked for, or the one that goes with the loss; ValueError where unknown."""
    if metric is None:
        return "accuracy" if loss.classifies else "R²"
    if metric not in METRICS:
        raise ValueError(f"metric: got {metric!r}, expected one of {', '.join(METRICS)}")
    return metric
