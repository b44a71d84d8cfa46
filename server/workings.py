"""The numbers between the lines of a step, as tensors of a frame and as lines to write out."""

import math
from typing import Literal

import numpy as np

from engine.experiment import Edit, Experiment
from engine.line import Line
from engine.operations import Array
from engine.place import Place
from engine.record import Record
from engine.trainer import Trainer
from engine.workings import Workings, products, shares_of
from server.protocol.microscopeframe import LineInfo, NumberInfo

ALWAYS = {"activations", "deltas"}
"""Signals that every frame carries."""
ADDING = {"add_neuron", "add_layer", "features"}
"""Edits that bring new weights."""


def step_tensors(
    trainer: Trainer,
    record: Record,
    workings: Workings,
    example: int | None,
    place: Place | None,
) -> dict[str, Array]:
    """Every number of the upcoming step that frames do not carry always; see the declarations."""
    size, state = trainer.network.parameters.size, trainer.optimizer.state
    slots = trainer.optimizer.slots
    forward, back, shares = products(trainer, record, workings, example)
    tensors = {
        name: np.concatenate(layers)
        for name, layers in workings.signals.items()
        if name not in ALWAYS
    }
    tensors |= {
        "minibatch": np.stack(
            [np.concatenate(workings.over_minibatch(name)) for name in workings.signals]
        ),
        "targets": record.targets,
        "normalisation": np.concatenate(workings.statistics, axis=1),
        "losses": workings.losses,
        "own_slopes": workings.own_slopes,
        "signals_forward": forward,
        "signals_backward": back,
        "shares": shares,
        "backpropagated": record.backpropagated,
        "new_parameters": record.after,
        "state_before": np.array([state[slot] for slot in slots]).reshape(-1, size),
        "state_after": np.array([record.state[slot] for slot in slots]).reshape(-1, size),
    }
    if workings.probabilities is not None:
        tensors["probabilities"] = workings.probabilities
    if place is not None:
        share, factors = shares_of(workings, place)
        tensors["example_shares"] = np.stack([share, *factors])
    return tensors


def line_infos(lines: list[Line], size: int) -> tuple[list[LineInfo], Array]:
    """The lines, and the numbers that each parameter has its own of, (n, size)."""
    rows: list[Array] = []

    def told(value: float | Array) -> NumberInfo:
        if not isinstance(value, np.ndarray):
            return NumberInfo(number=float(value) if math.isfinite(value) else None, row=None)
        for row, known in enumerate(rows):
            if known is value:
                return NumberInfo(number=None, row=row)
        rows.append(value)
        return NumberInfo(number=None, row=len(rows) - 1)

    infos = [
        LineInfo(
            name=line.name,
            how=line.how,
            operands=[told(operand) for operand in line.operands],
            result=told(line.result),
            weights_only=line.weights_only,
        )
        for line in lines
    ]
    return infos, np.array(rows).reshape(-1, size)


def since_drawn(experiment: Experiment) -> tuple[Literal["none", "some", "all"], bool]:
    """Which parameters were set by hand since the first were drawn; whether some were added."""
    edits = experiment.edits
    begun = max((k for k, edit in enumerate(edits, 1) if _draws(edit)), default=0)
    added = any(name in ADDING for _, name, _ in edits[begun:])
    places = {
        (edit["layer"], edit["unit"], edit["input"])
        for _, name, edit in edits[begun:]
        if name == "set_parameter"
    }
    if not places:
        return "none", added
    whole = len(places) == sum(layer.affine.size for layer in experiment.network.layers)
    return "all" if whole and not added else "some", added


def _draws(edit: Edit) -> bool:
    """Whether the weights begin anew. A replica of a race may go on from those that there were."""
    _, name, arguments = edit
    return name == "reset" or (name == "adopt" and bool(arguments["afresh"]))
