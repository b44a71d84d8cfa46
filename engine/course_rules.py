"""Rules about the course of training: the learning rate too high or too low, overfitting."""

from collections.abc import Iterator

import numpy as np

from engine.checkup import FACTOR, HALF, LEARNED, NOTHING, SATURATED, Checkup
from engine.findings import (
    HIGHEST_RATE,
    Finding,
    Remedy,
    everywhere,
    highest_rate,
    named,
    numbers,
    percent,
    percents,
    rounded,
    slower,
    slower_afresh,
    times,
)

STUCK = 1e-3
"""Of the gradients at the initial weights: next to nothing is left."""
HASTY = 0.2
"""An update of more than a fifth of its weights …"""
IDLE = 1e-4
"""… or less than a ten-thousandth: far outside the band 10⁻⁴ to 10⁻² that practice recommends."""
HARDLY = 0.8
"""So much of the initial loss is left where hardly any is gone …"""
PATIENCE = 200
"""… after so many steps."""
SWING = 0.7
"""Times the loss of guessing: what the loss rises by where it goes up and down."""
OVERFITTED = 1.3
"""Times the lowest test loss."""
FITTED = 0.2
"""Times the loss of guessing: a training loss beside which a test loss of half of it is large."""
LEAST_POINTS = 40
"""Of the loss curve, before one can speak of its course."""


def too_high(case: Checkup) -> Iterator[Finding]:
    """The steps have thrown the network away, or the loss goes up and down, or updates are huge.

    Thrown away: see `thrown`. Up and down: see `swings`. Huge: a layer's update is more than a
    fifth of its weights, and of its initial ones: where there is nothing to learn, weights go to 0.
    Both count while the loss is above a tenth of that of guessing and does not fall. An edit of
    the rate has not undone the harm of another one; but how the loss goes under it, steps will
    tell.
    """
    if not case.trainer.steps:
        return
    if what := thrown(case):
        rate = f"{highest_rate(case):.3g}"
        lost = ", and from here the network hardly learns" if case.unlearned(NOTHING) else ""
        words = f"Steps at a learning rate of {rate} have {what}: that rate is too high{lost}."
        yield Finding("rate too high", (), words, (slower_afresh(case),))
        return
    now, start = case.now, case.start
    hasty = np.flatnonzero(case.ratio * np.fmin(1, now.weight / start.weight) > HASTY)
    if not case.unlearned(LEARNED) or not stalls(case):
        return
    if not case.untried and swings(case):
        what = "The training loss goes up and down instead of falling"
    elif len(hasty):
        k = int(hasty[0])
        what = f"The next update of layer {k + 1} is {percent(case.ratio[k])} of its weights"
    else:
        return
    yield Finding("rate too high", (), f"{what}: the learning rate is too high.", (slower(case),))


def thrown(case: Checkup) -> str:
    """What the steps have done to the network that was not so at the initial weights.

    With a loss that lately was above a tenth of that of guessing: over 85 % of a layer's
    activations at the end of their range. With one above 90 %: all gradients less than a
    thousandth of what they were, or one more than 100 times its weights, and its initial ones, or
    the last layer's: where there is nothing to learn, weights go to 0.
    """
    now, start = case.now, case.start
    where = numbers((now.saturated > SATURATED)[: case.hidden])
    learned = case.lately < LEARNED * now.guess
    if where and not learned and not np.any(start.saturated[: case.hidden] > SATURATED):
        return f"saturated {percents(now.saturated, where)} of {named(case.hidden, where)}"
    if not case.unlearned(NOTHING):
        return ""
    if np.all(now.gradient <= STUCK * start.gradient) and start.gradient.max() > 0:
        return "left next to no gradient in any layer"
    grows = now.grows_beside(np.fmax(now.weight, start.weight))
    if now.loss > now.guess and grows > FACTOR >= start.grows:
        return f"made the gradient grow {times(grows)} on its way back"
    return ""


