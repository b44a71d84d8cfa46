"""Two steps of every optimizer against arithmetic written out in plain Python floats."""

import math

import numpy as np
import pytest

from engine import optimizers
from engine.operations import LARGE

G1, G2 = 0.5, -0.2  # the gradients of two steps, from θ = 1 with η = 0.1
RATE = 0.1


def sgd() -> float:
    return 1 - RATE * G1 - RATE * G2


def momentum(mu: float = 0.9) -> float:
    v1 = G1
    v2 = mu * v1 + G2
    return 1 - RATE * v1 - RATE * v2


def nesterov(mu: float = 0.9) -> float:
    v1 = G1
    v2 = mu * v1 + G2
    return 1 - RATE * (G1 + mu * v1) - RATE * (G2 + mu * v2)


def adagrad() -> float:
    s1 = G1**2
    s2 = s1 + G2**2
    return 1 - RATE * G1 / (math.sqrt(s1) + 1e-10) - RATE * G2 / (math.sqrt(s2) + 1e-10)


def rmsprop(alpha: float = 0.99) -> float:
    v1 = (1 - alpha) * G1**2
    v2 = alpha * v1 + (1 - alpha) * G2**2
    return 1 - RATE * G1 / (math.sqrt(v1) + 1e-8) - RATE * G2 / (math.sqrt(v2) + 1e-8)


def adam(decay: float = 0.0, b1: float = 0.9, b2: float = 0.999) -> float:
    theta, m, v = 1.0, 0.0, 0.0
    for t, g in enumerate((G1, G2), start=1):
        theta -= RATE * decay * theta
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g * g
        theta -= RATE * (m / (1 - b1**t)) / (math.sqrt(v / (1 - b2**t)) + 1e-8)
    return theta


EXPECTED = {
    "sgd": sgd(),
    "momentum": momentum(),
    "nesterov": nesterov(),
    "adagrad": adagrad(),
    "rmsprop": rmsprop(),
    "adam": adam(),
    "adamw": adam(decay=0.01),
}


@pytest.mark.parametrize("name", optimizers)
def test_two_steps_worked_by_hand(name):
    parameters, gradients = np.ones(3), np.full(3, G1)
    optimizer = optimizers[name](parameters, gradients, learning_rate=RATE)
    optimizer.step()
    gradients[...] = G2
    optimizer.step()
    np.testing.assert_allclose(parameters, EXPECTED[name], rtol=1e-12)


@pytest.mark.parametrize("count", [3, LARGE])  # few have the rate repeated for each of them
@pytest.mark.parametrize("name", optimizers)
def test_replicas_with_their_own_rates_equal_networks_alone(name, count):
    rates = np.array([0.1, 0.01])
    together, gradients = np.ones((2, count)), np.full((2, count), G1)
    stacked = optimizers[name](together, gradients, learning_rate=rates)
    for _ in range(3):
        stacked.step()
    for row, rate in zip(together, rates, strict=True):
        alone = np.ones(count)
        optimizer = optimizers[name](alone, np.full(count, G1), learning_rate=float(rate))
        for _ in range(3):
            optimizer.step()
        np.testing.assert_allclose(row, alone, rtol=1e-12)


def test_a_new_learning_rate_leaves_the_state_alone():
    parameters, gradients = np.ones(3), np.full(3, G1)
    optimizer = optimizers["adam"](parameters, gradients, learning_rate=RATE)
    optimizer.step()
    before = {name: values.copy() for name, values in optimizer.state.items()}
    optimizer.learning_rate = 0.5
    assert optimizer.steps == 1
    for name, values in optimizer.state.items():
        np.testing.assert_array_equal(values, before[name])


def test_options_are_bounded_and_refused_as_a_whole():
    optimizer = optimizers["adam"](np.ones(1), np.ones(1), learning_rate=RATE)
    with pytest.raises(ValueError, match=r"beta2: got 1, expected a number, 0…0\.99999"):
        optimizer.configure(beta1=0.5, beta2=1)
    assert optimizer.values["beta1"] == 0.9
    with pytest.raises(
        ValueError, match=r"momentum: got 0\.9, expected no such option: adam has beta1"
    ):
        optimizer.configure(momentum=0.9)
    for rate in (-1, math.nan, math.inf):
        with pytest.raises(ValueError, match=r"learning_rate: got .*, expected a finite number"):
            optimizer.learning_rate = rate
    assert optimizer.learning_rate == RATE


def test_a_rate_too_large_for_the_precision_of_the_parameters_is_refused():
    optimizer = optimizers["sgd"](np.ones(1, np.float32), np.ones(1, np.float32))
    with pytest.raises(ValueError, match=r"learning_rate: got 1e\+300, expected a finite number"):
        optimizer.learning_rate = 1e300
    optimizers["sgd"](np.ones(1), np.ones(1)).learning_rate = 1e300


def test_defaults_are_those_of_pytorch():
    for name, kind in optimizers.items():
        usual = 0.01 if name in ("adagrad", "rmsprop") else 0.001
        assert kind(np.ones(1), np.ones(1)).learning_rate == usual, name


def test_vectors_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match=r"gradients: got shape \(1,\), expected \(2,\)"):
        optimizers["sgd"](np.ones(2), np.ones(1))
    with pytest.raises(ValueError, match="parameters: got int64 values, expected float32 or"):
        optimizers["sgd"](np.ones(2, np.int64), np.ones(2))
