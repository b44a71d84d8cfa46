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
from engine.labels import labels
from engine.memory import bytes_of
from engine.operations import Array
from engine.run import Run

MOST = 64
"""Replicas in one lane."""
MOST_MB = 512
"""Of memory, for all lanes together."""
AFRESH = {"activation": "activation", "initializer": "initialiser"}
"""What can vary from the initial weights alone: the current ones were learned with it."""


def spaced_rates(low: float, high: float, count: int) -> list[float]:
    """Learning rates evenly spaced on a logarithmic axis; ValueError naming the field."""
    number("low", low, 1e-8, 1e3)
    number("high", high, 1e-8, 1e3)
    whole("count", count, 2, MOST)
    if low >= high:
        raise ValueError(f"high: got {high:g}, expected more than low, {low:g}")
    return [float(rate) for rate in np.geomspace(low, high, count)]


def once(field: str, values: Sequence[object]) -> None:
    """ValueError naming the field where a value comes twice."""
    for k, value in enumerate(values):
        if value in values[:k]:
            same = "the session's own options" if value == "" else value
            raise ValueError(f"{field}: got {same} twice, expected different ones")


@dataclass
class Lane:
    """Replicas that differ in their learning rate alone; `changes` are those of the recipe."""

    changes: Mapping[str, Any]
    run: Run
    history: History
    """Columns: step, then each of `Metrics` for each replica."""

    @property
    def nbytes(self) -> int:
        """Memory that it takes, in bytes."""
        return bytes_of([self.history.rows, *self.run.trainer.arrays()])


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
        once("rates", self.rates)
        once("variants", [", ".join(map(str, changes.values())) for changes in variants])
        for name in (name for changes in variants for name in changes if name in AFRESH):
            if not afresh:
                raise ValueError(
                    f"variants: got {AFRESH[name]}, expected optimizer or batch_size: "
                    "activation and initialiser can only vary from the initial weights"
                )
        self.afresh = afresh
        self._check_memory(run, variants)
        self.lanes = [self._lane(run, changes, len(self.rates)) for changes in variants]
        for lane in self.lanes:
            lane.run.trainer.learning_rate = np.array(self.rates)
        self.spec = {
            "rates": self.rates,
            "variants": [lane.changes for lane in self.lanes],
            "afresh": afresh,
        }
        self.before = run.trainer.history.columns()[:, : 0 if afresh else None]
        self.begin = self.step = 0 if afresh else run.trainer.steps
        self._record()

    def _check_memory(self, run: Run, variants: Sequence[Mapping[str, Any]]) -> None:
        """ValueError where the lanes would take too much: each replica takes as much as another."""
        one, two = (
            sum(self._lane(run, changes, count).nbytes for changes in variants) for count in (1, 2)
        )
        self.predicted = one + (len(self.rates) - 1) * (two - one)
        if self.predicted > MOST_MB * 1e6:
            most = max(int((MOST_MB * 1e6 - one) / (two - one)) + 1, 0)
            units, examples = sum(run.network.sizes), len(run.data.x_train)
            raise ValueError(
                f"replicas: got {len(self.rates)} in {len(variants)} lanes, "
                f"{self.predicted / 1e6:.0f} MB, expected at most {most} in each, {MOST_MB} MB, "
                f"of a network of {units:,} units on {examples:,} training examples"
            )

    def _lane(self, run: Run, changes: Mapping[str, Any], replicas: int) -> Lane:
        options = dict(changes)
        if "activation" in options:
            activation = options.pop("activation")
            options["layers"] = [
                replace(layer, activation=activation) for layer in run.recipe.layers
            ]
        lane = run.fork(replicas=replicas, afresh=self.afresh, **options)
        return Lane(dict(changes), lane, History(1 + 4 * replicas))

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
                metrics = lane.run.trainer.evaluate()
                each = [np.broadcast_to(values, len(self.rates)) for values in metrics]
                lane.history.add(self.step, *np.concatenate(each))
        # Dense at first, where curves part; later as rarely as keeps recording cheap.
        cadence = max(lane.run.trainer.cadence for lane in self.lanes)
        spacing = min(cadence, int((self.step - self.begin) ** 0.75 / 1.6))
        spacing = max(spacing, self.lanes[0].history.interval)
        self._next = self.step + spacing

    @property
    def nbytes(self) -> int:
        """Memory that the race takes, in bytes."""
        return sum(lane.nbytes for lane in self.lanes)

    def curves(self, lane: int) -> tuple[Array, Array, Array]:
        """Steps (points,), and training and test losses (replicas, points)."""
        steps, (train, test, *_) = self._recorded(lane)
        return steps, train, test

    def _recorded(self, lane: int) -> tuple[Array, Array]:
        """Steps (points,), and the columns of `Metrics` (4, replicas, points)."""
        columns = self.lanes[lane].history.columns()
        return columns[0], columns[1:].reshape(4, len(self.rates), -1)

    def outputs(self, lane: int, inputs: Array) -> Array:
        """What the replicas of a lane answer to `inputs` (points, inputs): (replicas, points, …).

        In portions of as many as there are training examples, whose buffers are there anyway.
        """
        run = self.lanes[lane].run
        portions = -(-len(inputs) // len(run.data.x_train))
        filled = np.resize(inputs, (portions * len(run.data.x_train), inputs.shape[1]))
        answers = [run.network.predict(each) for each in np.split(filled, portions)]
        return np.concatenate(answers, axis=1)[:, : len(inputs)]

    def labels(self) -> list[list[str]]:
        """For every lane the label of each replica: see `engine.labels`."""
        curves = [self.curves(lane)[:2] for lane in range(len(self.lanes))]
        finals = np.concatenate([losses[:, -1] for _, losses in curves])
        lowest = float(np.min(finals, where=np.isfinite(finals), initial=np.inf))
        rates = np.array(self.rates)
        return [labels(steps, losses, rates, lowest) for steps, losses in curves]

    def survives(self, lane: int, replica: int) -> bool:
        """Whether a replica's weights are finite, so that it can be gone on with."""
        return bool(np.isfinite(self.lanes[lane].run.network.parameters[replica]).all())

    def adopt(self, lane: int, replica: int) -> Run:
        """A run that has the recipe of a replica, the state that it has now, and its curve.

        Raises ValueError naming what there is not, or where the replica diverged.
        """
        whole("lane", lane, 0, len(self.lanes) - 1)
        whole("replica", replica, 0, len(self.rates) - 1)
        chosen = self.lanes[lane]
        if not self.survives(lane, replica):
            rate = self.rates[replica]
            raise ValueError(f"replica: got the one at {rate:g}, which diverged, expected another")
        state = chosen.run.trainer.snapshot().replica(replica)
        single = Run(
            chosen.run.recipe.changed(learning_rate=self.rates[replica]), data=chosen.run.data
        )
        single.trainer.restore(state)
        single.trainer.history = self._history(lane, replica)
        return single

    def _history(self, lane: int, replica: int) -> History:
        """The curve up to the race, and the replica's."""
        steps, recorded = self._recorded(lane)
        rates = np.full(len(steps), self.rates[replica])
        raced = np.stack([steps, *recorded[:, replica], rates])
        history = History()
        for row in np.concatenate([self.before, raced], axis=1).T.tolist():
            if history.wants(row[0]):
                history.add(*row)
        return history
