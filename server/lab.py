"""The lab of a session: races, the learning-rate finder, maps and cuts of the loss.

Each works on copies, in small pieces between slices of training, and never for more than its
share of the time.
"""

from collections.abc import Callable, Generator
from dataclasses import asdict

import numpy as np

from engine.checkpoint import take
from engine.curvature import Cut, cutting
from engine.experiment import Experiment
from engine.finder import Finder, Suggestion
from engine.landscape import Landscape
from engine.operations import Array
from engine.race import Race, spaced_rates
from server.landscape import cut_info, map_info
from server.origin import Origin
from server.protocol import Refusal
from server.protocol import lab as c
from server.protocol.labframe import FinderInfo, LabInfo, Standing
from server.protocol.refusal import refusal_of_value_error
from server.race import race_info, race_tensors

PIECE = 0.004
"""Seconds of a race between two looks at the clock."""
SHARE = 0.2
"""Of the time of a session that trains; one that stands still gives all of it."""
RACE_SHARE = 1.0
"""A race is waited for: it has as much time as training."""


class RunningRace:
    """A race and where it ends."""

    def __init__(self, origin: Experiment, command: c.Race) -> None:
        given = [v.model_dump(exclude_unset=True) for v in command.variants]
        rates = command.rates or spaced_rates(command.low, command.high, command.replicas)
        self.race = Race(origin, rates, given, afresh=command.afresh)
        self.end = self.race.begin + command.steps
        self.origin, self.edits = take(origin), list(origin.edits)
        self._chunk = 1

    @property
    def done(self) -> bool:
        """Whether the end is reached."""
        return self.race.step >= self.end

    def work(self) -> None:
        """Some steps, as many as `took` found to be a piece."""
        self.race.advance(min(self._chunk, self.end - self.race.step))
        if self.done:
            self.race.finish()

    def took(self, seconds: float) -> None:
        """The last piece took so long: the next is to take about `PIECE`, but grow slowly."""
        fits = int(self._chunk * PIECE / max(seconds, 1e-9))
        self._chunk = max(1, min(fits, 2 * self._chunk, 200))


