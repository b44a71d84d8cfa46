"""Losses: one number that says how wrong a minibatch's predictions are, and its gradient.

Backpropagation starts here: the gradient of the loss with respect to the predictions is what the
backward pass carries through the layers. `value` and `gradient` take arrays `(..., batch, units)`.
As in PyTorch a loss is averaged, never summed, over the minibatch. Inside a training step the
same operations run on `(..., units, batch)` arrays.
"""

from typing import ClassVar

import numpy as np

from engine.checks import numbers
from engine.loss_parts import clip, squared_error, total_product
from engine.operations import Array, Operations, constant, product, run, transposed
from engine.registry import Registry


class Loss:
    """One kind of loss."""

    name: ClassVar[str]
    title: ClassVar[str]
    formula: ClassVar[str]
    note: ClassVar[str]
    slope: ClassVar[str]
    """∂ℓ/∂ŷ of one example's own loss ℓ, K being the number of outputs."""
    from_logits: ClassVar[bool] = False
    """Whether the output layer must be linear, the loss applying sigmoid or softmax itself."""
    classifies: ClassVar[bool] = False
    """Whether the targets must be classes."""

    def gradient_operations(self, prediction: Array, target: Array, gradient: Array) -> Operations:
        """`gradient` = ∂L/∂prediction; arrays `(..., units, batch)`. Part of every step."""
        raise NotImplementedError

    def total_operations(self, prediction: Array, target: Array, total: Array) -> Operations:
        """`total` = L / `scale`, of the leading shape: one number for every replica.

        Not part of a step: the loss of most minibatches is never looked at.
        """
        raise NotImplementedError

    def scale(self, units: int, batch: int) -> float:
        """What makes the average of a sum over `units` outputs and `batch` examples."""
        return 1 / (units * batch)

    def probabilities(self, prediction: Array) -> Array | None:
        """Of logits `(..., units, batch)`, of the same shape; None where they are none."""
        return None

    def guess(self, target: Array) -> Array:
        """What to predict for every example alike, (units, 1) from targets (units, batch)."""
        return np.asarray(target.mean(-1, keepdims=True))

    def prepare(self, target: Array, units: int, dtype: np.dtype) -> Array:
        """Targets `(..., batch, units)` as numbers. Raises ValueError where the shape is wrong."""
        target = numbers("target", target, dtype)
        if target.ndim == 1 and units == 1:
            target = target[:, None]
        if target.ndim < 2 or target.shape[-1] != units:
            raise ValueError(
                f"target: got shape {target.shape}, expected (batch, {units}) as the prediction has"
            )
        return target

    def _prepared(self, prediction: Array, target: Array) -> tuple[Array, Array]:
        """Both as the operations want them, `(..., units, batch)`."""
        prediction = np.asarray(prediction)
        if prediction.dtype.kind != "f":
            prediction = numbers("prediction", prediction, np.float64)
        if prediction.ndim < 2 or not prediction.size:
            raise ValueError(f"prediction: got shape {prediction.shape}, expected (batch, units)")
        target = self.prepare(target, prediction.shape[-1], prediction.dtype)
        if target.shape not in (prediction.shape, prediction.shape[-2:]):
            raise ValueError(f"target: got shape {target.shape}, expected {prediction.shape}")
        target = np.broadcast_to(target, prediction.shape)
        return np.ascontiguousarray(transposed(prediction)), transposed(target)

    def value(self, prediction: Array, target: Array) -> Array:
        """The loss, of shape `(...)`, for predictions and targets `(..., batch, units)`.

        Raises ValueError where the shapes do not fit, or a label is out of range.
        """
        inner, target = self._prepared(prediction, target)
        total = np.empty(inner.shape[:-2], inner.dtype)
        with np.errstate(over="ignore"):
            run(self.total_operations(inner, target, total))
        return np.asarray(total * self.scale(*inner.shape[-2:]))

    def gradient(self, prediction: Array, target: Array) -> Array:
        """∂L/∂prediction, `(..., batch, units)`; raises as `value` does."""
        inner, target = self._prepared(prediction, target)
        gradient = np.empty_like(inner)
        with np.errstate(over="ignore"):
            run(self.gradient_operations(inner, target, gradient))
        return transposed(gradient)


