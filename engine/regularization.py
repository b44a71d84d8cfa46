"""Penalties on large weights, and gradient clipping: what happens to a gradient before the update.

Penalties act on weights alone, never on biases or on batch normalisation's γ and β. They are
part of the gradient, not of the loss that is shown, but for the lab's landscape.
"""

import math

import numpy as np

from engine.network import Network
from engine.operations import Array, Operations, constant


class Regularization:
    """λ₁ Σ|w| + ½ λ₂ Σ w², and an upper bound on the norm of the whole gradient."""

    def __init__(
        self, network: Network, l1: float = 0.0, l2: float = 0.0, clip_norm: float | None = None
    ) -> None:
        """Raises ValueError naming the field unless l1, l2 ≥ 0 and clip_norm > 0 or None."""
        for field, value in (("l1", l1), ("l2", l2)):
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"{field}: got {value!r}, expected a finite number, 0 or more")
        if clip_norm is not None and not (math.isfinite(clip_norm) and clip_norm > 0):
            raise ValueError(f"clip_norm: got {clip_norm!r}, expected a number above 0, or nothing")
        self.network, self.l1, self.l2, self.clip_norm = network, l1, l2, clip_norm
        self.clipped = 0
        """How many steps had their gradient clipped."""

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
        if self.l2:
            yield np.multiply, (parameters, self._weights() * constant(self.l2, term), term)
            yield np.add, (gradients, term, gradients)
        if self.l1:
            yield np.sign, (parameters, term)
            yield np.multiply, (term, self._weights() * constant(self.l1, term), term)
            yield np.add, (gradients, term, gradients)
        if self.clip_norm is not None:
            yield self._clip, (gradients, self.clip_norm)

    def _clip(self, gradients: Array, bound: float) -> None:
        """g ← g · bound / ‖g‖ where ‖g‖ is larger than the bound."""
        norm = np.sqrt(np.vecdot(gradients, gradients))[..., None]
        if np.any(norm > bound):
            self.clipped += 1
            gradients *= np.minimum(1, bound / norm)
