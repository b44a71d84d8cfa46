import math

import numpy as np
import pytest

from engine.experiment import Experiment
from engine.recipe import LayerSpec, recipe_for
from engine.representation import Representation, principal_axes

SPAN, SIDE = (-6.0, 6.0), 9
LAYERS = (LayerSpec(5, "tanh"), LayerSpec(3, "relu", batch_norm=True, dropout=0.2))


def trained(dataset: str, **changes) -> Experiment:
    run = Experiment(recipe_for(dataset, **{"layers": LAYERS, **changes}))
    run.trainer.step(30)
    return run


def by_hand(run: Experiment, x: np.ndarray, layer: int) -> np.ndarray:
    """The activations of a layer for network inputs x (examples, inputs), in double precision."""
    a = x.astype(np.float64)
    for dense in run.network.layers[:layer]:
        z = a @ dense.weight + dense.bias
        if dense.norm:
            mean, variance = dense.norm.running
            z = (z - mean) / np.sqrt(variance + dense.norm.epsilon)
            z = z * dense.norm.scale + dense.norm.shift
        a = np.tanh(z) if dense.activation.name == "tanh" else z
        if dense.activation.name == "relu":
            a = np.maximum(z, 0)
    return a


def svd_axes(values: np.ndarray) -> np.ndarray:
    return np.linalg.svd(values - values.mean(axis=0), full_matrices=False)[2][:2].T


def up_to_sign(axes: np.ndarray) -> np.ndarray:
    return axes * np.where(np.sum(axes**3, axis=0) < 0, -1, 1)


@pytest.mark.parametrize("dataset", ["moons", "iris", "mpg", "digits"])
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_what_is_carried_is_a_forward_pass_by_hand(dataset, layer):
    run = trained(dataset)
    examples = by_hand(run, run.inputs(run.data.x_train), layer)
    representation = Representation(run, SPAN, SIDE)
    seen = representation.carried(run.network, layer, (0, 1))
    np.testing.assert_allclose(seen.examples, examples[:, :2], atol=2e-5)
    # The same on principal components: those that a singular value decomposition finds.
    seen = representation.carried(run.network, layer)
    axes = up_to_sign(svd_axes(examples))
    kept = (examples - examples.mean(axis=0)) @ axes
    np.testing.assert_allclose(seen.examples, kept, atol=2e-3)


@pytest.mark.parametrize("dataset", ["wine", "mpg", "digits"])
def test_the_grid_of_many_inputs_is_a_plane_of_true_inputs(dataset):
    run = trained(dataset)
    x = run.inputs(run.data.x_train)
    axes = up_to_sign(svd_axes(x))
    places = (x - x.mean(axis=0)) @ axes
    low, high = places.min(axis=0), places.max(axis=0)
    representation = Representation(run, SPAN, SIDE)
    grid = representation.carried(run.network, 0).grid
    assert grid.shape == (SIDE, SIDE, 2)
    for row, column, corner in (
        (0, 0, low),
        (-1, -1, high),
        (0, -1, [high[0], low[1]]),
        (-1, 0, [low[0], high[1]]),
    ):
        np.testing.assert_allclose(grid[row, column], corner, atol=1e-4)
        # The corner is an input like any other: carried, it is what the network makes of it.
        point = (x.mean(axis=0) + axes @ np.asarray(corner))[None]
        for layer, units in ((0, (1, 2)), (1, (4, 0)), (2, (2, 1))):
            there = representation.carried(run.network, layer, units).grid[row, column]
            np.testing.assert_allclose(there, by_hand(run, point, layer)[0, list(units)], atol=1e-4)
    outputs = representation.carried(run.network, 1).outputs
    point = (x.mean(axis=0) + axes @ low)[None]
    np.testing.assert_allclose(outputs[0], by_hand(run, point, 3)[0], atol=1e-4)


