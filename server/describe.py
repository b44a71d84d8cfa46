"""The messages that say what a session is about: its data, its architecture, a refusal."""

from dataclasses import asdict
from typing import Any

from engine.datasets import Data
from engine.datasets.features import FEATURES
from engine.experiment import Experiment
from server.protocol import Command, Refusal
from server.protocol.lab import ScheduleFields
from server.protocol.messages import (
    DataPart,
    Dataset,
    HiddenLayer,
    LayerInfo,
    Recipe,
    Refused,
    Topology,
)

RANGE = (-6.0, 6.0)
"""Both axes of the plane."""


def dataset_message(data: Data) -> Dataset:
    """The data in force; points for the plane and the curve alone."""
    info = data.info
    return Dataset(
        name=info.name,
        title=info.title,
        kind=info.kind,  # type: ignore[arg-type]  # pydantic checks it
        task=info.task,  # type: ignore[arg-type]
        source=info.source,
        licence=info.licence,
        note=info.note,
        columns=list(data.column_names),
        classes=list(data.class_names or ()),
        target=data.target_name,
        image_shape=data.image_shape,
        train=_part(data, data.x_train, data.y_train),
        test=_part(data, data.x_test, data.y_test),
        range=RANGE,
    )


def _part(data: Data, x: Any, y: Any) -> DataPart:
    drawn = data.info.kind in ("plane", "curve")
    return DataPart(
        count=len(x),
        points=x.tolist() if drawn else [],
        targets=[float(value) for value in y] if drawn else [],
    )


def recipe_message(experiment: Experiment) -> Recipe:
    """The recipe in force."""
    fields = asdict(experiment.recipe)
    layers = tuple(HiddenLayer(**layer) for layer in fields.pop("layers"))
    schedule = ScheduleFields(**fields.pop("schedule"))
    return Recipe.model_construct(None, layers=layers, schedule=schedule, **fields)


def topology_message(
    experiment: Experiment, version: int, *, playing: bool, speed: float | None, notes: list[str]
) -> Topology:
    """The architecture in force: where each layer lies in a frame's flat tensors."""
    network, data, recipe = experiment.network, experiment.data, experiment.recipe
    inputs = input_names(experiment)
    rows = len(inputs)
    layers = [
        LayerInfo(
            index=0, kind="input", units=rows, row=0, names=inputs, activation=None,
            batch_norm=False, dropout=0.0, fan_in=0, offset=None, scale_offset=None,
            shift_offset=None,
        )
    ]  # fmt: skip
    for index, layer in enumerate(network.layers, start=1):
        last = index == len(network.layers)
        offset = network.offsets[index - 1]
        affine = layer.units * (layer.fan_in + 1)
        layers.append(
            LayerInfo(
                index=index,
                kind="output" if last else "hidden",
                units=layer.units,
                row=rows,
                names=output_names(data, layer.units) if last else [],
                activation=recipe.output_activation if last else layer.activation.name,
                batch_norm=layer.norm is not None,
                dropout=layer.dropout,
                fan_in=layer.fan_in,
                offset=offset,
                scale_offset=offset + affine if layer.norm else None,
                shift_offset=offset + affine + layer.units if layer.norm else None,
            )
        )
        rows += layer.units
    return Topology(
        version=version,
        recipe=recipe_message(experiment),
        parameters=network.parameters.size,
        rows=rows,
        layers=layers,
        playing=playing,
        speed=speed,
        notes=notes,
    )


def input_names(experiment: Experiment) -> list[str]:
    """What the network's inputs are called: features of the plane, or the data's columns."""
    if experiment.data.info.kind == "plane":
        return [FEATURES[name][0] for name in experiment.recipe.features]
    return list(experiment.data.column_names)


def unit_names(experiment: Experiment, layer: int) -> list[str]:
    """What the units of a layer are called; 0 is the inputs."""
    sizes = experiment.network.sizes
    if layer == 0:
        return input_names(experiment)
    if layer == len(sizes) - 1:
        return output_names(experiment.data, sizes[layer]) if sizes[layer] > 1 else ["ŷ"]
    return [f"unit {unit + 1}" for unit in range(sizes[layer])]


def output_names(data: Data, units: int) -> list[str]:
    """The classes where each has an output of its own, else the target."""
    classes = list(data.class_names or ())
    return classes if len(classes) == units else [data.target_name]


def refused(refusal: Refusal, command: Command | None = None) -> Refused:
    """A refusal as a message."""
    return Refused(
        id=command.id if command else refusal.id,
        command=command.type if command else refusal.command,
        field=refusal.field,
        got=refusal.got,
        allowed=refusal.allowed,
        message=str(refusal),
    )
