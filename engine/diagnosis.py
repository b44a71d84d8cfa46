"""A diagnosis in words: what is wrong with a run, and what to try. Never when nothing is wrong.

Each rule looks at numbers that the page shows as well, and states its bound. The remedies are
edits, so that trying one is one click, and taking it back another.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.diagnostics import STATISTICS
from engine.operations import Array
from engine.run import Run

Edits = tuple[tuple[str, dict[str, Any]], ...]

FACTOR = 100
"""Between the gradient norms of the first and the last layer."""
HALF = 0.5
SATURATED = 0.85
HASTY = 0.1
"""An update of more than a tenth of its weights."""
IDLE = 1e-6
SWING = 0.3
UNLEARNED = 0.5
OVERFITTED = 1.3
LEAST_POINTS = 20


@dataclass(frozen=True)
class Remedy:
    """Something to try: the edits to make, in words and as commands."""

    label: str
    edits: Edits


@dataclass(frozen=True)
class Finding:
    """What is wrong, in which layer (from 1; None: in all), and what to try."""

    name: str
    layer: int | None
    message: str
    remedies: tuple[Remedy, ...]


class Case:
    """What the rules look at."""

    def __init__(self, run: Run, statistics: Array) -> None:
        """`statistics` are those of `layer_statistics`: (layers, 7)."""
        self.run, self.recipe, self.network = run, run.recipe, run.network
        columns = dict(zip(STATISTICS, statistics.T.astype(np.float64), strict=True))
        self.gradient, self.weight = columns["gradient_norm"], columns["weight_norm"]
        self.ratio = columns["update_ratio"]
        self.dead, self.saturated = columns["dead_share"], columns["saturated_share"]
        self.hidden = len(self.recipe.layers)
        self.history = run.trainer.history.columns()

    @property
    def learned(self) -> bool:
        """Whether the training loss is below a twentieth of what it was at the start."""
        losses = self.history[1]
        return bool(len(losses) and losses[-1] < 0.05 * losses[0])

    def everywhere(self, **options: Any) -> Edits:
        """The same options for all hidden layers."""
        return tuple(("set_layer", {"layer": k + 1, **options}) for k in range(self.hidden))

    def slower(self) -> Remedy:
        """A third of the learning rate."""
        rate = self.recipe.learning_rate / 3
        return Remedy(f"learning rate {rate:.2g}", (("set", {"learning_rate": rate}),))


def diagnose(run: Run, statistics: Array) -> list[Finding]:
    """All that is wrong, the most fundamental first; mostly nothing."""
    case = Case(run, statistics)
    findings = [finding for rule in RULES for finding in rule(case)]
    # What follows from another finding is not said beside it.
    names = {finding.name for finding in findings}
    return [f for f in findings if not names & FOLLOWS.get(f.name, set())]


def symmetric(case: Case) -> Iterator[Finding]:
    """All units of a hidden layer have the same weights, in and out: so they stay the same."""
    layers = case.network.layers
    for k, layer in enumerate(layers[:-1]):
        incoming, outgoing = layer.affine, layers[k + 1].weight.T[:, :]
        alike = np.ptp(incoming, axis=0).max() == 0 and np.ptp(outgoing, axis=1).max() == 0
        if layer.units > 1 and alike:
            reset = (("reset", {"initializer": "glorot_uniform"}),)
            yield Finding(
                "symmetric",
                k + 1,
                f"All units of layer {k + 1} have the same weights, so they get the same "
                "gradients and stay the same: the layer is worth one unit.",
                (Remedy("start again from random weights", reset),),
            )
            return


def vanishing(case: Case) -> Iterator[Finding]:
    """The first layer's gradient is less than a hundredth of the last's, and much to learn."""
    first, last = case.gradient[0], case.gradient[-1]
    if case.hidden < 2 or case.learned or not first * FACTOR < last:
        return
    remedies = []
    if any(spec.activation in ("sigmoid", "tanh") for spec in case.recipe.layers):
        remedies.append(Remedy("ReLU in all layers", case.everywhere(activation="relu")))
    if not all(spec.batch_norm for spec in case.recipe.layers):
        remedies.append(
            Remedy("batch normalisation in all layers", case.everywhere(batch_norm=True))
        )
    if case.recipe.initializer not in ("glorot_uniform", "glorot_normal", "he_normal"):
        start = (("reset", {"initializer": "glorot_uniform"}),)
        remedies.append(Remedy("start again from Glorot's initial weights", start))
    times = "to nothing" if first == 0 else f"{last / first:.0f} times"
    yield Finding(
        "vanishing",
        1,
        f"The gradient shrinks {times} on its way from the output to layer 1: it vanishes, and "
        "the first layers hardly learn.",
        tuple(remedies),
    )


def exploding(case: Case) -> Iterator[Finding]:
    """A layer's gradient is more than a hundred times as large as its weights, or as the last's."""
    first, last = case.gradient[0], case.gradient[-1]
    larger = case.gradient / np.where(case.weight > 0, case.weight, np.inf)
    worst = int(larger.argmax())
    if case.hidden >= 2 and last > 0 and first > FACTOR * last:
        layer, said = 1, f"grows {first / last:.0f} times on its way from the output to layer 1"
    elif larger[worst] > FACTOR:
        layer, said = (
            worst + 1,
            (f"of layer {worst + 1} is {larger[worst]:.2g} times as large as its weights"),
        )
    else:
        return
    clip = (("set", {"clip_norm": 1.0}),)
    norm = case.everywhere(batch_norm=True)
    yield Finding(
        "exploding",
        layer,
        f"The gradient {said}: it explodes, and each step throws the weights about.",
        (
            Remedy("clip the gradient's norm at 1", clip),
            Remedy("batch normalisation in all layers", norm),
            Remedy(
                "start again from Glorot's initial weights",
                (("reset", {"initializer": "glorot_uniform"}),),
            ),
        ),
    )


def dead(case: Case) -> Iterator[Finding]:
    """More than half of a layer's units are 0 for every example."""
    for k in np.flatnonzero(case.dead[: case.hidden] > HALF).tolist():
        leaky = (("set_layer", {"layer": k + 1, "activation": "leaky_relu"}),)
        yield Finding(
            "dead",
            k + 1,
            f"{case.dead[k]:.0%} of the units of layer {k + 1} are 0 for every example: no "
            "gradient passes through them, so they cannot come back.",
            (Remedy("leaky ReLU there", leaky), case.slower()),
        )


