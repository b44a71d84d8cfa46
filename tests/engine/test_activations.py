import numpy as np
import pytest

from engine import activations
from engine.operations import run
from tests.engine.gradients import numerical_gradient, relative_error

Z = np.array([[-3.0, -1.0, -0.25], [0.3, 1.0, 4.0]])


def forward(name: str, z: np.ndarray) -> np.ndarray:
    a = np.empty_like(z)
    run(activations[name]().forward(z, a))
    return a


@pytest.mark.parametrize("name", activations)
def test_the_derivative_is_the_slope_of_the_function(name):
    z = Z.copy()
    numerical = numerical_gradient(lambda: float(forward(name, z).sum()), z)
    derivative = np.empty_like(z)
    run(activations[name]().derivative(z, forward(name, z), derivative))
    assert relative_error(numerical, derivative) < 1e-6


@pytest.mark.parametrize(
    ("name", "at_minus_one", "at_one"),
    [
        ("linear", -1, 1),
        ("relu", 0, 1),
        ("leaky_relu", -0.01, 1),
        ("elu", np.exp(-1) - 1, 1),
        ("silu", -1 / (1 + np.e), 1 / (1 + np.exp(-1))),
        ("gelu", -0.158808, 0.841192),  # the tanh form
        ("sigmoid", 1 / (1 + np.e), 1 / (1 + np.exp(-1))),
        ("tanh", np.tanh(-1), np.tanh(1)),
        ("softplus", np.log1p(np.exp(-1)), np.log1p(np.e)),
    ],
)
def test_values(name, at_minus_one, at_one):
    np.testing.assert_allclose(forward(name, np.array([-1.0, 1.0])), [at_minus_one, at_one], 1e-5)


@pytest.mark.parametrize("name", activations)
def test_very_large_inputs_stay_finite(name):
    z = np.array([-1e4, 1e4], np.float32)
    with np.errstate(over="ignore"):
        a = forward(name, z)
        derivative = np.empty_like(z)
        run(activations[name]().derivative(z, a, derivative))
    assert np.isfinite(a).all()
    if name != "gelu":  # z³ overflows in its derivative only beyond 10¹², not here
        assert np.isfinite(derivative).all()


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match=r"activation: got 'relo'.*relu"):
        activations.find("relo")


def test_every_activation_can_be_explained():
    for kind in activations.values():
        assert kind.title
        assert kind.formula.startswith("φ(z) =")
        assert kind.note.endswith(".")
