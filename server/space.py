"""What a layer makes of space: which layer viewers look at, and what a frame says of it."""

import numpy as np

from engine.datasets import Data
from engine.experiment import Experiment
from engine.operations import Array
from engine.representation import Representation
from server.describe import RANGE, unit_names
from server.pictures import answers
from server.protocol import Refusal
from server.protocol import microscope as c
from server.protocol.microscopeframe import RepresentInfo

SIDE = 33
"""Points along one side of the grid."""


class Space:
    """The layer that is looked at, if any."""

    def __init__(self) -> None:
        self._chosen: tuple[int, tuple[int, ...] | None] | None = None
        self._made: tuple[Data, tuple[str, ...], Representation] | None = None

    def choose(self, command: c.Represent, experiment: Experiment) -> str:
        """Choose the layer, or none; raises `Refusal` where there is no such layer or unit."""
        if command.layer is None:
            self._chosen = None
            return "No layer's view of space."
        sizes = experiment.network.sizes
        if command.layer >= len(sizes):
            raise Refusal("layer", str(command.layer), f"0 to {len(sizes) - 1}")
        for unit in command.units or ():
            if unit >= sizes[command.layer]:
                raise Refusal("units", str(unit), f"0 to {sizes[command.layer] - 1}")
        self._chosen = command.layer, command.units
        return f"What layer {command.layer} makes of space."

    def renew(self, experiment: Experiment) -> None:
        """After an edit: what is no longer there is not looked at."""
        if self._chosen is None:
            return
        layer, units = self._chosen
        sizes = experiment.network.sizes
        if layer >= len(sizes) or max(units or (0,)) >= sizes[layer]:
            self._chosen = None

    def look(self, experiment: Experiment) -> tuple[RepresentInfo | None, dict[str, Array]]:
        """For a frame: what is drawn, and where everything stands."""
        if self._chosen is None:
            return None, {}
        layer, units = self._chosen
        seen = self._prepared(experiment).carried(experiment.network, layer, units)
        colours, scale = answers(experiment, seen.outputs.T)
        data = experiment.data
        targets = np.asarray(data.y_train, np.float64)
        ends = None
        if data.info.task == "regression":
            reach = scale * data.target_scale
            targets = (targets - data.target_mean) / reach
            ends = data.target_mean - reach, data.target_mean + reach
        info = RepresentInfo(
            layer=layer,
            units=list(units) if units else None,
            names=_names(experiment, layer, units),
            ends=ends,
        )
        numbers = {"mesh": seen.grid, "carried": seen.examples, "carried_targets": targets}
        tensors = {name: np.asarray(values, np.float32) for name, values in numbers.items()}
        return info, tensors | {"mesh_answers": colours.reshape(-1, *seen.grid.shape[:2])}

    def _prepared(self, experiment: Experiment) -> Representation:
        """The grid and the examples, which change with the data and the features alone."""
        data, features = experiment.data, experiment.recipe.features
        if self._made is None or self._made[0] is not data or self._made[1] != features:
            self._made = data, features, Representation(experiment, RANGE, SIDE)
        return self._made[2]


def _names(experiment: Experiment, layer: int, units: tuple[int, ...] | None) -> list[str]:
    """Of the two axes."""
    names = unit_names(experiment, layer)
    if len(names) == 1:
        return [names[0], "nothing: the layer has one unit"]
    return [names[unit] for unit in units] if units else ["component 1", "component 2"]
