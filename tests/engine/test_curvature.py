"""The cut along the gradient and the edge of stability, against calculus and plain formulas."""

from collections.abc import Generator

import numpy as np
import pytest

from engine.curvature import Cut, cut_along_gradient, cutting, hessian_product
from engine.experiment import Experiment
from engine.recipe import LayerSpec, Recipe, recipe_for
from engine.surface import Surface
from tests.engine.heights import height


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
    surface = Surface(run, 1, dtype=np.float64)
    rng = np.random.default_rng(1)
    u, v = rng.normal(size=(2, theta.size))
    h = 1e-4
    corners = Surface(run, 4, dtype=np.float64).values(
        np.array([theta + s * h * u + t * h * v for s in (1, -1) for t in (1, -1)])
    )
    second = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * h * h)
    assert u @ hessian_product(surface, theta, v) == pytest.approx(second, rel=1e-3)


def hessian_by_losses(run: Experiment) -> np.ndarray:
    """The whole Hessian from heights alone: no gradient is computed anywhere."""
    theta, h = run.network.parameters.astype(np.float64), 1e-3
    steps = h * np.eye(theta.size)
    hessian = np.empty((theta.size, theta.size))
    for i, u in enumerate(steps):
        for j, v in enumerate(steps[: i + 1]):
            signs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
            corners = [s * t * height(run, theta + s * u + t * v) for s, t in signs]
            hessian[i, j] = hessian[j, i] = sum(corners) / (4 * h * h)
    return hessian


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"l2": 0.05},
        {"layers": (LayerSpec(3, batch_norm=True),)},
        {"loss": "cross_entropy", "output_activation": "linear"},
    ],
)
def test_the_edge_is_that_of_the_whole_hessian_on_all_examples(changes):
    recipe = {"layers": (LayerSpec(3),), "samples": 2000, "test_share": 0, "noise": 0.5, **changes}
    run = Experiment(recipe_for("moons", **recipe))
    run.trainer.step(300)
    cut = cut_along_gradient(run)
    assert cut.examples == 2000
    largest = np.linalg.eigvalsh(hessian_by_losses(run))[-1]
    assert cut.edge == pytest.approx(2 / largest, rel=5e-3)


def test_the_edge_is_found_among_close_and_negative_curvatures():
    """λmax 0.571 beside 0.535, and −1.81: power iteration alone would need a thousand steps."""
    run = Experiment(recipe_for("moons"))
    largest = np.linalg.eigvalsh(hessian_by_losses(run))[-1]
    assert cut_along_gradient(run).largest_curvature == pytest.approx(largest, rel=2e-3)


def test_a_cut_is_of_the_run_as_it_was_when_it_began():
    run = Experiment(recipe_for("moons"))
    run.trainer.step(200)
    expected = cut_along_gradient(run, 8)
    work = cutting(run, 8)
    next(work)
    run.edit("add_neuron", layer=1)
    run.edit("data", noise=1.0)
    found = result(work)
    assert found.largest_curvature == expected.largest_curvature
    np.testing.assert_array_equal(found.losses, expected.losses)


def result(work: Generator[None, None, Cut]) -> Cut:
    while True:
        try:
            next(work)
        except StopIteration as done:
            found: Cut = done.value
            return found


def hessian_of_a_piece(run: Experiment, slope: float) -> np.ndarray:
    """The Hessian of a network with kinks in its hidden layers, the side of each kink held fast.

    Written out in matrices for half the squared error of a tanh output.
    """
    x, y = (part.astype(np.float64) for part in run.trainer.evaluator.train)
    x = x[:, :-1]
    theta, layers = run.network.parameters.astype(np.float64), run.network.layers
    spans = list(zip(layers, run.network.offsets, strict=False))

    def matrices(at: np.ndarray) -> list[np.ndarray]:
        return [at[s : s + m.size].reshape(m.units, m.fan_in + 1) for m, s in spans]

    def forward(at: np.ndarray, slopes: list[np.ndarray]) -> list[np.ndarray]:
        signals = [x]
        for k, matrix in enumerate(matrices(at)):
            z = signals[-1] @ matrix[:, :-1].T + matrix[:, -1]
            last = k + 1 == len(layers)
            if not last and k == len(slopes):
                slopes.append(np.where(z > 0, 1.0, slope))
            signals.append(np.tanh(z) if last else z * slopes[k])
        return signals

    def gradient(at: np.ndarray) -> np.ndarray:
        signals = forward(at, slopes)
        delta = (signals[-1] - y) * (1 - signals[-1] ** 2) / len(x)
        parts = []
        for k, matrix in reversed(list(enumerate(matrices(at)))):
            parts.append(np.c_[delta.T @ signals[k], delta.sum(axis=0)].ravel())
            if k:
                delta = (delta @ matrix[:, :-1]) * slopes[k - 1]
        return np.concatenate(parts[::-1])

    slopes: list[np.ndarray] = []
    forward(theta, slopes)
    steps = 1e-6 * np.eye(theta.size)
    return np.array([(gradient(theta + h) - gradient(theta - h)) / 2e-6 for h in steps])


