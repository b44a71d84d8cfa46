"""The recorded step, and all that is worked out from it, against plain Python (see `by_hand`)."""

from typing import Any

import numpy as np
import pytest

from engine import Network, Trainer
from engine.activations import activations
from engine.line import Line
from engine.losses import losses
from engine.optimizers import optimizers
from engine.record import Record
from engine.workings import Workings, products, work_out
from tests.engine.by_hand import HandLayer, Row, pass_through, penalised, updated

RNG = np.random.default_rng(3)
X = RNG.normal(size=(5, 2))
RATE = 0.05


def targets_for(loss: str) -> np.ndarray:
    if loss == "cross_entropy":
        return np.array([0, 2, 1, 1, 0])
    if loss == "binary_cross_entropy":
        return RNG.integers(0, 2, (5, 3)).astype(float)
    return RNG.normal(size=(5, 3))


def case(
    loss: str = "half_squared_error",
    activation: str = "tanh",
    optimizer: str = "sgd",
    output: str = "linear",
    batch_norm: bool = False,
    dropout: float = 0.0,
    **more: Any,
) -> Trainer:
    net = Network(
        [2, 4, 3, 3],
        hidden=activation,
        output=output,
        batch_norm=[batch_norm, False],
        dropout=[dropout, dropout],
        dtype=np.float64,
        seed=4,
    )
    net.parameters += 0.1  # no bias is 0, no γ is 1
    return Trainer(
        net, X, targets_for(loss), loss=loss, optimizer=optimizer, learning_rate=RATE,
        batch_size=5, **more,
    )  # fmt: skip


CASES = [
    *({"activation": name} for name in activations),
    *({"loss": name} for name in losses),
    *({"optimizer": name} for name in optimizers),
    *({"output": name} for name in ("tanh", "sigmoid", "relu")),
    *({"batch_norm": True, "activation": name} for name in ("tanh", "linear", "gelu")),
    {"dropout": 0.5},
    {"l1": 0.02},
    {"l2": 0.3},
    {"clip_norm": 0.01},
    {"clip_norm": 1000.0},
    *(
        {
            "optimizer": name, "batch_norm": True, "dropout": 0.25, "l1": 0.02, "l2": 0.3,
            "clip_norm": 0.1, "loss": loss,
        }
        for name in optimizers
        for loss in ("huber", "cross_entropy")
    ),
]  # fmt: skip


@pytest.mark.parametrize("options", CASES, ids=str)
def test_every_number_of_a_step_is_what_a_textbook_works_out(options):
    trainer = case(**options)
    states: list[dict[str, float]] = [{} for _ in trainer.network.parameters]
    for t in (1, 2, 3):
        record = trainer.look_ahead()
        workings = work_out(trainer, record)
        layers = by_hand_layers(trainer, record)
        targets = record.targets.tolist()
        found = pass_through(layers, record.activations[0].tolist(), targets, trainer.loss.name)
        assert float(record.loss) == pytest.approx(found[0])
        close(workings.losses, found[1])
        close(workings.own_slopes, found[2])
        for k, layer in enumerate(layers, 1):
            check_layer(record, workings, k, layer)
        check_products(trainer, record, workings, layers)
        check_update(trainer, record, workings, layers, states, t)
        trainer.step()
        np.testing.assert_array_equal(trainer.network.parameters, record.after)


def by_hand_layers(trainer: Trainer, record: Record) -> list[HandLayer]:
    """The same parameters, and the dropout masks that were drawn."""
    names = [layer.activation.name for layer in trainer.network.layers]
    return [
        HandLayer(
            name,
            layer.weight.T.tolist(),
            layer.bias.tolist(),
            layer.norm.scale.tolist() if layer.norm else None,
            layer.norm.shift.tolist() if layer.norm else None,
            None if mask is None else mask.tolist(),
        )
        for name, layer, mask in zip(names, trainer.network.layers, record.masks[1:], strict=True)
    ]


def close(found: object, expected: object) -> None:
    np.testing.assert_allclose(np.asarray(found), np.asarray(expected), rtol=1e-9, atol=1e-13)


