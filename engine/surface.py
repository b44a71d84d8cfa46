"""The loss of a network as a function of its parameters: many points at a time, or the gradient.

It is the function that training walks on: penalties are part of it, and batch normalisation uses
the statistics of the examples, as with a minibatch of all of them. Dropout is left out, so that
the same point always has the same height.

ReLUs and |w| have kinks, where there is no second derivative. Between two kinks the function is
smooth: `piece` is that smooth function for the stretch in which a point lies.
"""

from itertools import chain

import numpy as np

from engine.activations import Activation
from engine.evaluation import Part
from engine.operations import Array, Operation, Operations, run, transposed
from engine.regularization import Regularization
from engine.run import Run

FEW = 256
"""Examples where many points are looked at: enough to see a landscape's shape."""


class Surface:
    """The height at `points` parameter vectors at once, on training examples of a run."""

    def __init__(
        self, origin: Run, points: int, *, most: int | None = FEW, dtype: type = np.float32
    ) -> None:
        """On at most `most` evenly taken training examples; with None on all of them."""
        trainer = origin.trainer
        self.network, self.loss = origin.build(replicas=points, dtype=dtype), trainer.loss
        for layer in self.network.layers:
            layer.dropout = 0.0
        x, y = _sample(trainer.evaluator.train, most, dtype)
        self.examples = len(x)
        self._target = transposed(y)
        self._w = self.network.workspace(len(x), training=True).reading(x)
        self._total: Array = np.zeros(points, dtype)
        self._scale = self.loss.scale(*self._w.prediction.shape[-2:])
        given = trainer.regularization
        self.penalised = bool(given.l1 or given.l2)
        self._compile(Regularization(self.network, given.l1, given.l2))

    def _compile(self, penalties: Regularization) -> None:
        """The operations of both passes."""
        w, self.penalties = self._w, penalties
        self._forward: list[Operation] = [
            *self.network.forward_operations(w),
            *self.loss.total_operations(w.prediction, self._target, self._total),
        ]
        self._backward: list[Operation] = [
            *self.loss.gradient_operations(w.prediction, self._target, w.output_gradient),
            *self.network.backward_operations(w),
            *penalties.operations(),
        ]

    @classmethod
    def piece(cls, origin: Run, theta: Array) -> "Surface":
        """The smooth function that agrees with the surface around `theta` (P,), in float64.

        Of all training examples. Every ReLU keeps the slope that it has there for each example,
        and L1, whose slope is the same all along the piece, is left out: the gradient differs by
        a constant, the second derivatives do not differ.
        """
        surface = cls(origin, 1, most=None, dtype=np.float64)
        surface.losses(theta)
        for index, layer in enumerate(surface.network.layers):
            if layer.activation.kinked:
                b = surface._w.layers[index]
                slope = np.empty_like(b.z)
                run(layer.activation.derivative(b.z, b.activation, slope))
                layer.activation = _Straight(index, slope)
        surface._compile(Regularization(surface.network, 0.0, surface.penalties.l2))
        return surface

    def losses(self, points: Array) -> Array:
        """The loss without penalties at each of the points (points, P); infinite on overflow."""
        self.network.parameters[...] = points
        with np.errstate(all="ignore"):
            run(self._forward)
        losses = self._total.astype(np.float64) * self._scale
        return np.where(np.isfinite(losses), losses, np.inf)

    def values(self, points: Array) -> Array:
        """Loss and penalties at each of the points (points, P); infinite where they overflow."""
        losses = self.losses(points)
        with np.errstate(all="ignore"):
            values = losses + self.penalties.value()
        return np.where(np.isfinite(values), values, np.inf)

    def gradients(self, points: Array) -> Array:
        """The gradient of `values` at each of the points (points, P)."""
        self.network.parameters[...] = points
        with np.errstate(all="ignore"):
            run(chain(self._forward, self._backward))
        return self.network.gradients.astype(np.float64)


class _Straight(Activation):
    """φ(z) = s z, with a slope s of its own for every unit and example."""

    def __init__(self, index: int, slope: Array) -> None:
        # A name of its own: no two layers have their slopes in common.
        self.name, self.slope = f"straight {index}", slope  # type: ignore[misc]

    def forward(self, z: Array, a: Array) -> Operations:
        yield np.multiply, (z, self.slope, a)

    def derivative(self, z: Array, a: Array, d: Array) -> Operations:
        yield np.positive, (self.slope, d)


def _sample(part: Part, most: int | None, dtype: type) -> Part:
    """At most so many examples, evenly taken."""
    x, y = part
    count = len(x) if most is None else min(len(x), most)
    chosen = np.linspace(0, len(x) - 1, count).round().astype(int)
    return np.ascontiguousarray(x[chosen], dtype), np.ascontiguousarray(y[chosen], dtype)
