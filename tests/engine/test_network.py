from typing import Any

import numpy as np
import pytest

from engine import Network, activations, initializers, losses
from tests.engine.gradients import numerical_gradient, relative_error

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(7, 3)), RNG.normal(size=(7, 2))
LOSS = losses["half_squared_error"]()


def network(**options) -> Network:
    return Network([3, 5, 4, 2], dtype=np.float64, seed=1, **options)


def check_gradients(net: Network) -> None:
    """Backpropagation against central differences: every parameter and every input."""
    x = X.copy()
    net.parameters += RNG.normal(0, 0.2, net.parameters.shape)

    def loss() -> float:
        return float(LOSS.value(net.forward(x), Y))

    input_gradient = net.backward(LOSS.gradient(net.forward(x), Y))
    gradients = net.gradients.copy()
    assert relative_error(numerical_gradient(loss, net.parameters), gradients) < 1e-6
    assert relative_error(numerical_gradient(loss, x), input_gradient) < 1e-6


@pytest.mark.parametrize("output", activations)
@pytest.mark.parametrize("hidden", activations)
def test_gradients_for_every_pair_of_activations(hidden, output):
    check_gradients(network(hidden=hidden, output=output))


@pytest.mark.parametrize("name", activations)
def test_gradients_through_batch_normalisation(name):
    check_gradients(network(hidden=name, batch_norm=[True, False]))
    check_gradients(network(hidden=["tanh", name], batch_norm=True))


def test_gradients_through_dropout():
    net = network(dropout=[0.5, 0.3])
    workspace = net.workspace(len(X), training=True)

    class SameMask:
        """Draws the same numbers each time, so that the loss is a function of the weights."""

        def random(self, dtype, out):
            out[...] = np.random.default_rng(5).random(out.shape)

    workspace.rng = SameMask()  # type: ignore[assignment]
    check_gradients(net)
    assert set(np.unique(np.asarray(workspace.layers[0].mask))) == {0, 2}


def test_a_forward_pass_written_out_in_plain_python():
    net = Network([2, 2, 1], hidden="tanh", dtype=np.float64, seed=4)
    x = [0.5, -1.0]
    first, last = net.layers
    hidden = [
        np.tanh(first.bias[j] + sum(x[i] * first.weight[i, j] for i in range(2))) for j in range(2)
    ]
    expected = last.bias[0] + sum(hidden[j] * last.weight[j, 0] for j in range(2))
    np.testing.assert_allclose(net.predict(np.array([x])), [[expected]], rtol=1e-14)


def test_weights_and_biases_are_writable_views_of_the_flat_vector():
    net = network()
    assert net.layers[0].weight.shape == (3, 5)
    assert net.layers[0].bias.shape == (5,)
    assert np.shares_memory(net.layers[1].weight, net.parameters)
    before = net.predict(X)
    net.layers[2].bias += 1
    np.testing.assert_allclose(net.predict(X), before + 1)
    net.layers[0].weight = np.full((3, 5), 7)
    assert (net.parameters == 7).sum() == 15
    with pytest.raises(ValueError, match="broadcast"):
        net.layers[0].bias = np.zeros(4)
    net.parameters[...] = 0
    assert not net.layers[0].weight.any()


def test_replicas_compute_what_each_network_computes_alone():
    stacked = network(replicas=3, batch_norm=[True, False])
    assert stacked.parameters.shape == (3, network(batch_norm=[True, False]).parameters.size)
    stacked.parameters *= np.array([[1.0], [2.0], [-1.0]])
    predictions = stacked.forward(X)
    stacked.backward(np.ones_like(predictions))
    for factor, prediction, gradients in zip(
        (1, 2, -1), predictions, stacked.gradients, strict=True
    ):
        alone = network(batch_norm=[True, False])
        alone.parameters *= factor
        np.testing.assert_allclose(alone.forward(X), prediction, rtol=1e-12)
        alone.backward(np.ones_like(prediction))
        np.testing.assert_allclose(alone.gradients, gradients, rtol=1e-10, atol=1e-12)