losses: Registry[Loss] = Registry("loss")


@losses.register("half_squared_error")
class HalfSquaredError(Loss):
    """Half the squared error, summed over outputs and averaged over the batch.

    TensorFlow Playground's loss; the half makes the gradient plainly ŷ − y.
    """

    title = "½ squared error"
    formula = "L = ½ Σₖ (ŷₖ − yₖ)², averaged over the batch"
    slope = "ŷ − y"
    note = "The gradient at the output is simply the error, ŷ − y."

    def scale(self, units: int, batch: int) -> float:
        """Half of the average over the batch; the squares are summed over the outputs."""
        return 0.5 / batch

    def gradient_operations(self, prediction: Array, target: Array, gradient: Array) -> Operations:
        yield np.subtract, (prediction, target, gradient)
        yield np.multiply, (gradient, constant(1 / prediction.shape[-1], gradient), gradient)

    def total_operations(self, prediction: Array, target: Array, total: Array) -> Operations:
        yield from squared_error(prediction, target, total)


@losses.register("mean_squared_error")
class MeanSquaredError(Loss):
    """Squared error, averaged over batch and outputs (PyTorch's `MSELoss`)."""

    title = "mean squared error"
    formula = "L = mean (ŷ − y)²"
    slope = "2(ŷ − y)/K"
    note = "The standard loss for regression; large errors weigh with their square."

    def gradient_operations(self, prediction: Array, target: Array, gradient: Array) -> Operations:
        count = prediction.shape[-1] * prediction.shape[-2]
        yield np.subtract, (prediction, target, gradient)
        yield np.multiply, (gradient, constant(2 / count, gradient), gradient)

    def total_operations(self, prediction: Array, target: Array, total: Array) -> Operations:
        yield from squared_error(prediction, target, total)


@losses.register("huber")
class Huber(Loss):
    """Quadratic for errors up to 1, linear beyond (Huber 1964; PyTorch's `HuberLoss`)."""

    title = "Huber"
    formula = "L = mean of ½ e² where |e| ≤ 1, |e| − ½ elsewhere;  e = ŷ − y"
    slope = "(ŷ − y, cut off at ±1)/K"
    note = "Outliers pull with a bounded gradient."

    def gradient_operations(self, prediction: Array, target: Array, gradient: Array) -> Operations:
        count = prediction.shape[-1] * prediction.shape[-2]
        yield np.subtract, (prediction, target, gradient)
        yield from clip(gradient, gradient)
        yield np.multiply, (gradient, constant(1 / count, gradient), gradient)

    def total_operations(self, prediction: Array, target: Array, total: Array) -> Operations:
        error, clipped = np.empty_like(prediction), np.empty_like(prediction)
        rest = np.empty_like(prediction)
        yield np.subtract, (prediction, target, error)
        yield from clip(error, clipped)
        # With c = e clipped to ±1, both branches are c (e − c/2).
        yield np.multiply, (clipped, constant(-0.5, error), rest)
        yield np.add, (error, rest, rest)
        yield total_product(clipped, rest, total)


@losses.register("binary_cross_entropy")
class BinaryCrossEntropy(Loss):
    """−ln of the probability given to the true class, from logits, averaged over all outputs.

    PyTorch's `BCEWithLogitsLoss`; targets are 0 or 1, or probabilities.
    """

    title = "binary cross-entropy"
    formula = "L = −y ln p − (1 − y) ln(1 − p),  p = 1 / (1 + exp(−ŷ))"
    slope = "(p − y)/K"
    note = "For two classes; the sigmoid is part of the loss, so that p − y is its gradient."
    from_logits = True
    classifies = True

    def prepare(self, target: Array, units: int, dtype: np.dtype) -> Array:
        """As of any loss; ValueError also where a target is no probability."""
        target = super().prepare(target, units, dtype)
        low, high = (target.min(), target.max()) if target.size else (0, 0)
        if not (low >= 0 and high <= 1):
            raise ValueError(f"target: got {low:g} … {high:g}, expected probabilities, 0 … 1")
        return target

    def probabilities(self, prediction: Array) -> Array:
        with np.errstate(over="ignore"):
            return np.asarray(1 / (1 + np.exp(-prediction)))

    def guess(self, target: Array) -> Array:
        """The logits of the classes' shares."""
        share = np.clip(super().guess(target), 1e-6, 1 - 1e-6)
        return np.asarray(np.log(share / (1 - share)))

    def gradient_operations(self, prediction: Array, target: Array, gradient: Array) -> Operations:
        count = prediction.shape[-1] * prediction.shape[-2]
        one = constant(1, prediction)
        yield np.negative, (prediction, gradient)
        yield np.exp, (gradient, gradient)
        yield np.add, (gradient, one, gradient)
        yield np.divide, (one, gradient, gradient)
        yield np.subtract, (gradient, target, gradient)
        yield np.multiply, (gradient, constant(1 / count, gradient), gradient)

    def total_operations(self, prediction: Array, target: Array, total: Array) -> Operations:
        # L = ln(1 + e^ŷ) − y ŷ: the same, but safe for logits of any size.
        softplus, term = np.empty_like(prediction), np.empty_like(prediction)
        yield np.logaddexp, (prediction, constant(0, prediction), softplus)
        yield np.multiply, (prediction, target, term)
        yield np.subtract, (softplus, term, softplus)
        yield total_product(softplus, np.ones_like(softplus), total)


