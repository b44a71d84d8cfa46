"""Taking a network apart and putting it together anew, with all that was learned.

Where each number of the new flat parameter vector comes from is worked out once, as a list of old
positions; the optimizer's state, which has the same layout, then moves along with the weights.
What has no origin is new.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.layers import Dense
from engine.network import Network
from engine.operations import Array
from engine.trainer import Trainer

NEW = -1


@dataclass
class Graft:
    """A layer of the new network, and where its units and inputs were in the old one."""

    layer: Dense
    origin: Dense | None
    units: Sequence[int]
    inputs: Sequence[int]


def check_single(network: Network) -> None:
    """Raises ValueError where there are replicas: theirs is one architecture, fixed."""
    if network.replicas is not None:
        raise ValueError(f"replicas: got {network.replicas}, expected a network without replicas")


def kept(layer: Dense, **changes: object) -> Graft:
    """A layer as it is, but for changed options; all its units and inputs are kept."""
    options = {
        "activation": layer.activation,
        "batch_norm": layer.norm is not None,
        "dropout": layer.dropout,
        **changes,
    }
    new = Dense(layer.fan_in, layer.units, **options)  # type: ignore[arg-type]
    return Graft(new, layer, range(layer.units), range(layer.fan_in))


def resized(layer: Dense, units: Sequence[int], inputs: Sequence[int]) -> Graft:
    """A layer with other units and inputs: a list of old indices, NEW where one is added."""
    graft = kept(layer)
    new = graft.layer
    graft.layer = Dense(
        len(inputs),
        len(units),
        new.activation,
        batch_norm=new.norm is not None,
        dropout=new.dropout,
    )
    graft.units, graft.inputs = units, inputs
    return graft


def transplant(trainer: Trainer, grafts: list[Graft]) -> None:
    """Put the grafts together as the trainer's network, with all that they bring along.

    New units have drawn weights and bias 0, new inputs have weights 0, all optimizer state of
    what is new is 0. The loss curve, the step count and the random streams go on.
    """
    network, optimizer = trainer.network, trainer.optimizer
    check_single(network)
    starts = {
        id(layer): start for layer, start in zip(network.layers, network.offsets, strict=False)
    }
    origin = np.concatenate([_origin(graft, starts) for graft in grafts])
    old_parameters = network.parameters
    rng = np.random.default_rng([network.seed, 3, network.version])
    network.assemble([graft.layer for graft in grafts])
    for graft in grafts:
        _initialize_new(graft, network.initializer.draw(rng, graft.layer.fan_in, graft.layer.units))
    survives = origin != NEW
    network.parameters[survives] = old_parameters[origin[survives]]
    trainer.optimizer = type(optimizer)(
        network.parameters, network.gradients, optimizer.learning_rate, **optimizer.values
    )
    trainer.optimizer.steps = optimizer.steps
    for name, values in optimizer.state.items():
        trainer.optimizer.state[name][survives] = values[origin[survives]]


def _origin(graft: Graft, starts: dict[int, int]) -> Array:
    """For each of the graft's parameters its position in the old flat vector, or NEW."""
    old, new = graft.origin, graft.layer
    if old is None:
        return np.full(new.size, NEW)
    rows, columns = np.array(graft.units), np.array([*graft.inputs, old.fan_in])
    positions = starts[id(old)] + np.arange(old.size)
    split = old.units * (old.fan_in + 1)
    affine = positions[:split].reshape(old.units, -1)[rows][:, columns]
    affine[rows == NEW] = NEW
    affine[:, columns == NEW] = NEW
    if new.norm is None:
        return np.ravel(affine)
    scale_and_shift = np.full((2, new.units), NEW)
    if old.norm is not None:
        scale_and_shift = positions[split:].reshape(2, -1)[:, rows]
        scale_and_shift[:, rows == NEW] = NEW
    return np.concatenate([affine.ravel(), scale_and_shift.ravel()])


def _initialize_new(graft: Graft, drawn: Array) -> None:
    """What may have no origin: weights, γ, β and running statistics of new units."""
    layer, rows = graft.layer, np.array(graft.units)
    layer.weight[:, rows == NEW] = drawn[:, rows == NEW]
    if layer.norm:
        layer.norm.scale[...] = 1
        if graft.origin is not None and graft.origin.norm is not None:
            layer.norm.running[...] = graft.origin.norm.running[:, rows]
            layer.norm.running[:, rows == NEW] = [[0], [1]]