def stalls(case: Checkup) -> bool:
    """The loss no longer falls: the median of the last quarter of its curve is at least 90 %.

    That is, of the median of the quarter before; there must be 8 points.
    """
    losses = case.history[1]
    if len(losses) < 8:
        return False
    before, last = np.split(losses[-2 * (len(losses) // 4) :], 2)
    return not np.median(last) < 0.9 * np.median(before)


def swings(case: Checkup) -> bool:
    """After 200 steps: the loss rose twice in the last quarter of its curve.

    Each time by more than 70 % of the loss of guessing; there must be 40 points.
    """
    losses = case.history[1]
    if len(losses) < LEAST_POINTS or case.trainer.steps < PATIENCE:
        return False
    halves = np.array_split(losses[-(len(losses) // 4) :], 2)
    rises = [np.max(half - np.minimum.accumulate(half)) for half in halves]
    return bool(min(rises) > SWING * case.now.guess)


def too_low(case: Checkup) -> Iterator[Finding]:
    """After 200 steps the loss is above half of that of guessing, and updates next to nothing.

    Next to nothing: less than a ten-thousandth of the weights in every layer, and for one example
    alone less than a thousandth; on a plateau only the mean over many examples is small. Where
    over a fifth of the initial loss is gone, that one is less than a fifty-thousandth. It is not
    the rate that makes them small where over 85 % of a layer's activations are at the end of
    their range, or where it would take a rate above 10.
    """
    now, rate = case.now, case.recipe.learning_rate
    if case.trainer.steps < PATIENCE or not rate or not case.unlearned(HALF):
        return
    if np.any(now.saturated > SATURATED):
        return
    largest = float(np.fmax.reduce(case.ratio))
    alone = rate * now.gradient / np.where(now.weight > 0, now.weight, np.inf)
    most = 10 * IDLE if now.loss >= HARDLY * case.start.loss else IDLE / 5
    if not 0 < largest < IDLE or not np.all(alone < most):
        return
    better = rounded(rate * 10 ** float(np.floor(np.log10(1e-2 / largest))))
    if better > HIGHEST_RATE:
        return
    gone = max(0.0, 1 - now.loss / case.start.loss)
    yield Finding(
        "rate too low",
        (),
        "Updates are less than a ten-thousandth of the weights, and after "
        f"{case.trainer.steps:,} steps {percent(gone)} of the loss is gone: the learning rate is "
        "too low.",
        (Remedy(f"learning rate {better:g}", (("set", {"learning_rate": better}),)),),
    )


def overfitting(case: Checkup) -> Iterator[Finding]:
    """The test loss has risen while the training loss fell on, or is far above it: see below."""
    if not (words := risen(case) or apart(case)):
        return
    l2 = rounded(min(max(0.1, 2 * case.recipe.l2), 10))
    remedies = [Remedy(f"L2 penalty {l2:g}", (("set", {"l2": l2}),))]
    if case.hidden and not any(spec.dropout for spec in case.recipe.layers):
        # With few examples dropout alone, as a smaller penalty alone, may not be enough.
        l2 = rounded(max(0.03, case.recipe.l2))
        dropped = everywhere(case, f"start again with L2 {l2:g} and dropout 0.5", dropout=0.5)
        edits = (("set", {"l2": l2}), *dropped.edits, ("reset", {}))
        remedies.append(Remedy(dropped.label, edits))
    yield Finding(
        "overfitting", (), f"{words}: the network learns its examples by heart.", tuple(remedies)
    )


def risen(case: Checkup) -> str:
    """All through the last tenth of its curve the test loss is 30 % above its lowest.

    Its lowest as an average over 5 points, of which there must be 40, and the rise more than a
    tenth of the loss of guessing; the training loss, as a median over that last tenth, is at most
    90 % of what it was then, and the test loss is above it by as much.
    """
    _, train, test = case.history[:3]
    if len(test) < LEAST_POINTS or not np.isfinite([train, test]).all():
        return ""
    last = len(test) // 10
    trains, tests = (np.convolve(curve, np.full(5, 1 / 5), "valid") for curve in (train, test))
    best = int(tests.argmin())
    least = max(OVERFITTED * tests[best], tests[best] + LEARNED * case.now.guess)
    low = np.median(train[-last:])
    if test[-last:].min() < max(least, OVERFITTED * low) or low > NOTHING * trains[best]:
        return ""
    return "The loss on the test part rises while that on the training part still falls"


def apart(case: Checkup) -> str:
    """All through the last tenth of its curve the test loss is above half of that of guessing.

    And the training loss below a fifth, as a median; there must be 40 points. So it may be from
    the beginning, with few or noisy examples.
    """
    _, train, test = case.history[:3]
    last, guess = len(test) // 10, case.now.guess
    if len(test) < LEAST_POINTS or not test[-last:].min() > HALF * guess:
        return ""
    low, high = np.median(train[-last:]), np.median(test[-last:])
    if not low < FITTED * guess:
        return ""
    return f"The loss on the training part is {low:.2g}, that on the test part {high:.2g}"
