"""A recipe: everything that determines a run, as plain values."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from engine.activations import activations
from engine.checks import number, whole
from engine.datasets import datasets
from engine.datasets.features import FEATURES
from engine.initializers import initializers
from engine.losses import losses
from engine.optimizers import optimizers
from engine.schedules import Schedule


@dataclass(frozen=True)
class LayerSpec:
    """One hidden layer. Raises ValueError naming what is out of bounds."""

    units: int
    activation: str = "tanh"
    batch_norm: bool = False
    dropout: float = 0.0

    def __post_init__(self) -> None:
        whole("units", self.units, 1)
        activations.find(self.activation, "activation")
        number("dropout", self.dropout, 0, 0.95)


@dataclass(frozen=True)
class Recipe:
    """Data, network, loss, optimizer and seed. Raises ValueError naming the field."""

    dataset: str = "moons"
    samples: int = 500
    noise: float = 0.2
    test_share: float = 0.33
    arms: int = 3
    features: tuple[str, ...] = ("x1", "x2")
    layers: tuple[LayerSpec, ...] = (LayerSpec(4), LayerSpec(4))
    output_activation: str = "tanh"
    loss: str = "half_squared_error"
    optimizer: str = "sgd"
    optimizer_options: Mapping[str, float] = field(default_factory=dict)
    learning_rate: float = 0.03
    batch_size: int = 10
    l1: float = 0.0
    l2: float = 0.0
    clip_norm: float | None = None
    initializer: str = "glorot_uniform"
    std: float = 0.5
    seed: int = 0
    schedule: Schedule = field(default_factory=Schedule)

    def __post_init__(self) -> None:
        if self.dataset not in datasets:
            raise ValueError(
                f"dataset: got {self.dataset!r}, expected one of {', '.join(datasets)}"
            )
        whole("samples", self.samples, 10, 5000)
        number("noise", self.noise, 0, 1)
        number("test_share", self.test_share, 0, 0.9)
        whole("arms", self.arms, 2, 5)
        unknown = [name for name in self.features if name not in FEATURES]
        if unknown or not self.features or len(set(self.features)) < len(self.features):
            raise ValueError(
                f"features: got {list(self.features)}, expected one or more of "
                f"{', '.join(FEATURES)}, each once"
            )
        loss = losses.find(self.loss, "loss")
        activations.find(self.output_activation, "output_activation")
        if loss.from_logits and self.output_activation != "linear":
            raise ValueError(
                f"output_activation: got {self.output_activation!r}, expected linear: "
                f"{self.loss} takes logits"
            )
        if loss.classifies and datasets[self.dataset].task != "classification":
            raise ValueError(
                f"loss: got {self.loss!r}, expected one for regression, since the targets of "
                f"{self.dataset} are numbers, not classes"
            )
        kind = optimizers.find(self.optimizer, "optimizer")
        for name, value in self.optimizer_options.items():
            if name not in kind.options:
                has = ", ".join(kind.options) or "none"
                raise ValueError(
                    f"optimizer_options.{name}: got {value!r}, expected no such option: "
                    f"{self.optimizer} has {has}"
                )
            number(name, value, kind.options[name].low, kind.options[name].high)
        number("learning_rate", self.learning_rate, 0, 1e6)
        whole("batch_size", self.batch_size, 1)
        number("l1", self.l1, 0)
        number("l2", self.l2, 0)
        if self.clip_norm is not None and not number("clip_norm", self.clip_norm, 0) > 0:
            raise ValueError(f"clip_norm: got {self.clip_norm!r}, expected more than 0, or nothing")
        initializers.find(self.initializer, "initializer")
        number("std", self.std, 0)
        whole("seed", self.seed, 0)

    def changed(self, **changes: Any) -> "Recipe":
        """Return the recipe with some values changed; raises ValueError naming the field."""
        names = {f.name for f in fields(self)}
        for name in changes:
            if name not in names:
                raise ValueError(f"{name}: a recipe has no such field")
        if "layers" in changes:
            changes["layers"] = tuple(
                layer if isinstance(layer, LayerSpec) else LayerSpec(**layer)
                for layer in changes["layers"]
            )
        if "features" in changes:
            changes["features"] = tuple(changes["features"])
        if isinstance(changes.get("schedule"), Mapping):
            changes["schedule"] = Schedule(**changes["schedule"])
        return replace(self, **changes)

    def with_layer(self, index: int, **changes: Any) -> "Recipe":
        """With options of hidden layer `index` (from 0) changed."""
        layers = list(self.layers)
        layers[index] = replace(layers[index], **changes)
        return replace(self, layers=tuple(layers))

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return asdict(self)


def recipe_for(dataset: str, **changes: Any) -> Recipe:
    """A recipe with the loss and output that suit a data set, and the given changes.

    Two classes: TF Playground's tanh output and half squared error, or for tables a logit with
    binary cross-entropy; more classes: logits with cross-entropy; regression: a linear output.
    """
    info = datasets.get(dataset) if isinstance(dataset, str) else None
    chosen: dict[str, Any] = {"dataset": dataset}
    if info is not None and info.task == "regression":
        chosen |= {"output_activation": "linear"}
    elif info is not None and info.classes != 2:
        chosen |= {"output_activation": "linear", "loss": "cross_entropy"}
    elif info is not None and info.kind == "table":
        chosen |= {"output_activation": "linear", "loss": "binary_cross_entropy"}
    if "loss" in changes and changes["loss"] in losses and "output_activation" not in changes:
        logits = losses[changes["loss"]].from_logits
        squared_classes = info is not None and info.task == "classification" and not logits
        chosen["output_activation"] = "tanh" if squared_classes else "linear"
    return Recipe().changed(**{**chosen, **changes})