def test_replicas_may_each_have_inputs_of_their_own():
    stacked = network(replicas=3, batch_norm=[True, False])
    stacked.parameters *= np.array([[1.0], [2.0], [-1.0]])
    own = np.stack([X, -X, 2 * X])
    predictions = stacked.forward(own)
    slopes = stacked.backward(np.ones_like(predictions))
    used = stacked.predict(own)
    for k, (factor, x) in enumerate(zip((1, 2, -1), own, strict=True)):
        alone = network(batch_norm=[True, False])
        alone.parameters *= factor
        np.testing.assert_allclose(alone.forward(x), predictions[k], rtol=1e-12)
        np.testing.assert_allclose(alone.backward(np.ones((7, 2))), slopes[k], atol=1e-12)
        np.testing.assert_allclose(alone.gradients, stacked.gradients[k], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(alone.predict(x), used[k], rtol=1e-12)
    for shape in ((2, 7, 3), (3, 7, 2), (3, 0, 3), (1, 3, 7, 3)):
        with pytest.raises(ValueError, match="x: got shape"):
            stacked.forward(np.ones(shape))
    with pytest.raises(ValueError, match="x: got shape"):
        network().forward(own)


def test_one_layer_more_does_not_change_the_initial_weights_of_the_others():
    small, large = Network([3, 5, 4, 2], seed=1), Network([3, 5, 4, 6, 2], seed=1)
    np.testing.assert_array_equal(small.layers[0].weight, large.layers[0].weight)
    np.testing.assert_array_equal(small.layers[1].weight, large.layers[1].weight)
    assert (Network([3, 5], seed=2).layers[0].weight != small.layers[0].weight).all()


@pytest.mark.parametrize("name", initializers)
def test_initial_weights_have_the_stated_spread(name):
    weight = initializers[name]().draw(np.random.default_rng(0), 300, 200)
    fan_in, fan_out = 300, 200
    variance = {
        "glorot": 2 / (fan_in + fan_out),
        "he": 2 / fan_in,
        "lecun": 1 / fan_in,
        "uniform": 1 / 12,
        "normal": 0.25,
        "zeros": 0,
    }[name.split("_")[0]]
    assert weight.shape == (300, 200)
    np.testing.assert_allclose(weight.var(), variance, rtol=0.02)
    if name.endswith("uniform"):
        assert np.abs(weight).max() <= np.sqrt(3 * variance)


def test_batch_normalisation_in_use_takes_the_running_statistics():
    net = network(batch_norm=True)
    fresh = net.predict(X)  # running mean 0 and variance 1: all but no normalisation
    for _ in range(200):
        net.forward(X)
    assert np.abs(net.predict(X) - fresh).max() > 1e-3
    biased = 7 / 6  # running variance is the unbiased one, as in PyTorch
    norm = net.layers[0].norm
    assert norm is not None
    z = X @ net.layers[0].weight + net.layers[0].bias
    np.testing.assert_allclose(norm.running[0], z.mean(0), rtol=1e-6)
    np.testing.assert_allclose(norm.running[1], z.var(0) * biased, rtol=1e-6)


def test_evaluating_leaves_training_alone():
    net = network(dropout=0.5, batch_norm=True)
    other = network(dropout=0.5, batch_norm=True)
    for _ in range(3):
        prediction = net.forward(X)
        net.predict(X)
        net.activations(X[:2])
        net.backward(prediction)
        other.backward(other.forward(X))
        np.testing.assert_array_equal(net.gradients, other.gradients)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"sizes": [3]}, r"sizes: got \[3\]"),
        ({"sizes": [3, 0, 1]}, "sizes: got 0"),
        ({"sizes": [3, 4.5, 1]}, "sizes: got 4.5, expected a whole number, 1 or more"),
        ({"sizes": [3, 2, 1], "seed": -1}, "seed: got -1"),
        ({"sizes": [3, 2, 1], "dtype": np.float16}, "dtype: got float16"),
        ({"sizes": [3, 2, 1], "hidden": "tan"}, "hidden: got 'tan'"),
        ({"sizes": [3, 2, 1], "hidden": ["tanh", "relu"]}, "hidden: got 2 values, expected 1"),
        ({"sizes": [3, 2, 1], "dropout": 1.0}, "dropout: got 1.0"),
        ({"sizes": [3, 2, 1], "initializer": "xavier"}, "initializer: got 'xavier'"),
        ({"sizes": [3, 2, 1], "replicas": 0}, "replicas: got 0"),
        ({"sizes": 5}, r"sizes: got \[5\], expected inputs and outputs"),
        ({"sizes": [3, 2, 1], "hidden": None}, "hidden: got None, expected one of linear"),
        ({"sizes": [3, 2, 1], "output": 3}, "output: got 3, expected one of linear"),
        ({"sizes": [3, 2, 1], "initializer": 5}, "initializer: got 5, expected one of glorot"),
        ({"sizes": [3, 2, 1], "dtype": "foo"}, "dtype: got foo, expected float32 or float64"),
        ({"sizes": [3, 2, 1], "dropout": "a"}, "dropout: got 'a', expected a number, 0…1"),
        ({"sizes": [3, 2, 1], "batch_norm": "no"}, "batch_norm: got 'no', expected True or False"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(arguments, message):
    with pytest.raises(ValueError, match=message):
        Network(**arguments)


def test_numbers_of_numpy_are_numbers():
    given: dict[str, Any] = {
        "sizes": np.array([3, 2, 1]),
        "dropout": np.float32(0.25),
        "batch_norm": np.bool_(True),
        "seed": np.int64(4),
    }
    net = Network(**given)
    assert net.sizes == [3, 2, 1]
    assert (net.layers[0].dropout, net.seed) == (0.25, 4)
    assert net.layers[0].norm is not None


def test_assigning_parameters_copies_them_in():
    net = network()
    saved = net.parameters * 2
    net.parameters = saved
    assert net.parameters is not saved
    np.testing.assert_array_equal(net.layers[0].bias, saved[net.sizes[0] : 20 : net.sizes[0] + 1])
    net.parameters -= saved
    assert not net.layers[1].weight.any()
    net.gradients = np.array(3)
    assert np.all(net.layers[0].weight_gradient == 3)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_inputs_that_are_not_finite_are_refused_rather_than_rectified(bad):
    net = network(hidden="relu")
    for look in (net.forward, net.predict, net.activations):
        with pytest.raises(ValueError, match="x: got values that are not finite"):
            look([[0.0, bad, 1.0]])
        with pytest.raises(ValueError, match="x: got <U1 values, expected numbers"):
            look([["a", "b", "c"]])
        with pytest.raises(ValueError, match="x: got rows of different lengths"):
            look([[1.0], [1.0, 2.0]])


def test_inputs_and_gradients_of_the_wrong_shape_are_refused():
    net = network()
    with pytest.raises(ValueError, match="call forward first"):
        net.backward(np.ones((7, 2)))
    with pytest.raises(ValueError, match=r"x: got shape \(7, 2\), expected \(examples, 3\)"):
        net.predict(Y)
    net.forward(X)
    with pytest.raises(ValueError, match=r"gradient: got shape \(7, 1\), expected \(7, 2\)"):
        net.backward(np.ones((7, 1)))


def test_a_dtype_without_fractions_is_refused():
    with pytest.raises(ValueError, match="dtype: got int32, expected float32 or float64"):
        Network([2, 2, 1], dtype=np.int32)
