"""What was done in a session, one movement after the other: to be taken back, and done again."""

from dataclasses import dataclass
from typing import Any

from engine.experiment import Edit
from engine.timeline import Branch, Timeline

MOVEMENT_SECONDS = 1.0
"""Edits of the same fields that follow each other faster are one movement, of a slider say."""

Times = dict[int, float | None]
"""When the edits were made, by their place in the list of edits."""
TimedEdits = list[tuple[Edit, float | None]]


@dataclass(frozen=True)
class Leap:
    """A move to another branch: a replica taken over, or training that goes on from the past."""

    what: str
    moment: tuple[int, int]
    """Where it led to: steps made and edits carried out."""
    left: Branch
    """Where the way back leads; of a leap that was taken back, the way to make it again."""
    times: Times
    """Those of the edits of `left`."""


class Movements:
    """What undo takes back, and what redo does again; the last is the next."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline
        self.times: Times = {}
        self.leaps: list[Leap] = []
        """Those that the present came about by."""
        self.undone: list[TimedEdits | Leap] = []

    def made(self, edits: list[Edit], time: float | None) -> None:
        """The last of the edits was made at `time`, by a command of its own."""
        self.times[len(edits) - 1] = time
        self.nothing_undone()

    def leapt(self, leap: Leap) -> None:
        """The session moved to another branch, by a command of its own."""
        self.leaps.append(leap)
        self.times = self.times_before(leap.moment[1])
        self.nothing_undone()

    def nothing_undone(self) -> None:
        """Nothing can be done again: something else was done."""
        for each in self.undone:
            if isinstance(each, Leap):
                self.timeline.forget(each.left)
        self.undone.clear()

    def times_before(self, count: int) -> Times:
        """The times of the first `count` edits."""
        return {k: time for k, time in self.times.items() if k < count}

    def last(self, edits: list[Edit]) -> Leap | int:
        """What undo takes back: a leap, or so many of the last edits."""
        self._forget_lost()
        leap = self.leaps[-1] if self.leaps else None
        if leap and leap.moment[1] == len(edits):
            return leap
        most = len(edits) - (leap.moment[1] if leap else 0)
        count = min(1, most)
        while count and count < most:
            later, earlier = (self.times.get(len(edits) - count - k) for k in (0, 1))
            if _field(edits[-count]) != _field(edits[-count - 1]) or later is None:
                break
            if earlier is None or later - earlier > MOVEMENT_SECONDS:
                break
            count += 1
        return count

    def next(self) -> TimedEdits | Leap | None:
        """What redo does again."""
        self._forget_lost()
        return self.undone[-1] if self.undone else None

    def _forget_lost(self) -> None:
        """Leave out leaps whose other end the timeline had no room for."""
        kept = self.timeline.left
        self.leaps = [leap for leap in self.leaps if leap.left in kept]
        lost = [k for k, u in enumerate(self.undone) if isinstance(u, Leap) and u.left not in kept]
        if lost:  # what was done after it led on from there
            del self.undone[: lost[-1] + 1]

    def in_words(self, edits: list[Edit]) -> tuple[str | None, str | None]:
        """What undo and redo would do, in words."""
        last, following = self.last(edits), self.next()
        undo = last.what if isinstance(last, Leap) else spoken(edits[-1]) if last else None
        if following is None or isinstance(following, Leap):
            return undo, following.what if following else None
        return undo, spoken(following[-1][0])


def _field(edit: Edit) -> object:
    """What an edit of a value sets; edits of the architecture are each on their own."""
    made, name, arguments = edit
    if name in ("set", "set_layer", "data") and "dataset" not in arguments:
        return name, arguments.get("layer"), tuple(arguments)
    return made, name, id(edit)


def spoken(edit: Edit) -> str:
    """An edit in words: remove layer; set learning rate 0.1."""
    _, name, arguments = edit
    what = ""
    if name in ("set", "set_layer", "data"):
        what = ", ".join(f"{field} {_written(value)}" for field, value in arguments.items())
    return f"{name} {what}".replace("_", " ").strip()


def _written(value: Any) -> str:
    """A number in three digits; a schedule by its kind, other options by their names."""
    if isinstance(value, dict):
        return str(value.get("kind") or ", ".join(value))
    return f"{value:.3g}" if isinstance(value, float) else "off" if value is None else str(value)
