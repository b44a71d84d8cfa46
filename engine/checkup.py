"""What a diagnosis looks at: a run as it is, as it was at its initial weights, and its loss curve.

Gradients are judged on a fixed sample of the training examples, each by itself and without
penalties or clipping. Minibatches of a few examples differ too much; in the mean of many, what
comes back from the output cancels out on a plateau; and a penalty does not come from there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from engine.datasets import Data
from engine.diagnostics import Rows, silent_shares, weight_norms
from engine.experiment import Experiment
from engine.operations import Array, run, transposed
from engine.recipe import Recipe
from engine.trainer import Trainer
from engine.workspace import Workspace

FACTOR = 100
"""Between a layer's gradient and the error or its weights: too little, or too much."""
LEARNED = 0.1
HALF = 0.5
NOTHING = 0.9
"""Shares of the loss of guessing: below the first much was learned, above the last nothing."""
SATURATED = 0.85
"""The share of a layer's activations above which it counts as saturated."""
SAME_TASK = {"set", "set_layer", "set_parameter"}
SIZES = {"learning_rate", "schedule", "optimizer", "optimizer_options", "batch_size", "clip_norm"}
"""Options that make steps smaller or larger."""


@dataclass(frozen=True)
class Vitals:
    """A network on the sample of examples; arrays have a number for each layer."""

    loss: float
    guess: float
    """The loss of the best answer that is the same for every example."""
    error: float
    """‖δ‖ of the output layer, the root of its mean square over the examples."""
    gradient: Array
    """‖∂Lᵢ/∂W‖, likewise."""
    weight: Array
    """‖W‖"""
    dead: Array
    saturated: Array
    """Shares as in `layer_statistics`."""

    @property
    def shrinks(self) -> float:
        """How many times a hidden layer's gradient is smaller than the error, or the last layer's.

        NaN where nothing leaves the output, so that there is nothing to compare with.
        """
        if not np.isfinite(self.gradient).all():
            return 0.0
        leaving = max(self.error, self.gradient[-1])
        least = self.gradient[:-1].min(initial=leaving)
        return float(leaving / least) if least > 0 else np.inf if leaving > 0 else np.nan

    @property
    def grows(self) -> float:
        """How many times a layer's gradient is larger than its weights, or the last layer's."""
        return self.grows_beside(self.weight)

    def grows_beside(self, weight: Array) -> float:
        """The same beside weights of other sizes, (layers)."""
        if not np.isfinite(self.gradient).all():
            return np.inf
        beside = np.minimum(weight, self.gradient[-1])
        return float((self.gradient / np.where(beside > 0, beside, np.inf)).max())


def examine(trainer: Trainer) -> Vitals:
    """A pass forward and back as in training, with batch statistics and dropout.

    Dropout is drawn from a stream of its own, and running averages are put back: nothing that
    training uses is touched.
    """
    network, loss = trainer.network, trainer.loss
    x, y = trainer.evaluator.sample
    target = np.ascontiguousarray(transposed(y))
    kept, running = network.gradients.copy(), [norm.running.copy() for norm in network.norms]
    w = Workspace(network.layers, len(x), rng=np.random.default_rng(0)).reading(x)
    losses = [np.zeros((), network.dtype) for _ in range(2)]
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        guess = np.broadcast_to(loss.guess(target), target.shape).astype(network.dtype)
        run(network.forward_operations(w))
        run(loss.total_operations(w.prediction, target, losses[0]))
        run(loss.total_operations(guess, target, losses[1]))
        run(loss.gradient_operations(w.prediction, target, w.output_gradient))
        run(network.backward_operations(w))
        deltas = [len(x) * norms(b.delta) for b in w.layers]  # the loss is a mean
        inputs = [norms(b.source[:-1]) for b in w.layers]
        gradient = [rms(d * a) for d, a in zip(deltas, inputs, strict=True)]
        (weight,) = weight_norms(network, network.parameters)
        kinds = [layer.activation for layer in network.layers]
        dead, saturated = silent_shares(kinds, Rows([b.activation for b in w.layers]))
        own, guessed = (float(total * loss.scale(*target.shape)) for total in losses)
    network.gradients[...] = kept
    for norm, values in zip(network.norms, running, strict=True):
        norm.running[...] = values
    return Vitals(own, guessed, rms(deltas[-1]), np.array(gradient), weight, dead, saturated)


def norms(columns: Array) -> Array:
    """The norm of each example's numbers, (units, examples) → (examples)."""
    return np.asarray(np.linalg.norm(columns.astype(np.float64), axis=0))


def rms(values: Array) -> float:
    """The root of the mean square."""
    return float(np.sqrt(np.mean(np.square(values))))


class Beginning:
    """Vitals at the initial weights: computed when asked for, and again for another recipe."""

    def __init__(self) -> None:
        self._known: tuple[Recipe, Data, Vitals] | None = None

    def vitals(self, experiment: Experiment) -> Vitals:
        """Those at the initial weights of the recipe in force."""
        recipe, data, known = experiment.recipe, experiment.data, self._known
        if known is None or known[0] is not recipe or known[1] is not data:
            known = recipe, data, examine(experiment.fork(afresh=True).trainer)
            self._known = known
        return known[2]


class Checkup:
    """What the rules look at."""

    def __init__(
        self, experiment: Experiment, ratio: Array, beginning: Beginning, *, diverged: bool = False
    ) -> None:
        """`ratio` is the size of the upcoming update over that of the weights, (layers)."""
        self.experiment, self.recipe = experiment, experiment.recipe
        self.network, self.trainer = experiment.network, experiment.trainer
        self._beginning = beginning
        self.ratio, self.diverged = ratio, diverged
        self.hidden = len(self.recipe.layers)
        self.now = examine(self.trainer)

    @property
    def start(self) -> Vitals:
        """The same as `now` at the initial weights."""
        return self._beginning.vitals(self.experiment)

    def unlearned(self, share: float) -> bool:
        """Whether the loss is still above so large a share of what guessing would give."""
        return not self.now.loss < share * self.now.guess

    @property
    def untried(self) -> bool:
        """Whether no step has been made yet since an edit that makes steps smaller or larger."""
        run = self.experiment
        return any(
            made == run.made and (name == "adopt" or SIZES & arguments.keys())
            for made, name, arguments in run.edits
        )

    @property
    def lately(self) -> float:
        """What the training loss has reached in both halves of the last quarter of its curve.

        A rate too high makes it jump, so that just now it may be low by luck; but just now is all
        there is before the 8th point.
        """
        losses = self.history[1]
        if len(losses) < 8:
            return self.now.loss
        return min(float(half.max()) for half in np.array_split(losses[-(len(losses) // 4) :], 2))

    @cached_property
    def history(self) -> Array:
        """The loss curve, columns as of `History`, since the last edit that changed the task."""
        edits = [edit[0] for edit in self.experiment.edits if not same_task(edit[1], edit[2])]
        since = max(edits, default=0) - self.experiment.made_before
        columns = self.trainer.history.columns()
        return columns[:, columns[0] >= since]


def same_task(name: str, arguments: Mapping[str, object]) -> bool:
    """Whether losses before and after an edit can be compared."""
    return name in SAME_TASK and not {"loss", "output_activation"} & arguments.keys()