class Lab:
    """What is being computed beside training, and the results."""

    def __init__(self) -> None:
        self.race: RunningRace | None = None
        self.finder: Finder | None = None
        self.map: Landscape | None = None
        self.cut: Cut | None = None
        self._cutting: Generator[None, None, Cut] | None = None
        self._shown: tuple[Race, int, dict[str, Array]] | None = None
        self._origins: dict[str, Origin] = {}
        self._debt = 0.0

    # ---- commands -------------------------------------------------------------------------------

    def start(self, command: c.LabCommand, experiment: Experiment, path: list[Array]) -> str:
        """Start one of the computations; `path` are earlier parameter vectors, oldest first.

        It starts from `experiment` as it is now, whatever becomes of that afterwards.
        """
        step = experiment.trainer.steps
        here = f"the weights of step {step:,}"
        try:
            match command:
                case c.Race():
                    self.race = RunningRace(experiment, command)
                    count = len(self.race.race.rates)
                    many = f"{count} learning rate{'' if count == 1 else 's'}"
                    return (
                        f"A race of {many}, from {'initial weights' if command.afresh else here}."
                    )
                case c.FindRate():
                    self.finder = Finder(experiment, command.low, command.high, command.steps)
                    self._origins["finder"] = Origin.of(experiment)
                    return f"Raising the learning rate of a copy of the network, from {here}."
                case c.MapLoss():
                    self.map = Landscape(experiment, command.plane, size=command.size, path=path)
                    self._origins["map"] = Origin.of(experiment)
                    return f"Mapping the loss around {here}."
                case c.CutLoss():
                    self.cut, self._cutting = None, cutting(experiment)
                    self._origins["cut"] = Origin.of(experiment)
                    next(self._cutting)
                    return f"Following the gradient downhill from {here}."
                case c.Close():
                    return self._close(command.what, command.keep)
                case _:
                    raise Refusal("type", command.type, "a command of the lab")
        except ValueError as error:
            raise refusal_of_value_error(error) from None

    def _close(self, what: str, keep: bool) -> str:
        if what == "race" and keep and self.race:
            self.race.end = self.race.race.step
            self.race.race.finish()
            return f"The race ends at step {self.race.end:,}."
        if getattr(self, what) is None and (what != "cut" or self._cutting is None):
            return f"There was no {what} to close."
        setattr(self, what, None)
        if what == "cut":
            self._cutting = None
        return f"Closed the {what}."

    def chosen(self, command: c.Adopt) -> RunningRace:
        """The race, where it has that replica; raises `Refusal` otherwise."""
        if self.race is None:
            raise Refusal("replica", str(command.replica), "a replica of a race: there is none")
        race = self.race.race
        for field, value, count in (
            ("lane", command.lane, len(race.lanes)),
            ("replica", command.replica, len(race.rates)),
        ):
            if value >= count:
                raise Refusal(field, str(value), f"0 to {count - 1}")
        if not race.survives(command.lane, command.replica):
            rate = f"{race.rates[command.replica]:g}"
            raise Refusal(
                "replica",
                f"the one at {rate}, which diverged",
                "one with a state to take over",
                words=f"The replica at a rate of {rate} diverged: it has no state to take over.",
            )
        return self.race

    # ---- time -----------------------------------------------------------------------------------

    def _piece(self) -> tuple[Callable[[], None], float] | None:
        """The piece of work that is due next, and its share of the time."""
        if self.finder and not self.finder.done:
            finder = self.finder
            return (lambda: finder.advance(5)), RACE_SHARE
        if self._cutting:
            return self._cut_on, SHARE
        if self.map and not self.map.done:
            return self.map.advance, SHARE
        if self.race and not self.race.done:
            return self.race.work, RACE_SHARE
        return None

    @property
    def busy(self) -> bool:
        """Whether there is something to compute."""
        return self._piece() is not None

    def work(self, clock: Callable[[], float], budget: float, trained: float) -> bool:
        """Compute for about `budget` seconds; whether anything was done.

        `trained` is how long training took since the last time: where it is above 0, the lab
        has its share of it and no more, what it took too much being taken off the next times.
        """
        piece = self._piece()
        if piece is None:
            return False
        if trained:
            self._debt = max(0.0, self._debt - trained * piece[1])
            if self._debt:
                return False
        begin = clock()
        while piece and clock() - begin < budget:
            start = clock()
            piece[0]()
            if self.race and piece[0] == self.race.work:
                self.race.took(clock() - start)
            piece = self._piece()
            if trained:
                break
        self._debt += clock() - begin
        return True

    def _cut_on(self) -> None:
        assert self._cutting is not None
        try:
            next(self._cutting)
        except StopIteration as done:
            self.cut, self._cutting = done.value, None

    # ---- frames ---------------------------------------------------------------------------------

    def info(self, shown: Experiment) -> LabInfo:
        """For the metadata of a frame of `shown`."""

        def of(name: str) -> tuple[Origin, Standing]:
            return self._origins[name], self._origins[name].standing(shown)

        return LabInfo(
            race=race_info(self.race.race, self.race.end, shown) if self.race else None,
            finder=finder_info(self.finder, *of("finder")) if self.finder else None,
            map=map_info(self.map, *of("map")) if self.map else None,
            cut=cut_info(self.cut, *of("cut")) if self.cut else None,
        )

    def _raced(self, race: Race) -> dict[str, Array]:
        """Worked out anew when the race has gone on, not for every frame."""
        if self._shown is None or self._shown[:2] != (race, race.step):
            self._shown = race, race.step, race_tensors(race)
        return self._shown[2]

    def tensors(self) -> dict[str, Array]:
        """Curves, pictures and maps."""
        tensors: dict[str, Array] = {}
        if self.race:
            tensors |= self._raced(self.race.race)
        if self.finder:
            tensors["finder"] = np.stack(self.finder.curve())
        if self.map:
            tensors["map"] = self.map.losses.copy()
            tensors["map_axis"] = self.map.coordinates
            tensors["map_path"], tensors["map_step"] = self.map.path, self.map.step
        if self.cut:
            tensors["cut"] = np.stack([self.cut.steps, self.cut.losses])
        return tensors


def finder_info(finder: Finder, origin: Origin, standing: Standing) -> FinderInfo:
    """Whether it is done, and what it suggests once it is."""
    found = finder.suggestion() if finder.done else Suggestion(None, None, None, "Under way.")
    return FinderInfo(
        done=finder.done,
        step=origin.step,
        standing=standing,
        examples=finder.examples,
        **asdict(found),
    )
