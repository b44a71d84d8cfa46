"""The kinds of value that commands are made of: numbers with bounds, names from registries."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import CoreSchema, core_schema

from engine.activations import activations
from engine.datasets import datasets
from engine.datasets.features import FEATURES
from engine.initializers import initializers
from engine.losses import losses
from engine.optimizers import optimizers

PROTOCOL_VERSION = 1
MAX_CREDIT = 2
"""Frames that a viewer may have received and not yet acknowledged."""
MAX_MESSAGE_BYTES = 64 * 1024
FOR_GOOD = 4000
"""The close code of a viewer that will not come back to its session."""
MAX_UNITS = 32
MAX_HIDDEN_LAYERS = 8

BOUNDS: dict[str, tuple[float, float]] = {
    "id": (0, 2**53 - 1),
    "frame": (0, 2**53 - 1),
    "count": (1, 100_000),
    "steps_per_second": (1, 1e6),
    "learning_rate": (0, 100),
    "batch_size": (1, 2000),
    "l1": (0, 10),
    "l2": (0, 10),
    "clip_norm": (1e-6, 1e6),
    "samples": (20, 2000),
    "noise": (0, 1),
    "test_share": (0, 0.9),
    "arms": (2, 5),
    "units": (1, MAX_UNITS),
    "dropout": (0, 0.9),
    "std": (0, 100),
    "seed": (0, 2**32 - 1),
    "layer": (0, MAX_HIDDEN_LAYERS + 1),
    "position": (1, MAX_HIDDEN_LAYERS + 1),
    "unit": (0, 255),
    "input": (0, 255),
    "value": (-1e6, 1e6),
    "index": (0, 100_000),
    "example": (0, 1999),
    "low": (1e-8, 1000),
    "high": (1e-8, 1000),
    "rates": (1e-8, 1000),
    "replicas": (2, 64),
    "lane": (0, 3),
    "replica": (0, 63),
    "steps": (1, 10_000_000),
    "find_rate.steps": (20, 5000),
    "begin": (0, 10_000_000),
    "final": (0, 1),
    "t": (0, 10_000_000),
    "factor": (1e-8, 1000),
    "size": (5, 101),
    "made": (0, 2**53 - 1),
}
"""Every number's smallest and largest value, by the name of its field; that of one command
alone has the command's before it."""


@dataclass(frozen=True)
class Choice:
    """One of a registry's names; `name` is what the JavaScript twin calls this type."""

    name: str
    names: Collection[str]

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        return core_schema.literal_schema(list(self.names))


class Strict(BaseModel):
    """No unknown field, no conversion ("3" is not 3), no NaN or Infinity."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


def _bounded(name: str) -> Any:
    low, high = BOUNDS[name]
    return Field(ge=low, le=high)


Dataset = Annotated[str, Choice("DatasetName", datasets)]
Feature = Annotated[str, Choice("FeatureName", FEATURES)]
Activation = Annotated[str, Choice("ActivationName", activations)]
Loss = Annotated[str, Choice("LossName", losses)]
Initializer = Annotated[str, Choice("InitializerName", initializers)]
Optimizer = Annotated[str, Choice("OptimizerName", optimizers)]
_options = dict.fromkeys(name for kind in optimizers.values() for name in kind.options)
OptimizerOption = Annotated[str, Choice("OptimizerOptionName", list(_options))]
SessionId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_-]+$")]
Part = Literal["train", "test"]

Id = Annotated[int, _bounded("id")]
FrameNumber = Annotated[int, _bounded("frame")]
Count = Annotated[int, _bounded("count")]
Speed = Annotated[float, _bounded("steps_per_second")]
LearningRate = Annotated[float, _bounded("learning_rate")]
BatchSize = Annotated[int, _bounded("batch_size")]
L1 = Annotated[float, _bounded("l1")]
L2 = Annotated[float, _bounded("l2")]
ClipNorm = Annotated[float, _bounded("clip_norm")]
Samples = Annotated[int, _bounded("samples")]
Noise = Annotated[float, _bounded("noise")]
TestShare = Annotated[float, _bounded("test_share")]
Arms = Annotated[int, _bounded("arms")]
Units = Annotated[int, _bounded("units")]
Dropout = Annotated[float, _bounded("dropout")]
Std = Annotated[float, _bounded("std")]
Seed = Annotated[int, _bounded("seed")]
Layer = Annotated[int, _bounded("layer")]
Position = Annotated[int, _bounded("position")]
Unit = Annotated[int, _bounded("unit")]
Input = Annotated[int, _bounded("input")]
Value = Annotated[float, _bounded("value")]
Index = Annotated[int, _bounded("index")]
Example = Annotated[int, _bounded("example")]
Low = Annotated[float, _bounded("low")]
High = Annotated[float, _bounded("high")]
RaceRate = Annotated[float, _bounded("rates")]
Replicas = Annotated[int, _bounded("replicas")]
Lane = Annotated[int, _bounded("lane")]
Replica = Annotated[int, _bounded("replica")]
Steps = Annotated[int, _bounded("steps")]
RampSteps = Annotated[int, _bounded("find_rate.steps")]
Begin = Annotated[int, _bounded("begin")]
Final = Annotated[float, _bounded("final")]
CurveTime = Annotated[float, _bounded("t")]
CurveFactor = Annotated[float, _bounded("factor")]
Size = Annotated[int, _bounded("size")]
Made = Annotated[int, _bounded("made")]


class CommandBase(Strict):
    """What all commands have."""

    id: Id | None = None
    """Any number of the client's own: the answer repeats it."""
