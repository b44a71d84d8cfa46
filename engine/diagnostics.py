"""What to look at when a network does not learn: numbers for each layer, hidden ones and output.

Activations are those of a fixed sample of the training examples, as in use, so that a dead unit
is one that no example wakes up, not one that ten examples missed. Gradients and updates are those
of a recorded step.
"""

import numpy as np

from engine.activations import Activation
from engine.network import Network
from engine.operations import Array
from engine.record import Record
from engine.trainer import Trainer

STATISTICS = (
    "gradient_norm",
    "weight_norm",
    "update_ratio",
    "dead_share",
    "saturated_share",
    "activation_mean",
    "activation_std",
)
SATURATED = 0.05
"""A unit counts as saturated for an example when it is this near to the end of its range."""


def layer_statistics(trainer: Trainer, record: Record, sample: "Rows | None" = None) -> Array:
    """A row for each layer, a column for each of STATISTICS; float32 (layers, 7).

    `gradient_norm` and `weight_norm` are those of the layer's weights; `update_ratio` is the
    size of the update over that of the weights (about 10⁻³ is healthy); `dead_share` is the
    share of units that are 0 for every example; `saturated_share` the share of activations at
    the end of their range. NaN: does not apply to this activation function.
    """
    network = trainer.network
    kinds = [layer.activation for layer in network.layers]
    rows = sample or sample_rows(trainer)
    gradient, weight, update = weight_norms(
        network, record.gradients, network.parameters, record.update
    )
    mean = rows.mean(rows.values)
    table = (
        gradient,
        weight,
        update / np.where(weight > 0, weight, np.nan),
        *silent_shares(kinds, rows),
        mean,
        rows.deviation(mean),
    )
    return np.stack(table, axis=1).astype(np.float32)


def silent_shares(kinds: list[Activation], rows: "Rows") -> tuple[Array, Array]:
    """The share of dead units, and that of saturated activations, of each layer."""
    a, (low, high) = rows.values, ends(kinds)
    distance = a - rows.each(low)
    near_end = np.abs(distance, out=distance) < SATURATED
    np.subtract(a, rows.each(high), out=distance)
    near_end |= np.abs(distance, out=distance) < SATURATED
    dead = np.all(a <= 0, axis=1, keepdims=True)
    return (
        np.where([kind.dies for kind in kinds], rows.mean(dead), np.nan),
        np.where(np.isnan(low), np.nan, rows.mean(near_end)),
    )


def weight_norms(network: Network, *vectors: Array) -> Array:
    """√Σw² over each layer's weights, in several vectors laid out like the parameters.

    Returns (vectors, layers). Summed in double precision, so that it does not overflow or vanish
    by itself.
    """
    squares = np.square(np.array(vectors, np.float64))
    for layer, start in zip(network.layers, network.offsets, strict=False):
        stop = start + layer.units * (layer.fan_in + 1)
        squares[:, start + layer.fan_in : stop : layer.fan_in + 1] = 0  # biases
        squares[:, stop : start + layer.size] = 0  # batch normalisation
    return np.asarray(np.sqrt(np.add.reduceat(squares, network.offsets[:-1], axis=1)))


def histograms(
    trainer: Trainer, record: Record, bins: int = 24, sample: "Rows | None" = None
) -> tuple[Array, Array]:
    """How activations, and gradients δ = ∂L/∂z, are distributed in each layer.

    Of a large minibatch as many examples count as are in the sample. Returns shares, float32
    (layers, 2, bins), and their ranges, float32 (layers, 2, 2).
    """
    activations = sample or sample_rows(trainer)
    stride = -(-record.batch // activations.examples)
    deltas = Rows([delta[:, ::stride] for delta in record.deltas[1:]])
    low, high = ends([layer.activation for layer in trainer.network.layers])
    open_ended = np.isnan(high)
    low = np.where(open_ended, activations.reduced(np.minimum, activations.values), low)
    high = np.where(open_ended, activations.reduced(np.maximum, activations.values), high)
    reach = deltas.reduced(np.maximum, np.abs(deltas.values))
    shares = [activations.shares(low, high, bins), deltas.shares(-reach, reach, bins)]
    ranges = [np.stack([low, high], axis=1), np.stack([-reach, reach], axis=1)]
    return np.stack(shares, axis=1), np.stack(ranges, axis=1).astype(np.float32)


def sample_rows(trainer: Trainer) -> "Rows":
    """The activations of the sample: what both functions above look at."""
    return Rows([a.T for a in trainer.evaluator.sample_activations()[1:]])


def ends(kinds: list[Activation]) -> tuple[Array, Array]:
    """Lower and upper end of each activation function's range, NaN where there is none."""
    both = np.array([(*kind.saturates, np.nan, np.nan)[:2] for kind in kinds])
    return both[:, 0], both[:, 1]


class Rows:
    """The numbers of all layers one below the other, so that one operation serves them all.

    In double precision: sums of squares neither overflow nor vanish by themselves.
    """

    def __init__(self, layers: list[Array]) -> None:
        """An array (units, examples) for each layer."""
        self.values = np.concatenate(layers, dtype=np.float64)
        self.units = np.array([len(layer) for layer in layers])
        self.starts = np.cumsum(self.units) - self.units
        self.examples = self.values.shape[1]

    def reduced(self, operation: np.ufunc, values: Array) -> Array:
        """A number for each layer from an array (units, anything)."""
        found: Array = operation.reduceat(values.ravel(), self.starts * values.shape[1])
        return found

    def mean(self, values: Array) -> Array:
        """The mean over each layer of an array (units, anything)."""
        sums = self.reduced(np.add, values.astype(np.float64, copy=False))
        return np.asarray(sums / (self.units * values.shape[1]))

    def deviation(self, mean: Array) -> Array:
        """The standard deviation of each layer's numbers, whose means are known."""
        square = self.values - self.each(mean)
        return np.asarray(np.sqrt(self.mean(np.multiply(square, square, out=square))))

    def each(self, values: Array) -> Array:
        """A number for each layer, handed to its units: (units, 1)."""
        return np.repeat(values, self.units)[:, None]

    def shares(self, low: Array, high: Array, bins: int) -> Array:
        """The share of each layer's numbers in each bin; all 0 where an end is not finite."""
        width = high - low
        span = np.where(width > 0, width, 1)
        # np.histogram takes ten times as long, and this is done for every frame.
        scaled = self.values * self.each(bins / span)
        scaled -= self.each(low / span * bins)
        np.fmin(np.fmax(scaled, 0, out=scaled), bins - 1, out=scaled)
        index = scaled.astype(np.intp)
        firsts = np.arange(0, len(self.units) * bins, bins)
        index += self.each(firsts)
        counts = np.bincount(index.ravel(), minlength=len(firsts) * bins).reshape(-1, bins)
        shares = counts / counts.sum(axis=1, keepdims=True)
        shares[~np.isfinite(width)] = 0
        return np.asarray(shares, np.float32)
