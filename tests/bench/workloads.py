"""The workloads W1–W5, and a textbook NumPy loop for each: what the engine is measured against.

The textbook loops are what a good introduction prints: clear, vectorised over the minibatch,
a new array for every result. They draw minibatches, keep the loss, and update by plain SGD.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Workload:
    """A network, a loss, a batch size; `replicas` networks side by side where given."""

    name: str
    sizes: tuple[int, ...]
    activation: str
    output: str
    loss: str
    batch: int
    examples: int
    replicas: int | None = None

    def data(self) -> tuple[Array, NDArray[Any]]:
        """Seeded inputs (examples, inputs) and targets of the loss's kind."""
        rng = np.random.default_rng(7)
        x = rng.normal(size=(self.examples, self.sizes[0])).astype(np.float32)
        if self.loss == "cross_entropy":
            return x, rng.integers(0, self.sizes[-1], self.examples)
        return x, np.sign(x[:, :1] * x[:, 1:2]).astype(np.float32)

    def rates(self) -> float | NDArray[np.float64]:
        """The learning rate, or one for each replica."""
        return 0.03 if self.replicas is None else np.geomspace(1e-4, 0.3, self.replicas)


def wide(name: str, batch: int) -> Workload:
    """Seven inputs, eight hidden layers of six."""
    return Workload(name, (7, *[6] * 8, 1), "tanh", "tanh", "half_squared_error", batch, 300)


W1 = Workload(
    "W1: 2-4-2-1 tanh, batch 10", (2, 4, 2, 1), "tanh", "tanh", "half_squared_error", 10, 250
)
W2 = wide("W2: 7-8×6-1 tanh, batch 10", 10)
W2B = wide("W2: 7-8×6-1 tanh, batch 30", 30)
W3 = Workload(
    "W3: 64-128-64-10 relu, batch 32",
    (64, 128, 64, 10),
    "relu",
    "linear",
    "cross_entropy",
    32,
    1280,
)
W4 = Workload(
    "W4: 784-256-10 relu, batch 64", (784, 256, 10), "relu", "linear", "cross_entropy", 64, 1280
)
W5 = Workload(
    "W5: 32 replicas of W1", (2, 4, 2, 1), "tanh", "tanh", "half_squared_error", 10, 250, 32
)


def textbook(work: Workload) -> Callable[[int], float]:
    """A function that makes so many training steps in the textbook's way; returns the mean loss."""
    x, y = work.data()
    rng = np.random.default_rng(0)
    leading = () if work.replicas is None else (work.replicas,)
    rate = np.asarray(work.rates(), np.float32).reshape(*leading, 1, 1)
    weights, biases = [], []
    for fan_in, fan_out in zip(work.sizes, work.sizes[1:], strict=False):
        limit = np.sqrt(6 / (fan_in + fan_out))
        drawn = rng.uniform(-limit, limit, (fan_in, fan_out)).astype(np.float32)
        weights.append(np.broadcast_to(drawn, (*leading, fan_in, fan_out)).copy())
        biases.append(np.zeros((*leading, 1, fan_out), np.float32))
    one_hot = np.eye(work.sizes[-1], dtype=np.float32)
    order, position = rng.permutation(len(x)), 0

    def phi(z: Array) -> Array:
        return np.tanh(z) if work.activation == "tanh" else np.maximum(z, 0)

    def phi_prime(a: Array) -> Array:
        return 1 - a**2 if work.activation == "tanh" else (a > 0).astype(np.float32)

    def step() -> float:
        nonlocal order, position
        if position >= len(x):
            order, position = rng.permutation(len(x)), 0
        chosen = order[position : position + work.batch]
        position += work.batch
        batch_x, batch_y = x[chosen], y[chosen]
        # forward pass
        activations = [batch_x]
        for k, (w, b) in enumerate(zip(weights, biases, strict=True)):
            z = activations[-1] @ w + b
            last = k == len(weights) - 1
            activations.append(z if last and work.output == "linear" else phi(z))
        # loss
        prediction = activations[-1]
        if work.loss == "cross_entropy":
            shifted = np.exp(prediction - prediction.max(-1, keepdims=True))
            probability = shifted / shifted.sum(-1, keepdims=True)
            loss = -np.log(probability[np.arange(len(chosen)), batch_y]).mean()
            delta = (probability - one_hot[batch_y.astype(int)]) / len(chosen)
        else:
            error = prediction - batch_y
            loss = 0.5 * (error**2).sum((-2, -1)) / len(chosen)
            delta = error / len(chosen) * phi_prime(prediction)
        # backward pass and weight update
        for k in reversed(range(len(weights))):
            weight_gradient = np.swapaxes(activations[k], -1, -2) @ delta
            bias_gradient = delta.sum(-2, keepdims=True)
            if k:
                delta = (delta @ np.swapaxes(weights[k], -1, -2)) * phi_prime(activations[k])
            weights[k] -= rate * weight_gradient
            biases[k] -= rate * bias_gradient
        return loss  # type: ignore[no-any-return]

    def steps(count: int) -> float:
        return float(np.mean(sum(step() for _ in range(count)) / count))

    return steps
