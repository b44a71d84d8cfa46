"""A race: the same network with many learning rates side by side, on the same minibatches.

The replicas of one lane are one stacked run. What cannot share a run, such as another optimizer
or activation function, is a lane of its own, with the same rates. Each replica is labelled by its
loss on the training part, as it goes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.checks import number, whole
from engine.history import History
from engine.operations import Array
from engine.run import Run

LABELS = ("too slow", "converging", "oscillating", "diverged")
MOST = 64
"""Replicas in one lane."""
MOST_ACTIVATIONS = 1 << 24
"""Of all replicas on all training examples: what a race may take of memory, 64 MB an array."""
BLOWN_UP = 10.0
SWING = 0.2
UNDER_WAY = 0.25


def spaced_rates(low: float, high: float, count: int) -> list[float]:
    """Learning rates evenly spaced on a logarithmic axis; ValueError naming the field."""
    number("low", low, 1e-8, 1e3)
    number("high", high, 1e-8, 1e3)
    whole("count", count, 2, MOST)
    if low >= high:
        raise ValueError(f"high: got {high:g}, expected more than low, {low:g}")
    return [float(rate) for rate in np.geomspace(low, high, count)]


@dataclass
class Lane:
    """Replicas that differ in their learning rate alone; `changes` are those of the recipe."""

    changes: Mapping[str, Any]
    run: Run
    history: History
    """Columns: step, training loss of each replica, test loss of each replica."""


class Race:
    """Lanes of replicas that start from one run, which they leave alone.

    `spec` holds the arguments as plain values: a race of the same run by the same spec is the
    same race.
    """

    def __init__(
        self,
        run: Run,
        rates: Sequence[float],
        variants: Sequence[Mapping[str, Any]] = ({},),
        *,
        afresh: bool = True,
    ) -> None:
        """From the initial weights, or where not `afresh` from the current ones.

        `variants` are changes of the recipe, a lane each; "activation" is that of all hidden
        layers. Raises ValueError naming the field.
        """
        if not 1 <= len(rates) <= MOST:
            raise ValueError(f"rates: got {len(rates)} of them, expected 1 to {MOST}")
        if not 1 <= len(variants) <= 8:
            raise ValueError(f"variants: got {len(variants)} of them, expected 1 to 8")
        self.rates = [number("rates", rate, 0, 1e3) for rate in rates]
        examples, units = len(run.data.x_train), sum(run.network.sizes)
        most = max(MOST_ACTIVATIONS // (examples * units * len(variants)), 1)
        if len(rates) > most:
            raise ValueError(
                f"replicas: got {len(rates)} in each of {len(variants)} lanes, expected at most "
                f"{most} of a network of {units} units on {examples} examples"
            )
        self.afresh = afresh
        self.lanes = [self._lane(run, changes, afresh) for changes in variants]
        self.spec = {
            "rates": self.rates,
            "variants": [lane.changes for lane in self.lanes],
            "afresh": afresh,
        }
        self.before = run.trainer.history.columns()[:, : 0 if afresh else None]
        self.begin = self.step = 0 if afresh else run.trainer.steps
        self._record()

    def _lane(self, run: Run, changes: Mapping[str, Any], afresh: bool) -> Lane:
        options = dict(changes)
        if "activation" in options:
            activation = options.pop("activation")
            options["layers"] = [
                replace(layer, activation=activation) for layer in run.recipe.layers
            ]
        lane = run.fork(replicas=len(self.rates), afresh=afresh, **options)
        lane.trainer.learning_rate = np.array(self.rates)
        return Lane(dict(changes), lane, History(1 + 2 * len(self.rates)))

    def advance(self, steps: int) -> None:
        """So many more steps in every lane."""
        end = self.step + steps
        while self.step < end:
            part = min(end, self._next) - self.step
            for lane in self.lanes:
                lane.run.trainer.step(part)
            self.step += part
            if self.step == self._next:
                self._record()

    def finish(self) -> None:
        """Have the curves end where the replicas stand, whenever the next point were due."""
        if self.lanes[0].history.columns()[0, -1] < self.step:
            self._record(always=True)

    def _record(self, *, always: bool = False) -> None:
        for lane in self.lanes:
            if always or lane.history.wants(self.step):
                m = lane.run.trainer.evaluate()
                test = np.broadcast_to(m.test_loss, len(self.rates))
                lane.history.add(self.step, *np.asarray(m.train_loss), *test)
        # Dense at first, where curves part; later as rarely as keeps recording cheap.
        cadence = max(lane.run.trainer.cadence for lane in self.lanes)
        spacing = max(min(cadence, (self.step - self.begin) // 8), self.lanes[0].history.interval)
        self._next = self.step + spacing

    @property
    def nbytes(self) -> int:
        """Memory that the replicas' numbers take, in bytes: weights, gradients, state, curves."""
        total = 0
        for lane in self.lanes:
            network, optimizer = lane.run.network, lane.run.trainer.optimizer
            arrays = [network.parameters, network.gradients, lane.history.rows]
            arrays += optimizer.state.values()
            total += sum(array.nbytes for array in arrays)
        return total

    def curves(self, lane: int) -> tuple[Array, Array, Array]:
        """Steps (points,), and training and test losses (replicas, points)."""
        steps, *losses = self.lanes[lane].history.columns()
        count = len(self.rates)
        return steps, np.array(losses[:count]), np.array(losses[count:])

    def labels(self) -> list[list[str]]:
        """For every lane the label of each replica: see `label`."""
        steps = self.lanes[0].history.columns()[0]
        curves = [self.curves(lane)[1] for lane in range(len(self.lanes))]
        finals = np.concatenate([losses[:, -1] for losses in curves])
        best = float(np.min(finals, where=np.isfinite(finals), initial=np.inf))
        result = []
        for losses in curves:
            final = np.where(np.isfinite(losses[:, -1]), losses[:, -1], np.inf)
            fastest = self.rates[int(final.argmin())]
            result.append(
                [
                    label(steps, row, best, below_the_best=rate < fastest)
                    for row, rate in zip(losses, self.rates, strict=True)
                ]
            )
        return result

    def adopt(self, lane: int, replica: int) -> Run:
        """A run that has the recipe of a replica, the state that it has now, and its curve.

        Raises ValueError naming what there is not, or where the replica diverged.
        """
        whole("lane", lane, 0, len(self.lanes) - 1)
        whole("replica", replica, 0, len(self.rates) - 1)
        chosen = self.lanes[lane]
        state = chosen.run.trainer.snapshot().replica(replica)
        if not np.isfinite(state.parameters).all():
            rate = self.rates[replica]
            raise ValueError(f"replica: the one at {rate:g} diverged; there is no state to take")
        single = Run(
            chosen.run.recipe.changed(learning_rate=self.rates[replica]), data=chosen.run.data
        )
        single.trainer.restore(state)
        single.trainer.history = self._history(lane, replica)
        return single

    def _history(self, lane: int, replica: int) -> History:
        """The curve up to the race, and the replica's; the race keeps no metric."""
        steps, train, test = self.curves(lane)
        none = np.full(len(steps), np.nan)
        rates = np.full(len(steps), self.rates[replica])
        raced = np.stack([steps, train[replica], test[replica], none, none, rates])
        history = History()
        for row in np.concatenate([self.before, raced], axis=1).T.tolist():
            if history.wants(row[0]):
                history.add(*row)
        return history


def label(steps: Array, losses: Array, best: float, *, below_the_best: bool) -> str:
    """What a curve of training losses (points,) at `steps` shows, beside the race's best loss.

    diverged     the loss is not finite, or ten times what it was at the start
    oscillating  in the later half it rose by more than a fifth of the initial loss above the
                 lowest it had reached; or it has come down less than a quarter of the way to
                 `best` with a rate above that of the best
    too slow     it has come down less than a quarter of the way, with a rate below that of the best
    converging   all others
    """
    first, last = float(losses[0]), float(losses[-1])
    if not np.isfinite(losses).all() or last > BLOWN_UP * first:
        return "diverged"
    lowest = np.minimum.accumulate(losses)
    later = steps >= (steps[0] + steps[-1]) / 2
    if np.max(losses[later] - lowest[later]) > SWING * first:
        return "oscillating"
    if first - last < UNDER_WAY * (first - best):
        return "too slow" if below_the_best else "oscillating"
    return "converging"
