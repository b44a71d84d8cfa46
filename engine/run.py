"""What a recipe determines: the data, the network with its initial weights, and its training."""

from collections.abc import Hashable
from typing import Any

import numpy as np

from engine.datasets import Data, load
from engine.datasets.features import expand
from engine.datasets.targets import decide, encode, leaning, output_units, probabilities
from engine.initializers import initializers
from engine.network import Network
from engine.operations import Array
from engine.recipe import Recipe
from engine.trainer import Trainer

FORKING = {"optimizer", "optimizer_options", "learning_rate", "batch_size"}
"""What may differ in a run that goes on from trained weights."""


class Run:
    """`recipe`, `data`, `trainer` and `network` of one run."""

    def __init__(
        self,
        recipe: Recipe,
        *,
        data: Data | None = None,
        replicas: int | None = None,
        dtype: type = np.float32,
    ) -> None:
        """`data` are those of the recipe where they are at hand already; with `replicas`, that
        many networks side by side. Raises ValueError naming the field that does not fit.
        """
        self.recipe, self.replicas, self.dtype = recipe, replicas, dtype
        self.made_before = 0
        self.data = self.load(recipe) if data is None else data
        self.start()

    def fork(
        self,
        *,
        replicas: int | None = None,
        dtype: type = np.float32,
        afresh: bool = False,
        **changes: Any,
    ) -> "Run":
        """A run that goes on from here by itself: same data, same state, same steps to come.

        With `replicas`, that many copies side by side. `afresh` begins at the initial weights.
        `changes` are of the recipe; from here they may be of the optimizer, the learning rate
        or the minibatch size. Raises ValueError naming the field that does not fit.
        """
        if changes.get("optimizer", self.recipe.optimizer) != self.recipe.optimizer:
            changes.setdefault("optimizer_options", {})  # they are the other optimizer's
        recipe = self.recipe.changed(**changes)
        if afresh:
            recipe = recipe.changed(schedule=recipe.schedule.starting_at(0))
            return Run(recipe, data=self.data, replicas=replicas, dtype=dtype)
        for name in changes.keys() - FORKING:
            raise ValueError(f"{name}: got a value, expected one of {', '.join(sorted(FORKING))}")
        other = Run(self.recipe, data=self.data, replicas=replicas, dtype=dtype)
        other.trainer.restore(self.trainer.snapshot())
        other.trainer.diverged = None  # it is another attempt at the same step
        if "optimizer" in changes or "optimizer_options" in changes:
            other.trainer.set_optimizer(recipe.optimizer, **recipe.optimizer_options)
        if "batch_size" in changes:
            other.trainer.batch_size = recipe.batch_size
        other.trainer.learning_rate = recipe.learning_rate
        other.recipe = recipe
        return other

    @property
    def network(self) -> Network:
        """The network that is being trained."""
        return self.trainer.network

    @property
    def made(self) -> int:
        """Steps made in all, resets not taken off: what edits are dated by."""
        return self.made_before + self.trainer.steps

    @staticmethod
    def load(recipe: Recipe) -> Data:
        """The data that a recipe names."""
        return load(
            recipe.dataset,
            seed=recipe.seed,
            samples=recipe.samples,
            noise=recipe.noise,
            test_share=recipe.test_share,
            arms=recipe.arms,
        )

    def build(self, *, replicas: int | None = None, dtype: type = np.float32) -> Network:
        """The network that the recipe describes, with its initial weights."""
        r = self.recipe
        return Network(
            [
                self.inputs(self.data.x_train[:1]).shape[1],
                *(layer.units for layer in r.layers),
                output_units(self.data, r.loss),
            ],
            hidden=[layer.activation for layer in r.layers],
            output=r.output_activation,
            initializer=initializers.find(r.initializer)(r.std),
            batch_norm=[layer.batch_norm for layer in r.layers],
            dropout=[layer.dropout for layer in r.layers],
            seed=r.seed,
            replicas=replicas,
            dtype=dtype,
        )

    def start(self) -> None:
        """The network with its initial weights, and its training, at step 0."""
        r = self.recipe
        self.trained_on: frozenset[Hashable] = frozenset()
        network = self.build(replicas=self.replicas, dtype=self.dtype)
        x, y, test = self._examples()
        self.trainer = Trainer(
            network,
            x,
            y,
            loss=r.loss,
            optimizer=r.optimizer,
            learning_rate=r.learning_rate,
            batch_size=r.batch_size,
            seed=r.seed,
            test=test,
            l1=r.l1,
            l2=r.l2,
            clip_norm=r.clip_norm,
            schedule=r.schedule,
            metric="accuracy" if self.data.info.task == "classification" else "R²",
            **r.optimizer_options,
        )

    def inputs(self, points: Array) -> Array:
        """Raw values (examples, columns) as the network's inputs (examples, inputs)."""
        if self.data.info.kind == "plane":
            return expand(points, self.recipe.features)
        return np.asarray((points - self.data.input_mean) / self.data.input_scale)

    def targets(self, values: Array) -> Array:
        """Classes or values as the targets of the loss in force."""
        return encode(values, self.data, self.recipe.loss, self.recipe.output_activation)

    def decide(self, outputs: Array) -> Array:
        """The network's outputs (n, outputs) as classes, or as values in their own units."""
        return decide(outputs, self.data, self.recipe.loss, self.recipe.output_activation)

    def probabilities(self, outputs: Array) -> Array:
        """The network's outputs (n, outputs) as probabilities (n, classes); see `targets`."""
        return probabilities(outputs, self.data, self.recipe.loss, self.recipe.output_activation)

    def leaning(self, outputs: Array) -> Array:
        """How far outputs lean to their class, −1 … 1; see `targets`."""
        return leaning(outputs, self.recipe.loss, self.recipe.output_activation)

    def renew_data(self, data: Data | None = None) -> None:
        """Train on other data from now on, or on the same as recipe and loss now want them."""
        self.trained_on |= self._drawn()
        self.data = data or self.data
        x, y, test = self._examples()
        self.trainer.set_data(x, y, test, loss=self.recipe.loss)

    def tested_before(self) -> int:
        """How many examples of the test part have been trained on since the last start."""
        trained_on = self.trained_on | self._drawn()
        return sum(each in trained_on for each in self.data.identities("test"))

    def _drawn(self) -> frozenset[Hashable]:
        """The training examples that have been in a minibatch since they came."""
        identities = self.data.identities("train")
        return frozenset(identities[k] for k in self.trainer.minibatches.drawn().tolist())

    def _examples(self) -> tuple[Array, Array, tuple[Array, Array]]:
        data = self.data
        test = self.inputs(data.x_test), self.targets(data.y_test)
        return self.inputs(data.x_train), self.targets(data.y_train), test
