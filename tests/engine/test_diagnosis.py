"""Every rule speaks on a run made to show it, its remedies help, healthy runs are left alone."""

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine.checkup import examine
from engine.diagnosis import CALM, FOLLOWS, LOOKS, REACHES, RULES, Diagnosis
from engine.diagnostics import STATISTICS, layer_statistics
from engine.experiment import Experiment
from engine.recipe import LayerSpec, recipe_for

RATIO = STATISTICS.index("update_ratio")
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

ILL: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "all zero": ("symmetric", "moons", {"initializer": "zeros"}, 0),
    "six sigmoid layers": ("vanishing", "moons", {"layers": DEEP}, 0),
    "four, after a while": ("vanishing", "circle", {"layers": DEEP[:4]}, 1000),
    "tiny weights": (
        "vanishing",
        "moons",
        {"initializer": "normal", "std": 0.01, "layers": (LayerSpec(4),) * 5},
        0,
    ),
    "too large a penalty": ("vanishing", "moons", {"l2": 1.0}, 300),
    "normalised over one example": (
        "vanishing",
        "circle",
        {"layers": (LayerSpec(8, batch_norm=True),) * 2, "batch_size": 1},
        300,
    ),
    "large weights": ("exploding", "moons", LARGE, 0),
    "diverged from large weights": ("exploding", "plane", LARGE, 5),
    "dead": ("dead", "moons", {"layers": RELU, "learning_rate": 3.0}, 200),
    "saturated": ("saturated", "circle", {"initializer": "normal", "std": 5.0}, 300),
    "rate 10": ("rate too high", "moons", {"learning_rate": 10.0}, 300),
    "rate 5, ReLU": ("rate too high", "moons", {"learning_rate": 5.0, "layers": RELU}, 300),
    "momentum 1": ("rate too high", "moons", {"learning_rate": 1.0, "optimizer": "momentum"}, 300),
    "up and down": ("rate too high", "sine", {"learning_rate": 1.0}, 800),
    "diverged": ("rate too high", "mpg", {"learning_rate": 3.0}, 100),
    "rate 1e-5": ("rate too low", "moons", {"learning_rate": 1e-5}, 300),
    "rate 1e-4": ("rate too low", "moons", {"learning_rate": 1e-4}, 300),
    "Adam 1e-5": ("rate too low", "moons", {"learning_rate": 1e-5, "optimizer": "adam"}, 300),
    "digits 1e-4": ("rate too low", "digits", {"learning_rate": 1e-4}, 300),
    "by heart": ("overfitting", "circle", BY_HEART, 2000),
}

HEALTHY: list[tuple[str, dict[str, Any]]] = [
    ("moons", {}),
    ("circle", {}),
    ("xor", {}),
    ("gauss", {}),
    ("rings", {}),
    ("plane", {}),
    ("sine", {}),
    ("penguins", {}),
    ("iris", {}),
    ("wine", {}),
    ("breast_cancer", {}),
    ("mpg", {}),
    ("mpg", {"loss": "huber", "batch_size": 1}),
    ("iris", {"batch_size": 1}),
    ("sine", {"batch_size": 1}),
    ("digits", {"layers": (LayerSpec(32, "relu"),)}),
    ("digits", {"layers": (LayerSpec(64, "relu", dropout=0.2), LayerSpec(32, "relu"))}),
    ("moons", {"layers": RELU, "initializer": "he_uniform"}),
    ("moons", {"optimizer": "adam", "learning_rate": 0.003}),
    ("moons", {"optimizer": "adam", "learning_rate": 0.01, "layers": (LayerSpec(16, "relu"),) * 3}),
    ("moons", {"layers": ()}),
    ("moons", {"layers": (LayerSpec(1), LayerSpec(1))}),
    ("moons", {"layers": (LayerSpec(32, "relu"),) * 8}),
    ("circle", {"layers": (LayerSpec(8, "sigmoid", batch_norm=True),) * 4}),
    ("moons", {"layers": (LayerSpec(16, dropout=0.3),) * 2}),
    ("moons", {"learning_rate": 0.3}),
    ("moons", {"learning_rate": 0.001}),
    ("moons", {"batch_size": 400, "learning_rate": 0.1}),
    ("moons", {"l2": 0.01}),
    ("moons", {"l1": 0.001}),
    ("moons", {"clip_norm": 0.1}),
    ("circle", {"noise": 1.0}),
    ("circle", BY_HEART | {"l2": 0.01}),
    *(("moons", {"batch_size": 1, "seed": seed}) for seed in range(3)),
    *(
        ("moons", {"batch_size": 1, "seed": seed, "layers": (LayerSpec(units, "relu"),) * 2})
        for seed in range(3)
        for units in (4, 8)
    ),
]


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
            ratio = layer_statistics(trainer, trainer.look_ahead())[:, RATIO]
        self.diagnosis.look(self.run, ratio.astype(float), diverged=self.diverged)
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


@pytest.mark.parametrize("name", ILL)
def test_what_is_wrong_is_found_and_every_remedy_helps(name):
    finding, dataset, changes, steps = ILL[name]
    patient = Watched(dataset, **changes)
    assert patient.train(steps, until=finding) == [finding]
    (found,) = patient.diagnosis.findings
    assert found.remedies
    assert len(found.message) < 160
    assert all(str(layer) in found.message for layer in found.layers)
    for remedy in found.remedies:
        cured = Watched(dataset, **changes)
        cured.train(steps, until=finding)
        before = cured.loss
        cured.edit(remedy.edits)
        said = cured.train(1000)
        assert said == [], remedy.label
        after = cured.loss
        assert after < 0.9 * before or finding == "overfitting" or not np.isfinite(before), remedy


