"""Runs that are looked at as by somebody who watches them, and some that need looking at."""

import json
from itertools import pairwise
from typing import Any

import numpy as np

from engine.checkup import examine
from engine.diagnosis import Diagnosis
from engine.diagnostics import layer_statistics
from engine.experiment import Experiment
from engine.recipe import LayerSpec, recipe_for

DEEP = (LayerSpec(8, "sigmoid"),) * 6
RELU = (LayerSpec(8, "relu"),) * 2
LARGE = {
    "layers": (LayerSpec(8, "relu"),) * 5,
    "initializer": "normal",
    "std": 2.0,
    "output_activation": "linear",
}
BY_HEART = {
    "samples": 80,
    "noise": 0.5,
    "test_share": 0.5,
    "seed": 1,
    "layers": (LayerSpec(16), LayerSpec(16)),
    "loss": "binary_cross_entropy",
    "optimizer": "adam",
    "learning_rate": 0.01,
}
FEW = {"samples": 40, "noise": 0.8, "layers": (LayerSpec(32),) * 2}
ADAM = {"optimizer": "adam", "learning_rate": 0.01}
SIGNAL = {"layers": (LayerSpec(32, "relu"),) * 5, "initializer": "normal", "std": 2.0}


class Watched:
    """A run, looked at now and then as by somebody who watches it."""

    def __init__(self, dataset: str, **changes: Any) -> None:
        self.run = Experiment(recipe_for(dataset, **changes))
        self.diagnosis, self.diverged = Diagnosis(), False
        self.look()

    def look(self) -> list[str]:
        trainer = self.run.trainer
        trainer.record_history()
        with np.errstate(over="ignore", invalid="ignore"):
            statistics = layer_statistics(trainer, trainer.look_ahead())
        self.diagnosis.look(self.run, statistics, diverged=self.diverged)
        return [finding.name for finding in self.diagnosis.findings]

    def train(self, steps: int, looks: int = 50, until: str = "") -> list[str]:
        """What is said in the end; with `until`, when that was said first."""
        said = self.look()
        stops = np.unique(np.linspace(0, steps, looks + 1).astype(int)).tolist()
        for before, after in pairwise(stops):
            if self.diverged or until in said:
                break
            self.diverged = self.run.trainer.step(after - before) < after - before
            said = self.look()
        return said

    def edit(self, edits: Any) -> None:
        for name, arguments in json.loads(json.dumps(edits)):
            self.run.edit(name, **arguments)
        self.diverged = False

    @property
    def loss(self) -> float:
        return examine(self.run.trainer).loss


def highest_rate_of(remedy: Any) -> float:
    return max((edit.get("learning_rate", 0.0) for _, edit in remedy.edits), default=0.0)
