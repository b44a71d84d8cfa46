"""The lab's part of `make bench`: races, maps and moments of the past, as ratios within one run."""

import statistics
import time
from collections.abc import Callable

import numpy as np

from engine.evaluation import Evaluator
from engine.experiment import Experiment
from engine.landscape import Landscape
from engine.race import Race, spaced_rates
from engine.recipe import recipe_for
from server.protocol import commands as c
from server.protocol.commands import LayerSpec, RecipeFields
from server.protocol.lab import LookBack, MapLoss
from server.session import Session
from server.worker import BUDGET

ROUNDS = 5
REPLICAS = 32
STEPS = 2000
SIZE = 41
MOMENTS = 200


def timed(work: Callable[[], object]) -> float:
    """Seconds that it takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def race_ratio() -> tuple[float, float]:
    """Replica-steps/s of a race, and how many times those of the same trainings in turn."""
    run = Experiment(recipe_for("moons"))
    rates = spaced_rates(1e-3, 0.3, REPLICAS)
    together, in_turn = [], []
    for _ in range(ROUNDS):
        race = Race(run, rates)
        together.append(timed(lambda race=race: race.advance(STEPS)))  # type: ignore[misc]
        alone = [run.fork(afresh=True, learning_rate=rate).trainer for rate in rates]
        in_turn.append(timed(lambda alone=alone: [t.step(STEPS) for t in alone]))  # type: ignore[misc]
    ratio = statistics.median(b / a for a, b in zip(together, in_turn, strict=True))
    return REPLICAS * STEPS / statistics.median(together), ratio


def map_ratio() -> tuple[float, float]:
    """Seconds of a map of 41 × 41 points on 256 examples, and their share of a plain loop's."""
    run = Experiment(recipe_for("moons"))
    run.trainer.step(500)
    mapped, looped = [], []
    for _ in range(ROUNDS):
        land = Landscape(run, "random", size=SIZE)
        mapped.append(timed(lambda land=land: land.advance(SIZE)))  # type: ignore[misc]
        network, trainer = run.network, run.trainer
        x, y = (part[:256] for part in trainer.evaluator.train)
        plain = Evaluator(network, trainer.loss, trainer.metric_name, (x, y), None)
        before = network.parameters.copy()
        points = [
            before + u * land.axes[0] + v * land.axes[1]
            for u in land.coordinates
            for v in land.coordinates
        ]

        def loop(network=network, points=points, plain=plain):
            for point in points:
                network.parameters[...] = point
                network.predict(plain.train[0][:, :-1])

        looped.append(timed(loop))
        network.parameters[...] = before
    share = statistics.median(a / b for a, b in zip(mapped, looped, strict=True))
    return statistics.median(mapped), share


def share_while_mapping() -> float:
    """Steps/s of a session while maps are computed one after another, over those without."""
    rates: dict[bool, list[float]] = {True: [], False: []}
    for mapping in [True, False] * ROUNDS:
        session = Session(RecipeFields())
        session.handle(c.SetSpeed(steps_per_second=None))
        session.handle(c.Play())
        clock = time.perf_counter
        begin = clock()
        while clock() - begin < 1.0:
            if mapping and not session.lab.busy:
                session.handle(MapLoss(size=101))
            start = clock()
            session.advance(start)
            trained = clock() - start
            session.spent(trained, BUDGET)
            session.background(clock, BUDGET, trained)
        rates[mapping].append(session.experiment.made / (clock() - begin))
    return statistics.median(rates[True]) / statistics.median(rates[False])


def moments() -> tuple[float, float]:
    """Milliseconds to a frame of a past moment, at p95: of the moment itself, and of the first.

    The first may be one on the way, where the moment is far from any state that is kept.
    """
    session = Session(RecipeFields(dataset="spiral", layers=(LayerSpec(units=32),) * 8))
    session.handle(c.SetSpeed(steps_per_second=None))
    session.handle(c.Play())
    clock = time.perf_counter
    begin = clock()
    while clock() - begin < 8:
        start = clock()
        session.advance(start)
        session.spent(clock() - start, BUDGET)
    rng = np.random.default_rng(0)
    first, there = [], []
    for _ in range(MOMENTS):
        start = clock()
        session.handle(LookBack(made=int(rng.integers(session.experiment.made))))
        session.frame()
        first.append(clock() - start)
        while session.past.seeking is not None:
            begin = clock()
            session.advance(begin)
            session.spent(clock() - begin, BUDGET)
            session.frame()
        there.append(clock() - start)
    worst, sooner = (1000 * statistics.quantiles(times, n=20)[-1] for times in (there, first))
    return worst, sooner


def report(say: Callable[[str], object] = print) -> None:
    """Print what the lab does."""
    pace, ratio = race_ratio()
    say(
        f"a race of {REPLICAS} replicas: {pace:,.0f} replica-steps/s, "
        f"{ratio:.1f}× the trainings in turn (≥8)"
    )
    seconds, share = map_ratio()
    say(
        f"a map of {SIZE} × {SIZE} points: {1000 * seconds:.0f} ms, "
        f"{share:.0%} of a loop of plain forward passes (≤50%)"
    )
    say(f"training while maps are computed: {share_while_mapping():.0%} of its steps/s (≥80%)")
    there, first = moments()
    say(
        f"a moment of the past, 8×32: {there:.0f} ms at p95, {first:.0f} ms until the first frame "
        f"(≤100, frame included)"
    )