def test_the_grid_of_the_plane_is_the_plane():
    run = trained("moons")
    grid = Representation(run, SPAN, SIDE).carried(run.network, 0, (0, 1)).grid
    np.testing.assert_allclose(grid[0, 0], [-6, -6])
    np.testing.assert_allclose(grid[2, 5], [1.5, -3])
    np.testing.assert_allclose(grid[-1, 0], [-6, 6])


def test_the_grid_of_the_curve_is_a_line_over_its_range():
    run = trained("sine")
    representation = Representation(run, SPAN, SIDE)
    inputs = representation.carried(run.network, 0)
    assert inputs.grid.shape == (1, 33, 2)
    assert not inputs.grid[..., 1].any()
    assert not inputs.examples[:, 1].any()
    ends = run.inputs(np.array([[-6.0], [6.0]]))
    np.testing.assert_allclose(inputs.grid[0, [0, -1], :1], ends, rtol=1e-6)
    curve = representation.carried(run.network, 1, (3, 1))
    at = run.inputs(np.array([[1.5]]))  # 20 of 32 parts along the range
    np.testing.assert_allclose(curve.grid[0, 20], by_hand(run, at, 1)[0, [3, 1]], atol=1e-6)
    np.testing.assert_allclose(curve.outputs[20], by_hand(run, at, 3)[0], atol=1e-5)


def test_looking_leaves_training_as_it_was():
    run, other = trained("penguins"), trained("penguins")
    Representation(run, SPAN, SIDE).carried(run.network, 2)
    for each in (run, other):
        each.trainer.step(5)
    np.testing.assert_array_equal(run.network.parameters, other.network.parameters)


def test_principal_axes_are_those_of_a_singular_value_decomposition():
    rng = np.random.default_rng(1)
    values = rng.normal(size=(200, 6)) * [1, 5, 2, 0.1, 3, 1] + 7
    centre, axes = principal_axes(values)
    np.testing.assert_allclose(centre, values.mean(axis=0))
    np.testing.assert_allclose(axes, up_to_sign(svd_axes(values)), atol=1e-9)
    # As large as float32 allows, and larger than its squares would.
    np.testing.assert_allclose(principal_axes(values * 1e200)[1], axes, atol=1e-9)


def test_principal_axes_turn_with_the_numbers_and_never_flip():
    rng = np.random.default_rng(2)
    values = rng.normal(size=(300, 3)) * [4, 2, 0.5]
    before = None
    flips = 0
    for angle in np.linspace(0, 2 * math.pi, 60):
        c, s = math.cos(angle), math.sin(angle)
        turned = values @ np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
        axes = principal_axes(turned, before)[1]
        if before is not None:
            assert (np.sum(axes * before, axis=0) > 0.9).all()
            flips += (np.sum(up_to_sign(axes) * up_to_sign(before), axis=0) < 0).any()
        before = axes
    assert flips > 0  # a rule that looks at one moment alone would have flipped


def test_a_representation_keeps_its_axes_while_the_network_learns():
    run = trained("digits", layers=(LayerSpec(16, "tanh"),))
    representation = Representation(run, SPAN, SIDE)
    before = representation.carried(run.network, 1).examples
    for _ in range(20):
        run.trainer.step(5)
        after = representation.carried(run.network, 1).examples
        assert (np.sum(before * after, axis=0) > 0).all()
        before = after


def test_numbers_that_are_not_finite_do_not_move_the_axes():
    rng = np.random.default_rng(3)
    values = rng.normal(size=(50, 4)) * [1, 3, 2, 1]
    centre, axes = principal_axes(values)
    broken = np.concatenate([values, [[np.nan, 0, 0, 0], [0, np.inf, 0, 0]]])
    np.testing.assert_allclose(principal_axes(broken)[0], centre)
    np.testing.assert_allclose(principal_axes(broken)[1], axes, atol=1e-9)
    centre, axes = principal_axes(np.full((5, 4), np.nan))
    assert not centre.any()
    assert np.isfinite(axes).all()
