"""Changes to a trainer between two steps."""

import numpy as np
import pytest

from engine import Network, Trainer
from tests.engine.test_trainer import X, Y, trainer


def test_training_goes_on_after_what_may_cure_a_divergence():
    cures = (
        lambda t: setattr(t, "learning_rate", 0.01),
        lambda t: t.set_optimizer("adam"),
        lambda t: t.set_regularization(0, 0, 0.1),
    )
    for cure in cures:
        net = Network([2, 8, 1], hidden="relu", seed=1)
        t = Trainer(net, X, Y, learning_rate=1e5)
        made = t.step(1000)
        assert made < 1000
        assert t.diverged
        assert t.step(10) == 0
        cure(t)
        t.learning_rate = 0.001
        assert t.step(10) == 10
        assert t.steps == made + 10


def test_another_loss_comes_with_its_targets():
    net = Network([2, 4, 2], seed=1)
    labels = (X[:, 0] > 0).astype(int)
    t = Trainer(net, X, np.eye(2)[labels], learning_rate=0.1)
    t.step(20)
    parameters = net.parameters.copy()
    with pytest.raises(ValueError, match="target: got float64 values, expected integer class"):
        t.set_data(X, np.eye(2)[labels], loss="cross_entropy")
    assert t.loss.name == "half_squared_error"
    t.set_data(X, labels, loss="cross_entropy")
    assert t.loss.name == "cross_entropy"
    np.testing.assert_array_equal(net.parameters, parameters)
    assert t.step(500) == 500
    assert t.evaluate().train_metric > 0.9


def test_the_callers_arrays_stay_the_callers():
    x, y = X.astype(np.float32), Y.astype(np.float32).reshape(len(X), -1)
    t = Trainer(Network([2, 3, y.shape[1]]), x, y)
    before = t.evaluate()
    x[...], y[...] = 7, 7
    assert t.evaluate().train_loss == before.train_loss


def test_rates_of_replicas_are_changed_as_a_whole():
    t = Trainer(Network([2, 3, 1], replicas=2), X, Y, learning_rate=np.array([0.1, 0.2]))
    with pytest.raises(ValueError, match="read-only"):
        t.learning_rate[0] = 5  # type: ignore[index]
    t.learning_rate = t.learning_rate * 2
    np.testing.assert_allclose(t.learning_rate, [0.2, 0.4])


def test_there_is_no_minibatch_loss_before_a_step():
    t = trainer()
    with pytest.raises(ValueError, match="batch_loss: no step has been made"):
        _ = t.batch_loss
    t.step()
    assert t.batch_loss >= 0
    t.batch_size = 7
    with pytest.raises(ValueError, match="batch_loss: no step has been made"):
        _ = t.batch_loss