def check_layer(record: Record, workings: Workings, k: int, hand: HandLayer) -> None:
    signals = workings.signals
    for name, expected in (
        ("sums", hand.sums),
        ("pre_activations", hand.given),
        ("slopes", hand.slopes),
        ("activations", hand.activations),
        ("handed", hand.handed),
        ("arriving", hand.arriving),
        ("outer", hand.outer),
        ("deltas", hand.deltas),
    ):
        close(signals[name][k], expected)
    for name, array in (
        ("sums", record.sums),
        ("pre_activations", record.pre_activations),
        ("slopes", record.slopes),
        ("activations", record.activations),
        ("deltas", record.deltas),
    ):
        np.testing.assert_array_equal(array[k], signals[name][k])
    if hand.mask is not None:
        kept = {float(value) for row in hand.mask for value in row}
        assert kept <= {0.0, 2.0, 4 / 3}
    if hand.scale is None:
        assert record.normalised[k] is record.deviations[k] is None
        return
    close(record.normalised[k], hand.normalised)
    close(record.deviations[k], [[each] for each in hand.deviations])
    count = len(hand.sums[0])
    close(workings.statistics[k][0], [sum(z) / count for z in hand.sums])
    close(workings.statistics[k][2], [sum(o) / count for o in hand.outer])


def check_products(
    trainer: Trainer, record: Record, workings: Workings, layers: list[HandLayer]
) -> None:
    """Each term of each sum, for one example and for all of them."""
    x = record.activations[0].tolist()
    for example in (2, None):
        chosen = range(5) if example is None else [example]
        forward, back, shares = [], [], []
        below = x
        for layer in layers:
            for j, weights in enumerate(layer.weights):
                delta = layer.deltas[j]
                for i, w in enumerate(weights):
                    forward.append(w * sum(below[i][e] for e in chosen) / len(chosen))
                    back.append(w * sum(delta[e] for e in chosen))
                    shares.append(sum(delta[e] * below[i][e] for e in chosen))
                forward.append(layer.biases[j])
                back.append(0.0)
                shares.append(sum(delta[e] for e in chosen))
            if layer.scale is not None and layer.shift is not None:
                pairs = list(zip(layer.outer, layer.normalised, strict=True))
                means = [sum(n[e] for e in chosen) / len(chosen) for n in layer.normalised]
                forward += [g * n for g, n in zip(layer.scale, means, strict=True)]
                forward += layer.shift
                back += [0.0] * (2 * len(layer.scale))
                shares += [sum(o[e] * n[e] for e in chosen) for o, n in pairs]
                shares += [sum(o[e] for e in chosen) for o in layer.outer]
            below = layer.handed
        found = products(trainer, record, workings, example)
        for each, expected in zip(found, (forward, back, shares), strict=True):
            close(each, expected)


def check_update(
    trainer: Trainer,
    record: Record,
    workings: Workings,
    layers: list[HandLayer],
    states: list[dict[str, float]],
    t: int,
) -> None:
    """From the gradient to the new parameters, by way of every line that is written out."""
    raw = [g for layer in layers for g in layer.gradients]
    close(record.backpropagated, raw)
    before = trainer.network.parameters.tolist()
    r = trainer.regularization
    g = penalised(raw, before, is_weight(layers), r.l1, r.l2, r.clip_norm)
    close(record.gradients, g)
    if workings.gradient_lines and "clipped" in workings.gradient_lines[-1].name:
        close(workings.gradient_lines[-1].result, g)
    name = trainer.optimizer.name
    # A bias below a batch normalisation has a gradient of 0 but for rounding, which optimizers that
    # divide by its size would blow up: they start from the engine's own number, checked above.
    for k, (w, each) in enumerate(zip(before, record.gradients.tolist(), strict=True)):
        terms = updated(name, w, each, RATE, states[k], t)
        close([of(line, k) for line in workings.update_lines], terms)
        assert record.after[k] == pytest.approx(w + terms[-1], rel=1e-9, abs=1e-12)
        assert record.update[k] == pytest.approx(terms[-1], abs=1e-12)
        for slot, values in record.state.items():
            assert values[k] == pytest.approx(states[k][slot], rel=1e-9, abs=1e-14)


def is_weight(layers: list[HandLayer]) -> list[bool]:
    found = []
    for layer in layers:
        for weights in layer.weights:
            found += [True] * len(weights) + [False]
        found += [False] * (2 * len(layer.scale or ()))
    return found


def of(line: Line, k: int) -> float:
    return float(line.result[k] if isinstance(line.result, np.ndarray) else line.result)


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, []),
        ({"l2": 0.3}, ["+ λ₂·w"]),
        ({"l1": 0.1, "clip_norm": 1e-3}, [
            "+ λ₁·sign w", "the whole gradient’s norm ‖g‖", "clipped: g·c/‖g‖",
        ]),
        ({"clip_norm": 1000.0}, []),
    ],
)  # fmt: skip
def test_what_is_done_to_a_gradient_has_a_line(options: dict[str, Any], names: list[str]):
    trainer = case(**options)
    record = trainer.look_ahead()
    lines = work_out(trainer, record).gradient_lines
    assert [line.name for line in lines] == names
    same: Row = (record.backpropagated - record.gradients).tolist()
    assert any(same) == bool(names)
