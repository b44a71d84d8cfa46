"""The lab of a session: races, the learning-rate finder, maps and cuts of the loss.

Each works on copies, in small pieces between slices of training, and never for more than its
share of the time.
"""

import math
from collections.abc import Callable, Generator
from dataclasses import asdict

import numpy as np

from engine.curvature import Cut, cutting
from engine.experiment import Experiment
from engine.finder import Finder, Suggestion
from engine.landscape import Landscape
from engine.operations import Array
from engine.race import Race, spaced_rates
from engine.run import Run
from engine.timeline import take
from server.describe import RANGE
from server.landscape import cut_info, map_info
from server.pictures import as_bytes, surface_scale
from server.protocol import Refusal
from server.protocol import lab as c
from server.protocol.labframe import FinderInfo, LabInfo, RaceInfo
from server.protocol.refusal import refusal_of_value_error

PIECE = 0.004
"""Seconds of a race between two looks at the clock."""
SHARE = 0.2
"""Of the time of a session that trains; one that stands still gives all of it."""
RACE_SHARE = 1.0
"""A race is waited for: it has as much time as training."""
POINTS = 120
"""Of each of a race's curves, in a frame."""
SURFACE = 24


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
        self._found_at = self._mapped_at = self._cut_at = 0
        self._mapped_rate = self._debt = 0.0

    # ---- commands -------------------------------------------------------------------------------

    def start(self, command: c.LabCommand, experiment: Experiment, path: list[Array]) -> str:
        """Start one of the computations; `path` are earlier parameter vectors, oldest first."""
        step = experiment.trainer.steps
        try:
            match command:
                case c.Race():
                    self.race = RunningRace(experiment, command)
                    return f"A race of {len(self.race.race.rates)} learning rates."
                case c.FindRate():
                    self.finder = Finder(experiment, command.low, command.high, command.steps)
                    self._found_at = step
                    return "Raising the learning rate of a copy of the network."
                case c.MapLoss():
                    self.map = Landscape(experiment, command.plane, size=command.size, path=path)
                    self._mapped_at = step
                    self._mapped_rate = float(experiment.trainer.rate_in_force)
                    return "Mapping the loss around the current weights."
                case c.CutLoss():
                    self.cut, self._cutting, self._cut_at = None, cutting(experiment), step
                    return "Following the gradient downhill."
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
            return f"The race ends at step {self.race.end}."
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

    def info(self) -> LabInfo:
        """For a frame's metadata."""
        return LabInfo(
            race=race_info(self.race) if self.race else None,
            finder=finder_info(self.finder, self._found_at) if self.finder else None,
            map=map_info(self.map, self._mapped_at, self._mapped_rate) if self.map else None,
            cut=cut_info(self.cut, self._cut_at) if self.cut else None,
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


def race_info(running: RunningRace) -> RaceInfo:
    """Rates, labels and losses of every replica."""
    race = running.race
    losses = np.array([race.curves(lane)[1][:, -1] for lane in range(len(race.lanes))])
    best = int(np.where(np.isfinite(losses), losses, np.inf).argmin())
    return RaceInfo(
        rates=race.rates,
        lanes=[
            ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in lane.changes.items())
            for lane in race.lanes
        ],
        labels=race.labels(),
        losses=[[float(v) if math.isfinite(v) else None for v in row] for row in losses],
        best=(best // len(race.rates), best % len(race.rates)),
        begin=race.begin,
        step=race.step,
        end=running.end,
        bytes=race.nbytes,
        surface=SURFACE if _pictured(race) else 0,
    )


def finder_info(finder: Finder, step: int) -> FinderInfo:
    """Whether it is done, and what it suggests once it is."""
    found = finder.suggestion() if finder.done else Suggestion(None, None, None, "Under way.")
    return FinderInfo(done=finder.done, step=step, examples=finder.examples, **asdict(found))


def race_tensors(race: Race) -> dict[str, Array]:
    """Every replica's curve, in at most 120 points, and its picture of the plane."""
    curves = [race.curves(lane) for lane in range(len(race.lanes))]
    steps = curves[0][0]
    chosen = np.unique(np.linspace(0, len(steps) - 1, POINTS).astype(int))
    tensors = {
        "race_steps": steps[chosen],
        "race_train": np.stack([train[:, chosen] for _, train, _ in curves]).astype(np.float32),
        "race_test": np.stack([test[:, chosen] for _, _, test in curves]).astype(np.float32),
    }
    if kind := _pictured(race):
        picture = _surfaces if kind == "plane" else _fits
        tensors["race_surfaces"] = np.stack([picture(lane.run) for lane in race.lanes])
    return tensors


def _pictured(race: Race) -> str | None:
    """What there is a picture of: "plane", "curve" or nothing."""
    kind = race.lanes[0].run.data.info.kind
    return kind if kind in ("plane", "curve") else None


def _along(count: int) -> Array:
    """Places along an axis of the inputs, ascending."""
    low, high = RANGE
    return low + (high - low) * (np.arange(count) + 0.5) / count


def _fits(run: Run) -> Array:
    """The predictions of all replicas of a lane along the input, as bytes (R, 1, S)."""
    data = run.data
    with np.errstate(all="ignore"):
        output = run.network.activations(run.inputs(_along(SURFACE)[:, None]))[-1]
        fits = np.stack([run.decide(each) for each in output]).astype(np.float32)
    largest = np.abs(np.concatenate([data.y_train, data.y_test])).max() or 1.0
    scales = np.full(len(fits), largest, np.float32)
    return as_bytes(fits, scales)[:, None, :]


def _surfaces(run: Run) -> Array:
    """The outputs of all replicas of a lane over the plane, as bytes (R, S, S)."""
    x = _along(SURFACE)
    x1, x2 = np.meshgrid(x, x[::-1])
    points = run.inputs(np.stack([x1.ravel(), x2.ravel()], axis=1))
    with np.errstate(all="ignore"):
        output = run.network.activations(points)[-1]
        classes = run.data.info.task == "classification"
        if classes and output.shape[-1] > 1:
            decided = np.stack([run.decide(o) for o in output])
            return decided.astype(np.uint8).reshape(len(output), SURFACE, SURFACE)
        values = output[..., 0].astype(np.float32)
        if classes:
            values = run.leaning(values)
        scale = 1.0 if classes else surface_scale(run.data)
        scales = np.full(len(values), scale, np.float32)
        return as_bytes(values, scales).reshape(len(values), SURFACE, SURFACE)