@pytest.mark.parametrize(("activation", "slope"), [("relu", 0.0), ("leaky_relu", 0.01)])
@pytest.mark.parametrize("steps", [0, 30, 1000])
def test_the_edge_of_a_network_with_kinks_is_that_of_the_piece_it_is_on(activation, slope, steps):
    run = Experiment(recipe_for("xor", seed=4, layers=(LayerSpec(4, activation),) * 2, l1=1e-3))
    run.trainer.step(steps)
    expected = np.linalg.eigvalsh(hessian_of_a_piece(run, slope))[-1]
    cut = cut_along_gradient(run)
    assert cut.largest_curvature == pytest.approx(expected, rel=5e-3)
    theta = run.network.parameters.astype(np.float64)
    whole, piece = Surface(run, 1, most=None, dtype=np.float64), Surface.piece(run, theta)
    assert piece.losses(theta) == pytest.approx(whole.losses(theta), rel=1e-12)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"l1": 0.01, "l2": 0.1},
        {"layers": (LayerSpec(6, "relu", batch_norm=True), LayerSpec(4, batch_norm=True))},
    ],
)
def test_the_cut_goes_along_the_gradient_that_training_has_with_a_batch_of_all(changes):
    run = Experiment(recipe_for("spiral", samples=1000, test_share=0, **changes))
    run.trainer.step(200)
    surface = Surface(run, 1, most=None, dtype=np.float64)
    gradient = surface.gradients(run.network.parameters)[0]
    whole = run.fork(batch_size=1000, dtype=np.float64)
    trained = whole.trainer.look_ahead().gradients
    np.testing.assert_allclose(gradient, trained, atol=1e-6 * np.abs(trained).max())
    cut = cut_along_gradient(run, points=9)
    theta = run.network.parameters.astype(np.float64)
    for step, loss in zip(cut.steps, cut.losses, strict=True):
        assert loss == pytest.approx(height(run, theta - step * gradient), rel=1e-6)
    assert cut.penalised == ("l1" in changes)


def test_the_plotted_loss_begins_as_steeply_as_its_gradient_says():
    """They are of one function, penalties included: its slope is −‖g‖²."""
    run = Experiment(recipe_for("moons", l2=0.3, samples=300))
    run.trainer.step(20)
    surface = Surface(run, 1, most=None, dtype=np.float64)
    theta = run.network.parameters.astype(np.float64)
    gradient = surface.gradients(theta)[0]
    h = 1e-5
    ahead, behind = (surface.values(theta - s * h * gradient)[0] for s in (1, -1))
    assert (ahead - behind) / (2 * h) == pytest.approx(-(gradient @ gradient), rel=1e-5)
    without = surface.losses(theta)[0]
    assert without == pytest.approx(run.trainer.evaluate().train_loss, rel=1e-5)
    assert surface.values(theta)[0] > without


def test_a_cut_with_dropout_is_the_same_every_time():
    run = Experiment(recipe_for("moons", layers=(LayerSpec(8, dropout=0.5),)))
    first, second = cut_along_gradient(run), cut_along_gradient(run)
    np.testing.assert_array_equal(first.losses, second.losses)
    assert first.edge == second.edge


def test_it_leaves_the_network_and_its_running_statistics_alone():
    run = Experiment(recipe_for("moons", layers=(LayerSpec(4, batch_norm=True),)))
    run.trainer.step(50)
    before = run.network.parameters.copy(), run.network.norms[0].running.copy()
    pieces = sum(1 for _ in cutting(run, points=64))
    assert pieces > 64  # a pause after each of its points and of its iterations
    np.testing.assert_array_equal(run.network.parameters, before[0])
    np.testing.assert_array_equal(run.network.norms[0].running, before[1])
