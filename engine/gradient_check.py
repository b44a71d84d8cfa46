"""The finite-difference check: that a gradient of backpropagation is the slope of the loss.

One weight is moved a little up and a little down, the loss of the same minibatch is computed both
times, and the difference is divided by the way. It takes no calculus, and two forward passes for
each weight, where backpropagation gets all of them from one backward pass.
"""

from dataclasses import dataclass

import numpy as np

from engine.place import Place
from engine.run import Run

EPSILON = 1e-5


@dataclass(frozen=True)
class GradientCheck:
    """Both numbers for one parameter, in double precision, penalties and clipping left out."""

    value: float
    by_backpropagation: float
    by_difference: float
    loss_above: float
    loss_below: float
    epsilon: float
    recorded: float
    """The same gradient as the step itself has it, in the run's own precision."""

    @property
    def difference(self) -> float:
        """How far the two are apart."""
        return abs(self.by_backpropagation - self.by_difference)

    @property
    def relative_error(self) -> float:
        """The difference of the two over the larger; 0 where both are 0."""
        size = max(abs(self.by_backpropagation), abs(self.by_difference))
        return self.difference / size if size else 0.0


def check_gradient(run: Run, place: Place) -> GradientCheck:
    """For the upcoming minibatch, with its dropout and its batch statistics.

    Nothing of the run is touched. Raises ValueError naming what there is not.
    """
    k = place.index(run.network)
    trainer = run.fork(dtype=np.float64).trainer
    trainer.set_regularization(0.0, 0.0, None)
    parameters = trainer.network.parameters
    value = float(parameters[k])
    epsilon = EPSILON * max(1.0, abs(value))
    slope = float(trainer.look_ahead().backpropagated[k])
    losses = []
    for moved in (value + epsilon, value - epsilon):
        parameters[k] = moved
        losses.append(float(trainer.look_ahead().loss))
    above, below = losses
    recorded = float(run.trainer.look_ahead().backpropagated[k])
    difference = (above - below) / (2 * epsilon)
    return GradientCheck(value, slope, difference, above, below, epsilon, recorded)
