"""Losses: one number that says how wrong a minibatch's predictions are, and its gradient.

Backpropagation starts here: the gradient of the loss with respect to the predictions is what the
backward pass carries through the layers. `value` and `gradient` take arrays `(..., batch, units)`.
As in PyTorch a loss is averaged, never summed, over the minibatch. Inside a training step the
same operations run on `(..., units, batch)` arrays.
"""

from functools import partial
from typing import ClassVar

import numpy as np

from engine.operations import Array, Operation, Operations, constant, product, run, transposed
from engine.registry import Registry


class Loss:
    """One kind of loss."""

    name: ClassVar[str]
    title: ClassVar[str]
    formula: ClassVar[str]
    note: ClassVar[str]
    from_logits: ClassVar[bool] = False
    """Whether the output layer must be linear, the loss applying sigmoid or softmax itself."""
    classifies: ClassVar[bool] = False
    """Whether the targets must be classes."""

    def operations(
        self, prediction: Array, target: Array, gradient: Array, total: Array
    ) -> Operations:
        """`gradient` = ∂L/∂prediction, and `total` = L / `scale`; arrays `(..., units, batch)`.

        `total` has the leading shape alone: one number for every replica. It is a plain sum,
        since most steps' loss is never looked at and so need not be averaged.
        """
        raise NotImplementedError

    def scale(self, units: int, batch: int) -> float:
        """What makes the average of a sum over `units` outputs and `batch` examples."""
        return 1 / (units * batch)

    def prepare(self, target: Array, units: int, dtype: np.dtype) -> Array:
        """Targets `(..., batch, units)` as numbers. Raises ValueError where the shape is wrong."""
        target = np.asarray(target, dtype)
        if target.ndim == 1 and units == 1:
            target = target[:, None]
        if target.ndim < 2 or target.shape[-1] != units:
            raise ValueError(
                f"target: got shape {target.shape}, expected (batch, {units}) as the prediction has"
            )
        return target

    def _evaluate(self, prediction: Array, target: Array) -> tuple[Array, Array]:
        prediction = np.asarray(prediction)
        if prediction.dtype.kind != "f":
            prediction = prediction.astype(np.float64)
        target = self.prepare(target, prediction.shape[-1], prediction.dtype)
        if target.shape[-2] != prediction.shape[-2]:
            raise ValueError(
                f"target: got {target.shape[-2]} examples, expected {prediction.shape[-2]}"
            )
        target = np.broadcast_to(target, prediction.shape)
        gradient = np.empty_like(transposed(prediction), order="C")
        value = np.empty(prediction.shape[:-2], prediction.dtype)
        inner = np.ascontiguousarray(transposed(prediction))
        with np.errstate(over="ignore"):
            run(self.operations(inner, transposed(target), gradient, value))
            value *= self.scale(*inner.shape[-2:])
        return value, transposed(gradient)

    def value(self, prediction: Array, target: Array) -> Array:
        """The loss, of shape `(...)`, for predictions and targets `(..., batch, units)`.

        Raises ValueError where the shapes do not fit, or a label is out of range.
        """
        return self._evaluate(prediction, target)[0]

    def gradient(self, prediction: Array, target: Array) -> Array:
        """∂L/∂prediction, `(..., batch, units)`; raises as `value` does."""
        return self._evaluate(prediction, target)[1]


losses: Registry[Loss] = Registry("loss")


def total_product(a: Array, b: Array, total: Array) -> Operation:
    """total = Σ a b over units and batch, one sum for each replica."""
    if a.ndim == 2:
        return a.reshape(-1).dot, (b.reshape(-1), total)
    if a.shape[-2] == 1:
        return np.vecdot, (a[..., 0, :], b[..., 0, :], total)
    return partial(np.einsum, "...ub,...ub->...", out=total), (a, b)


@losses.register("half_squared_error")
class HalfSquaredError(Loss):
    """Half the squared error, summed over outputs and averaged over the batch.

    TensorFlow Playground's loss; the half makes the gradient plainly ŷ − y.
    """

    title = "½ squared error"
    formula = "L = ½ Σₖ (ŷₖ − yₖ)², averaged over the batch"
    note = "The gradient at the output is simply the error, ŷ − y."

    def scale(self, units: int, batch: int) -> float:
        """Half of the average over the batch; the squares are summed over the outputs."""
        return 0.5 / batch

    def operations(
        self, prediction: Array, target: Array, gradient: Array, total: Array
    ) -> Operations:
        batch = prediction.shape[-1]
        yield np.subtract, (prediction, target, gradient)
        yield total_product(gradient, gradient, total)
        yield np.multiply, (gradient, constant(1 / batch, gradient), gradient)


@losses.register("mean_squared_error")
class MeanSquaredError(Loss):
    """Squared error, averaged over batch and outputs (PyTorch's `MSELoss`)."""

    title = "mean squared error"
    formula = "L = mean (ŷ − y)²"
    note = "The standard loss for regression; large errors weigh with their square."

    def operations(
        self, prediction: Array, target: Array, gradient: Array, total: Array
    ) -> Operations:
        count = prediction.shape[-1] * prediction.shape[-2]
        yield np.subtract, (prediction, target, gradient)
        yield total_product(gradient, gradient, total)
        yield np.multiply, (gradient, constant(2 / count, gradient), gradient)


