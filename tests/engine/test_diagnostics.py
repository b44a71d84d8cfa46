import numpy as np

from engine import Network, Trainer
from engine.diagnostics import STATISTICS, histograms, layer_statistics

RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 2))
Y = X[:, :1]


def statistic(trainer: Trainer, name: str) -> np.ndarray:
    return layer_statistics(trainer, trainer.look_ahead())[:, STATISTICS.index(name)]


def test_dead_units_are_those_that_no_example_wakes():
    net = Network([2, 4, 1], hidden="relu", seed=0)
    net.layers[0].bias[...] = [-100, 0, 0, -100]
    np.testing.assert_array_equal(statistic(Trainer(net, X, Y), "dead_share"), [0.5, np.nan])


def test_saturated_units_are_at_the_end_of_their_range():
    net = Network([2, 4, 1], hidden="tanh", seed=0)
    net.layers[0].weight[...] = 0
    net.layers[0].bias[...] = [9, -9, 0, 0]
    np.testing.assert_array_equal(statistic(Trainer(net, X, Y), "saturated_share"), [0.5, np.nan])


def test_norms_and_ratio_are_those_of_the_weights():
    trainer = Trainer(Network([2, 4, 1], seed=0, dtype=np.float64), X, Y, learning_rate=0.5)
    record = trainer.look_ahead()
    trainer.step()
    gradient = trainer.network.layers[0].weight_gradient
    trainer = Trainer(Network([2, 4, 1], seed=0, dtype=np.float64), X, Y, learning_rate=0.5)
    rows = layer_statistics(trainer, record)
    weight = np.linalg.norm(trainer.network.layers[0].weight)
    np.testing.assert_allclose(rows[0, 0], np.linalg.norm(gradient), rtol=1e-6)
    np.testing.assert_allclose(rows[0, 1], weight, rtol=1e-6)
    np.testing.assert_allclose(rows[0, 2], 0.5 * np.linalg.norm(gradient) / weight, rtol=1e-6)


def test_histograms_share_out_every_value():
    trainer = Trainer(Network([2, 4, 1], hidden="tanh", seed=0), X, Y)
    record = trainer.look_ahead()
    shares, ranges = histograms(trainer, record)
    assert shares.shape == (2, 2, 24)
    np.testing.assert_allclose(shares.sum(-1), 1, rtol=1e-5)
    np.testing.assert_array_equal(ranges[0, 0], [-1, 1])
    np.testing.assert_allclose(ranges[:, 1, 1], [abs(d).max() for d in record.deltas[1:]])
    expected, _ = np.histogram(trainer.evaluator.sample_activations()[1], 24, (-1, 1))
    np.testing.assert_allclose(shares[0, 0] * 320, expected, atol=2)


def test_of_a_large_minibatch_a_sample_is_counted():
    trainer = Trainer(Network([2, 4, 1], hidden="relu", seed=0), X, Y, batch_size=80)
    trainer.evaluator.train = (trainer.evaluator.train[0][:20], trainer.evaluator.train[1][:20])
    record = trainer.look_ahead()
    shares, ranges = histograms(trainer, record)
    np.testing.assert_allclose(shares.sum(-1), 1, rtol=1e-5)
    np.testing.assert_allclose(ranges[:, 1, 1], [abs(d[:, ::4]).max() for d in record.deltas[1:]])


def test_gradients_of_exactly_0_are_counted_in_one_bin_in_every_layer():
    net = Network([2, 8, 8, 8, 1], hidden="relu", seed=0)
    for layer in net.layers[:-1]:
        layer.bias[: layer.units // 2] = -100
    trainer = Trainer(net, X, Y, batch_size=80)
    shares, _ = histograms(trainer, trainer.look_ahead())
    assert (shares[:-1, 1, 12] >= 0.5).all()
    assert (shares[:-1, 1, 11] < 0.5).all()


def test_what_is_not_finite_has_an_empty_histogram():
    trainer = Trainer(Network([2, 4, 1], hidden="tanh", seed=0), X, Y)
    record = trainer.look_ahead()
    record.deltas[1][0, 0] = np.nan
    shares, _ = histograms(trainer, record)
    assert (shares[0, 1] == 0).all()
    assert shares[0, 0].sum() > 0.99
