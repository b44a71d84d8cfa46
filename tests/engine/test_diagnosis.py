"""Every rule speaks on a run made to show it, and all are silent on healthy ones."""

import json
from typing import Any

import pytest

from engine.diagnosis import FOLLOWS, RULES, diagnose
from engine.diagnostics import layer_statistics
from engine.experiment import Experiment
from engine.recipe import LayerSpec, recipe_for

DEEP = (LayerSpec(8, "sigmoid"),) * 6
RELU = (LayerSpec(8, "relu"),) * 2

ILL: dict[str, tuple[str, dict[str, Any], int]] = {
    "symmetric": ("moons", {"initializer": "zeros"}, 50),
    "vanishing": ("moons", {"layers": DEEP}, 20),
    "exploding": (
        "moons",
        {
            "layers": (LayerSpec(8, "relu"),) * 4,
            "initializer": "normal",
            "std": 3.0,
            "output_activation": "linear",
            "learning_rate": 1e-9,
        },
        1,
    ),
    "dead": ("moons", {"layers": RELU, "learning_rate": 3.0}, 200),
    "saturated": ("moons", {"initializer": "normal", "std": 20.0, "learning_rate": 1e-4}, 1),
    "rate too high": ("wine", {"learning_rate": 5.6}, 500),
    "rate too low": ("moons", {"learning_rate": 1e-6}, 500),
    "overfitting": (
        "moons",
        {
            "samples": 60,
            "noise": 0.9,
            "layers": (LayerSpec(32), LayerSpec(32)),
            "optimizer": "adam",
            "learning_rate": 0.01,
        },
        6000,
    ),
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
    ("digits", {"layers": (LayerSpec(32, "relu"),)}),
    ("moons", {"layers": RELU, "initializer": "he_uniform"}),
    ("moons", {"optimizer": "adam", "learning_rate": 0.003}),
    ("moons", {"layers": ()}),
]


def trained(dataset: str, steps: int, **changes) -> Experiment:
    run = Experiment(recipe_for(dataset, **changes))
    for _ in range(40):  # as often as somebody watching has the loss recorded
        run.trainer.step(max(steps // 40, 1))
        run.trainer.record_history()
    return run


def findings(run: Experiment):
    return diagnose(run, layer_statistics(run.trainer, run.trainer.look_ahead()))


@pytest.mark.parametrize("name", ILL)
def test_what_is_wrong_is_found_and_every_remedy_can_be_tried(name):
    dataset, changes, steps = ILL[name]
    run = trained(dataset, steps, **changes)
    found = {finding.name: finding for finding in findings(run)}
    assert name in found
    finding = found[name]
    assert finding.remedies
    if finding.layer is not None:
        assert f"layer {finding.layer}" in finding.message
    for remedy in finding.remedies:
        patient = trained(dataset, 2, **changes)
        for edit, arguments in json.loads(json.dumps(remedy.edits)):
            patient.edit(edit, **arguments)
        assert patient.trainer.step(5) == 5


@pytest.mark.parametrize("name", ["symmetric", "vanishing", "dead", "saturated", "rate too low"])
def test_the_first_remedy_helps(name):
    dataset, changes, steps = ILL[name]
    run = trained(dataset, steps, **changes)
    finding = next(f for f in findings(run) if f.name == name)
    for edit, arguments in finding.remedies[0].edits:
        run.edit(edit, **arguments)
    run.trainer.step(100)
    assert name not in {f.name for f in findings(run)}


@pytest.mark.parametrize(("dataset", "changes"), HEALTHY)
@pytest.mark.parametrize("steps", [0, 80, 1000])
def test_nothing_is_said_of_a_healthy_run(dataset, changes, steps):
    run = Experiment(recipe_for(dataset, **changes)) if not steps else None
    run = run or trained(dataset, steps, **changes)
    assert [finding.message for finding in findings(run)] == []


def test_every_rule_has_a_run_that_shows_it():
    assert len(RULES) == len(ILL)
    assert FOLLOWS.keys() <= ILL.keys()
