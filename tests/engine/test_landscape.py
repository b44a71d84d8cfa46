import numpy as np
import pytest

from engine.experiment import Experiment
from engine.landscape import (
    PLANES,
    Landscape,
    Surface,
    cut_along_gradient,
    filter_normalised,
    hessian_product,
)
from engine.recipe import LayerSpec, Recipe, recipe_for


def linear(**changes) -> Experiment:
    """A linear model with half the squared error: its loss is a quadratic, known in full."""
    return Experiment(
        Recipe(
            dataset="plane",
            layers=(),
            output_activation="linear",
            samples=100,
            test_share=0,
            batch_size=100,
            **changes,
        )
    )


def hessian_of(model: Experiment) -> np.ndarray:
    """E[x xᵀ] with the ones of the bias: what calculus gives for the linear model."""
    x = model.trainer.evaluator.train[0].astype(np.float64)
    return x.T @ x / len(x)


@pytest.mark.parametrize("l2", [0.0, 0.7])
def test_the_edge_of_stability_of_a_quadratic_is_the_one_of_calculus(l2):
    model = linear(l2=l2)
    hessian = hessian_of(model) + np.diag([l2, l2, 0])
    cut = cut_along_gradient(model)
    largest = np.linalg.eigvalsh(hessian)[-1]
    assert cut.largest_curvature == pytest.approx(largest, rel=1e-3)
    assert cut.edge == pytest.approx(2 / largest, rel=1e-3)


def test_gradient_descent_converges_below_the_edge_and_diverges_above():
    edge = cut_along_gradient(linear()).edge
    losses = {}
    for factor in (0.95, 1.05):
        model = linear(learning_rate=factor * edge)
        model.trainer.step(200)
        losses[factor] = model.trainer.evaluate().train_loss
    start = linear().trainer.evaluate().train_loss
    assert losses[0.95] < 0.1 * start
    assert not losses[1.05] < 10 * start


def test_the_cut_is_the_parabola_of_calculus():
    model = linear()
    cut = cut_along_gradient(model)
    x, y = (part.astype(np.float64) for part in model.trainer.evaluator.train)
    theta = model.network.parameters.astype(np.float64)
    gradient = x.T @ (x @ theta - y[:, 0]) / len(x)
    curvature = gradient @ hessian_of(model) @ gradient
    first = 0.5 * np.mean((x @ theta - y[:, 0]) ** 2)
    expected = first - cut.steps * (gradient @ gradient) + cut.steps**2 / 2 * curvature
    np.testing.assert_allclose(cut.losses, expected, rtol=1e-6)
    assert cut.curvature == pytest.approx(curvature / (gradient @ gradient), rel=1e-4)
    assert cut.steps[-1] >= cut.edge


def test_hessian_products_against_differences_of_the_loss_alone():
    run = Experiment(recipe_for("moons", samples=60))
    run.trainer.step(50)
    theta = run.network.parameters.astype(np.float64)
    pair = Surface(run, 2, dtype=np.float64)
    rng = np.random.default_rng(1)
    u, v = rng.normal(size=(2, theta.size))
    h = 1e-4
    corners = Surface(run, 4, dtype=np.float64).values(
        np.array([theta + s * h * u + t * h * v for s in (1, -1) for t in (1, -1)])
    )
    second = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * h * h)
    assert u @ hessian_product(pair, theta, v) == pytest.approx(second, rel=1e-3)


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
    ],
)
def test_every_height_is_the_loss_of_a_network_with_those_weights(plane, changes):
    run, path = trained(**changes)
    before = run.network.parameters.copy()
    land = Landscape(run, plane, size=9, path=path)
    while not land.done:
        land.advance(2)
    np.testing.assert_array_equal(run.network.parameters, before)
    for row, column in ((4, 4), (0, 0), (2, 7), (8, 3)):
        offset = land.coordinates[column] * land.axes[0] + land.coordinates[row] * land.axes[1]
        run.network.parameters[...] = before + offset
        assert land.losses[row, column] == pytest.approx(
            run.trainer.evaluate().train_loss, rel=1e-4
        )
        run.network.parameters[...] = before


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
    with pytest.raises(ValueError, match="has not moved"):
        Landscape(run, "path", path=path[:1])
