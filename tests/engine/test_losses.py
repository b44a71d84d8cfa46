import numpy as np
import pytest

from engine import losses
from tests.engine.gradients import numerical_gradient, relative_error

RNG = np.random.default_rng(3)
PREDICTION = RNG.normal(0, 1.5, (6, 3))


def target_of(name: str) -> np.ndarray:
    if name == "cross_entropy":
        return RNG.integers(0, 3, 6)
    if name == "binary_cross_entropy":
        return RNG.integers(0, 2, (6, 3)).astype(float)
    return RNG.normal(0, 1.5, (6, 3))


@pytest.mark.parametrize("name", losses)
def test_the_gradient_is_the_slope_of_the_value(name):
    loss, target, prediction = losses[name](), target_of(name), PREDICTION.copy()
    numerical = numerical_gradient(lambda: float(loss.value(prediction, target)), prediction)
    assert relative_error(numerical, loss.gradient(prediction, target)) < 1e-6


def test_values_worked_by_hand():
    prediction = np.array([[1.0, 2.0], [0.0, -3.0]])
    target = np.array([[0.0, 2.0], [0.5, 0.0]])
    # errors: 1, 0, −½, −3
    assert losses["half_squared_error"]().value(prediction, target) == (1 + 0.25 + 9) / 2 / 2
    assert losses["mean_squared_error"]().value(prediction, target) == (1 + 0.25 + 9) / 4
    assert losses["huber"]().value(prediction, target) == (0.5 + 0.125 + 2.5) / 4
    logits, classes = np.array([[0.0], [np.log(3)]]), np.array([[1.0], [0.0]])
    np.testing.assert_allclose(
        losses["binary_cross_entropy"]().value(logits, classes), (np.log(2) + np.log(4)) / 2
    )
    logits = np.log([[1.0, 1.0, 2.0], [1.0, 8.0, 1.0]])
    np.testing.assert_allclose(
        losses["cross_entropy"]().value(logits, np.array([2, 0])), (np.log(2) + np.log(10)) / 2
    )


@pytest.mark.parametrize("name", losses)
def test_replicas_are_evaluated_one_by_one(name):
    loss, target = losses[name](), target_of(name)
    stacked = np.stack([PREDICTION, 2 * PREDICTION])
    together = loss.value(stacked, target)
    alone = [loss.value(PREDICTION, target), loss.value(2 * PREDICTION, target)]
    np.testing.assert_allclose(together, alone)
    np.testing.assert_allclose(
        loss.gradient(stacked, target)[1], loss.gradient(2 * PREDICTION, target)
    )


@pytest.mark.parametrize("name", ["binary_cross_entropy", "cross_entropy"])
def test_huge_logits_stay_finite(name):
    prediction = np.array([[1e4, -1e4], [-1e4, 1e4]], np.float32)
    target = np.array([1, 0]) if name == "cross_entropy" else np.eye(2)[[1, 0]]
    value = losses[name]().value(prediction, target)
    np.testing.assert_allclose(value, 2e4 if name == "cross_entropy" else 1e4, rtol=1e-6)
    assert np.isfinite(losses[name]().gradient(prediction, target)).all()


def test_targets_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"target: got shape \(6, 2\).*\(batch, 3\)"):
        losses["huber"]().value(PREDICTION, np.zeros((6, 2)))
    with pytest.raises(ValueError, match=r"target: got shape \(5, 3\), expected \(6, 3\)"):
        losses["huber"]().value(PREDICTION, np.zeros((5, 3)))
    with pytest.raises(ValueError, match=r"labels 0…3, expected 0…2"):
        losses["cross_entropy"]().value(PREDICTION, np.array([0, 1, 2, 3, 0, 1]))
    for wrong in (-1.0, 1.5, np.nan):
        with pytest.raises(ValueError, match=r"target: got .* expected probabilities, 0 … 1"):
            losses["binary_cross_entropy"]().value(PREDICTION, np.full((6, 3), wrong))
    with pytest.raises(ValueError, match="expected integer class labels"):
        losses["cross_entropy"]().value(PREDICTION, np.zeros(6))
