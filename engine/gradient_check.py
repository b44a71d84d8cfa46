"""The finite-difference check: that a gradient of backpropagation is the slope of the loss.

One weight is moved a little up and a little down, the loss of the same minibatch is computed both
times, and the difference is divided by the way. It takes no calculus, and two forward passes for
each weight, where backpropagation gets all of them from one backward pass.
"""

from dataclasses import dataclass

import numpy as np

from engine.checks import whole
from engine.run import Run

EPSILON = 1e-5


@dataclass(frozen=True)
class GradientCheck:
    """Both numbers for one weight or bias, in double precision, penalties left out."""

    value: float
    by_backpropagation: float
    by_difference: float
    loss_above: float
    loss_below: float
    epsilon: float

    @property
    def relative_error(self) -> float:
        """The difference of the two over the larger; 0 where both are 0."""
        size = max(abs(self.by_backpropagation), abs(self.by_difference))
        return abs(self.by_backpropagation - self.by_difference) / size if size else 0.0


def check_gradient(run: Run, layer: int, unit: int, input: int | None) -> GradientCheck:
    """Of the weight from `input` to `unit` of `layer` (from 1), or with None of its bias.

    For the upcoming minibatch, with its dropout and its batch statistics. Nothing of the run is
    touched. Raises ValueError naming what there is not.
    """
    layers = run.network.layers
    chosen = layers[whole("layer", layer, 1, len(layers)) - 1]
    whole("unit", unit, 0, chosen.units - 1)
    column = chosen.fan_in if input is None else whole("input", input, 0, chosen.fan_in - 1)
    trainer = run.fork(dtype=np.float64).trainer
    trainer.set_regularization(0.0, 0.0, None)
    here = trainer.network.layers[layer - 1]
    gradient = trainer.network.offsets[layer - 1] + unit * (here.fan_in + 1) + column
    value = float(here.affine[unit, column])
    epsilon = EPSILON * max(1.0, abs(value))
    slope = float(trainer.look_ahead().gradients[gradient])
    losses = []
    for moved in (value + epsilon, value - epsilon):
        here.affine[unit, column] = moved
        losses.append(float(trainer.look_ahead().loss))
    above, below = losses
    return GradientCheck(value, slope, (above - below) / (2 * epsilon), above, below, epsilon)