@losses.register("huber")
class Huber(Loss):
    """Quadratic for errors up to 1, linear beyond (Huber 1964; PyTorch's `HuberLoss`)."""

    title = "Huber"
    formula = "L = mean of ½ e² where |e| ≤ 1, |e| − ½ elsewhere;  e = ŷ − y"
    note = "Outliers pull with a bounded gradient."

    def operations(
        self, prediction: Array, target: Array, gradient: Array, total: Array
    ) -> Operations:
        count = prediction.shape[-1] * prediction.shape[-2]
        error, rest = np.empty_like(prediction), np.empty_like(prediction)
        yield np.subtract, (prediction, target, error)
        yield np.fmin, (error, constant(1, error), gradient)
        yield np.fmax, (gradient, constant(-1, error), gradient)
        # With c = e clipped to ±1, both branches are c (e − c/2).
        yield np.multiply, (gradient, constant(-0.5, error), rest)
        yield np.add, (error, rest, rest)
        yield total_product(gradient, rest, total)
        yield np.multiply, (gradient, constant(1 / count, error), gradient)


@losses.register("binary_cross_entropy")
class BinaryCrossEntropy(Loss):
    """−ln of the probability given to the true class, from logits, averaged over all outputs.

    PyTorch's `BCEWithLogitsLoss`; targets are 0 or 1.
    """

    title = "binary cross-entropy"
    formula = "L = −y ln p − (1 − y) ln(1 − p),  p = 1 / (1 + e^−ŷ)"
    note = "For two classes; the sigmoid is part of the loss, so that p − y is its gradient."
    from_logits = True
    classifies = True

    def operations(
        self, prediction: Array, target: Array, gradient: Array, total: Array
    ) -> Operations:
        count = prediction.shape[-1] * prediction.shape[-2]
        zero, one = constant(0, prediction), constant(1, prediction)
        softplus, ones = np.empty_like(prediction), np.ones_like(prediction)
        # L = ln(1 + e^ŷ) − y ŷ: the same, but safe for logits of any size.
        yield np.logaddexp, (prediction, zero, softplus)
        yield np.multiply, (prediction, target, gradient)
        yield np.subtract, (softplus, gradient, softplus)
        yield total_product(softplus, ones, total)
        yield np.negative, (prediction, gradient)
        yield np.exp, (gradient, gradient)
        yield np.add, (gradient, one, gradient)
        yield np.divide, (one, gradient, gradient)
        yield np.subtract, (gradient, target, gradient)
        yield np.multiply, (gradient, constant(1 / count, gradient), gradient)


@losses.register("cross_entropy")
class CrossEntropy(Loss):
    """−ln of the softmax probability of the true class, averaged over the batch.

    PyTorch's `CrossEntropyLoss`; targets are integer labels `(..., batch)`.
    """

    title = "cross-entropy"
    formula = "L = −ln pₜ,  pₖ = e^ŷₖ / Σⱼ e^ŷⱼ,  t the true class"
    note = "For any number of classes; the softmax is part of the loss: gradient p − y."
    from_logits = True
    classifies = True

    def scale(self, units: int, batch: int) -> float:
        """The average over the batch alone."""
        return 1 / batch

    def prepare(self, target: Array, units: int, dtype: np.dtype) -> Array:
        """Integer labels as one-hot rows."""
        labels = np.asarray(target)
        if labels.dtype.kind not in "iu":
            raise ValueError(f"target: got {labels.dtype} values, expected integer class labels")
        if labels.size and (labels.min() < 0 or labels.max() >= units):
            raise ValueError(
                f"target: got labels {labels.min()}…{labels.max()}, expected 0…{units - 1}"
            )
        return np.asarray(np.eye(units, dtype=dtype)[labels])

    def operations(
        self, prediction: Array, target: Array, gradient: Array, total: Array
    ) -> Operations:
        batch = prediction.shape[-1]
        row = np.empty_like(prediction[..., :1, :])  # one number per example
        loss, spread = np.empty_like(row), np.empty_like(prediction)
        true = np.empty(target.shape, target.dtype)
        # A product with ones adds up the units of each example, or hands each the same number:
        # several times cheaper than a sum along an axis, or than broadcasting.
        ones = np.ones((1, prediction.shape[-2]), prediction.dtype)
        yield true.__setitem__, (..., target)
        # Subtracting the largest logit changes nothing and keeps eᶻ finite.
        yield np.maximum.reduce, (prediction, -2, None, row, True)
        yield product(ones.T, row, spread)
        yield np.subtract, (prediction, spread, gradient)
        yield np.multiply, (gradient, true, spread)
        yield product(ones, spread, loss)
        yield np.exp, (gradient, gradient)
        yield product(ones, gradient, row)
        yield product(ones.T, row, spread)
        yield np.divide, (gradient, spread, gradient)
        yield np.log, (row, row)
        yield np.subtract, (row, loss, loss)
        yield total_product(loss, np.ones_like(loss), total)
        yield np.subtract, (gradient, true, gradient)
        yield np.multiply, (gradient, constant(1 / batch, gradient), gradient)
