import numpy as np
import pytest

from engine import Network, Trainer, losses, optimizers
from engine.experiment import Experiment
from engine.history import CAPACITY, History
from engine.recipe import LayerSpec, recipe_for

RNG = np.random.default_rng(0)
X = RNG.uniform(-3, 3, (67, 2))
Y = np.sign(X[:, :1] * X[:, 1:])


def trainer(sizes=(2, 4, 3, 1), **options) -> Trainer:
    network = options.pop("network", {})
    net = Network(sizes, hidden="tanh", output="tanh", dtype=np.float64, seed=3, **network)
    return Trainer(net, X, Y, **{"seed": 5, "learning_rate": 0.1, "batch_size": 10, **options})


def test_one_epoch_against_a_loop_written_out():
    """The order is taken from the trainer; everything else is computed anew."""
    t = trainer()
    net = Network((2, 4, 3, 1), hidden="tanh", output="tanh", dtype=np.float64, seed=3)
    loss = losses["half_squared_error"]()
    order = t.minibatches.order.copy()
    t.step(7)  # six minibatches of ten, one of seven
    for first in range(0, 67, 10):
        x, y = X[order[first : first + 10]], Y[order[first : first + 10]]
        net.backward(loss.gradient(net.forward(x), y))
        net.parameters -= 0.1 * net.gradients
    np.testing.assert_allclose(t.network.parameters, net.parameters, rtol=1e-12)
    assert (t.epoch, t.examples, t.steps) == (1, 67, 7)


def test_every_epoch_sees_every_example_once_in_a_new_order():
    t = trainer(batch_size=9)
    orders = []
    for _ in range(3):
        t.step(8)
        order = t.minibatches.order
        assert sorted(order) == list(range(67))
        orders.append(tuple(order))
    assert len(set(orders)) == 3


@pytest.mark.parametrize("name", optimizers)
def test_the_same_seed_gives_the_same_bits_however_the_steps_are_cut(name):
    rate = 0.1 if name in ("sgd", "momentum", "nesterov") else 0.01
    network = {"dropout": 0.2, "batch_norm": [True, False]}
    once, often = (trainer(optimizer=name, learning_rate=rate, network=network) for _ in range(2))
    once.step(60)
    for count in (1, 2, 30, 7, 20):
        often.step(count)
        often.look_ahead()
        often.examine(X[:1], Y[:1])
        often.evaluate()
    np.testing.assert_array_equal(once.network.parameters, often.network.parameters)


def test_looking_ahead_shows_the_very_next_step():
    t = trainer(optimizer="adam", learning_rate=0.01, batch_size=16)
    for _ in range(9):  # across the end of an epoch
        before = t.network.parameters.copy()
        record = t.look_ahead()
        np.testing.assert_array_equal(t.network.parameters, before)
        t.step()
        np.testing.assert_array_equal(t.network.gradients, record.gradients)
        rows = t.minibatches.order[t.examples % 67 - record.batch :][: record.batch]
        np.testing.assert_array_equal(record.activations[0].T, X[rows])
        np.testing.assert_array_equal(t.network.parameters - before, record.update)
        assert record.batch in (16, 67 % 16)
        assert [a.shape for a in record.activations] == [(n, record.batch) for n in (2, 4, 3, 1)]


def test_examining_one_example_changes_nothing():
    t = trainer()
    t.step(10)
    before, gradients = t.network.parameters.copy(), t.network.gradients.copy()
    record = t.examine(X[:1], Y[:1])
    np.testing.assert_allclose(record.activations[-1].T, t.network.predict(X[:1]))
    np.testing.assert_allclose(record.loss, 0.5 * (record.activations[-1][0, 0] - Y[0, 0]) ** 2)
    np.testing.assert_array_equal(t.network.parameters, before)
    np.testing.assert_array_equal(t.network.gradients, gradients)


