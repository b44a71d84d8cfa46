"""What a diagnosis says: a finding in words, and remedies, which are edits."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.checkup import Checkup
from engine.operations import Array

Edits = tuple[tuple[str, dict[str, Any]], ...]

HIGHEST_RATE = 10.0
"""No larger learning rate is something to try."""


@dataclass(frozen=True)
class Remedy:
    """Something to try: the edits to make, in words and as commands."""

    label: str
    edits: Edits


@dataclass(frozen=True)
class Finding:
    """What is wrong, in which layers (from 1; none: in all), and what to try."""

    name: str
    layers: tuple[int, ...]
    message: str
    remedies: tuple[Remedy, ...]


# ---- remedies -----------------------------------------------------------------------------------


def afresh(label: str, **changes: Any) -> Remedy:
    """Other options, and then the same initial weights again."""
    return Remedy(f"start again {label}", (("set", changes), ("reset", {})))


def glorot() -> Remedy:
    """Other initial weights."""
    start = (("reset", {"initializer": "glorot_uniform"}),)
    return Remedy("start again from Glorot's weights", start)


def in_layers(label: str, layers: Iterable[int], **options: Any) -> Remedy:
    """The same options in several layers."""
    return Remedy(label, tuple(("set_layer", {"layer": k, **options}) for k in layers))


def everywhere(case: Checkup, label: str, **options: Any) -> Remedy:
    """The same options in all hidden layers."""
    return in_layers(f"{label} in all layers", range(1, case.hidden + 1), **options)


def slower(case: Checkup) -> Remedy:
    """A third of the learning rate."""
    rate = rounded(min(case.recipe.learning_rate / 3, HIGHEST_RATE))
    return Remedy(f"learning rate {rate:g}", (("set", {"learning_rate": rate}),))


def slower_afresh(case: Checkup) -> Remedy:
    """From the start with a tenth of the rate that did the harm, at most 1."""
    rate = rounded(min(case.recipe.learning_rate, highest_rate(case) / 10, 1.0))
    return afresh(f"at learning rate {rate:g}", learning_rate=rate)


def highest_rate(case: Checkup) -> float:
    """The largest learning rate that steps were made with."""
    rates: list[float] = case.trainer.history.columns()[5].tolist()
    return max(case.recipe.learning_rate, *rates)


def rounded(value: float) -> float:
    """Two digits are enough for something to try."""
    return float(f"{value:.2g}")


# ---- words --------------------------------------------------------------------------------------


def named(hidden: int, layers: Iterable[int]) -> str:
    """Of so many hidden layers and the output: layer 2 and the output; the output layer."""
    *others, last = [str(k) if k <= hidden else "the output" for k in layers]
    if len(others) == 1 and not last.isdigit():
        return f"layer {others[0]} and {last}"
    if others:
        return f"layers {', '.join(others)} and {last}"
    return f"layer {last}" if last.isdigit() else f"{last} layer"


def percent(share: float) -> str:
    """A share in words."""
    return f"{100 * share:.0f} %"


def percents(shares: Array, layers: Iterable[int]) -> str:
    """The shares of some layers in words: 94 to 100 %."""
    theirs = [shares[k - 1] for k in layers]
    least, most = percent(min(theirs)), percent(max(theirs))
    return most if least == most else f"{least.removesuffix(' %')} to {most}"


def times(factor: float) -> str:
    """A factor in words."""
    return f"{factor:,.0f} times" if factor < 1e4 else "more than 10,000 times"


def numbers(mask: Array) -> tuple[int, ...]:
    """The layers, counted from 1, for which it is true."""
    return tuple((np.flatnonzero(mask) + 1).tolist())
