"""What a layer makes of space, as frames tell it: for every kind of data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.server.driving import done, make, not_done, run
from tests.server.test_lab import shown

KINDS = ["moons", "rings", "plane", "sine", "penguins", "breast_cancer", "mpg", "digits"]


def looking_at(layer: int, units: Any = None, **recipe: Any) -> Any:
    """A session that has trained a little and shows a layer's space."""
    session = make(**recipe)
    done(session, "step", count=50)
    run(session, 1.0)
    done(session, "represent", layer=layer, units=units)
    return session


@pytest.mark.parametrize("dataset", KINDS)
@pytest.mark.parametrize("units", [None, [2, 0]])
def test_a_layer_shows_what_it_makes_of_the_inputs(dataset: str, units: Any):
    session = looking_at(1, units, dataset=dataset, samples=60)
    tensors, meta = shown(session)
    info = meta["microscope"]["represent"]
    assert (info["layer"], info["units"]) == (1, units)
    assert info["names"] == (["unit 3", "unit 1"] if units else ["component 1", "component 2"])
    experiment = session.experiment
    grid = tensors["mesh"].shape[:2]
    assert grid == ((1, 129) if dataset == "sine" else (33, 33))
    outputs = tensors["mesh_answers"].shape[0]
    assert tensors["mesh_answers"].shape == (outputs, *grid)
    assert outputs == experiment.network.sizes[-1]
    x = experiment.inputs(experiment.data.x_train)
    there = experiment.network.activations(x)[1]
    assert tensors["carried"].shape == (len(x), 2)
    if units:
        np.testing.assert_allclose(tensors["carried"], there[:, units], atol=1e-5)
    else:
        centred = there - there.mean(axis=0)
        kept = tensors["carried"].astype(np.float64).var(axis=0).sum()
        variances = np.linalg.svd(centred, compute_uv=False)[:2] ** 2 / len(centred)
        assert kept == pytest.approx(variances.sum(), rel=1e-4)


@pytest.mark.parametrize("dataset", KINDS)
def test_the_answers_on_the_grid_are_the_networks(dataset: str):
    session = looking_at(0, dataset=dataset, samples=60, test_share=0)
    experiment = session.experiment
    data = experiment.data
    tensors, meta = shown(session)
    # On layer 0 the inputs of each point can be worked out from where it stands.
    found = tensors["mesh_answers"]
    if data.info.kind == "plane":
        axis = np.linspace(-6, 6, 33)
        points = np.stack([g.ravel() for g in np.meshgrid(axis, axis)], axis=1)
        inputs = experiment.inputs(points)
    elif data.info.kind == "curve":
        inputs = experiment.inputs(np.linspace(-6, 6, 129)[:, None])
    else:
        x = experiment.inputs(data.x_train)
        axes = np.linalg.svd(x - x.mean(axis=0), full_matrices=False)[2][:2]
        axes = axes * np.sign(np.sum(axes**3, axis=1))[:, None]
        inputs = x.mean(axis=0) + tensors["mesh"].reshape(-1, 2) @ axes
    outputs = experiment.network.predict(inputs)
    if len(found) > 1:
        expected = experiment.probabilities(outputs).T * 255
    elif data.class_names:
        expected = experiment.leaning(outputs).T * 127 + 128
    else:
        low, high = meta["microscope"]["represent"]["ends"]
        share = (experiment.decide(outputs) - low) / (high - low)
        expected = np.clip(share, 0, 1)[None] * 254 + 1
    np.testing.assert_allclose(found.reshape(len(found), -1).astype(float), expected, atol=1.1)


def test_the_targets_of_the_examples_come_with_them():
    session = looking_at(1, dataset="penguins")
    tensors, meta = shown(session)
    np.testing.assert_array_equal(tensors["carried_targets"], session.experiment.data.y_train)
    assert meta["microscope"]["represent"]["ends"] is None
    session = looking_at(1, dataset="mpg")
    tensors, meta = shown(session)
    low, high = meta["microscope"]["represent"]["ends"]
    y = session.experiment.data.y_train
    assert low < y.min() < y.max() <= high
    np.testing.assert_allclose(
        low + (tensors["carried_targets"] + 1) / 2 * (high - low), y, rtol=1e-5
    )


def test_axes_are_named_after_what_they_are():
    session = looking_at(0, [3, 1], dataset="iris")
    assert shown(session)[1]["microscope"]["represent"]["names"] == [
        "petal width (cm)", "sepal width (cm)",
    ]  # fmt: skip
    done(session, "represent", layer=3, units=[2, 0])
    names = shown(session)[1]["microscope"]["represent"]["names"]
    assert names == ["virginica", "setosa"]
    session = looking_at(3, dataset="mpg")
    tensors, meta = shown(session)
    assert meta["microscope"]["represent"]["names"] == ["ŷ", "nothing: the layer has one unit"]
    assert not tensors["carried"][:, 1].any()
    assert not tensors["mesh"][..., 1].any()


def test_what_an_edit_takes_away_is_no_longer_shown():
    session = looking_at(2, [3, 0], samples=60)
    done(session, "add_neuron", layer=2)
    assert shown(session)[1]["microscope"]["represent"]["layer"] == 2
    done(session, "remove_neuron", layer=2, unit=0)
    done(session, "remove_neuron", layer=2, unit=0)
    assert shown(session)[1]["microscope"]["represent"] is None
    done(session, "represent", layer=3)
    done(session, "remove_layer", layer=1)
    assert shown(session)[1]["microscope"]["represent"] is None
    done(session, "represent", layer=0)
    done(session, "represent", layer=None)
    tensors, meta = shown(session)
    assert meta["microscope"]["represent"] is None
    assert not tensors.keys() & {"mesh", "mesh_answers", "carried", "carried_targets"}


def test_other_data_and_other_features_are_carried_instead():
    session = looking_at(1, samples=60)
    before = shown(session)[0]["mesh"]
    done(session, "features", features=["x1", "x2", "x1_x2"])
    assert shown(session)[0]["mesh"].shape == before.shape
    done(session, "represent", layer=0, units=[2, 1])
    done(session, "data", dataset="wine")
    tensors, _ = shown(session)
    x = session.experiment.inputs(session.experiment.data.x_train)
    np.testing.assert_allclose(tensors["carried"], x[:, [2, 1]], rtol=1e-5)


def test_what_cannot_be_represented_is_refused_by_name():
    assert not_done(make(samples=60), "represent", layer=9).field == "layer"
    assert not_done(make(samples=60), "represent", layer=1, units=[0, 7]).field == "units"
    assert not_done(make(dataset="wine"), "represent", layer=0, units=[0, 13]).field == "units"
