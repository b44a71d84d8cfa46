"""What stands between the lines of a recorded step: every quantity that an equation of it names.

A record holds what a step computes anyway. Here is the rest of what a person writes down beside
it: each product of a sum, means over the minibatch, the optimizer's terms. It is worked out when
someone looks, from the record's own numbers.
"""

from dataclasses import dataclass

import numpy as np

from engine.line import Line
from engine.operations import Array, run
from engine.place import Place
from engine.record import Record
from engine.trainer import Trainer

SUMMED = ("arriving", "outer", "deltas")
"""Backward signals have the average over the minibatch in them: their sum is what counts."""
AVERAGED = ("sums", "normalised", "pre_activations", "activations", "handed", "slopes", "masks")


@dataclass(frozen=True)
class Workings:
    """Of one step of one network. Signals are a list, an array (units, batch) a layer, inputs
    first; what is not there, such as the δ of inputs, is 0, and a mask that is not there 1.
    """

    signals: dict[str, list[Array]]
    """By name: those of the record, and `handed`, `arriving` and `outer`."""
    statistics: list[Array]
    """Batch normalisation, (4, units): mean and divisor, then means of ∂L/∂u and of ẑ·∂L/∂u."""
    losses: Array
    """ℓ of each example, (batch,): L is their mean."""
    own_slopes: Array
    """∂ℓ/∂ŷ, (outputs, batch): ∂L/∂ŷ is 1/m of it."""
    probabilities: Array | None
    """What logits stand for, (outputs, batch)."""
    gradient_lines: list[Line]
    """From what backpropagation computed to what the optimizer gets."""
    update_lines: list[Line]
    """From there to what is added to the parameters."""

    def over_minibatch(self, name: str) -> list[Array]:
        """Sum of what flows back, mean of what flows forward, an array (units,) a layer."""
        layers = self.signals[name]
        if name in SUMMED:
            return [each.sum(axis=1, dtype=np.float64) for each in layers]
        return [each.mean(axis=1, dtype=np.float64) for each in layers]

    def at(self, name: str, example: int | None) -> list[Array]:
        """A signal of one example, or of the minibatch: an array (units,) a layer."""
        if example is None:
            return self.over_minibatch(name)
        return [each[:, example] for each in self.signals[name]]


def work_out(trainer: Trainer, record: Record) -> Workings:
    """For the step that the trainer is about to make, as `look_ahead` recorded it."""
    signals = _signals(trainer, record)
    statistics = [np.zeros((4, len(a))) for a in record.activations]
    for k, deviation in enumerate(record.deviations):
        if deviation is not None:
            outer, normal = signals["outer"][k], signals["normalised"][k]
            means = record.sums[k].mean(axis=1), outer.mean(axis=1), (outer * normal).mean(axis=1)
            statistics[k][:] = means[0], deviation[:, 0], *means[1:]
    losses, slopes = _each_alone(trainer, record)
    optimizer = trainer.optimizer
    double = (
        np.asarray(each, np.float64)
        for each in (trainer.network.parameters, record.backpropagated, record.gradients)
    )
    w, raw, g = double
    before, after = (
        {name: np.asarray(values, np.float64) for name, values in state.items()}
        for state in (optimizer.state, record.state)
    )
    return Workings(
        signals=signals,
        statistics=statistics,
        losses=losses,
        own_slopes=slopes,
        probabilities=trainer.loss.probabilities(record.activations[-1]),
        gradient_lines=trainer.regularization.lines(w, raw),
        update_lines=optimizer.lines(w, g, before, after, float(trainer.rate_in_force)),
    )


def _signals(trainer: Trainer, record: Record) -> dict[str, list[Array]]:
    layers, activations = trainer.network.layers, record.activations
    none = [np.zeros_like(a) for a in activations]
    ones = [np.ones_like(a) for a in activations]
    masks = [one if m is None else m for m, one in zip(record.masks, ones, strict=True)]
    slope = np.empty_like(activations[-1])
    run(trainer.loss.gradient_operations(activations[-1], record.targets, slope))
    back = [
        layer.weight @ delta for layer, delta in zip(layers[1:], record.deltas[2:], strict=True)
    ]
    arriving = [none[0], *back, slope]
    slopes = [none[0], *record.slopes[1:]]
    return {
        "sums": [none[0], *record.sums[1:]],
        "normalised": [
            zero if n is None else n for n, zero in zip(record.normalised, none, strict=True)
        ],
        "pre_activations": [none[0], *record.pre_activations[1:]],
        "activations": activations,
        "handed": [a * m for a, m in zip(activations, masks, strict=True)],
        "slopes": slopes,
        "masks": masks,
        "arriving": arriving,
        "outer": [g * m * s for g, m, s in zip(arriving, masks, slopes, strict=True)],
        "deltas": [none[0], *record.deltas[1:]],
    }


def _each_alone(trainer: Trainer, record: Record) -> tuple[Array, Array]:
    """Loss and slope of each example as a minibatch of its own, all of them at once."""
    loss, prediction = trainer.loss, record.activations[-1]
    units, batch = prediction.shape
    alone = np.ascontiguousarray(prediction.T[:, :, None])
    targets = np.ascontiguousarray(record.targets.T[:, :, None])
    losses, slopes = np.zeros(batch, prediction.dtype), np.empty_like(alone)
    run(loss.total_operations(alone, targets, losses))
    run(loss.gradient_operations(alone, targets, slopes))
    return losses * loss.scale(units, 1), slopes[:, :, 0].T


def products(
    trainer: Trainer, record: Record, workings: Workings, example: int | None
) -> tuple[Array, Array, Array]:
    """What every parameter has to do with one example, or with the minibatch; flat.

    Its term of the unit's sum (w·x, b; γ·ẑ, β), what flows back through it (w·δ), and the
    example's share of its gradient, all of it where no example is chosen.
    """
    network = trainer.network
    forward, back = np.zeros_like(network.parameters), np.zeros_like(network.parameters)
    shares = np.zeros_like(network.parameters)
    handed, deltas, outer, normal = (
        workings.at(name, example) for name in ("handed", "deltas", "outer", "normalised")
    )
    for k, (layer, start) in enumerate(zip(network.layers, network.offsets, strict=False), 1):
        x = np.append(handed[k - 1], 1)
        split = start + layer.affine.size
        forward[start:split] = (layer.affine * x).ravel()
        back[start:split].reshape(layer.affine.shape)[:, :-1] = (
            layer.affine[:, :-1] * deltas[k][:, None]
        )
        shares[start:split] = np.outer(deltas[k], x).ravel()
        if layer.norm:
            scale = slice(split, split + layer.units)
            shift = slice(split + layer.units, split + 2 * layer.units)
            forward[scale] = layer.norm.scale * normal[k]
            forward[shift] = layer.norm.shift
            shares[scale], shares[shift] = outer[k] * normal[k], outer[k]
    return forward, back, record.backpropagated if example is None else shares


def shares_of(workings: Workings, place: Place) -> tuple[Array, Array]:
    """Each example's share of one gradient: δ·x, of γ ∂L/∂u·ẑ; their two factors (2, batch)."""
    signals, layer, unit = workings.signals, place.layer, place.unit
    error = signals["outer" if place.norm else "deltas"][layer][unit]
    if place.norm == "scale":
        value = signals["normalised"][layer][unit]
    elif place.norm or place.input is None:
        value = np.ones_like(error)
    else:
        value = signals["handed"][layer - 1][place.input]
    return error * value, np.stack([error, value])
