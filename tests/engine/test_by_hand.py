"""The recorded step against plain Python: a loop over neurons, no array anywhere.

Everything is worked out from the formulas of a textbook, one number at a time, for every
activation, loss and optimizer; the engine's record must hold the same numbers.
"""

import math

import numpy as np
import pytest

from engine import Network, Trainer
from engine.activations import activations
from engine.losses import losses
from engine.optimizers import optimizers


def phi(name: str, z: float) -> float:
    c, k = math.sqrt(2 / math.pi), 0.044715
    formulas = {
        "linear": lambda: z,
        "relu": lambda: max(0.0, z),
        "leaky_relu": lambda: z if z > 0 else 0.01 * z,
        "elu": lambda: z if z > 0 else math.exp(z) - 1,
        "silu": lambda: z / (1 + math.exp(-z)),
        "gelu": lambda: z / 2 * (1 + math.tanh(c * (z + k * z**3))),
        "sigmoid": lambda: 1 / (1 + math.exp(-z)),
        "tanh": lambda: math.tanh(z),
        "softplus": lambda: math.log(1 + math.exp(z)),
    }
    return formulas[name]()


def slope(name: str, z: float) -> float:
    """φ′ by its formula; the smooth ones are checked against differences elsewhere."""
    s = 1 / (1 + math.exp(-z))
    c, k = math.sqrt(2 / math.pi), 0.044715
    t = math.tanh(c * (z + k * z**3))
    formulas = {
        "linear": 1.0,
        "relu": 1.0 if z > 0 else 0.0,
        "leaky_relu": 1.0 if z > 0 else 0.01,
        "elu": 1.0 if z > 0 else math.exp(z),
        "silu": s + z * s * (1 - s),
        "gelu": (1 + t) / 2 + z / 2 * (1 - t * t) * c * (1 + 3 * k * z * z),
        "sigmoid": s * (1 - s),
        "tanh": 1 - math.tanh(z) ** 2,
        "softplus": s,
    }
    return formulas[name]


def loss_and_slope(name: str, prediction: list[float], target: list[float], batch: int):
    """One example's share of the loss, and ∂L/∂ŷ of each output."""
    errors = [p - t for p, t in zip(prediction, target, strict=True)]
    units = len(prediction)
    if name == "half_squared_error":
        return sum(e * e for e in errors) / 2 / batch, [e / batch for e in errors]
    if name == "mean_squared_error":
        n = units * batch
        return sum(e * e for e in errors) / n, [2 * e / n for e in errors]
    if name == "huber":
        n = units * batch
        parts = [e * e / 2 if abs(e) <= 1 else abs(e) - 0.5 for e in errors]
        return sum(parts) / n, [max(-1.0, min(1.0, e)) / n for e in errors]
    if name == "binary_cross_entropy":
        n = units * batch
        p = [1 / (1 + math.exp(-z)) for z in prediction]
        parts = [
            -t * math.log(q) - (1 - t) * math.log(1 - q) for q, t in zip(p, target, strict=True)
        ]
        return sum(parts) / n, [(q - t) / n for q, t in zip(p, target, strict=True)]
    total = sum(math.exp(z) for z in prediction)
    p = [math.exp(z) / total for z in prediction]
    share = -sum(t * math.log(q) for q, t in zip(p, target, strict=True)) / batch
    return share, [(q - t) / batch for q, t in zip(p, target, strict=True)]


def updated(name: str, w: float, g: float, rate: float, state: dict[str, float], t: int) -> float:
    """The weight after the update, by the optimizer's formula."""
    if name == "sgd":
        return w - rate * g
    if name in ("momentum", "nesterov"):
        v = state["velocity"] = 0.9 * state.get("velocity", 0.0) + g
        return w - rate * (v if name == "momentum" else g + 0.9 * v)
    if name == "adagrad":
        s = state["square_sum"] = state.get("square_sum", 0.0) + g * g
        return w - rate * g / (math.sqrt(s) + 1e-10)
    if name == "rmsprop":
        s = state["square_mean"] = 0.99 * state.get("square_mean", 0.0) + 0.01 * g * g
        return w - rate * g / (math.sqrt(s) + 1e-8)
    if name == "adamw":
        w -= rate * 0.01 * w
    m = state["mean"] = 0.9 * state.get("mean", 0.0) + 0.1 * g
    v = state["square_mean"] = 0.999 * state.get("square_mean", 0.0) + 0.001 * g * g
    corrected = m / (1 - 0.9**t), v / (1 - 0.999**t)
    return w - rate * corrected[0] / (math.sqrt(corrected[1]) + 1e-8)


