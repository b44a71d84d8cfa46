"""Frames: everything that the contract promises, in a format that others read."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load

from server.protocol.frame import TENSORS, FrameMeta
from server.session import Session
from server.tensors import encode
from tests.live import Frame
from tests.server.driving import done, make, run

DTYPES = {"F32": np.float32, "F64": np.float64, "U8": np.uint8, "I32": np.int32}
PLANE = ["fields", "field_scales", "surface"]


def frame(session: Session) -> Frame:
    return Frame.decode(session.frame())


def trained(steps: int = 100, **recipe: Any) -> Session:
    session = make(**recipe)
    done(session, "step", count=steps)
    run(session, 1)
    assert session.experiment.trainer.steps == steps
    return session


@pytest.mark.parametrize(
    "recipe",
    [
        {},
        {"output_activation": "sigmoid"},
        {"output_activation": "softplus", "loss": "huber"},
        {"loss": "binary_cross_entropy"},
    ],
)
def test_the_surface_is_even_where_the_network_is_undecided(recipe: dict[str, Any]):
    session = trained(200, **recipe)
    shown = frame(session)
    experiment, surface = session.experiment, shown.tensors["surface"][0]
    axis = -6 + 12 * (np.arange(96) + 0.5) / 96
    points = np.stack(np.meshgrid(axis, axis[::-1]), axis=-1).reshape(-1, 2)
    decided = experiment.decide(experiment.network.predict(experiment.inputs(points)))
    clear = surface.ravel() != 128
    assert clear.mean() > 0.5
    np.testing.assert_array_equal((surface.ravel() > 128)[clear], decided[clear] == 1)
    assert shown.meta["surface_scale"] == 1
    np.testing.assert_allclose(shown.tensors["example_output"].sum(), 1, rtol=1e-6)


@pytest.mark.parametrize(
    ("dataset", "extra"),
    [
        ("moons", [*PLANE, "confusion"]),
        ("rings", [*PLANE, "confusion"]),
        ("plane", [*PLANE, "predictions"]),
        ("sine", ["fields", "field_scales", "fit", "predictions"]),
        ("penguins", ["confusion"]),
        ("mpg", ["predictions"]),
        ("digits", ["confusion"]),
    ],
)
def test_every_kind_of_data_has_its_tensors(dataset: str, extra: list[str]):
    session = trained(dataset=dataset)
    shown = frame(session)
    always = [tensor.name for tensor in TENSORS if tensor.where == "always"]
    assert sorted(shown.tensors) == sorted([*always, *extra])
    dtypes = {tensor.name: DTYPES[tensor.dtype] for tensor in TENSORS}
    assert all(dtypes[name] == values.dtype for name, values in shown.tensors.items())
    FrameMeta.model_validate(shown.meta)
    network, data = session.experiment.network, session.experiment.data
    rows, layers = sum(network.sizes), len(network.layers)
    size = network.parameters.size
    outputs = len(data.class_names) or 1
    shapes = {name: values.shape for name, values in shown.tensors.items()}
    for name in ("parameters", "gradients", "updates"):
        assert shapes[name] == (size,)
    assert shapes["activations"] == shapes["deltas"] == (rows, 10)
    assert shapes["example"] == (3, rows)
    assert shapes["example_input"] == (len(data.column_names),)
    assert shapes["example_output"] == (outputs,)
    assert shapes["statistics"] == (layers, 7)
    assert shapes["histograms"] == (layers, 2, 24)
    assert shapes["histogram_ranges"] == (layers, 2, 2)
    assert shapes["history"][0] == 6
    if dataset in ("moons", "rings", "plane"):
        assert shapes["fields"] == (rows, 32, 32)
        assert shapes["field_scales"] == (rows,)
        assert shapes["surface"] == (3 if dataset == "rings" else 1, 96, 96)
        assert shown.meta["grid"] == {"surface": 96, "field": 32}
    if dataset == "sine":
        assert shapes["fields"] == (rows, 1, 32)
        assert shapes["fit"] == (2, 96)
    if "confusion" in extra:
        assert shapes["confusion"] == (outputs, outputs)
        assert shown.tensors["confusion"].sum() == len(data.x_test)
        share = np.trace(shown.tensors["confusion"]) / len(data.x_test)
        assert share == pytest.approx(shown.meta["test_metric"])
    else:
        assert shapes["predictions"] == (2, len(data.x_test))


def test_numbers_are_those_of_the_session():
    session = trained(learning_rate=0.1, batch_size=7)
    done(session, "speed", steps_per_second=25)
    meta = frame(session).meta
    assert (meta["step"], meta["learning_rate"], meta["batch_size"]) == (100, 0.1, 7)
    assert (meta["playing"], meta["speed"], meta["steps_per_second"]) == (False, 25, 0)
    metrics = session.experiment.trainer.evaluate()
    assert meta["train_loss"] == pytest.approx(metrics.train_loss)
    assert meta["test_metric"] == pytest.approx(metrics.test_metric)
    assert meta["metric"] == "accuracy"
    assert len(meta["statistics"]) == 7
    assert meta["frame"] == 1
    assert frame(session).meta["frame"] == 2


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "nesterov"])
def test_updates_predict_the_next_parameters(optimizer: str):
    session = trained(optimizer=optimizer)
    for step in range(101, 140):  # over the end of an epoch
        before = frame(session).tensors
        done(session, "step")
        run(session, 0.02, start=float(step))
        after = frame(session)
        assert after.meta["step"] == step
        # updates = after − before, rounded to float32: exact to the last bit of either.
        expected = after.tensors["parameters"] - before["parameters"]
        np.testing.assert_array_equal(before["updates"], expected)


def test_frames_do_not_disturb_training():
    watched, alone = (
        make(layers=[{"units": 4, "dropout": 0.2, "batch_norm": True}]),
        make(layers=[{"units": 4, "dropout": 0.2, "batch_norm": True}]),
    )
    for session in (watched, alone):
        for _ in range(30):
            session.experiment.trainer.step(7)
            if session is watched:
                session.frame()
    assert (
        watched.experiment.network.parameters.tobytes()
        == alone.experiment.network.parameters.tobytes()
    )


def test_fields_are_the_units_activations_over_the_plane():
    session = trained(500)
    done(session, "focus", layer=2, unit=1)
    shown = frame(session)
    scales = shown.tensors["field_scales"]
    fields = (shown.tensors["fields"].astype(float) - 128) / 127 * scales[:, None, None]
    middles = -6 + 12 * (np.arange(32) + 0.5) / 32
    # Inputs are the plane's own coordinates: the first line of a picture has the largest x₂.
    np.testing.assert_allclose(fields[0], np.tile(middles, (32, 1)), atol=0.03)
    np.testing.assert_allclose(fields[1], np.tile(middles[::-1, None], (1, 32)), atol=0.03)
    points = np.stack(np.meshgrid(middles, middles[::-1]), -1).reshape(-1, 2)
    layers = session.experiment.network.activations(session.experiment.inputs(points))
    units = np.concatenate([layer.T for layer in layers]).reshape(-1, 32, 32)
    np.testing.assert_allclose(fields, units, atol=scales.max() / 200)
    row = 2 + 4 + 1
    focus = (shown.tensors["focus"].astype(float) - 128) / 127 * scales[row]
    np.testing.assert_allclose(focus[1::3, 1::3], units[row], atol=scales[row] / 120)
    assert shown.meta["focus"] == {"layer": 2, "unit": 1}
    surface = (shown.tensors["surface"][0, 1::3, 1::3].astype(float) - 128) / 127
    np.testing.assert_allclose(surface, units[-1], atol=0.01)


def test_surfaces_of_probabilities():
    session = trained(300, loss="binary_cross_entropy", output_activation="linear")
    shown = frame(session)
    middles = -6 + 12 * (np.arange(96) + 0.5) / 96
    points = np.stack(np.meshgrid(middles, middles[::-1]), -1).reshape(-1, 2)
    logits = session.experiment.network.predict(session.experiment.inputs(points))[:, 0]
    p = 1 / (1 + np.exp(-logits.astype(float)))
    surface = (shown.tensors["surface"].astype(float).ravel() - 128) / 127
    np.testing.assert_allclose(surface, 2 * p - 1, atol=0.01)
    assert shown.meta["surface_scale"] == 1
    assert shown.tensors["example_output"].sum() == pytest.approx(1)
    many = frame(trained(100, dataset="rings")).tensors["surface"].astype(int)
    assert np.abs(many.sum(axis=0) - 255).max() <= 2


def test_large_networks_have_coarser_pictures_and_more_so_while_they_train():
    for units, still, moving in ((36, 32, 32), (48, 32, 24), (80, 24, 16), (256, 12, 12)):
        whole, rest = divmod(units, 32)
        layers = [{"units": 32}] * whole + [{"units": rest}] * (rest > 0)
        session = make(layers=layers)
        for command, field in (("pause", still), ("play", moving), ("pause", still)):
            done(session, command)
            shown = frame(session)
            assert shown.tensors["fields"].shape == (2 + units + 1, field, field)
            assert shown.tensors["surface"].shape == (1, 3 * field, 3 * field)
            assert shown.meta["grid"] == {"surface": 3 * field, "field": field}
        # One step, or a few a second: each is looked at, and as sharp as at rest.
        done(session, "step", count=1)
        assert frame(session).meta["grid"]["field"] == still
        done(session, "speed", steps_per_second=5)
        done(session, "play")
        assert frame(session).meta["grid"]["field"] == still


def test_the_selected_example():
    session = trained(dataset="penguins")
    done(session, "select_example", part="test", index=4)
    shown = frame(session)
    data, network = session.experiment.data, session.experiment.network
    example = shown.tensors["example"]
    assert shown.meta["example"] == {
        "part": "test",
        "index": 4,
        "target": float(data.y_test[4]),
        "label": data.class_names[data.y_test[4]],
        "chosen_output": float(example[1, -1]),
    }
    np.testing.assert_allclose(shown.tensors["example_input"], data.x_test[4], rtol=1e-6)
    inputs = session.experiment.inputs(data.x_test[4:5])
    layers = network.activations(inputs)
    np.testing.assert_allclose(
        example[1], np.concatenate([layer[0] for layer in layers]), rtol=1e-5
    )
    np.testing.assert_allclose(example[0, :9], inputs[0], rtol=1e-6)
    assert (example[2, :9] == 0).all()
    assert (example[2, -3:] != 0).all()
    # Slow motion shows an example of its minibatch, and still says what the chosen one gets.
    done(session, "microscope", on=True)
    slow = frame(session).meta["example"]
    assert slow["part"] == "train"
    assert slow["chosen_output"] == shown.meta["example"]["chosen_output"]


def test_predictions_are_in_the_targets_own_units():
    session = trained(500, dataset="mpg")
    target, prediction = frame(session).tensors["predictions"]
    np.testing.assert_allclose(target, session.experiment.data.y_test)
    assert np.corrcoef(target, prediction)[0, 1] > 0.7
    assert 5 < prediction.mean() < 50


def test_without_a_test_part_the_training_part_is_judged():
    session = trained(test_share=0)
    shown = frame(session)
    assert shown.tensors["confusion"].sum() == 500
    assert shown.meta["test_loss"] is None


def test_a_divergence_is_shown():
    session = make(
        learning_rate=100, output_activation="linear", layers=[{"units": 4, "activation": "relu"}]
    )
    done(session, "play")
    run(session, 1)
    shown = frame(session)
    assert shown.meta["diverged"]["message"].startswith("Training diverged")
    assert shown.meta["diverged"]["step"] == shown.meta["step"] + 1
    assert np.isfinite(shown.tensors["parameters"]).all()
    assert not shown.meta["playing"]


def test_what_is_written_is_what_others_read():
    tensors: dict[str, np.ndarray[Any, Any]] = {
        "bytes": np.arange(5, dtype=np.uint8),
        "wide": np.linspace(0, 1, 6).reshape(2, 3),
        "none": np.empty((2, 0), np.float32),
        "counts": np.array([[1, -2]], np.int32),
        "single": np.array([np.nan, np.inf], np.float32),
    }
    message = encode(tensors, {"frame": '"ü"'})
    read = load(message)
    assert read.keys() == tensors.keys()
    for name, values in tensors.items():
        assert read[name].dtype == values.dtype
        np.testing.assert_array_equal(read[name], values)
    assert Frame.decode(message).meta == "ü"  # type: ignore[comparison-overlap]


def test_the_header_is_what_others_expect():
    message = make().frame()
    size = int.from_bytes(message[:8], "little")
    header = json.loads(message[8 : 8 + size])
    assert (8 + size) % 8 == 0
    for entry in (entry for name, entry in header.items() if name != "__metadata__"):
        width = {"F64": 8, "F32": 4, "I32": 4, "U8": 1}[entry["dtype"]]
        assert entry["data_offsets"][0] % width == 0  # the browser need not copy
    assert load(message)


def test_one_test_example_has_no_r_squared():
    session = make(dataset="sine", samples=20, test_share=0.05)
    assert len(session.experiment.data.x_test) == 1
    meta = frame(session).meta
    assert meta["test_metric"] is None
    assert np.isfinite(meta["train_metric"])
