"""Penalties on large weights, and gradient clipping: what happens to a gradient before the update.

Penalties act on weights alone, never on biases or on batch normalisation's γ and β. They are
part of the gradient, not of the loss that is shown, but for the lab's landscape.
"""

import numpy as np

from engine.checks import number
from engine.line import Line
from engine.network import Network
from engine.operations import Array, Operations, constant


class Regularization:
    """λ₁ Σ|w| + ½ λ₂ Σ w², and an upper bound on the norm of the whole gradient."""

    def __init__(
        self, network: Network, l1: float = 0.0, l2: float = 0.0, clip_norm: float | None = None
    ) -> None:
        """Raises ValueError naming the field unless l1, l2 ≥ 0 and clip_norm > 0 or None."""
        self.network = network
        self.l1, self.l2 = number("l1", l1, 0), number("l2", l2, 0)
        self.clip_norm = None if clip_norm is None else number("clip_norm", clip_norm, 0)
        if self.clip_norm == 0:
            raise ValueError(f"clip_norm: got {clip_norm!r}, expected a number above 0, or None")
        self._untouched: Array | None = None
        self.clipped = 0
        """How many steps had their gradient clipped."""

    @property
    def _acts(self) -> bool:
        return bool(self.l1 or self.l2) or self.clip_norm is not None

    @property
    def backpropagated(self) -> Array:
        """The gradient of the last step before anything was done to it."""
        return self.network.gradients if self._untouched is None else self._untouched

    def _weights(self) -> Array:
        """1 where the flat vector holds a weight, 0 elsewhere."""
        mask = np.zeros_like(self.network.parameters)
        for layer, start in zip(self.network.layers, self.network.offsets, strict=False):
            stop = start + layer.affine.shape[-1] * layer.units
            mask[..., start:stop].reshape(layer.affine.shape)[..., :-1] = 1
        return mask

    def value(self) -> Array:
        """λ₁ Σ|w| + ½ λ₂ Σ w² of the weights as they are: one number for every replica."""
        weights = self.network.parameters.astype(np.float64) * self._weights()
        return np.asarray(
            self.l1 * np.abs(weights).sum(-1) + self.l2 / 2 * np.square(weights).sum(-1)
        )

    def operations(self) -> Operations:
        """g ← g + λ₁ sign(w) + λ₂ w, then clipped."""
        parameters, gradients = self.network.parameters, self.network.gradients
        term = np.empty_like(parameters)
        if self._acts:
            if self._untouched is None or self._untouched.shape != gradients.shape:
                self._untouched = np.empty_like(gradients)
            yield np.positive, (gradients, self._untouched)
        if self.l2:
            yield np.multiply, (parameters, self._weights() * constant(self.l2, term), term)
            yield np.add, (gradients, term, gradients)
        if self.l1:
            yield np.sign, (parameters, term)
            yield np.multiply, (term, self._weights() * constant(self.l1, term), term)
            yield np.add, (gradients, term, gradients)
        if self.clip_norm is not None:
            yield self._clip, (gradients, self.clip_norm)

    def lines(self, w: Array, backpropagated: Array) -> list[Line]:
        """The same in words and numbers, of one network; no line where nothing is done."""
        lines, g = [], backpropagated
        mask = self._weights()
        for formula, rate, direction in (
            ("λ₂·w", self.l2, mask * w),
            ("λ₁·sign w", self.l1, mask * np.sign(w)),
        ):
            if rate:
                how = "{} · {}"
                lines.append(Line(f"+ {formula}", how, (rate, direction), rate * direction, True))
                g = g + rate * direction
        norm = float(np.linalg.norm(g))
        if self.clip_norm is not None and norm > self.clip_norm:
            share = self.clip_norm / norm
            lines.append(Line("the whole gradient’s norm ‖g‖", "", (), norm))
            lines.append(
                Line("clipped: g·c/‖g‖", "{} · {}/{}", (g, self.clip_norm, norm), g * share)
            )
        return lines

    def _clip(self, gradients: Array, bound: float) -> None:
        """g ← g · bound / ‖g‖ where ‖g‖ is larger than the bound."""
        norm = np.sqrt(np.vecdot(gradients, gradients))[..., None]
        if np.any(norm > bound):
            self.clipped += 1
            gradients *= np.minimum(1, bound / norm)
