"""What a computation of the lab was made of, and whether that is what the page shows now."""

from dataclasses import dataclass

import numpy as np

from engine.experiment import Experiment
from engine.operations import Array
from engine.recipe import Recipe
from server.protocol.labframe import Standing

DATA = ("dataset", "seed", "samples", "noise", "test_share", "arms")
SHAPE = ("features", "layers", "loss", "output_activation", "l1", "l2")


@dataclass(frozen=True, eq=False)
class Origin:
    """The moment that something was computed of."""

    step: int
    rate: float
    """In force at that step."""
    examples: int
    """In the training part."""
    recipe: Recipe
    parameters: Array

    @classmethod
    def of(cls, experiment: Experiment) -> "Origin":
        """As the experiment is now."""
        trainer, network = experiment.trainer, experiment.network
        return cls(
            trainer.steps,
            float(trainer.rate_in_force),
            len(experiment.data.x_train),
            experiment.recipe,
            network.parameters.copy(),
        )

    def standing(self, shown: Experiment) -> Standing:
        """How the network shown relates to it."""
        if self._differs(shown, DATA):
            return "data"
        if self._differs(shown, SHAPE):
            return "network"
        if shown.trainer.steps != self.step:
            return "steps"
        # Weights that are not a number are where they were, too.
        same = np.array_equal(shown.network.parameters, self.parameters, equal_nan=True)
        return "here" if same else "weights"

    def _differs(self, shown: Experiment, names: tuple[str, ...]) -> bool:
        return any(getattr(shown.recipe, name) != getattr(self.recipe, name) for name in names)
