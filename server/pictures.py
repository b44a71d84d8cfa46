"""Pictures: what each unit, and the network's output, says about every point of the input.

The network is evaluated once on a grid of S × S points (the curve: S points); thumbnails are
every third point of it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.datasets import targets
from engine.experiment import Experiment
from server.describe import RANGE

Array = NDArray[Any]

MANY_UNITS = 64
"""With more hidden units than this, pictures have half the points along each side."""
STRIDE = 3
BAND = 100_000
"""Numbers that are worked out together: half a megabyte with what they are made from."""


@dataclass(frozen=True)
class Grid:
    """Points at which the network is evaluated, as it wants them: (points, inputs)."""

    inputs: Array
    x: Array
    """Coordinates along a side, rising."""
    field: int
    """Points along the side of a thumbnail."""

    @property
    def surface(self) -> int:
        """Points along the side of the surface."""
        return self.field * STRIDE


def make_grid(experiment: Experiment) -> Grid | None:
    """The grid for the experiment's kind of data; None for tables and images."""
    kind = experiment.data.info.kind
    if kind not in ("plane", "curve"):
        return None
    field = 16 if kind == "plane" and sum(experiment.network.sizes[1:-1]) > MANY_UNITS else 32
    side = field * STRIDE
    low, high = RANGE
    x = low + (high - low) * (np.arange(side) + 0.5) / side
    if kind == "curve":
        points = x[:, None]
    else:
        x1, x2 = np.meshgrid(x, x[::-1])  # the first line of a picture has the largest x2
        points = np.stack([x1.ravel(), x2.ravel()], axis=1)
    inputs = np.ascontiguousarray(experiment.inputs(points), experiment.network.dtype)
    return Grid(inputs, x, field)


class Pictures:
    """The pictures of one frame, from one evaluation of the grid."""

    def __init__(self, experiment: Experiment, grid: Grid, focus: tuple[int, int] | None) -> None:
        """`focus` is the layer and unit whose picture is wanted in full size."""
        self.experiment, self.grid = experiment, grid
        self.plane = experiment.data.info.kind == "plane"
        side, field = grid.surface, grid.field
        lines, small = (side, field) if self.plane else (1, 1)
        network = experiment.network
        sizes = network.sizes
        starts = np.cumsum([0, *sizes]).tolist()
        self.thumbnails = np.empty((starts[-1], small, field), network.dtype)
        self.output = np.empty((sizes[-1], lines, side), network.dtype)
        self.focus = np.empty((1, lines, side), network.dtype) if focus and self.plane else None
        self.focus_row = starts[focus[0]] + focus[1] if focus else 0
        middle = STRIDE // 2
        # In bands of lines that fit the processor's cache together with what each unit makes.
        bands = 1
        while bands < small and starts[-1] * len(grid.inputs) > bands * BAND:
            bands *= 2
        for band in range(bands):
            here = slice(band * lines // bands, (band + 1) * lines // bands)
            there = slice(band * small // bands, (band + 1) * small // bands)
            layers = network.activations(grid.inputs[here.start * side : here.stop * side])
            pictures = [a.T.reshape(a.shape[1], -1, side) for a in layers]
            chosen = slice(middle if self.plane else 0, None, STRIDE)
            for start, stop, picture in zip(starts[:-1], starts[1:], pictures, strict=True):
                self.thumbnails[start:stop, there] = picture[:, chosen, middle::STRIDE]
            self.output[:, here] = pictures[-1]
            if focus is not None and self.focus is not None:
                self.focus[:, here] = pictures[focus[0]][focus[1] : focus[1] + 1]

    def fields(self) -> dict[str, Array]:
        """Tensors `fields`, `field_scales` and, with a unit in focus, `focus`."""
        scales = scales_of(self.thumbnails)
        tensors = {"field_scales": scales}
        if self.focus is not None:
            scale = scales[self.focus_row : self.focus_row + 1]
            scale[:] = scales_of(self.focus)
            tensors["focus"] = as_bytes(self.focus, scale)[0]
        tensors["fields"] = as_bytes(self.thumbnails, scales)
        return tensors

    def surface(self) -> tuple[Array, float]:
        """The output as bytes (C, S, S), and the scale of one output's."""
        data, loss = self.experiment.data, self.experiment.recipe.loss
        output = self.output
        classes = data.info.task == "classification"
        if len(output) == 1 and not (classes and loss == "binary_cross_entropy"):
            scale = 1.0 if classes else surface_scale(data)
            return as_bytes(output, np.array([scale], np.float32)), scale
        p = targets.probabilities(output.reshape(len(output), -1).T, data, loss)
        if len(output) == 1:
            signed = (2 * p[:, 1] - 1).reshape(output.shape)
            return as_bytes(signed, np.ones(1, np.float32)), 1.0
        shape = (p.shape[1], *output.shape[1:])
        return np.rint(np.nan_to_num(p.T) * 255).astype(np.uint8).reshape(shape), 1.0

    def fit(self) -> Array:
        """The curve (2, points): x and prediction, in their own units."""
        data, loss = self.experiment.data, self.experiment.recipe.loss
        output = self.output.reshape(len(self.output), -1).T
        prediction = targets.decide(output, data, loss)
        return np.stack([self.grid.x, prediction]).astype(np.float32)


def surface_scale(data: Any) -> float:
    """The largest target: what a surface of a regression shows in full colour."""
    y = np.concatenate([data.y_train, data.y_test])
    return float(np.max(np.abs((y - data.target_mean) / data.target_scale))) or 1.0


def scales_of(values: Array) -> Array:
    """The largest magnitude of each picture (rows, height, width) as float32, never 0."""
    flat = values.reshape(len(values), -1)
    scales = np.maximum(flat.max(axis=1), -flat.min(axis=1)).astype(np.float32)
    if not np.isfinite(scales).all():
        finite = np.nan_to_num(np.abs(flat), nan=0, posinf=0).max(axis=1)
        scales = np.where(np.isfinite(scales), scales, finite).astype(np.float32)
    return np.where(scales > 0, scales, np.float32(1))


def as_bytes(values: Array, scales: Array) -> Array:
    """Bytes 1 … 255 for −scale … scale; what lies beyond is cut off, NaN is 0."""
    levels = values * (127 / scales[:, None, None])
    np.clip(levels, -127, 127, out=levels)
    if np.isnan(levels.sum()):
        levels = np.nan_to_num(levels, nan=0)
    levels += 128.5  # so that cutting off the fraction rounds
    return levels.astype(np.uint8)
