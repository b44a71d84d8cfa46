"""Pictures: what each unit, and the network's output, says about every point of the input.

The network is evaluated on a grid of S × S points (the curve: S points); the units' own small
pictures show every third of them along each side. A large network has a coarser grid, the more so
while it moves: its pictures must leave the time to training, and none are looked at for long.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.datasets.targets import lowest_target
from engine.experiment import Experiment
from server.describe import RANGE

Array = NDArray[Any]

FIELDS = (32, 24, 16, 12)
"""Points along the side of a unit's picture: as many as the budget allows."""
BUDGET = 460_000
MOVING_BUDGET = 350_000
"""Activations that the pictures of one frame may take; the fewer while the network moves."""
STRIDE = 3
BAND = 100_000
"""Numbers that are worked out together: half a megabyte with what they are made from."""


@dataclass(frozen=True)
class Grid:
    """Points at which the network is evaluated, those of the small pictures first."""

    inputs: Array
    """What the network is given for each point: (points, inputs)."""
    places: Array
    """Where in the large picture each point lies."""
    x: Array
    """Coordinates along a side, rising."""
    field: int
    """Points along the side of a small picture."""
    small: int
    """Points of a small picture."""

    @property
    def surface(self) -> int:
        """Points along the side of the surface."""
        return self.field * STRIDE


def field_side(experiment: Experiment, *, still: bool) -> int:
    """Points along the side of a unit's picture; `still`: it is looked at for a while."""
    if experiment.data.info.kind != "plane":
        return FIELDS[0]
    units, budget = sum(experiment.network.sizes[1:]), BUDGET if still else MOVING_BUDGET
    return next((f for f in FIELDS if units * (f * STRIDE) ** 2 <= budget), FIELDS[-1])


def make_grid(experiment: Experiment, field: int) -> Grid | None:
    """The grid for the experiment's kind of data, from `field_side`; None for tables and images."""
    kind = experiment.data.info.kind
    if kind not in ("plane", "curve"):
        return None
    side = field * STRIDE
    low, high = RANGE
    x = low + (high - low) * (np.arange(side) + 0.5) / side
    third = np.arange(side) % STRIDE == STRIDE // 2
    if kind == "curve":
        points, chosen = x[:, None], third
    else:
        x1, x2 = np.meshgrid(x, x[::-1])  # the first line of a picture has the largest x2
        points = np.stack([x1.ravel(), x2.ravel()], axis=1)
        chosen = np.outer(third, third).ravel()
    places = np.concatenate([np.flatnonzero(chosen), np.flatnonzero(~chosen)])
    inputs = np.ascontiguousarray(experiment.inputs(points[places]), experiment.network.dtype)
    return Grid(inputs, places, x, field, int(chosen.sum()))


class Pictures:
    """The pictures of one frame: (rows, points), from one evaluation of the grid."""

    def __init__(self, experiment: Experiment, grid: Grid, focus: tuple[int, int] | None) -> None:
        """`focus` is the layer and unit whose picture is wanted in full size."""
        self.experiment, self.grid = experiment, grid
        self.plane = experiment.data.info.kind == "plane"
        network = experiment.network
        sizes, points = network.sizes, len(grid.places)
        self.output = np.empty((sizes[-1], points), network.dtype)
        self.focus = np.empty((1, points), network.dtype) if focus and self.plane else None
        self.focus_row = sum(sizes[: focus[0]]) + focus[1] if focus else 0
        # The small pictures of all units together, then bands that fit the processor's cache.
        band = points - grid.small
        while band * sum(sizes) > BAND and band % 2 == 0:
            band //= 2
        for start, stop in pairwise([0, *range(grid.small, points + 1, band)]):
            layers = network.activations(grid.inputs[start:stop])
            if start == 0:
                self.small = np.concatenate([layer.T for layer in layers])
            here = grid.places[start:stop]
            self.output[:, here] = layers[-1].T
            if focus is not None and self.focus is not None:
                self.focus[:, here] = layers[focus[0]][:, focus[1]]

    def fields(self) -> dict[str, Array]:
        """Tensors `fields`, `field_scales` and, with a unit in focus, `focus`."""
        scales = scales_of(self.small)
        tensors = {"field_scales": scales}
        side, field = self.grid.surface, self.grid.field
        if self.focus is not None:
            scale = scales[self.focus_row : self.focus_row + 1]
            scale[:] = scales_of(self.focus)
            tensors["focus"] = as_bytes(self.focus, scale).reshape(side, side)
        tensors["fields"] = as_bytes(self.small, scales).reshape(len(scales), -1, field)
        return tensors

    def surface(self) -> tuple[Array, float]:
        """The output as bytes (C, S, S), and the scale of one output's."""
        surface, scale = answers(self.experiment, self.output)
        return surface.reshape(-1, self.grid.surface, self.grid.surface), scale

    def fit(self) -> Array:
        """The curve (2, points): x and prediction, in their own units."""
        prediction = self.experiment.decide(self.output.T)
        return np.stack([self.grid.x, prediction]).astype(np.float32)


def answers(experiment: Experiment, output: Array) -> tuple[Array, float]:
    """Outputs (outputs, points) as bytes, and the scale of one output's."""
    if len(output) > 1:
        p = experiment.probabilities(output.T).T
        return np.rint(np.nan_to_num(p) * 255).astype(np.uint8), 1.0
    if experiment.data.info.task == "classification":
        return as_bytes(experiment.leaning(output), np.ones(1, np.float32)), 1.0
    scale = surface_scale(experiment.data)
    return as_bytes(output, np.array([scale], np.float32)), scale


def ends(experiment: Experiment, scale: float) -> tuple[float, float]:
    """The answers at the ends of one output's surface: the two targets of a classification."""
    if experiment.data.info.task != "classification":
        return -scale, scale
    return lowest_target(experiment.recipe.loss, experiment.recipe.output_activation), 1.0


def surface_scale(data: Any) -> float:
    """The largest target: what a surface of a regression shows in full colour."""
    y = np.concatenate([data.y_train, data.y_test])
    return float(np.max(np.abs((y - data.target_mean) / data.target_scale))) or 1.0


def scales_of(values: Array) -> Array:
    """The largest finite magnitude of each picture (rows, points) as float32, never 0."""
    scales = np.maximum(values.max(axis=1), -values.min(axis=1)).astype(np.float32)
    if not np.isfinite(scales).all():
        finite = np.nan_to_num(np.abs(values), nan=0, posinf=0).max(axis=1)
        scales = np.where(np.isfinite(scales), scales, finite).astype(np.float32)
    return np.where(scales > 0, scales, np.float32(1))


def as_bytes(values: Array, scales: Array) -> Array:
    """Bytes 1 … 255 for −scale … scale; what lies beyond is cut off, NaN is the byte 0."""
    levels = values * (127 / scales[:, None])
    np.clip(levels, -127, 127, out=levels)
    levels += 128.5  # so that cutting off the fraction rounds
    if np.isnan(levels.sum()):
        levels = np.nan_to_num(levels, nan=0)
    return levels.astype(np.uint8)