@losses.register("cross_entropy")
class CrossEntropy(Loss):
    """−ln of the softmax probability of the true class, averaged over the batch.

    PyTorch's `CrossEntropyLoss`; targets are integer labels `(..., batch)`.
    """

    title = "cross-entropy"
    formula = "L = −ln pₜ,  pₖ = exp(ŷₖ) / Σⱼ exp(ŷⱼ),  t the true class"
    slope = "p − y"
    note = "For any number of classes; the softmax is part of the loss: gradient p − y."
    from_logits = True
    classifies = True

    def scale(self, units: int, batch: int) -> float:
        """The average over the batch alone."""
        return 1 / batch

    def guess(self, target: Array) -> Array:
        """The logits of the classes' shares."""
        return np.asarray(np.log(np.maximum(super().guess(target), 1e-6)))

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

    def probabilities(self, prediction: Array) -> Array:
        odds = np.exp(prediction - prediction.max(axis=-2, keepdims=True))
        return np.asarray(odds / odds.sum(axis=-2, keepdims=True))

    def gradient_operations(self, prediction: Array, target: Array, gradient: Array) -> Operations:
        row, spread, ones = self._buffers(prediction)
        true = np.empty(target.shape, target.dtype)
        yield true.__setitem__, (..., target)
        yield from self._shift(prediction, gradient, row, spread, ones)
        yield np.exp, (gradient, gradient)
        yield product(ones, gradient, row)
        yield product(ones.T, row, spread)
        yield np.divide, (gradient, spread, gradient)
        yield np.subtract, (gradient, true, gradient)
        yield np.multiply, (gradient, constant(1 / prediction.shape[-1], gradient), gradient)

    def total_operations(self, prediction: Array, target: Array, total: Array) -> Operations:
        row, spread, ones = self._buffers(prediction)
        shifted, true = np.empty_like(prediction), np.empty_like(row)
        yield from self._shift(prediction, shifted, row, spread, ones)
        yield np.multiply, (shifted, target, spread)
        yield product(ones, spread, true)
        yield np.exp, (shifted, shifted)
        yield product(ones, shifted, row)
        yield np.log, (row, row)
        yield np.subtract, (row, true, row)
        yield total_product(row, np.ones_like(row), total)

    def _buffers(self, prediction: Array) -> tuple[Array, Array, Array]:
        """One number per example, one per logit, and a row of ones.

        A product with ones adds up the units of each example, or hands each the same number:
        several times cheaper than a sum along an axis, or than broadcasting.
        """
        ones = np.ones((1, prediction.shape[-2]), prediction.dtype)
        return np.empty_like(prediction[..., :1, :]), np.empty_like(prediction), ones

    def _shift(
        self, prediction: Array, shifted: Array, row: Array, spread: Array, ones: Array
    ) -> Operations:
        """Subtracting the largest logit changes nothing and keeps eᶻ finite."""
        yield np.maximum.reduce, (prediction, -2, None, row, True)
        yield product(ones.T, row, spread)
        yield np.subtract, (prediction, spread, shifted)