def saturated(case: Case) -> Iterator[Finding]:
    """More than 85 % of a hidden layer's activations are at the end of their range."""
    if case.learned:
        return  # it is sure of what it has learned
    for k in np.flatnonzero(case.saturated[: case.hidden] > SATURATED).tolist():
        norm = (("set_layer", {"layer": k + 1, "batch_norm": True}),)
        start = (("reset", {"initializer": "glorot_uniform"}),)
        yield Finding(
            "saturated",
            k + 1,
            f"{case.saturated[k]:.0%} of the activations of layer {k + 1} are at the end of their "
            "range, where φ′ is almost 0: little gradient passes.",
            (
                Remedy("start again from Glorot's initial weights", start),
                Remedy("batch normalisation there", norm),
            ),
        )


def too_high(case: Case) -> Iterator[Finding]:
    """An update is more than a tenth of its weights, or the loss goes up and down.

    Up and down: in the last fifth of the curve it rose by more than 30 % of the initial loss.
    """
    losses = case.history[1]
    hasty = np.flatnonzero(case.ratio > HASTY)
    recent = losses[-max(len(losses) // 5, 2) :]
    swings = False
    if len(losses) >= LEAST_POINTS and np.isfinite(losses).all():
        rise = np.max(recent - np.minimum.accumulate(recent))
        swings = bool(rise > SWING * losses[0])
    if case.run.trainer.steps and (swings or (len(hasty) and not case.learned)):
        what = (
            "The training loss goes up and down instead of falling"
            if swings
            else f"The next update of layer {hasty[0] + 1} is {case.ratio[hasty[0]]:.0%} of its "
            "weights"
        )
        yield Finding(
            "rate too high", None, f"{what}: the learning rate is too high.", (case.slower(),)
        )


def too_low(case: Case) -> Iterator[Finding]:
    """All updates are less than a millionth of their weights, and much to learn."""
    losses = case.history[1]
    if not len(losses) or losses[-1] < UNLEARNED * losses[0] or case.recipe.learning_rate == 0:
        return
    if np.all(case.ratio[np.isfinite(case.ratio)] < IDLE) and np.all(case.gradient > 0):
        rate = case.recipe.learning_rate * 100
        yield Finding(
            "rate too low",
            None,
            "Each update is less than a millionth of the weights it changes: the learning rate is "
            "too low, and at this pace nothing will have been learned for a long time.",
            (Remedy(f"learning rate {rate:.2g}", (("set", {"learning_rate": rate}),)),),
        )


def overfitting(case: Case) -> Iterator[Finding]:
    """The test loss is 30 % above its lowest, while the training loss went on falling."""
    _, train, test = case.history[:3]
    if len(test) < LEAST_POINTS or not np.isfinite(test).all():
        return
    recent = test[-5:].mean()
    best = int(test.argmin())
    if recent <= OVERFITTED * test[best] or train[-1] >= train[best]:
        return
    if recent - test[best] < 0.05 * test[0]:
        return  # both are next to nothing
    last = case.hidden
    remedies = [Remedy("L2 penalty 0.01", (("set", {"l2": max(0.01, 3 * case.recipe.l2)}),))]
    if last and not case.recipe.layers[-1].dropout:
        drop = (("set_layer", {"layer": last, "dropout": 0.2}),)
        remedies.append(Remedy(f"dropout 0.2 in layer {last}", drop))
    yield Finding(
        "overfitting",
        None,
        "The loss on the test part rises while that on the training part still falls: the network "
        "learns its examples by heart.",
        tuple(remedies),
    )


RULES: tuple[Callable[[Case], Iterator[Finding]], ...] = (
    symmetric,
    exploding,
    vanishing,
    dead,
    saturated,
    too_high,
    too_low,
    overfitting,
)

FOLLOWS = {
    "vanishing": {"symmetric", "dead", "saturated"},
    "saturated": {"symmetric"},
    "dead": {"exploding"},
    "rate too high": {"exploding"},
    "rate too low": {"symmetric", "vanishing", "dead", "saturated"},
    "overfitting": {"rate too high"},
}
"""What need not be said where one of those others was."""