def test_live_changes_take_effect_with_the_next_step():
    t = trainer()
    t.step(3)
    t.learning_rate = 0.0
    before = t.network.parameters.copy()
    t.step(5)
    np.testing.assert_array_equal(t.network.parameters, before)
    t.learning_rate = 0.2
    record = t.look_ahead()
    np.testing.assert_allclose(record.update, -0.2 * record.gradients, rtol=1e-9)
    t.batch_size = 25
    assert t.look_ahead().batch == 25
    t.step(2)
    assert t.examples == 67 + 10 + 50 or t.epoch == 1


def test_a_replica_learns_as_the_same_network_alone():
    rates = np.geomspace(0.01, 1, 5)
    together = trainer(network={"replicas": 5}, learning_rate=rates)
    together.step(100)
    metrics = together.evaluate()
    for k, rate in enumerate(rates):
        alone = trainer(learning_rate=float(rate))
        alone.step(100)
        np.testing.assert_allclose(
            together.network.parameters[k], alone.network.parameters, rtol=1e-9, atol=1e-12
        )
        np.testing.assert_allclose(
            np.asarray(metrics.train_loss)[k], alone.evaluate().train_loss, rtol=1e-9
        )


def test_penalties_pull_at_weights_and_leave_biases_alone():
    t = trainer(l1=0.01, l2=0.1)
    plain = trainer()
    t.network.parameters += 0.3
    plain.network.parameters += 0.3
    difference = t.look_ahead().gradients - plain.look_ahead().gradients
    for k, layer in enumerate(t.network.layers):
        start, stop = t.network.offsets[k : k + 2]
        block = difference[start:stop].reshape(layer.units, -1)
        expected = 0.1 * layer.weight.T + 0.01 * np.sign(layer.weight.T)
        np.testing.assert_allclose(block[:, :-1], expected, atol=1e-12)
        np.testing.assert_allclose(block[:, -1], 0, atol=1e-12)


def test_clipping_bounds_the_norm_and_says_how_often_it_acted():
    t = trainer(clip_norm=1e-3)
    record = t.look_ahead()
    np.testing.assert_allclose(np.linalg.norm(record.gradients), 1e-3, rtol=1e-9)
    assert t.regularization.clipped == 0  # looking ahead does not count
    t.step(4)
    assert t.regularization.clipped == 4


def test_divergence_names_step_layer_and_quantity_and_keeps_the_last_finite_state():
    net = Network([2, 8, 1], hidden="relu", output="linear", seed=0)
    t = Trainer(net, X, Y, learning_rate=50.0, seed=0)
    made = t.step(1000)
    assert t.diverged is not None
    assert made == t.steps < 1000
    assert t.diverged.step == t.steps + 1
    assert str(t.diverged.step) in t.diverged.message
    assert t.diverged.layer in (1, 2)
    assert np.isfinite(net.parameters).all()
    again = Trainer(
        Network([2, 8, 1], hidden="relu", output="linear", seed=0), X, Y, learning_rate=50.0, seed=0
    )
    assert again.step(made) == made
    assert again.diverged is None
    np.testing.assert_array_equal(again.network.parameters, net.parameters)
    assert again.step(1) == 0
    assert again.diverged == t.diverged


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "rmsprop", "adagrad", "momentum", "sgd"])
def test_an_explosion_is_seen_before_a_number_overflows(optimizer):
    """With Adam g² overflows in silence, the update is 0, and the loss stays at 10²⁰."""
    rate = {"momentum": 1.0, "sgd": 10.0}.get(optimizer, 100.0)
    run = Experiment(
        recipe_for(
            "mpg",
            layers=[LayerSpec(16, "relu")] * 6,
            initializer="he_normal",
            optimizer=optimizer,
            learning_rate=rate,
        )
    )
    for _ in range(30):
        run.trainer.step(100)
    found = run.trainer.diverged
    assert found is not None
    assert found.step == run.trainer.steps + 1
    metrics = run.trainer.evaluate()
    assert np.isfinite([metrics.train_loss, metrics.test_loss]).all()
    assert np.isfinite(run.trainer.history.columns()).all()
    assert 1 <= found.layer <= 7


