"""The height of a network's landscape, computed anew by a network of float64 of its own."""

from __future__ import annotations

import numpy as np

from engine.run import Run


def height(run: Run, parameters: np.ndarray) -> float:
    """Loss and penalties on all training examples, by plain formulas.

    Batch normalisation as with a minibatch of all of them, no dropout.
    """
    network = run.build(dtype=np.float64)
    network.parameters[...] = parameters
    penalty = 0.0
    for layer in network.layers:
        layer.dropout = 0.0
        weight = layer.weight
        penalty += run.recipe.l1 * np.abs(weight).sum() + run.recipe.l2 / 2 * np.sum(weight**2)
    x, y = run.trainer.evaluator.train
    target = y.argmax(-1) if run.recipe.loss == "cross_entropy" else y.astype(np.float64)
    prediction = network.forward(x[:, :-1].astype(np.float64))
    return float(run.trainer.loss.value(prediction, target)) + penalty
