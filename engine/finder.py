"""The learning-rate finder: what the loss does while the rate grows from tiny to far too large.

Smith 2017. A copy of the network trains on the minibatches to come, each step with a larger rate
than the last. While the rate is too small nothing happens; then the loss falls, fastest at rates
that are well chosen; then steps overshoot and it rises. The network itself is left alone.
"""

from dataclasses import dataclass

import numpy as np

from engine.checks import number, whole
from engine.operations import Array
from engine.run import Run

SMOOTHING = 0.9
"""The weight of the past in the smoothed loss, an average that fades exponentially."""
BLOWN_UP = 4.0
"""The ramp ends where the smoothed loss is so many times its lowest."""
SETTLED = 20
"""So many steps until the smoothed loss says something, and it is compared with twice as many."""
AS_GOOD = 1.1
"""A smoothed loss up to so many times the lowest one is as good: minibatches differ as much."""
LEAST_FALL = 0.05
"""A fall of the smoothed loss by less than this share is no fall."""


@dataclass(frozen=True)
class Suggestion:
    """A range of learning rates that make good progress, and one of them; None where none did."""

    low: float | None
    high: float | None
    rate: float | None
    message: str


class Finder:
    """A ramp of the learning rate from `low` to `high` in so many steps."""

    def __init__(self, run: Run, low: float = 1e-5, high: float = 10.0, steps: int = 200) -> None:
        """Starts from the run's current weights. Raises ValueError naming the field."""
        number("low", low, 1e-8, 1e3)
        number("high", high, 1e-8, 1e3)
        whole("steps", steps, 20, 5000)
        if low >= high:
            raise ValueError(f"high: got {high:g}, expected more than low, {low:g}")
        self.ramp = np.geomspace(low, high, steps)
        self.done = False
        self._copy = run.fork()
        self._losses: list[float] = []

    def advance(self, steps: int) -> None:
        """So many more steps up the ramp; `done` once its end is reached or the loss blows up."""
        trainer = self._copy.trainer
        for rate in self.ramp[len(self._losses) :][:steps]:
            trainer.learning_rate = float(rate)
            if self.done or not trainer.step():
                self.done = True
                return
            self._losses.append(float(trainer.batch_loss))
            smoothed = self.curve()[2]
            self.done |= bool(smoothed[-1] > BLOWN_UP * smoothed.min())
        self.done |= len(self._losses) == len(self.ramp)

    def curve(self) -> tuple[Array, Array, Array]:
        """Learning rates, minibatch losses and smoothed losses so far, (points,) each."""
        losses = np.array(self._losses)
        smoothed, average = np.empty_like(losses), 0.0
        for k, loss in enumerate(losses):
            average = SMOOTHING * average + (1 - SMOOTHING) * loss
            smoothed[k] = average / (1 - SMOOTHING ** (k + 1))  # it began at 0
        return self.ramp[: len(losses)], losses, smoothed

    def suggestion(self) -> Suggestion:
        """From a tenth of the last rate with the lowest smoothed loss to a third of it.

        Within, the rate at which the loss fell fastest. At the lowest point itself progress has
        already stopped, so the range keeps well below.
        """
        rates, losses, smoothed = self.curve()
        # Too early the average is that of a few minibatches, which may be easy ones by chance.
        settled = min(SETTLED, len(losses) // 4)
        least = float(np.min(smoothed[settled:], initial=np.inf))
        best = int(np.flatnonzero(smoothed <= AS_GOOD * least).max(initial=0))
        if not best or least > (1 - LEAST_FALL) * losses[: 2 * settled + 1].mean():
            return Suggestion(
                None,
                None,
                None,
                "The loss did not fall at any rate of the ramp: the network may have converged, "
                "or its gradients may have vanished.",
            )
        high, low = rates[best] / 3, rates[best] / 10
        inside = np.flatnonzero((rates >= low) & (rates <= high))
        slope = np.gradient(smoothed, np.log(rates))
        rate = float(rates[inside[slope[inside].argmin()]]) if len(inside) else float(low)
        return Suggestion(
            float(low),
            float(high),
            rate,
            f"The loss was at its lowest up to a rate of {rates[best]:.2g}, then it rose. A rate "
            f"between a tenth and a third of that makes good progress and keeps clear of the "
            f"edge: {low:.2g} to {high:.2g}.",
        )