def test_an_explosion_names_the_first_layer_whose_activations_are_huge():
    run = Experiment(recipe_for("mpg", layers=[LayerSpec(8, "relu")] * 2, learning_rate=0.01))
    run.trainer.step(50)
    run.edit("set_parameter", layer=2, unit=3, input=None, value=5e5)
    assert run.trainer.step(10) == 0
    found = run.trainer.diverged
    assert found is not None
    assert (found.reason, found.layer, found.quantity) == ("exploding", 2, "activations")
    assert "a million times" in found.message


def test_a_large_but_bounded_loss_is_no_divergence():
    run = Experiment(recipe_for("mpg", layers=[LayerSpec(8, "relu")] * 2, learning_rate=1e-4))
    run.edit("set_parameter", layer=2, unit=3, input=None, value=300.0)
    assert run.trainer.evaluate().train_loss > 1000
    assert run.trainer.step(200) == 200
    assert run.trainer.diverged is None


def test_the_curve_shows_every_one_of_the_last_steps_before_it_diverged():
    net = Network([2, 1], output="linear", seed=0)
    t = Trainer(net, 5 * X, Y, learning_rate=0.001, batch_size=len(X), seed=0)
    t.step(20_000)
    t.learning_rate = 1.0
    t.step(1000)
    assert t.diverged is not None
    steps, losses, *_ = t.history.columns()
    assert (np.diff(steps) > 0).all()
    assert steps[-4:].tolist() == [t.steps - 3, t.steps - 2, t.steps - 1, t.steps]
    assert (np.diff(losses[-3:]) > 0).all()
    assert losses[-1] > 1000 * losses[-4]
    assert t.steps == t.diverged.step - 1
    assert len(steps) <= len(t.history.rows)


def test_metrics_of_perfect_and_useless_predictions():
    t = trainer(metric="accuracy", test=(X[:5], Y[:5]))
    t.network.parameters[...] = 0
    t.network.layers[-1].bias[...] = 5  # always +1
    m = t.evaluate()
    assert m.train_metric == np.mean(Y == 1)
    assert m.test_metric == np.mean(Y[:5] == 1)
    constant = Trainer(Network([2, 1], dtype=np.float64), X, X[:, :1] * 2 + 1, seed=0)
    layer = constant.network.layers[0]
    layer.weight[...], layer.bias[...] = [[2], [0]], 1
    assert constant.evaluate().train_metric == pytest.approx(1)
    layer.weight[...], layer.bias[...] = 0, np.mean(X[:, 0] * 2 + 1)
    assert constant.evaluate().train_metric == pytest.approx(0)


def test_nobody_needs_to_watch_for_the_loss_curve_to_show_where_it_fell():
    curves = []
    for pieces in ([3000], [1, 99, 900, 2000]):
        t = Experiment(recipe_for("moons")).trainer
        for steps in pieces:
            t.step(steps)
        curves.append(t.history.columns())
    assert np.array_equal(curves[0], curves[1])
    steps = curves[0][0]
    assert list(steps[:5]) == [0, 1, 2, 3, 4]
    assert np.all(steps[5:] <= 1.5 * steps[4:-1])


def test_the_history_is_bounded_even_and_ends_with_the_present():
    history = History()
    for step in range(100_000):
        if history.wants(step):
            history.add(step, 1 / (step + 1), 0, 0, 0, 0)
    steps, loss, *_ = history.columns()
    assert CAPACITY / 2 <= len(steps) <= CAPACITY
    assert steps[0] == 0
    assert steps[-1] > 99_000
    assert len(set(np.diff(steps))) == 1
    np.testing.assert_allclose(loss, 1 / (steps + 1))
