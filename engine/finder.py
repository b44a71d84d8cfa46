"""The learning-rate finder: what the loss does while the rate grows from tiny to far too large.

Smith 2017. A copy of the network trains on the minibatches to come, each step with a larger rate
than the last. While the rate is too small nothing happens; then the loss falls; then steps
overshoot and it rises. Minibatches differ so much that their losses say little about a network
that has learned something: so the loss is measured on the same training examples after each step.
The network itself is left alone.
"""

from dataclasses import dataclass

import numpy as np

from engine.checks import number, whole
from engine.operations import Array
from engine.run import Run
from engine.schedules import Schedule
from engine.surface import Surface

BLOWN_UP = 4.0
"""The ramp ends where the loss is so many times its lowest."""
WINDOW = 40
"""The smoothed loss is the average over so small a part of the ramp to either side."""
LEAST_FALL = 0.05
"""A fall of the loss by less than this share is too little to tell one rate from another."""
RISEN = 1.25
"""The edge is where the smoothed loss has risen to so many times its lowest so far."""
MAYBE = (
    "The ramp may have been too quick (try more steps), the network may have learned what it can, "
    "or its gradients may have vanished."
)


@dataclass(frozen=True)
class Suggestion:
    """A range of learning rates that make good progress, and its middle; None where none did."""

    low: float | None
    high: float | None
    rate: float | None
    message: str


class Finder:
    """A ramp of the learning rate from `low` to `high` in so many steps.

    The rates are those that are applied: the copy has no schedule.
    """

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
        self._copy.trainer.schedule = Schedule()
        self._surface = Surface(self._copy, 1)
        self.examples = self._surface.examples
        self.before = self._lowest = self._measured()
        """The loss before the ramp."""
        self._blown_up = False
        self._minibatches: list[float] = []
        self._losses: list[float] = []

    def _measured(self) -> float:
        return float(self._surface.losses(self._copy.network.parameters)[0])

    def advance(self, steps: int) -> None:
        """So many more steps up the ramp; `done` once its end is reached or the loss blows up."""
        trainer = self._copy.trainer
        for rate in self.ramp[len(self._losses) :][:steps]:
            if self.done:
                return
            trainer.learning_rate = float(rate)
            if not trainer.step():
                self.done = self._blown_up = True
                return
            loss = self._measured()
            self._minibatches.append(float(trainer.batch_loss))
            self._losses.append(loss)
            self._lowest = min(self._lowest, loss)
            self._blown_up = loss > BLOWN_UP * self._lowest
            self.done = self._blown_up or len(self._losses) == len(self.ramp)

    def curve(self) -> tuple[Array, Array, Array]:
        """Learning rates, minibatch losses and smoothed losses so far, (points,) each."""
        losses = np.array(self._losses)
        width = 2 * (len(self.ramp) // (2 * WINDOW)) + 1
        kernel, there = np.ones(width), np.ones(len(losses))
        smoothed = losses
        if len(losses) > width:
            smoothed = np.convolve(losses, kernel, "same") / np.convolve(there, kernel, "same")
        return self.ramp[: len(losses)], np.array(self._minibatches), smoothed

    def suggestion(self) -> Suggestion:
        """From a tenth to a third of the rate at the edge; where that cannot be told, why not.

        The edge is the first rate at which the smoothed loss is a quarter above its lowest so
        far: there the curve is steep, so that it hardly hangs on which minibatches came. The rate
        is the middle of the range.
        """
        rates, _, smoothed = self.curve()
        if not len(rates):
            return _nothing("The loss was not finite at the first rate of the ramp.")
        lowest = np.minimum.accumulate(np.minimum(smoothed, self.before))
        risen = np.flatnonzero(smoothed > RISEN * lowest)
        index = int(risen[0]) if len(risen) else len(rates) - 1
        edge, fell = float(rates[index]), lowest[index] <= (1 - LEAST_FALL) * self.before
        if not len(risen) and not self._blown_up:
            falling = smoothed.argmin() >= 0.9 * len(rates)
            state = "was still " + ("falling" if falling else "near its lowest")
            return _nothing(
                f"At the end of the ramp, a rate of {edge:.2g}, the loss "
                f"{state if fell else 'had hardly changed'}. Which rate is too large, that does "
                f"not tell: try a higher end.{'' if fell else f' {MAYBE}'}"
            )
        if not fell:
            return _nothing(
                f"Before it rose, at a rate of {edge:.2g}, the loss had fallen by less than "
                f"{LEAST_FALL:.0%}: too little to tell a good rate from another. {MAYBE}"
            )
        low, high = edge / 10, edge / 3
        return Suggestion(
            low,
            high,
            float(np.sqrt(low * high)),
            f"The loss fell; at a rate of {edge:.2g} it had risen again by a quarter. Between a "
            f"tenth and a third of that, {low:.2g} to {high:.2g}, a rate makes good progress and "
            "keeps clear of the edge.",
        )


def _nothing(message: str) -> Suggestion:
    return Suggestion(None, None, None, message)
