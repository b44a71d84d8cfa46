"""What an edit promises to keep, it keeps to 1e-12 (in float64)."""

import numpy as np
import pytest

from engine import Network, Trainer, activations, surgery
from engine.experiment import Experiment
from engine.recipe import Recipe
from engine.transplant import NEW

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = np.sin(X[:, :1]) + X[:, 1:2]


def trained(hidden="tanh", optimizer="adam", **network) -> Trainer:
    net = Network([3, 5, 4, 1], hidden=hidden, dtype=np.float64, seed=2, **network)
    trainer = Trainer(net, X, Y, optimizer=optimizer, learning_rate=0.01, batch_size=8, seed=1)
    trainer.step(40)
    return trainer


def change(trainer: Trainer, edit) -> float:
    """By how much an edit moves predictions at most; the run must then go on."""
    before = trainer.network.predict(X)
    steps = trainer.steps
    words = edit(trainer)
    assert words.endswith(".")
    after = trainer.network.predict(X)
    assert trainer.steps == steps
    assert trainer.step(5) == 5
    return float(np.abs(after - before).max())


@pytest.mark.parametrize("layer", [0, 1])
@pytest.mark.parametrize("network", [{}, {"batch_norm": True, "dropout": 0.2}])
def test_a_new_neuron_leaves_predictions_as_they_are_and_learns(network, layer):
    trainer = trained(**network)
    units = trainer.network.layers[layer].units
    assert change(trainer, lambda t: surgery.add_neuron(t, layer)) < 1e-12
    assert trainer.network.layers[layer].units == units + 1
    outgoing = trainer.network.layers[layer + 1].weight[units]
    assert np.abs(outgoing).min() > 0  # after five steps it takes part


def test_surviving_weights_and_their_optimizer_state_are_kept():
    trainer = trained()
    net = trainer.network
    first, second = net.layers[0].weight.copy(), net.layers[1].weight.copy()
    rate, steps = trainer.learning_rate, trainer.optimizer.steps

    def moments(t: Trainer, layer: int) -> np.ndarray:
        start, stop = t.network.offsets[layer : layer + 2]
        units = t.network.layers[layer].units
        return t.optimizer.state["mean"][start:stop].reshape(units, -1).copy()

    before = moments(trainer, 0), moments(trainer, 1)
    surgery.remove_neuron(trainer, 0, 2)
    rest = [0, 1, 3, 4]
    np.testing.assert_array_equal(trainer.network.layers[0].weight, first[:, rest])
    np.testing.assert_array_equal(trainer.network.layers[1].weight, second[rest])
    np.testing.assert_array_equal(moments(trainer, 0), before[0][rest])
    np.testing.assert_array_equal(moments(trainer, 1), before[1][:, [*rest, 5]])
    surgery.add_neuron(trainer, 0)
    np.testing.assert_array_equal(trainer.network.layers[0].weight[:, :4], first[:, rest])
    np.testing.assert_array_equal(moments(trainer, 0)[:4], before[0][rest])
    assert not moments(trainer, 0)[4].any()
    assert (trainer.learning_rate, trainer.optimizer.steps) == (rate, steps)


@pytest.mark.parametrize("position", [0, 1, 2])
@pytest.mark.parametrize("name", activations)
def test_a_new_layer_is_as_close_to_the_identity_as_its_activation_allows(name, position):
    trainer = trained()
    reach = float(np.abs(trainer.network.predict(X)).max())
    moved = change(trainer, lambda t: surgery.add_layer(t, position, name))
    if name in ("linear", "relu", "leaky_relu", "elu"):
        assert moved < 1e-12
    else:
        assert moved < 0.05 * reach
    assert [layer.activation.name for layer in trainer.network.layers].count(name) >= 1


