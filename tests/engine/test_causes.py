"""What a diagnosis looks at, how long it says what, and which of several causes it names."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.checkup import Beginning, Checkup, examine
from engine.course_rules import too_high, too_low
from engine.diagnosis import (
    CALM,
    LINGER,
    LOOKS,
    NOWHERE,
    REACHES,
    RULES,
    SILENCE,
    SOMETIMES,
)
from engine.diagnostics import STATISTICS
from engine.findings import Finding
from engine.recipe import LayerSpec
from tests.engine.watched import BY_HEART, DEEP, FEW, RELU, SIGNAL, Watched, highest_rate_of


def test_what_is_said_must_hold_at_several_looks_after_further_steps():
    watched = Watched("moons", learning_rate=1e-5)
    watched.run.trainer.step(300)
    assert [watched.look() for _ in range(LOOKS + 2)] == [[]] * (LOOKS + 2)
    for _ in range(LOOKS - 1):
        assert watched.look() == []
        watched.run.trainer.step(1)
    assert watched.look() == ["rate too low"]


def test_what_was_said_is_said_on_until_it_was_not_so_at_several_looks(monkeypatch):
    watched, said = Watched("moons"), []
    for so in [True] * LOOKS + [False, True] * 5 + [False] * LINGER:
        found = [Finding("dead", (1,), "", ())] if so else []
        monkeypatch.setitem(RULES, "dead", lambda case, found=found: iter(found))
        watched.run.trainer.step(1)
        assert watched.look() == watched.look()  # without a step nothing has changed
        said += [watched.look() == ["dead"]]
    assert said == [False] * (LOOKS - 1) + [True] * (1 + 2 * 5 + LINGER - 1) + [False]


def test_what_needs_no_step_is_said_at_once_after_an_edit():
    watched = Watched("moons")
    watched.train(100)
    watched.edit([("reset", {"initializer": "zeros"})])
    assert watched.look() == ["symmetric"]


COLLAPSED = {
    "learning_rate": 10.0,
    "layers": (LayerSpec(8), LayerSpec(5)),
    "optimizer": "adam",
}
NO_CURES: list[tuple[str, dict[str, Any]]] = [
    ("set", {"learning_rate": 0.01}),
    ("set", {"batch_size": 20}),
    ("set", {"l2": 1e-5}),
    ("set_parameter", {"layer": 1, "unit": 0, "input": 0, "value": 0.1}),
]


@pytest.mark.parametrize("edit", NO_CURES)
def test_what_an_edit_has_not_changed_is_said_on(edit):
    watched = Watched("moons", **COLLAPSED)
    assert watched.train(200) == ["rate too high"]
    before = watched.diagnosis.findings[0].message
    watched.edit([edit])
    for _ in range(20):
        assert watched.look() == watched.look() == ["rate too high"]
        assert "Steps at a learning rate of 10 have" in watched.diagnosis.findings[0].message
        watched.run.trainer.step(1)
    assert watched.diagnosis.findings[0].message[:40] == before[:40]


def test_a_penalty_is_not_blamed_for_weights_that_have_grown():
    watched = Watched("moons", **COLLAPSED)
    watched.train(200)
    watched.edit([("set", {"l2": 1e-5})])
    assert "penalties" not in str(watched.diagnosis.findings)
    assert watched.train(100) == ["rate too high"]


def test_a_rate_still_too_low_is_said_on_and_a_better_one_not_blamed():
    watched = Watched("moons", learning_rate=1e-5)
    assert watched.train(300) == ["rate too low"]
    watched.edit([("set", {"learning_rate": 2e-5})])
    assert watched.look() == ["rate too low"]
    watched.edit([("set", {"learning_rate": 0.03})])
    assert watched.look() == []


def test_a_loss_that_went_up_and_down_says_nothing_of_a_rate_that_is_untried(monkeypatch):
    watched = Watched("moons")
    watched.run.trainer.step(200)
    up_and_down = np.tile([[0.1, 9.0]], (6, 30))
    monkeypatch.setattr(Checkup, "history", up_and_down)
    said = []
    for edits in ([], [("set", {"l2": 0.1})], [("set", {"learning_rate": 0.001})]):
        watched.edit(edits)
        case = Checkup(watched.run, np.zeros(3), Beginning())
        case.now = replace(case.now, loss=2 * case.now.guess)
        said.append([finding.name for finding in too_high(case)])
    assert said == [["rate too high"], ["rate too high"], []]


def test_all_is_not_said_to_be_well_beside_numbers_that_say_otherwise():
    watched, names = Watched("moons", layers=(LayerSpec(4, "relu"),) * 2), list(STATISTICS)
    table = np.ones((3, len(names)), np.float32)
    dead, saturated = names.index("dead_share"), names.index("saturated_share")
    table[:, [dead, saturated]] = [[0.84, 0.0], [np.nan, 0.8], [0.0, 0.99]]
    watched.diagnosis.look(watched.run, table)
    assert watched.diagnosis.summary == REACHES
    table[0, dead] = 0.88
    watched.diagnosis.glance(table)
    assert watched.diagnosis.summary == "layer 1 is mostly dead"
    table[1, saturated], table[2, dead] = 0.9, 0.9
    watched.diagnosis.glance(table)
    both = "layer 2 is mostly saturated, layer 1 and the output are mostly dead"
    assert watched.diagnosis.summary == both
    table[:, [dead, saturated]] = [[0.8, 0.0], [np.nan, 0.8], [0.8, 0.99]]
    watched.diagnosis.glance(table)
    assert watched.diagnosis.summary == both  # what wavers about the bound does not flicker
    table[:, [dead, saturated]] = [[0.7, 0.0], [np.nan, 0.7], [0.7, 0.99]]
    watched.diagnosis.glance(table)
    assert watched.diagnosis.summary == REACHES


def test_minibatches_without_a_gradient_are_told_for_long_enough_to_be_read():
    watched = Watched("moons")
    some = np.zeros((3, len(STATISTICS)), np.float32)
    none, some[1, 0] = some.copy(), 1e-9
    said = []
    for table in [some, none] + SILENCE * [some]:
        watched.diagnosis.glance(table)
        said.append(watched.diagnosis.summary)
    assert said == [REACHES] + SILENCE * [SOMETIMES] + [REACHES]


def test_one_cause_is_one_finding_that_names_its_layers():
    watched = Watched(
        "circle", layers=(LayerSpec(8),) * 4, initializer="normal", std=20.0, batch_size=1
    )
    (finding,) = watched.diagnosis.findings
    assert finding.layers == (1, 2, 3, 4, 5)
    assert "layers 1, 2, 3, 4 and the output are" in finding.message


def test_an_output_saturated_from_the_beginning_is_the_cause_not_the_learning_rate():
    sigmoid = (LayerSpec(8, "sigmoid"),) * 4
    watched = Watched("moons", layers=sigmoid, initializer="normal", std=5.0)
    for steps in (0, 400, 2000):
        assert watched.train(steps) == ["saturated"]
        (finding,) = watched.diagnosis.findings
        assert finding.layers == (5,)
        assert "100 % of the activations of the output layer" in finding.message
        assert [remedy.label for remedy in finding.remedies] == [
            "start again from Glorot's weights"
        ]


@pytest.mark.parametrize("batch_size", [10, 1])
def test_weights_of_the_right_size_are_not_blamed_for_inputs_that_are_too_large(batch_size):
    recipe = {
        "arms": 5,
        "layers": (LayerSpec(1),),
        "features": ("x1", "x2", "x1_squared", "x2_squared", "x1_x2", "sin_x1", "sin_x2"),
        "batch_size": batch_size,
    }
    (finding,) = Watched("arms", **recipe).diagnosis.findings
    assert finding.name == "saturated"
    assert "the inputs are too large" in finding.message
    assert [remedy.label for remedy in finding.remedies] == [
        "start again without x₁², x₂², x₁x₂",
        "start again with batch normalisation",
    ][:batch_size]
    for remedy in finding.remedies:
        watched = Watched("arms", **recipe)
        watched.edit(remedy.edits)
        assert watched.look() == []


def test_where_nothing_leaves_the_output_nothing_vanishes_on_its_way_nor_reaches_a_layer():
    watched = Watched("moons", **SIGNAL)
    vitals = examine(watched.run.trainer)
    assert vitals.error == 0
    assert np.isnan(vitals.shrinks)
    assert watched.diagnosis.summary == NOWHERE


@pytest.mark.parametrize("dataset", ["moons", "circle"])
def test_a_rate_is_not_too_low_where_saturation_makes_the_updates_small(dataset):
    watched = Watched(dataset)
    watched.edit([("set_parameter", {"layer": 3, "unit": 0, "input": None, "value": 5.0})])
    assert watched.train(400) == []


def test_a_rate_is_not_too_low_where_one_out_of_bounds_would_be_needed():
    watched = Watched("moons", learning_rate=1e-5)
    for times, said in ((1, ["rate too low"]), (1e-5, [])):
        ratio = times * np.full(3, 1e-6)
        case = Checkup(watched.run, ratio, Beginning())
        case.trainer.steps = 300
        assert [finding.name for finding in too_low(case)] == said


def test_no_rate_out_of_bounds_is_offered_after_one_that_only_a_race_has():
    for changes in ({}, {"layers": RELU}, {"optimizer": "adam"}):
        watched = Watched("moons", learning_rate=1000.0, **changes)
        watched.train(300)
        remedies = [remedy for found in watched.diagnosis.findings for remedy in found.remedies]
        assert remedies
        assert max(map(highest_rate_of, remedies)) <= 1


def test_a_rate_too_low_is_still_too_low_after_many_steps():
    watched = Watched("moons", learning_rate=1e-5)
    for _ in range(5):
        assert watched.train(10_000, looks=10) == ["rate too low"]
        assert f"after {watched.run.trainer.steps:,} steps" in watched.diagnosis.findings[0].message
    assert watched.loss < 0.7 * watched.diagnosis._beginning.vitals(watched.run).loss


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("dataset", ["wine", "breast_cancer"])
def test_a_rate_too_high_is_said_on_though_the_loss_is_low_now_and_then(dataset, seed):
    watched, said = Watched(dataset, learning_rate=5.0, seed=seed), []
    watched.train(200)
    for _ in range(20):
        said += [watched.train(50, looks=5) == ["rate too high"]]
    assert said == [True] * len(said)


@pytest.mark.parametrize("dataset", ["circle", "xor"])
def test_a_rate_is_not_too_high_where_a_line_cannot_do_better_than_weights_of_0(dataset):
    watched = Watched(dataset, layers=())
    assert [watched.train(1000) for _ in range(10)] == [[]] * 10


def test_overfitting_stays_said_while_it_lasts():
    watched = Watched("circle", **FEW | {"learning_rate": 0.1})
    watched.train(1500, looks=60)
    for _ in range(5):
        assert watched.train(500, looks=20) == ["overfitting"]


def test_the_rate_that_did_the_harm_is_named_after_it_was_lowered():
    watched = Watched("moons", learning_rate=10.0)
    watched.train(300)
    watched.edit([("set", {"learning_rate": 0.03})])
    watched.train(50)
    (finding,) = watched.diagnosis.findings
    assert "learning rate of 10" in finding.message
    assert [remedy.label for remedy in finding.remedies] == ["start again at learning rate 0.03"]


def test_of_a_network_that_learns_on_it_is_not_said_that_it_hardly_learns():
    lost = Watched("moons", **COLLAPSED)
    slow = Watched("digits", batch_size=1, learning_rate=0.1)
    lost.train(300)
    assert "too high, and from here the network hardly learns." in said_of(lost)
    slow.train(3000, until="rate too high")
    assert slow.loss < 0.9 * np.log(10)
    assert re.search(r"have saturated \d+ % of layer 1: that rate is too high\.$", said_of(slow))


def said_of(watched: Watched) -> str:
    (finding,) = watched.diagnosis.findings
    return str(finding.message)


def test_of_a_run_that_diverged_only_that_is_said():
    watched = Watched("sine", **BY_HEART | {"loss": "mean_squared_error", "noise": 0.9})
    watched.train(1500)
    watched.edit([("set", {"optimizer": "sgd"}), ("set", {"learning_rate": 300.0})])
    assert watched.train(300) == ["rate too high"]
    assert watched.diverged
    assert "diverged" in watched.diagnosis.findings[0].message


def test_the_summary_follows_from_the_gradients_that_are_judged():
    assert Watched("moons").diagnosis.summary == REACHES
    assert Watched("moons", layers=DEEP).diagnosis.summary == CALM
