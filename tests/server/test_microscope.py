"""The microscope: a true step with every number, gradient checks, what is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from engine.diagnosis import REACHES, SOMETIMES
from tests.server.driving import do, done, make, not_done, run
from tests.server.test_lab import shown


def test_every_number_of_the_step_is_in_the_frame_and_training_pauses():
    session = make(samples=60, optimizer="adam", learning_rate=0.01, batch_size=20)
    done(session, "play")
    run(session, 1.0)
    done(session, "microscope", on=True)
    step = session.experiment.trainer.steps
    run(session, 1.0)
    tensors, meta = shown(session)
    assert meta["step"] == step
    assert meta["microscope"]["slots"] == ["mean", "square_mean"]
    record = session.experiment.trainer.look_ahead()
    rows = sum(session.experiment.network.sizes)
    assert tensors["pre_activations"].shape == tensors["activations"].shape == (rows, 20)
    np.testing.assert_array_equal(tensors["pre_activations"][2:6], record.pre_activations[1])
    np.testing.assert_array_equal(tensors["targets"], record.targets)
    np.testing.assert_array_equal(tensors["new_parameters"], record.after)
    mean, square = tensors["state_before"]
    after = tensors["state_after"]
    np.testing.assert_allclose(after[0], 0.9 * mean + 0.1 * tensors["gradients"], atol=1e-7)
    np.testing.assert_allclose(
        after[1], 0.999 * square + 0.001 * tensors["gradients"] ** 2, atol=1e-7
    )
    before = tensors["parameters"]
    done(session, "step")
    run(session, 0.1, start=5)
    tensors, _ = shown(session)
    np.testing.assert_array_equal(tensors["parameters"], record.after)
    np.testing.assert_allclose(tensors["parameters"], before + record.update, atol=1e-7)
    np.testing.assert_array_equal(tensors["state_before"], after)
    done(session, "microscope", on=False)
    assert "pre_activations" not in shown(session)[0]


def test_batch_normalisation_and_dropout_show_their_part():
    layers = [{"units": 5, "batch_norm": True, "dropout": 0.5}, {"units": 3}]
    session = make(samples=60, layers=layers)
    done(session, "microscope", on=True)
    tensors, _ = shown(session)
    np.testing.assert_allclose(tensors["normalised"][2:7].mean(axis=1), 0, atol=1e-6)
    assert set(np.unique(tensors["masks"][2:7])) == {0.0, 2.0}
    assert (tensors["masks"][7:] == 1).all()
    assert not tensors["normalised"][7:].any()


@pytest.mark.parametrize(
    "recipe",
    [
        {},
        {"loss": "binary_cross_entropy", "output_activation": "linear"},
        {"dataset": "rings"},
        {"dataset": "sine", "loss": "huber"},
    ],
    ids=str,
)
def test_the_terms_of_the_chain_rule_make_the_delta(recipe: dict[str, Any]):
    layers = [
        {"units": 5, "activation": "relu", "batch_norm": True, "dropout": 0.5},
        {"units": 3, "activation": "sigmoid"},
    ]
    session = make(samples=60, layers=layers, **recipe)
    done(session, "microscope", on=True)
    tensors, meta = shown(session)
    deltas, arriving = tensors["deltas"], tensors["arriving"]
    outer = tensors["masks"] * arriving * tensors["slopes"]
    np.testing.assert_allclose(tensors["outer"], outer, rtol=1e-6)
    first = session.experiment.network.sizes[0]
    plain = slice(first + 5, None)
    np.testing.assert_allclose(outer[plain], deltas[plain], rtol=1e-5, atol=1e-8)
    here = slice(first, first + 5)
    mean, deviation, mean_outer, mean_along = tensors["normalisation"][:, here, None]
    normalised = tensors["normalised"][here]
    np.testing.assert_allclose((tensors["sums"][here] - mean) / deviation, normalised, atol=1e-5)
    np.testing.assert_allclose(mean_outer[:, 0], outer[here].mean(axis=1), atol=1e-6)
    through = outer[here] - mean_outer - normalised * mean_along
    np.testing.assert_allclose(through / deviation, deltas[here], atol=1e-6)
    np.testing.assert_allclose(tensors["losses"].mean(), meta["minibatch_loss"], rtol=1e-5)
    outputs = tensors["own_slopes"].shape[0]
    np.testing.assert_allclose(tensors["own_slopes"] / 10, arriving[-outputs:], atol=1e-7)
    named = dict(zip(meta["microscope"]["signals"], tensors["minibatch"], strict=True))
    np.testing.assert_allclose(named["deltas"], deltas.sum(axis=1), atol=1e-6)
    np.testing.assert_allclose(named["activations"], tensors["activations"].mean(axis=1), atol=1e-6)


@pytest.mark.parametrize("example", [0, 4, None])
def test_every_edge_has_the_numbers_of_the_example_shown(example: int | None):
    layers = [{"units": 5, "batch_norm": True, "dropout": 0.5}, {"units": 3}]
    session = make(samples=60, layers=layers, l2=0.1, clip_norm=1e-3)
    done(session, "microscope", on=True, example=example)
    tensors, meta = shown(session)
    assert meta["microscope"]["example"] == example
    network = session.experiment.network
    offset, (fan_in, units) = network.offsets[1], network.layers[1].weight.shape
    block = slice(offset, offset + units * (fan_in + 1))
    weight = tensors["parameters"][block].reshape(units, fan_in + 1)[:, :-1]
    chosen = slice(None) if example is None else slice(example, example + 1)
    x, delta = tensors["handed"][2:7, chosen], tensors["deltas"][7:10, chosen]
    forward, back, share = (
        tensors[name][block].reshape(units, fan_in + 1)
        for name in ("signals_forward", "signals_backward", "shares")
    )
    np.testing.assert_allclose(forward[:, :-1], weight * x.mean(axis=1), atol=1e-6)
    np.testing.assert_allclose(back[:, :-1], weight * delta.sum(axis=1)[:, None], atol=1e-7)
    np.testing.assert_allclose(share[:, :-1], delta @ x.T, atol=1e-7)
    np.testing.assert_allclose(share[:, -1], delta.sum(axis=1), atol=1e-7)
    # In the output plot and in the strip the same example is ringed and named.
    if example is not None:
        record = session.experiment.trainer.look_ahead()
        at = meta["example"]
        assert at["part"] == "train"
        x = session.experiment.inputs(session.experiment.data.x_train[at["index"]][None])[0]
        np.testing.assert_allclose(x, record.activations[0][:, example], rtol=1e-6)


def test_the_lines_lead_from_the_gradient_to_the_new_weights():
    layers = [{"units": 4, "batch_norm": True}]
    session = make(samples=60, layers=layers, optimizer="adamw", l1=0.01, l2=0.1, clip_norm=1e-3)
    done(session, "step", count=3)
    run(session, 1.0)
    done(session, "microscope", on=True)
    tensors, meta = shown(session)
    told = meta["microscope"]
    numbers = tensors["lines"]
    *_, clipped = told["gradient_lines"]
    assert [line["name"] for line in told["gradient_lines"]] == [
        "+ λ₂·w", "+ λ₁·sign w", "the whole gradient’s norm ‖g‖", "clipped: g·c/‖g‖",
    ]  # fmt: skip
    np.testing.assert_allclose(numbers[clipped["result"]["row"]], tensors["gradients"], rtol=1e-4)
    assert not np.allclose(tensors["backpropagated"], tensors["gradients"])
    last = told["update_lines"][-1]
    moved = numbers[last["result"]["row"]]
    np.testing.assert_allclose(tensors["parameters"] + moved, tensors["new_parameters"], atol=1e-6)
    for line in told["gradient_lines"] + told["update_lines"]:
        assert line["how"].count("{}") == len(line["operands"])


def test_the_shares_of_the_examples_make_the_gradient():
    layers = [{"units": 4, "batch_norm": True, "dropout": 0.25}]
    session = make(samples=60, layers=layers, l2=0.1)
    done(session, "microscope", on=True)
    assert "example_shares" not in shown(session)[0]
    places: list[tuple[dict[str, Any], int]] = [
        ({"layer": 2, "unit": 0, "input": 2}, 22),
        ({"layer": 2, "unit": 0, "input": None}, 24),
        ({"layer": 1, "unit": 3, "input": None, "norm": "scale"}, 15),
        ({"layer": 1, "unit": 3, "input": None, "norm": "shift"}, 19),
    ]
    for place, k in places:
        done(session, "shares", **place)
        tensors, meta = shown(session)
        assert meta["microscope"]["shares"] == {"norm": None, **place}
        share, error, value = tensors["example_shares"]
        np.testing.assert_allclose(share, error * value, rtol=1e-6)
        assert share.sum() == pytest.approx(float(tensors["backpropagated"][k]), abs=1e-6)
        assert share[0] == pytest.approx(float(tensors["shares"][k]), abs=1e-8)
    assert not_done(session, "shares", layer=2, unit=0, input=9).field == "input"
    scale = {"layer": 2, "unit": 0, "input": None, "norm": "scale"}
    assert not_done(session, "shares", **scale).field == "norm"
    assert not_done(session, "microscope", on=True, example=10).field == "example"


def test_a_gradient_is_checked_on_request():
    session = make(samples=60)
    assert shown(session)[1]["microscope"]["check"] is None
    done(session, "check_gradient", layer=2, unit=1, input=3)
    tensors, meta = shown(session)
    check = meta["microscope"]["check"]
    assert (check["layer"], check["unit"], check["input"]) == (2, 1, 3)
    assert check["relative_error"] < 1e-5
    offset = 4 * 3 + 1 * 5 + 3
    assert tensors["gradients"][offset] == pytest.approx(check["by_backpropagation"], rel=1e-3)
    assert check["recorded"] == float(tensors["gradients"][offset])
    done(session, "remove_neuron", layer=2, unit=1)
    assert shown(session)[1]["microscope"]["check"] is None
    assert not_done(session, "check_gradient", layer=9, unit=0, input=None).field == "layer"
    assert not_done(session, "check_gradient", layer=1, unit=0, input=5).field == "input"


def test_a_sick_run_is_diagnosed_and_its_remedy_is_a_command():
    session = make(initializer="zeros")
    (finding,) = shown(session)[1]["findings"]
    assert finding["name"] == "symmetric"
    (remedy,) = finding["remedies"]
    for command in remedy["commands"]:
        kind = command.pop("type")
        assert do(session, kind, **command)[0].type == "reply"
    assert shown(session)[1]["findings"] == []


def test_a_run_that_diverged_is_told_what_to_do_and_no_more():
    session = make(dataset="mpg", learning_rate=3.0)
    done(session, "step", count=200)
    run(session, 1.0)
    (finding,) = shown(session)[1]["findings"]
    assert finding["name"] == "rate too high"
    assert "diverged" in finding["message"]


def test_the_summary_agrees_with_the_findings_and_with_the_numbers_of_its_frame():
    assert shown(make())[1]["summary"] == REACHES
    # One example of these wakes no unit of some layer now and then: nothing is wrong with that.
    layers = [{"units": 4, "activation": "relu"}] * 2
    session = make(batch_size=1, layers=layers)
    silent, said = 0, set()
    for k in range(150):
        done(session, "step", count=4)
        run(session, 0.1, start=k)
        tensors, meta = shown(session)
        nothing = not tensors["statistics"][:-1, 0].any()
        silent += nothing
        said.add(meta["summary"])
        assert meta["findings"] == []
        assert not (nothing and meta["summary"] == REACHES)
    assert silent > 0
    assert said == {REACHES, SOMETIMES}


def test_in_no_frame_all_is_well_beside_a_layer_that_is_dead():
    session = make(layers=[{"units": 4, "activation": "relu"}] * 2)
    done(session, "play")
    run(session, 0.1)
    assert shown(session)[1]["summary"] == REACHES
    session.experiment.network.layers[0].affine[...] = -9
    session.experiment.network.layers[0].affine[:, :2] = 0
    _, meta = shown(session)  # the next diagnosis is some frames away
    assert (meta["findings"], meta["summary"]) == ([], "layers 1 and 2 are mostly dead")


def test_the_course_of_the_norms_is_there_for_whoever_comes_later():
    session = make()
    for k in range(300):
        done(session, "step", count=3)
        run(session, 0.1, start=k)
        tensors, meta = shown(session)
        norms = tensors["norms"]
        assert norms.shape[0] == 4
        assert norms.shape[1] <= 121
        np.testing.assert_array_equal(norms[1:, -1], tensors["statistics"][:, 0])
        assert norms[0, -1] == meta["step"]
    steps = norms[0]
    assert steps[0] == 3
    gaps = np.diff(steps[:-1])
    assert gaps.min() > 0
    assert gaps.max() <= 2 * gaps.min()


def test_the_course_of_the_norms_follows_the_run_through_time():
    session = make()
    for k in range(10):
        done(session, "step", count=10)
        run(session, 0.1, start=k)
        before = shown(session)[0]["norms"]
    done(session, "look_back", made=55)
    np.testing.assert_array_equal(shown(session)[0]["norms"][0], [10, 20, 30, 40, 50, 55])
    done(session, "look_back", made=None)
    np.testing.assert_array_equal(shown(session)[0]["norms"], before)
    done(session, "reset")
    assert shown(session)[0]["norms"][0].tolist() == [0]
    done(session, "remove_layer", layer=1)
    assert shown(session)[0]["norms"].shape == (3, 1)
