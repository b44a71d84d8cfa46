"""The trainer: training that is looked at while it goes on.

`Training` makes the steps. Here they are watched, so that they stop in front of the first that
diverges, and laid open: the very next step, or a pass over chosen examples, with all its numbers.
"""

from typing import Any

import numpy as np

from engine.checks import whole
from engine.divergence import (
    EXPLODED,
    SUSPICIOUS,
    TAIL,
    Divergence,
    Reason,
    describe,
    describe_explosion,
    is_finite,
)
from engine.evaluation import examples_of
from engine.operations import Array, run, transposed
from engine.record import Record, read_record
from engine.snapshot import Snapshot
from engine.training import Training


class Trainer(Training):
    """A network, its data, a loss and an optimizer; see `Training` for the arguments."""

    def step(self, count: int = 1) -> int:
        """Make `count` training steps; returns how many were made.

        They are fewer where training diverged: then `diverged` says which quantity of which
        layer was the first not to be finite, and everything is as before that step.
        Raises ValueError unless the count is a whole number, 0 or more.
        """
        whole("count", count, 0)
        if self.diverged:
            return 0
        first = self.steps
        # One replica that diverges must not stop the others; each shows its own NaN.
        before = self.snapshot() if self.network.replicas is None else None
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            self.advance(count)
            if before and count and self._trouble(before):
                self.diverged = self._find_divergence(before)
        return self.steps - first

    def _trouble(self, before: Snapshot) -> Reason | None:
        """How the steps since `before` went wrong; None where they did not.

        To evaluate the whole training part after every slice would be dear. It is done where a
        minibatch's loss, or what the steps made of the weights, gives reason to.
        """
        if not is_finite(self.network, self.optimizer, self.batch_loss):
            return "not finite"
        usual = max(float(self.history.rows[0, 1]), 1.0)
        largest, was = (
            float(np.abs(p).max()) for p in (self.network.parameters, before.parameters)
        )
        if self.batch_loss <= SUSPICIOUS * usual and largest <= SUSPICIOUS * max(was, 1.0):
            return None
        return None if self.evaluate().train_loss <= EXPLODED * usual else "exploding"

    def _find_divergence(self, before: Snapshot) -> Divergence:
        """Replay from `before`, stop in front of the step that diverges, and describe it."""
        self.restore(before)
        made, reason = 0, None
        while reason is None:
            self.advance(1)
            reason = self._trouble(before)
            made += reason is None
        record, network = self._last_record(before.parameters), self.network
        if reason == "exploding":
            found = describe_explosion(self.steps, record, self.evaluator.activations(), network)
        else:
            found = describe(self.steps, record, network, self.optimizer.state.values())
        self.restore(before)
        self._approach(made)
        return found

    def _approach(self, steps: int) -> None:
        """Make so many steps; the loss curve keeps each of the last ones, where it blows up."""
        self.advance(max(steps - TAIL, 0))
        for _ in range(min(steps, TAIL)):
            self.advance(1)
            if self.steps > self.history.rows[self.history.length - 1, 0]:
                self.history.add_densely(*self._point())

    # ---- a step laid open ---------------------------------------------------------------------

    def look_ahead(self) -> Record:
        """The very next step with all its numbers: made, recorded and undone."""
        before = self.snapshot()
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            self.advance(1)
        record = self._last_record(before.parameters)
        record.state.update({name: v.copy() for name, v in self.optimizer.state.items()})
        self.restore(before)
        return record

    def _last_record(self, before: Array) -> Record:
        """The step made last, its minibatch still lying in its place; `before` it, parameters."""
        assert self._last is not None  # a step has just been made
        start, size = self._last
        w, y = self._plan.reading(start, size), self.minibatches.y[start : start + size]
        loss = self._plan.batch_loss(start, size)
        g, chosen = self.regularization.backpropagated, self.minibatches.chosen(start, size)
        return read_record(self.network, w, loss, before, transposed(y), g, chosen)

    def examine(self, x: Array, y: Array) -> Record:
        """Forward and backward pass on given examples, as in use, without any update.

        `x` is (batch, inputs), `y` as for the constructor.
        """
        source, targets = examples_of(self.network, self.loss, x, y, "x")
        network, target = self.network, transposed(targets)
        kept, total = network.gradients.copy(), np.zeros((), network.dtype)
        w = network.workspace(len(source))
        w.write_input(source[:, :-1])
        with np.errstate(over="ignore", invalid="ignore"):
            run(w.program(network.forward_operations))
            run(self.loss.total_operations(w.prediction, target, total))
            run(self.loss.gradient_operations(w.prediction, target, w.output_gradient))
            run(w.program(network.backward_operations))
        loss = np.asarray(total * self.loss.scale(*w.prediction.shape[-2:]))
        record = read_record(network, w, loss, network.parameters, target)
        network.gradients[...] = kept
        return record

    # ---- the whole state ----------------------------------------------------------------------

    def __getstate__(self) -> dict[str, Any]:
        """What a copy needs: it plans its own steps."""
        mine = ("_plan", "evaluator", "_last")
        return {name: value for name, value in self.__dict__.items() if name not in mine}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        diverged = self.diverged
        self.rebuild()
        self.diverged = diverged

    def snapshot(self) -> Snapshot:
        """The whole state, for `restore`."""
        return Snapshot(
            parameters=self.network.parameters.copy(),
            optimizer_steps=self.optimizer.steps,
            optimizer_state={k: v.copy() for k, v in self.optimizer.state.items()},
            running=[norm.running.swapaxes(0, -2).copy() for norm in self.network.norms],
            random=[rng.bit_generator.state for rng in (self.order_rng, self.dropout_rng)],  # type: ignore[misc]
            place=self.minibatches.place(),
            steps=self.steps,
            clipped=self.regularization.clipped,
            history=self.history.save(),
            diverged=self.diverged,
        )

    def restore(self, snapshot: Snapshot) -> None:
        """Back to the state of a snapshot of the same architecture and data, bit for bit.

        A snapshot of one network puts every replica into its state.
        """
        self.network.parameters[...] = snapshot.parameters
        self.optimizer.steps = snapshot.optimizer_steps
        for name, values in snapshot.optimizer_state.items():
            self.optimizer.state[name][...] = values
        for norm, running in zip(self.network.norms, snapshot.running, strict=True):
            norm.running.swapaxes(0, -2)[...] = running
        for rng, state in zip((self.order_rng, self.dropout_rng), snapshot.random, strict=True):
            rng.bit_generator.state = state
        self.minibatches.go_to(snapshot.place)
        self.steps = snapshot.steps
        self.regularization.clipped = snapshot.clipped
        self.history.load(snapshot.history)
        self.diverged = snapshot.diverged
