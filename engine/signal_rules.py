"""Rules about signals on their way through the layers: symmetric, exploding, vanishing, stopped.

What is so at the initial weights already has its cause there. What was not, the steps have done:
then the cause is the learning rate.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from engine.checkup import FACTOR, HALF, NOTHING, SATURATED, Checkup
from engine.datasets.features import FEATURES
from engine.findings import (
    Finding,
    Remedy,
    afresh,
    everywhere,
    glorot,
    highest_rate,
    in_layers,
    named,
    numbers,
    percents,
    slower_afresh,
    times,
)

PRODUCTS = {"x1_squared", "x2_squared", "x1_x2"}
"""Features that are much larger than the others."""
SIZED = ("zeros", "normal", "uniform")
"""Initialisers whose weights have a size that somebody chose."""


def symmetric(case: Checkup) -> Iterator[Finding]:
    """All units of a hidden layer have the same weights, in and out: so they stay the same."""
    layers = case.network.layers
    alike = [
        layer.units > 1
        and np.ptp(layer.affine, axis=0).max() == 0
        and np.ptp(after.weight, axis=0).max() == 0
        for layer, after in pairwise(layers)
    ]
    if any(alike):
        reset = (("reset", {"initializer": "glorot_uniform"}),)
        where = numbers(np.array(alike))
        worth = "the layer is" if len(where) == 1 else "each layer is"
        yield Finding(
            "symmetric",
            where,
            f"All units of {named(case.hidden, where)} have the same weights, so they get the same "
            f"gradients and stay the same: {worth} worth one unit.",
            (Remedy("start again from random weights", reset),),
        )


def exploding(case: Checkup) -> Iterator[Finding]:
    """At the initial weights already, a gradient is 100 times its weights or the last layer's.

    And so it is now, with a loss above that of guessing.
    """
    now = case.now
    if not now.grows > FACTOR or now.loss <= now.guess or not case.start.grows > FACTOR:
        return
    k = int((now.gradient / np.where(now.weight > 0, now.weight, np.inf)).argmax()) + 1
    yield Finding(
        "exploding",
        (k,),
        f"The gradient grows {times(now.grows)} on its way back and explodes in "
        f"{named(case.hidden, (k,))}: the initial weights are too large.",
        (glorot(),),
    )


def unnormalised(case: Checkup) -> Iterator[Finding]:
    """Batch normalisation over one example: nothing is left of it. All else follows from that."""
    where = numbers(np.array([spec.batch_norm for spec in case.recipe.layers], bool))
    if where and case.recipe.batch_size == 1:
        yield Finding(
            "vanishing",
            where,
            "Batch normalisation over a minibatch of one example leaves nothing of it: no gradient "
            f"passes {named(case.hidden, where)}.",
            (
                Remedy("minibatches of 10", (("set", {"batch_size": 10}),)),
                in_layers("no batch normalisation", where, batch_norm=False),
            ),
        )


def vanishing(case: Checkup) -> Iterator[Finding]:
    """A hidden layer's gradient is under a hundredth of the error, and nothing has been learned.

    The error is the δ of the output layer, or the gradient of its weights if that is larger;
    nothing learned: the loss is above 90 % of that of guessing. So it was at the initial weights
    already, or a penalty has shrunk them.
    """
    now, recipe = case.now, case.recipe
    if case.hidden < 2 or not case.unlearned(NOTHING) or not now.shrinks > FACTOR:
        return
    normalise = everywhere(case, "batch normalisation", batch_norm=True)
    if not case.start.shrinks > FACTOR:
        if not (recipe.l1 or recipe.l2) or not np.all(now.weight < case.start.weight):
            return
        remedies = [afresh("without penalties", l1=0.0, l2=0.0)]
    elif recipe.initializer in SIZED:
        remedies = [glorot()]
    else:
        # Weights that have collapsed meanwhile would leave most ReLUs dead.
        relu = everywhere(case, "ReLU", activation="relu")
        again = Remedy(f"start again with {relu.label}", (*relu.edits, ("reset", {})))
        remedies = [again, normalise]
    k = int(now.gradient[:-1].argmin()) + 1
    yield Finding(
        "vanishing",
        (k,),
        f"The gradient shrinks {times(now.shrinks)} on its way from the output to layer {k}: it "
        "vanishes, and hardly anything is learned there.",
        tuple(remedies),
    )


def dead(case: Checkup) -> Iterator[Finding]:
    """More than half of a layer's units are 0 for every example, and the loss is high.

    High: above half of that of guessing.
    """
    where = numbers(case.now.dead > HALF)
    if not where or not case.unlearned(HALF):
        return
    shares = percents(case.now.dead, where)
    why, leaky = "", in_layers("leaky ReLU there", where, activation="leaky_relu")
    remedies = [leaky]
    if case.trainer.steps and not np.any(case.start.dead > HALF):
        why = f": steps at a learning rate of {highest_rate(case):.3g} have killed them"
        again = slower_afresh(case)
        remedies = [again, Remedy("and with leaky ReLU there", (*leaky.edits, *again.edits))]
    yield Finding(
        "dead",
        where,
        f"{shares} of the units of {named(case.hidden, where)} are 0 for every example, so "
        f"no gradient passes through them{why}.",
        tuple(remedies),
    )


def saturated(case: Checkup) -> Iterator[Finding]:
    """At the initial weights already, over 85 % of a layer's activations are at their range's end.

    And so it is now, with a loss above half of that of guessing. Weights whose size follows from
    their number are not too large: then the inputs are.
    """
    where = numbers(case.now.saturated > SATURATED)
    if not where or not case.unlearned(HALF):
        return
    if not np.any(case.start.saturated > SATURATED):
        return
    cause, remedies = "the initial weights are too large", [glorot()]
    if case.recipe.initializer not in SIZED:
        cause, remedies = "the inputs are too large for such weights", smaller_inputs(case)
    shares = percents(case.now.saturated, where)
    yield Finding(
        "saturated",
        where,
        f"{shares} of the activations of {named(case.hidden, where)} are at the end of "
        f"their range, where φ′ is almost 0: {cause}.",
        tuple(remedies),
    )


def smaller_inputs(case: Checkup) -> list[Remedy]:
    """What helps where the weights have a size that fits their number: smaller inputs."""
    recipe, remedies = case.recipe, []
    # He's weights are made for ReLU: larger than Glorot's.
    larger = recipe.initializer.startswith("he")
    start: dict[str, Any] = {"initializer": "glorot_uniform"} if larger else {}
    if case.experiment.data.info.kind == "plane" and PRODUCTS & set(recipe.features):
        kept = [name for name in recipe.features if name not in PRODUCTS] or ["x1", "x2"]
        gone = ", ".join(FEATURES[name][0] for name in recipe.features if name in PRODUCTS)
        label = f"start again without {gone}" + ", from Glorot's weights" * larger
        remedies.append(Remedy(label, (("features", {"features": kept}), ("reset", start))))
    elif larger:
        remedies.append(glorot())
    if recipe.batch_size > 1 and not all(spec.batch_norm for spec in recipe.layers):
        normalise = everywhere(case, "batch normalisation", batch_norm=True)
        label = "start again with batch normalisation"
        remedies.append(Remedy(label, (*normalise.edits, ("reset", start))))
    return remedies


def diverged(case: Checkup) -> Iterator[Finding]:
    """Training has diverged: from initial weights at which the gradient explodes, or else by rate.

    All else follows from that.
    """
    if not case.diverged:
        return
    words = "Training diverged: "
    if case.start.grows > FACTOR:
        words += f"at the initial weights already, the gradient grows {times(case.start.grows)} on "
        words += "its way back. They are too large."
        yield Finding("exploding", (), words, (glorot(),))
    else:
        words += f"the learning rate of {highest_rate(case):.3g} is too high."
        yield Finding("rate too high", (), words, (slower_afresh(case),))
