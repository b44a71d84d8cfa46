"""The numbers that a diagnosis looks at."""

import numpy as np
import pytest

from engine.checkup import examine
from engine.experiment import Experiment
from engine.recipe import LayerSpec, recipe_for
from tests.engine.watched import Watched


def test_penalties_and_clipping_are_no_part_of_the_gradients_that_are_judged():
    plain = Experiment(recipe_for("moons"))
    with_them = Experiment(recipe_for("moons", l2=10.0, l1=1.0, clip_norm=1e-6))
    np.testing.assert_array_equal(
        examine(plain.trainer).gradient, examine(with_them.trainer).gradient
    )


def test_judged_are_the_gradients_of_single_examples():
    run = Experiment(recipe_for("moons", samples=40, test_share=0.0))
    singles = []
    for x, y in zip(run.data.x_train, run.data.y_train, strict=True):
        record = run.trainer.examine(run.inputs(x[None]), run.targets(y[None]))
        vitals = run.network.gradients.copy()
        run.network.gradients[...] = record.gradients
        singles.append([np.sum(layer.weight_gradient**2) for layer in run.network.layers])
        run.network.gradients[...] = vitals
    expected = np.sqrt(np.mean(singles, axis=0))
    np.testing.assert_allclose(examine(run.trainer).gradient, expected, rtol=1e-5)


def test_looking_disturbs_nothing():
    layers = (LayerSpec(8, batch_norm=True, dropout=0.5), LayerSpec(4))
    watched, alone = (Watched("moons", layers=layers) for _ in range(2))
    watched.train(20, looks=20)
    alone.run.trainer.step(20)
    np.testing.assert_array_equal(watched.run.network.parameters, alone.run.network.parameters)
    np.testing.assert_array_equal(
        watched.run.network.norms[0].running, alone.run.network.norms[0].running
    )


def test_the_loss_of_guessing_is_that_of_the_best_constant():
    wine = Experiment(recipe_for("wine"))
    shares = np.bincount(wine.data.y_train[:: 1 if len(wine.data.y_train) <= 200 else 2])
    shares = shares / shares.sum()
    guess = examine(wine.trainer).guess
    assert guess == pytest.approx(-np.sum(shares * np.log(shares)), rel=1e-4)
    moons = Experiment(recipe_for("moons", loss="binary_cross_entropy"))
    assert examine(moons.trainer).guess == pytest.approx(np.log(2), rel=0.01)