@pytest.mark.parametrize("name", activations)
def test_learning_goes_on_behind_a_new_layer(name):
    """Neither the values handed on nor the weights that take them back are so large that the
    learning rate in force is too much for them.
    """
    run = Experiment(Recipe())
    run.trainer.step(4000)
    before = run.trainer.evaluate().train_loss
    x = run.inputs(run.data.x_train)
    learned = run.network.predict(x)
    words = surgery.add_layer(run.trainer, 1, name)
    moved = np.abs(run.network.predict(x) - learned).max()
    assert moved < 0.15
    assert f"training examples moved by at most {moved:.2g}" in words
    run.trainer.step(2000)
    assert run.trainer.evaluate().train_loss < before


@pytest.mark.parametrize(("name", "units"), [("relu", 1), ("tanh", 1), ("relu", 2), ("tanh", 2)])
def test_a_narrower_layer_hands_on_what_is_read(name, units):
    """One output reads one direction of the five; a second carries what varies most beside it."""
    net = Network([5, 1], dtype=np.float64, seed=2)
    x = np.random.default_rng(3).normal(size=(80, 5)) * [1, 1, 9, 1, 1]
    trainer = Trainer(net, x, np.sin(x[:, :1]), learning_rate=0.001)
    trainer.step(50)
    before = net.predict(x)
    surgery.add_layer(trainer, 0, name, units)
    assert net.sizes == [5, units, 1]
    assert np.abs(net.predict(x) - before).max() < (1e-12 if name == "relu" else 0.5)
    if units == 2:
        across = net.layers[0].weight[:, 1]
        assert np.abs(across).argmax() == 2
        assert abs(net.layers[1].weight[1, 0]) < abs(net.layers[1].weight[0, 0])
    assert trainer.step(20) == 20


@pytest.mark.parametrize(
    "edit",
    [
        lambda t: surgery.add_neuron(t, 0),
        lambda t: surgery.add_layer(t, 1),
        lambda t: surgery.remove_layer(t, 0),
        lambda t: surgery.set_activation(t, 0, "relu"),
        lambda t: surgery.set_batch_norm(t, 0, True),
        lambda t: surgery.set_inputs(t, [0, 1, 2, NEW]),
        lambda t: surgery.set_outputs(t, 2, "linear"),
    ],
)
def test_replicas_share_an_architecture_that_stays(edit):
    trainer = trained(replicas=3)
    before = trainer.network.parameters.copy()
    with pytest.raises(ValueError, match="replicas: got 3, expected a network without replicas"):
        edit(trainer)
    np.testing.assert_array_equal(trainer.network.parameters, before)


@pytest.mark.parametrize("hidden", ["linear", "tanh"])
def test_removing_a_layer_keeps_what_an_affine_map_can(hidden):
    trainer = trained(hidden)
    spread = float(np.std(trainer.network.predict(X)))
    moved = change(trainer, lambda t: surgery.remove_layer(t, 1))
    assert trainer.network.sizes == [3, 5, 1]
    assert moved < (1e-12 if hidden == "linear" else 0.5 * spread)


def test_batch_normalisation_on_and_off_leaves_predictions_as_they_are():
    trainer = trained()
    assert change(trainer, lambda t: surgery.set_batch_norm(t, 0, True)) < 1e-12
    assert change(trainer, lambda t: surgery.set_batch_norm(t, 1, True)) < 1e-12
    assert change(trainer, lambda t: surgery.set_batch_norm(t, 0, False)) < 1e-12
    assert [layer.norm is not None for layer in trainer.network.layers] == [False, True, False]


def test_another_activation_or_dropout_keeps_all_parameters():
    trainer = trained()
    before = trainer.network.parameters.copy()
    surgery.set_activation(trainer, 0, "relu")
    surgery.set_dropout(trainer, 1, 0.5)
    np.testing.assert_array_equal(trainer.network.parameters, before)
    assert trainer.network.layers[0].activation.name == "relu"
    assert trainer.network.layers[1].dropout == 0.5
    assert trainer.step(5) == 5


