"""The time machine of a session: moments of the past, undo and redo, futures left behind."""

from typing import Any

import numpy as np

from engine.experiment import Edit, Experiment
from engine.operations import Array
from engine.timeline import Timeline, kind_of, resume
from server.lab import RunningRace
from server.protocol import Refusal
from server.protocol import lab as c
from server.protocol.labframe import TimelineInfo

SPACING = 8
"""Slices of training between two kept states, and what is replayed at once: some 50 ms."""
GHOST_POINTS = 150
LATEST_EDITS = 50
THIRD = 1 / 3
MOVEMENT_SECONDS = 1.0
"""Edits of the same fields that follow each other faster are one movement, of a slider say."""


class Past:
    """The live experiment, and what it was."""

    def __init__(self, live: Experiment) -> None:
        self.live = live
        self.timeline = Timeline(live)
        self.shown: Experiment | None = None
        """The moment that is looked at, if it is not the present."""
        self.seeking: int | None = None
        """The moment that is still to be reached by replaying on from the one that is shown."""
        self.now: float | None = None
        """When the command came that is being carried out; None where that is not known."""
        self._undone: list[list[tuple[Edit, float | None]]] = []
        """Movements that were taken back, each edit with its time."""
        self._times: dict[int, float | None] = {}
        """When the edits were made, by their place in the list of edits."""
        self._slice = 1
        """Steps in a slice of training, as last known."""

    @property
    def experiment(self) -> Experiment:
        """What there is to see: the moment looked at, or the present."""
        return self.shown or self.live

    def keep(self, slice: int) -> None:
        """Keep the present state if the last one kept is some slices of so many steps old."""
        self._slice = max(slice, self._slice // 2)  # after an edit slices begin small again
        if self.live.made - self.timeline.checkpoints[-1].made >= SPACING * slice:
            self.timeline.keep(self.live)

    def edited(self) -> None:
        """The live experiment was edited by a command of its own: nothing is left to redo."""
        self._undone.clear()
        self._times[len(self.live.edits) - 1] = self.now

    def _movement(self) -> int:
        """How many of the last edits undo takes back together."""
        edits, count = self.live.edits, min(1, len(self.live.edits))
        while count and count < len(edits):
            later, earlier = (self._times.get(len(edits) - count - k) for k in (0, 1))
            if _field(edits[-count]) != _field(edits[-count - 1]) or later is None:
                break
            if earlier is None or later - earlier > MOVEMENT_SECONDS:
                break
            count += 1
        return count

    def check_present(self) -> None:
        """Raises `Refusal` while the past is looked at: nothing can be changed there."""
        if self.shown is not None:
            raise Refusal(
                "made",
                f"a change at moment {self.shown.made}, which is past",
                "to go on from there, or to return to the present, first",
                words=(
                    f"This is step {self.shown.trainer.steps:,}, in the past, where nothing can be "
                    "changed: go on from here first, or go back to the present."
                ),
            )

    # ---- commands ---------------------------------------------------------------------------

    def look_back(self, command: c.LookBack) -> str:
        """Show a moment; where it is far from any state kept, a moment on the way to it."""
        if command.made is None or command.made == self.live.made:
            self.shown = self.seeking = None
            return "The present."
        if command.made > self.live.made:
            raise Refusal("made", str(command.made), f"0 to {self.live.made}")
        self.shown, self.seeking = self.timeline.near(self.live, command.made), command.made
        self.seek(SPACING * self._slice)
        now = f"{self.shown.trainer.steps:,}"
        return f"Step {now}, as it was." if self.seeking is None else f"Replaying from step {now}."

    def seek(self, steps: int) -> int:
        """Replay so many steps towards the moment that is sought; returns how many were made."""
        if self.shown is None or self.seeking is None:
            return 0
        before = self.shown.made
        if self.timeline.approach(self.shown, self.live, self.seeking, most=steps):
            self.seeking = None
        return self.shown.made - before

    def go_on(self) -> str:
        """The moment looked at becomes the present."""
        if self.shown is None:
            raise Refusal("made", "the present", "a moment of the past, chosen by look_back")
        kept = self._branch(self.shown, f"left behind at step {self.shown.trainer.steps:,}")
        self._undone.clear()
        ghost = "; what came after stays as a ghost" if kept else ""
        return f"Going on from step {self.live.trainer.steps:,}{ghost}."

    def undo(self) -> str:
        """Back to just before the last edit, or the last movement of edits."""
        self.check_present()
        if not self.live.edits:
            raise Refusal("edits", "none", "an edit to take back")
        kept = len(self.live.edits) - self._movement()
        movement = [
            (edit, self._times.get(k)) for k, edit in enumerate(self.live.edits[kept:], kept)
        ]
        before = self.timeline.at(self.live, self.live.edits[kept][0], edits=kept)
        last = self.live.edits[-1]
        self._branch(before, f"before taking back {last[1]}")
        self._undone.append(movement)
        return f"Took back {spoken(last)}: the network is as it was just before it."

    def redo(self) -> str:
        """The movement undone last, made again at this moment."""
        self.check_present()
        if not self._undone:
            raise Refusal("edits", "none", "an edit that was taken back")
        self.timeline.keep(self.live)
        made, count = self.live.made, len(self.live.edits)
        try:
            for (_, name, arguments), time in self._undone[-1]:
                words = self.live.edit(name, **arguments)
                self._times[len(self.live.edits) - 1] = time
        except ValueError:
            self.live = self.timeline.at(self.live, made, edits=count)
            raise
        self._undone.pop()
        return words

    def recover(self, command: c.Recover) -> str:
        """Some steps back, and on with a third of the rate."""
        self.check_present()
        rate = self.live.recipe.learning_rate
        # Not behind the beginning of this run: a reset, another data set, a replica taken over.
        taken_over = [made for made, name, _ in self.live.edits if name == "adopt"]
        made = max(self.live.made - command.steps, self.live.made_before, 0, *taken_over)
        why = f"diverged at a learning rate of {rate:.3g}"
        before = self.timeline.at(self.live, made)
        self._branch(before, why if self.live.trainer.diverged else "left behind")
        self.timeline.keep(self.live)
        self.live.edit("set", learning_rate=rate * THIRD)
        self._undone.clear()
        return (
            f"Back at step {self.live.trainer.steps:,}, with a learning rate of {rate * THIRD:.3g} "
            f"instead of {rate:.3g}; what happened stays as a ghost."
        )

    def adopt(self, running: RunningRace, lane: int, replica: int) -> str:
        """Back to where the race began, and on from there as one of its replicas."""
        chosen = resume(running.origin, running.edits)
        words = chosen.adopt(running.race, lane, replica)
        self._branch(resume(running.origin, running.edits), "raced")
        self.live = chosen
        self.timeline.keep(self.live)
        self._undone.clear()
        return words

    def _branch(self, past: Experiment, why: str) -> bool:
        kept = self.timeline.branch(self.live, past, why)
        self.live, self.shown, self.seeking = past, None, None
        self._times = {k: time for k, time in self._times.items() if k < len(past.edits)}
        return kept

    # ---- frames ------------------------------------------------------------------------------

    def info(self) -> TimelineInfo:
        """For a frame's metadata."""
        timeline, edits = self.timeline, self.experiment.edits
        return TimelineInfo(
            made=self.experiment.made,
            present=self.live.made,
            looking_back=self.shown is not None,
            sought=self.seeking,
            kept=[checkpoint.made for checkpoint in timeline.checkpoints],
            edits=[(edit[0], spoken(edit)) for edit in self.live.edits[-LATEST_EDITS:]],
            undo=spoken(edits[-1]) if edits and self.shown is None else None,
            redo=spoken(self._undone[-1][-1][0]) if self._undone and self.shown is None else None,
            bytes=timeline.nbytes,
            budget=timeline.budget,
        )

    def tensors(self) -> dict[str, Array]:
        """The ghosts: number of the branch, step, training loss."""
        parts, kind = [], kind_of(self.experiment)
        ghosts = [ghost for ghost in self.timeline.ghosts if ghost.kind == kind]
        for number, ghost in enumerate(ghosts):
            chosen = np.linspace(0, ghost.curve.shape[1] - 1, GHOST_POINTS).astype(int)
            steps, losses = ghost.curve[:2, np.unique(chosen)]
            parts.append(np.stack([np.full(len(steps), float(number)), steps, losses]))
        return {"ghosts": np.concatenate(parts, axis=1)} if parts else {}


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
