"""Every rule speaks on a run made to show it, its remedies help, healthy runs are left alone."""

from typing import Any

import numpy as np
import pytest

from engine.diagnosis import FOLLOWS, RULES
from engine.findings import HIGHEST_RATE
from engine.recipe import LayerSpec
from tests.engine.watched import (
    ADAM,
    BY_HEART,
    DEEP,
    FEW,
    LARGE,
    RELU,
    SIGNAL,
    Watched,
    highest_rate_of,
)

ILL: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "all zero": ("symmetric", "moons", {"initializer": "zeros"}, 0),
    "six sigmoid layers": ("vanishing", "moons", {"layers": DEEP}, 0),
    "four, after a while": ("vanishing", "circle", {"layers": DEEP[:4]}, 1000),
    "five, collapsed": ("vanishing", "circle", {"layers": DEEP[:5]}, 20_000),
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
    "saturated output": ("saturated", "moons", SIGNAL, 0),
    "saturated by squares": (
        "saturated",
        "xor",
        {"layers": (LayerSpec(2),), "features": ("x1_squared", "x2_squared", "x1_x2")},
        0,
    ),
    "saturated from He's weights": (
        "saturated",
        "xor",
        {
            "layers": (LayerSpec(4),),
            "features": ("x1_squared", "x2_squared", "x1_x2"),
            "initializer": "he_normal",
            "seed": 3,
        },
        0,
    ),
    "rate 10": ("rate too high", "moons", {"learning_rate": 10.0}, 300),
    "rate 5, ReLU": ("rate too high", "moons", {"learning_rate": 5.0, "layers": RELU}, 300),
    "momentum 1": ("rate too high", "moons", {"learning_rate": 1.0, "optimizer": "momentum"}, 300),
    "rate 5, wine": ("rate too high", "wine", {"learning_rate": 5.0}, 300),
    "rate 100": ("rate too high", "moons", {"learning_rate": 100.0}, 300),
    "up and down": ("rate too high", "sine", {"learning_rate": 1.0}, 800),
    "diverged": ("rate too high", "mpg", {"learning_rate": 3.0}, 100),
    "rate 1e-5": ("rate too low", "moons", {"learning_rate": 1e-5}, 300),
    "rate 1e-4": ("rate too low", "moons", {"learning_rate": 1e-4}, 300),
    "Adam 1e-5": ("rate too low", "moons", {"learning_rate": 1e-5, "optimizer": "adam"}, 300),
    "digits 1e-4": ("rate too low", "digits", {"learning_rate": 1e-4}, 300),
    "by heart": ("overfitting", "circle", BY_HEART, 2000),
    "few examples, circle": ("overfitting", "circle", FEW | {"learning_rate": 0.1}, 4000),
    "few examples, xor": ("overfitting", "xor", FEW | ADAM, 4000),
    "few examples, spiral": ("overfitting", "spiral", FEW | ADAM, 4000),
    "few examples, moons": ("overfitting", "moons", FEW | ADAM, 4000),
    "few examples, rings": ("overfitting", "rings", FEW | ADAM, 4000),
    "rate 5, breast cancer": ("rate too high", "breast_cancer", {"learning_rate": 5.0}, 300),
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
    ("spiral", {}),
    *((name, ADAM) for name in ("moons", "rings", "spiral", "iris", "penguins", "sine")),
    *(
        (name, {"layers": (LayerSpec(32, "relu"),) * 2, "learning_rate": 0.1})
        for name in ("moons", "rings", "spiral", "penguins", "sine")
    ),
    ("circle", BY_HEART | {"l2": 0.01}),
    *(("moons", {"batch_size": 1, "seed": seed}) for seed in range(3)),
    *(
        ("moons", {"batch_size": 1, "seed": seed, "layers": (LayerSpec(units, "relu"),) * 2})
        for seed in range(3)
        for units in (4, 8)
    ),
]


@pytest.mark.parametrize("name", ILL)
def test_what_is_wrong_is_found_and_every_remedy_helps(name):
    finding, dataset, changes, steps = ILL[name]
    patient = Watched(dataset, **changes)
    assert patient.train(steps, until=finding) == [finding]
    (found,) = patient.diagnosis.findings
    assert found.remedies
    assert len(found.message) < 160
    names = {len(patient.run.network.layers): "output"}
    assert all(names.get(layer, str(layer)) in found.message for layer in found.layers)
    for remedy in found.remedies:
        assert highest_rate_of(remedy) <= HIGHEST_RATE
        cured = Watched(dataset, **changes)
        cured.train(steps, until=finding)
        before = cured.loss
        test_before = cured.run.trainer.evaluate().test_loss
        cured.edit(remedy.edits)
        assert cured.train(1000) == [], remedy.label
        if finding == "overfitting":
            assert cured.run.trainer.evaluate().test_loss < 0.95 * test_before, remedy
        else:
            assert cured.loss < 0.9 * before or not np.isfinite(before), remedy
        assert finding not in cured.train(500), remedy.label


@pytest.mark.parametrize(("dataset", "changes"), HEALTHY)
def test_nothing_is_said_of_a_healthy_run_from_its_beginning_to_its_end(dataset, changes):
    watched = Watched(dataset, **changes)
    said = [watched.diagnosis.findings]
    for steps in (1,) * 20 + (4,) * 60 + (16,) * 60:
        watched.run.trainer.step(steps)
        watched.look()
        said.append(watched.diagnosis.findings)
    assert [finding.message for findings in said for finding in findings] == []


def test_every_rule_has_a_run_that_shows_it():
    assert {finding for finding, *_ in ILL.values()} == set(RULES)
    assert set(FOLLOWS) | set().union(*FOLLOWS.values()) <= set(RULES)
