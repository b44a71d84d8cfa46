"""Training: draw a minibatch, forward pass, loss, backward pass, weight update; again.

An epoch is one pass through the training examples in a new random order. What can be changed
while training is a property here or has a `set_…`, and takes effect with the next step. A run is
determined by its seed: the same seed and the same changes at the same steps give the same bits.
"""

import math
from collections.abc import Iterator

import numpy as np

from engine.checks import whole
from engine.divergence import Divergence
from engine.evaluation import Evaluator, Metrics, examples_of, metric_name
from engine.history import History
from engine.losses import Loss, losses
from engine.minibatches import Minibatches
from engine.network import Network
from engine.operations import Array, Operation, run
from engine.optimizer import Optimizer
from engine.optimizers import optimizers
from engine.plan import Plan
from engine.regularization import Regularization
from engine.schedules import Schedule


class Training:
    """A network, its data, a loss and an optimizer."""

    def __init__(
        self,
        network: Network,
        x: Array,
        y: Array,
        *,
        loss: str = "half_squared_error",
        optimizer: str = "sgd",
        learning_rate: float | Array = 0.03,
        batch_size: int = 10,
        seed: int = 0,
        test: tuple[Array, Array] | None = None,
        l1: float = 0.0,
        l2: float = 0.0,
        clip_norm: float | None = None,
        metric: str | None = None,
        schedule: Schedule | None = None,
        **optimizer_options: float,
    ) -> None:
        """`x` (examples, inputs), `y` (examples, outputs), or integer labels for cross_entropy.

        `metric` is "accuracy" or "R²"; without it the loss decides. Raises ValueError naming
        the argument that does not fit.
        """
        self.network = network
        self._loss = self._loss_called(loss)
        self._metric, _ = metric, metric_name(metric, self.loss)
        self.regularization = Regularization(network, l1, l2, clip_norm)
        self.optimizer: Optimizer = optimizers.find(optimizer, "optimizer")(
            network.parameters, network.gradients, learning_rate, **optimizer_options
        )
        self._learning_rate = self.optimizer.learning_rate
        if not isinstance(schedule, Schedule | None):
            raise ValueError(f"schedule: got {schedule!r}, expected a Schedule")
        self.schedule = schedule or Schedule()
        self._batch_size = whole("batch_size", batch_size, 1)
        whole("seed", seed, 0)
        self.order_rng = np.random.default_rng([seed, 1])
        self.dropout_rng = np.random.default_rng([seed, 2])
        self.steps = 0
        self.diverged: Divergence | None = None
        self.history = History()
        self.set_data(x, y, test)
        self.record_history()

    @property
    def epoch(self) -> int:
        """How many times all training examples have been seen."""
        return self.minibatches.epoch

    @property
    def examples(self) -> int:
        """How many examples have been seen in all."""
        return self.minibatches.examples

    # ---- what can be changed between two steps ----------------------------------------------

    @property
    def loss(self) -> Loss:
        """What is minimised; another one comes by `set_data`, since it may want other targets."""
        return self._loss

    @property
    def metric_name(self) -> str:
        """The metric asked for, or the one that goes with the loss."""
        return metric_name(self._metric, self.loss)

    def _loss_called(self, name: object) -> Loss:
        """The loss of that name; ValueError where there is none, or the output does not fit it."""
        loss = losses.find(name, "loss")()
        output = self.network.layers[-1].activation.name
        if loss.from_logits and output != "linear":
            raise ValueError(f"loss: {name} takes logits, expected a linear output, got {output}")
        return loss

    def set_data(
        self,
        x: Array,
        y: Array,
        test: tuple[Array, Array] | None = None,
        *,
        loss: str | None = None,
    ) -> None:
        """Train on other examples from now on, or for another loss; a new epoch begins.

        Raises as the constructor; then nothing has changed.
        """
        new = self.loss if loss is None else self._loss_called(loss)
        train = examples_of(self.network, new, x, y, "x")
        if test is not None and not (isinstance(test, tuple | list) and len(test) == 2):
            raise ValueError(f"test: got {type(test).__name__}, expected a pair (x, y)")
        self._test = (
            examples_of(self.network, new, *test, "test")
            if test is not None and len(test[0])
            else None
        )
        self._train, self._loss = train, new
        old = getattr(self, "minibatches", None)
        self.minibatches = Minibatches(*train, self._batch_size, self.order_rng)
        if old:
            self.minibatches.go_on_from(old)
        self.rebuild()

    def rebuild(self) -> None:
        """Plan the step anew: after a change of architecture, loss, optimizer or batch size."""
        self.diverged = None  # the change may have cured it; the next steps will tell
        self._last: tuple[int, int] | None = None
        """Where the minibatch trained on last lies, and its size."""
        self._plan = Plan(
            self.network,
            self.loss,
            self.regularization,
            self.optimizer,
            self.minibatches,
            self.dropout_rng,
        )
        self.evaluator = Evaluator(
            self.network, self.loss, self.metric_name, self._train, self._test
        )
        self.cadence = self.evaluator.cadence(self._batch_size)

    @property
    def learning_rate(self) -> float | Array:
        """The learning rate that was set; with replicas it may be one for each."""
        return self._learning_rate

    @learning_rate.setter
    def learning_rate(self, rate: float | Array) -> None:
        self.optimizer.learning_rate = rate
        self._learning_rate = self.optimizer.learning_rate
        self.diverged = None

    @property
    def rate_in_force(self) -> float | Array:
        """The learning rate of the next step: what was set, times the schedule's factor."""
        return self._learning_rate * self.schedule.factor(self.steps)

    @property
    def batch_size(self) -> int:
        """Examples in a minibatch; the last of an epoch may have fewer."""
        return self._batch_size

    @batch_size.setter
    def batch_size(self, size: int) -> None:
        self._batch_size = whole("batch_size", size, 1)
        self.minibatches.set_batch_size(self._batch_size)
        self.rebuild()

    def set_optimizer(self, name: str, **options: float) -> bool:
        """Another optimizer; returns whether it goes on with the state, which else starts at 0.

        Raises ValueError naming the field.
        """
        before = self.optimizer
        self.optimizer = optimizers.find(name, "optimizer")(
            before.parameters, before.gradients, self.learning_rate, **options
        )
        self.rebuild()
        return self.optimizer.inherit(before)

    def set_regularization(self, l1: float, l2: float, clip_norm: float | None) -> None:
        """Other penalties from now on. Raises ValueError naming the field."""
        self.regularization = Regularization(self.network, l1, l2, clip_norm)
        self.rebuild()

    # ---- iteration ----------------------------------------------------------------------------

    def advance(self, count: int) -> None:
        """Make so many steps without looking whether they diverge: to replay what has been."""
        if count > 0:
            self.diverged = None  # the step that it was of is made
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            self._advance(count)

    def _advance(self, count: int) -> None:
        self._check_network()
        while count > 0:
            interval = self._spacing()
            starts, size = self.minibatches.draw(min(count, interval - self.steps % interval))
            if self.schedule.kind == "constant":
                run(self._plan.stretch(starts, size))
            else:
                self._run_scheduled(self._plan.programs(starts, size))
            self.steps += len(starts)
            count -= len(starts)
            self._last = starts[-1], size
            due = self.steps % self._spacing() == 0 and self.history.wants(self.steps)
            if due and self.network.replicas is None:  # a race records its replicas itself
                self.record_history()

    def _spacing(self) -> int:
        """Steps between points of the loss curve: few at first, where it falls most.

        Later so many that recording stays cheap, and from the first where an evaluation costs as
        much as several steps. Given by the step alone: a replay has the same.
        """
        dear = max(1.0, self.cadence / 2000)
        early = 1 << int(math.log2(max(1.0, dear * self.steps**0.75 / 1.6)))
        return max(min(self.cadence, early), self.history.interval)

    def _run_scheduled(self, programs: list[list[Operation]]) -> None:
        """The same, each step with the learning rate that the schedule gives it."""
        for step, program in enumerate(programs, self.steps):
            self.optimizer.learning_rate = self._learning_rate * self.schedule.factor(step)
            run(program)
        self.optimizer.learning_rate = self._learning_rate

    @property
    def batch_loss(self) -> float | Array:
        """The loss of the minibatch trained on last; with replicas one for each.

        Raises ValueError before the first step, and before the first after a change.
        """
        if self._last is None:
            raise ValueError("batch_loss: no step has been made since the last change")
        loss = self._plan.batch_loss(*self._last)
        return loss if loss.ndim else float(loss)

    def evaluate(self) -> Metrics:
        """Loss and metric on the whole training and test parts."""
        self._check_network()
        return self.evaluator.metrics()

    def _check_network(self) -> None:
        """Raises ValueError where its layers were changed, and this trainer has not followed."""
        if self.optimizer.parameters is not self.network.parameters:
            raise ValueError("network: another trainer has changed its layers; make a new Trainer")
        if self._plan.parameters is not self.network.parameters:
            raise ValueError("network: its layers have changed; call set_data() or rebuild() first")

    def record_history(self) -> Metrics:
        """Evaluate, and add a point to the loss curve unless this stretch of it has one.

        Training does so now and then by itself; whoever watches may ask for more points.
        """
        m = self.evaluate()
        if self.network.replicas is None and self.history.wants(self.steps):
            self.history.add(*self._point(m))
        return m

    def renew_history(self) -> None:
        """Evaluate anew where the loss curve has a point of this very step: after an edit."""
        self.history.renew(*self._point())

    def recall_history(self, known: Array) -> None:
        """Complete the loss curve up to this very step by what is `known` of it, rows of points.

        A replay comes by other points than the ones that training or its viewers asked for.
        """
        if self.history.rows[self.history.length - 1, 0] < self.steps:
            self.history.add_densely(*self._point())
        self.history.recall(known)

    def _point(self, metrics: Metrics | None = None) -> tuple[float, ...]:
        """A point of the loss curve, by the columns of `History`."""
        return self.steps, *(metrics or self.evaluate()), float(self.rate_in_force)

    def arrays(self) -> Iterator[Array]:
        """All that it works on, and keeps of the examples: what takes memory."""
        yield from (self.history.rows, *self.minibatches.parts)
        yield from self._plan.arrays()
        yield from self.evaluator.arrays()