@pytest.mark.parametrize(("dataset", "changes"), HEALTHY)
def test_nothing_is_said_of_a_healthy_run_from_its_beginning_to_its_end(dataset, changes):
    watched = Watched(dataset, **changes)
    said = [watched.diagnosis.findings]
    for steps in (1,) * 20 + (4,) * 60 + (16,) * 60:
        watched.run.trainer.step(steps)
        watched.look()
        said.append(watched.diagnosis.findings)
    assert [finding.message for findings in said for finding in findings] == []


def test_what_is_said_must_hold_at_several_looks_after_further_steps():
    watched = Watched("moons", learning_rate=1e-5)
    watched.run.trainer.step(300)
    assert [watched.look() for _ in range(LOOKS + 2)] == [[]] * (LOOKS + 2)
    for _ in range(LOOKS - 1):
        assert watched.look() == []
        watched.run.trainer.step(1)
    assert watched.look() == ["rate too low"]


def test_what_needs_no_step_is_said_at_once_after_an_edit():
    watched = Watched("moons")
    watched.train(100)
    watched.edit([("reset", {"initializer": "zeros"})])
    assert watched.look() == ["symmetric"]


def test_one_cause_is_one_finding_that_names_its_layers():
    watched = Watched(
        "circle", layers=(LayerSpec(8),) * 4, initializer="normal", std=20.0, batch_size=1
    )
    (finding,) = watched.diagnosis.findings
    assert finding.layers == (1, 2, 3, 4)
    assert "layers 1, 2, 3 and 4" in finding.message


def test_the_rate_that_did_the_harm_is_named_after_it_was_lowered():
    watched = Watched("moons", learning_rate=10.0)
    watched.train(300)
    watched.edit([("set", {"learning_rate": 0.03})])
    watched.train(50)
    (finding,) = watched.diagnosis.findings
    assert "learning rate of 10" in finding.message
    assert [remedy.label for remedy in finding.remedies] == ["start again at learning rate 0.03"]


def test_of_a_run_that_diverged_only_that_is_said():
    watched = Watched("sine", **BY_HEART | {"loss": "mean_squared_error", "noise": 0.9})
    watched.train(1500)
    watched.edit([("set", {"optimizer": "sgd"}), ("set", {"learning_rate": 300.0})])
    assert watched.train(300) == ["rate too high"]
    assert watched.diverged
    assert "diverged" in watched.diagnosis.findings[0].message


def test_penalties_and_clipping_are_no_part_of_the_gradients_that_are_judged():
    plain = Experiment(recipe_for("moons"))
    with_them = Experiment(recipe_for("moons", l2=10.0, l1=1.0, clip_norm=1e-6))
    np.testing.assert_array_equal(
        examine(plain.trainer).gradient, examine(with_them.trainer).gradient
    )


def test_judged_are_the_gradients_of_single_examples():
    run = Experiment(recipe_for("moons", samples=40, test_share=0.0))
    singles = []
    for x, y in zip(run.data.x_train, run.data.y_train, strict=True):
        record = run.trainer.examine(run.inputs(x[None]), run.targets(y[None]))
        vitals = run.network.gradients.copy()
        run.network.gradients[...] = record.gradients
        singles.append([np.sum(layer.weight_gradient**2) for layer in run.network.layers])
        run.network.gradients[...] = vitals
    expected = np.sqrt(np.mean(singles, axis=0))
    np.testing.assert_allclose(examine(run.trainer).gradient, expected, rtol=1e-5)


def test_looking_disturbs_nothing():
    layers = (LayerSpec(8, batch_norm=True, dropout=0.5), LayerSpec(4))
    watched, alone = (Watched("moons", layers=layers) for _ in range(2))
    watched.train(20, looks=20)
    alone.run.trainer.step(20)
    np.testing.assert_array_equal(watched.run.network.parameters, alone.run.network.parameters)
    np.testing.assert_array_equal(
        watched.run.network.norms[0].running, alone.run.network.norms[0].running
    )


def test_the_loss_of_guessing_is_that_of_the_best_constant():
    wine = Experiment(recipe_for("wine"))
    shares = np.bincount(wine.data.y_train[:: 1 if len(wine.data.y_train) <= 200 else 2])
    shares = shares / shares.sum()
    guess = examine(wine.trainer).guess
    assert guess == pytest.approx(-np.sum(shares * np.log(shares)), rel=1e-4)
    moons = Experiment(recipe_for("moons", loss="binary_cross_entropy"))
    assert examine(moons.trainer).guess == pytest.approx(np.log(2), rel=0.01)


def test_the_summary_follows_from_the_gradients_that_are_judged():
    assert Watched("moons").diagnosis.summary == REACHES
    assert Watched("moons", layers=DEEP).diagnosis.summary == CALM


def test_every_rule_has_a_run_that_shows_it():
    assert {finding for finding, *_ in ILL.values()} == set(RULES)
    assert set(FOLLOWS) | set().union(*FOLLOWS.values()) <= set(RULES)
