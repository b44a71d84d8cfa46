"""What a trainer refuses, and in which words."""

import numpy as np
import pytest

from engine import Network, Trainer
from tests.engine.test_trainer import trainer


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"loss": "mse"}, "loss: got 'mse'"),
        ({"optimizer": "sgdd"}, "optimizer: got 'sgdd'"),
        ({"batch_size": 0}, "batch_size: got 0"),
        ({"learning_rate": float("nan")}, "learning_rate: got nan"),
        ({"l2": -1}, "l2: got -1"),
        ({"clip_norm": 0}, "clip_norm: got 0"),
        ({"metric": "f1"}, "metric: got 'f1'"),
        ({"momentum": 0.9}, "momentum: got 0.9, expected no such option: sgd has none"),
        ({"learning_rate": "0.1"}, "learning_rate: got <U3 values, expected numbers"),
        ({"seed": None}, "seed: got None, expected a whole number, 0 or more"),
        ({"l1": "a"}, "l1: got 'a', expected a number, 0 or more"),
        ({"clip_norm": "a"}, "clip_norm: got 'a', expected a number"),
        ({"schedule": "cosine"}, "schedule: got 'cosine', expected a Schedule"),
        ({"test": np.zeros((4, 2))}, r"test: got ndarray, expected a pair \(x, y\)"),
        ({"loss": "binary_cross_entropy"}, "loss: binary_cross_entropy takes logits, .* got tanh"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(options, message):
    with pytest.raises(ValueError, match=message):
        trainer(**options)


def test_data_that_do_not_fit_are_refused():
    net = Network([2, 1])
    with pytest.raises(ValueError, match=r"x: got shape \(5, 3\), expected \(examples, 2\)"):
        Trainer(net, np.zeros((5, 3)), np.zeros(5))
    with pytest.raises(
        ValueError, match="y: got shape \\(4,\\), expected one target for each of 5"
    ):
        Trainer(net, np.zeros((5, 2)), np.zeros(4))
    with pytest.raises(ValueError, match="x: got values that are not finite"):
        Trainer(net, np.full((5, 2), np.inf), np.zeros(5))
    with pytest.raises(ValueError, match="y: got values that are not finite"):
        Trainer(net, np.zeros((5, 2)), np.full(5, np.nan))
    with pytest.raises(ValueError, match="x: got object values, expected numbers"):
        Trainer(net, None, np.zeros(5))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"y: got shape \(5, 1\), expected one target for each"):
        Trainer(Network([2, 3]), np.zeros((5, 2)), np.zeros((5, 1), int), loss="cross_entropy")


@pytest.mark.parametrize("count", [-1, 1.5, "3", True, None])
def test_a_count_that_is_none_is_refused(count):
    t = trainer()
    with pytest.raises(ValueError, match=r"count: got .*, expected a whole number, 0 or more"):
        t.step(count)
    assert t.steps == 0
