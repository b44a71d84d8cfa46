import numpy as np
import pytest

from engine.experiment import Experiment
from engine.landscape import PLANES, Landscape, filter_normalised
from engine.recipe import LayerSpec, recipe_for
from tests.engine.heights import height


def trained(**changes) -> tuple[Experiment, list[np.ndarray]]:
    run = Experiment(recipe_for("moons", samples=100, **changes))
    path = []
    for _ in range(6):
        path.append(run.network.parameters.copy())
        run.trainer.step(30)
    return run, path


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize(
    "changes",
    [
        {"optimizer": "adam"},
        {"layers": (LayerSpec(5, "relu", batch_norm=True, dropout=0.2), LayerSpec(3))},
        {"loss": "cross_entropy", "output_activation": "linear"},
        {"l1": 0.01, "l2": 0.1},
    ],
)
def test_every_height_is_the_loss_of_a_network_with_those_weights(plane, changes):
    run, path = trained(**changes)
    before = run.network.parameters.copy()
    land = Landscape(run, plane, size=9, path=path)
    while not land.done:
        land.advance(2)
    np.testing.assert_array_equal(run.network.parameters, before)
    assert land.examples == len(run.data.x_train)
    assert land.penalised == ("l1" in changes)
    for row, column in ((4, 4), (0, 0), (2, 7), (8, 3)):
        offset = land.coordinates[column] * land.axes[0] + land.coordinates[row] * land.axes[1]
        assert land.losses[row, column] == pytest.approx(height(run, before + offset), rel=1e-4)


def test_without_batch_normalisation_and_penalties_the_centre_is_the_training_loss():
    run, _ = trained()
    land = Landscape(run, size=5)
    land.advance(5)
    assert land.losses[2, 2] == pytest.approx(run.trainer.evaluate().train_loss, rel=1e-5)


def test_a_map_of_many_examples_is_of_256_and_says_so():
    run = Experiment(recipe_for("moons", samples=600, test_share=0))
    assert Landscape(run, size=5).examples == 256


def test_the_path_ends_in_the_centre_and_its_plane_holds_most_of_it():
    run, path = trained()
    land = Landscape(run, "path", path=path)
    np.testing.assert_allclose(land.path[-1], 0, atol=1e-9)
    offsets = np.array(path) - run.network.parameters
    shown = land.path[:-1] @ land.axes
    assert np.sum((shown - offsets) ** 2) < 0.2 * np.sum(offsets**2)
    assert np.abs(land.path).max() <= land.coordinates[-1]


def test_the_next_step_is_where_the_next_step_leads():
    run, path = trained()
    land = Landscape(run, "gradient", path=path)
    before = run.network.parameters.copy()
    run.trainer.step()
    moved = run.network.parameters - before
    np.testing.assert_allclose(land.step @ land.axes, moved, atol=1e-6)
    assert land.step[0] < 0  # against the gradient


def test_random_directions_are_as_long_as_the_weights_unit_by_unit():
    run, _ = trained()
    direction = filter_normalised(run, np.random.default_rng(0))
    for layer, start in zip(run.network.layers, run.network.offsets, strict=False):
        rows = direction[start : start + layer.affine.size].reshape(layer.affine.shape)
        np.testing.assert_allclose(
            np.linalg.norm(rows[:, :-1], axis=1), np.linalg.norm(layer.weight, axis=0), rtol=1e-5
        )
        assert not rows[:, -1].any()


def test_a_map_of_what_is_not_there_is_refused_by_name():
    run, path = trained()
    with pytest.raises(ValueError, match="plane: got 'sideways', expected one of random"):
        Landscape(run, "sideways")
    with pytest.raises(ValueError, match="size: got 1000000, expected 5 to 101"):
        Landscape(run, size=1_000_000)
    with pytest.raises(ValueError, match="too little has been trained"):
        Landscape(run, "path", path=path[:1])