def test_a_new_input_has_no_influence_yet_and_a_removed_one_is_gone():
    trainer = trained()
    prediction = trainer.network.predict(X)
    wider = np.concatenate([X, RNG.normal(size=(60, 1))], axis=1)
    surgery.set_inputs(trainer, [0, 1, 2, NEW])
    trainer.set_data(wider, Y)
    np.testing.assert_allclose(trainer.network.predict(wider), prediction, atol=1e-12)
    weight = trainer.network.layers[0].weight.copy()
    surgery.set_inputs(trainer, [2, 0])
    trainer.set_data(X[:, [2, 0]], Y)
    np.testing.assert_array_equal(trainer.network.layers[0].weight, weight[[2, 0]])
    assert trainer.step(5) == 5


def test_one_logit_becomes_two_with_the_same_probabilities_and_back():
    trainer = trained()
    logit = trainer.network.predict(X)
    surgery.set_outputs(trainer, 2, "linear")
    pair = trainer.network.predict(X)
    np.testing.assert_allclose(pair[:, 1:] - pair[:, :1], logit, atol=1e-12)
    surgery.set_outputs(trainer, 1, "linear")
    np.testing.assert_allclose(trainer.network.predict(X), logit, atol=1e-12)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda t: surgery.add_neuron(t, 2), "layer: got 2, expected a whole number, 0…1"),
        (lambda t: surgery.remove_neuron(t, 0, 5), "unit: got 5, expected a whole number, 0…4"),
        (lambda t: surgery.add_layer(t, 3), "position: got 3, expected a whole number, 0…2"),
        (lambda t: surgery.add_layer(t, 1, "tanh", 6), "units: got 6, expected .* 1…5"),
        (lambda t: surgery.add_layer(t, 1, "tanh", 0), "units: got 0, expected .* 1…5"),
        (lambda t: surgery.set_activation(t, 0, "tan"), "activation: got 'tan'"),
        (lambda t: surgery.set_dropout(t, 0, 1.0), "dropout: got 1.0"),
        (lambda t: surgery.set_activation(t, -1, "relu"), "layer: got -1, expected a whole"),
        (lambda t: surgery.set_activation(t, 9, "relu"), "layer: got 9, expected a whole number"),
        (lambda t: surgery.add_neuron(t, True), "layer: got True, expected a whole number"),
        (lambda t: surgery.add_neuron(t, "1"), "layer: got '1', expected a whole number"),  # type: ignore[arg-type]
        (lambda t: surgery.remove_neuron(t, 0, 1.5), "unit: got 1.5, expected a whole number"),  # type: ignore[arg-type]
        (lambda t: surgery.set_batch_norm(t, 0, "x"), "batch_norm: got 'x', expected True or"),  # type: ignore[arg-type]
        (lambda t: surgery.set_inputs(t, [0, 0, 1]), "inputs: got .*, each old one once"),
        (lambda t: surgery.set_inputs(t, 3), "inputs: got 3, expected one or more"),  # type: ignore[arg-type]
        (lambda t: surgery.set_outputs(t, 1.5, "tanh"), "units: got 1.5, expected a whole"),  # type: ignore[arg-type]
        (lambda t: surgery.set_outputs(t, True, "tanh"), "units: got True, expected a whole"),
        (lambda t: surgery.set_inputs(t, []), "inputs: got .*, expected one or more"),
        (lambda t: surgery.set_inputs(t, [0, 1, -3]), "inputs: got -3, expected a whole number"),
        (lambda t: surgery.set_inputs(t, [7]), "inputs: got 7, expected a whole number, -1…2"),
    ],
)
def test_impossible_edits_are_refused_and_change_nothing(edit, message):
    trainer = trained()
    before = trainer.network.parameters.copy()
    with pytest.raises(ValueError, match=message):
        edit(trainer)
    np.testing.assert_array_equal(trainer.network.parameters, before)
    assert trainer.network.sizes == [3, 5, 4, 1]
    assert trainer.step(2) == 2


def test_the_last_neuron_of_a_layer_stays():
    net = Network([3, 1, 1], dtype=np.float64)
    with pytest.raises(ValueError, match="last of layer 1; remove the layer instead"):
        surgery.remove_neuron(Trainer(net, X, Y), 0, 0)