RNG = np.random.default_rng(3)
X = RNG.normal(size=(5, 2))


def targets_for(loss: str) -> np.ndarray:
    if loss == "cross_entropy":
        return np.array([0, 2, 1, 1, 0])
    if loss == "binary_cross_entropy":
        return RNG.integers(0, 2, (5, 3)).astype(float)
    return RNG.normal(size=(5, 3))


CASES = [
    *(("half_squared_error", activation, "sgd") for activation in activations),
    *((loss, "tanh", "sgd") for loss in losses),
    *(("half_squared_error", "tanh", optimizer) for optimizer in optimizers),
]


@pytest.mark.parametrize(("loss", "activation", "optimizer"), CASES)
def test_every_number_of_a_step_is_what_a_textbook_works_out(loss, activation, optimizer):
    rate = 0.05
    net = Network([2, 4, 3, 3], hidden=activation, dtype=np.float64, seed=4)
    net.parameters += 0.1  # no bias is 0
    trainer = Trainer(
        net, X, targets_for(loss), loss=loss, optimizer=optimizer, learning_rate=rate, batch_size=5
    )
    states: list[dict[str, float]] = [{} for _ in net.parameters]
    names = [activation, activation, "linear"]
    for t in (1, 2, 3):
        record = trainer.look_ahead()
        weights = [layer.weight.tolist() for layer in net.layers]
        biases = [layer.bias.tolist() for layer in net.layers]
        gradients = [[[0.0] * len(w[0]) for _ in range(len(w) + 1)] for w in weights]
        total = 0.0
        for example in range(5):
            a = [record.activations[0][:, example].tolist()]
            z: list[list[float]] = [[]]
            for k in range(3):  # forward pass
                z.append(
                    [
                        sum(a[k][i] * weights[k][i][j] for i in range(len(a[k]))) + biases[k][j]
                        for j in range(len(biases[k]))
                    ]
                )
                a.append([phi(names[k], value) for value in z[-1]])
                np.testing.assert_allclose(record.pre_activations[k + 1][:, example], z[-1])
                np.testing.assert_allclose(record.activations[k + 1][:, example], a[-1])
            above: list[float] = []
            target = record.targets[:, example].tolist()
            share, delta = loss_and_slope(loss, a[-1], target, 5)
            total += share
            for k in reversed(range(3)):  # backward pass
                if k < 2:  # the chain rule, one unit at a time
                    delta = [
                        sum(weights[k + 1][j][n] * above[n] for n in range(len(above)))
                        * slope(names[k], z[k + 1][j])
                        for j in range(len(z[k + 1]))
                    ]
                above = delta
                np.testing.assert_allclose(record.deltas[k + 1][:, example], delta, atol=1e-15)
                for j, d in enumerate(delta):
                    for i, value in enumerate(a[k]):
                        gradients[k][i][j] += d * value
                    gradients[k][-1][j] += d
        assert float(record.loss) == pytest.approx(total)
        expected = []
        position = 0
        for k, layer in enumerate(net.layers):
            for j in range(layer.units):
                for i in range(layer.fan_in + 1):
                    g = gradients[k][i][j]
                    w = weights[k][i][j] if i < layer.fan_in else biases[k][j]
                    assert record.gradients[position] == pytest.approx(g, abs=1e-14)
                    expected.append(updated(optimizer, w, g, rate, states[position], t))
                    assert record.update[position] == pytest.approx(expected[-1] - w, abs=1e-12)
                    position += 1
        trainer.step()
        np.testing.assert_allclose(net.parameters, expected, rtol=1e-9, atol=1e-12)
