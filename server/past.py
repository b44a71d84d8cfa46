"""The time machine of a session: moments of the past, undo and redo, futures left behind."""

import numpy as np

from engine.checkpoint import resume
from engine.experiment import Experiment
from engine.operations import Array
from engine.timeline import Branch, Timeline, kind_of
from server.lab import RunningRace
from server.movements import Leap, Movements, TimedEdits, spoken
from server.protocol import Refusal
from server.protocol import lab as c
from server.protocol.labframe import TimelineInfo

SPACING = 3
"""Slices of training between two kept states, and what is replayed at once: some 20 ms, which must
stay well below a tenth of a second where others want the processor, too."""
GROWTH = 4
"""Before a run is a quarter older than at the last kept state, the next is kept: most of what is
learned is learned early, and the path on the map is drawn through these states."""
GHOST_POINTS = 150
LATEST_EDITS = 50
THIRD = 1 / 3


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
        self._seen: Experiment | None = None
        """The moment that was looked at last: it need not be made anew for the next."""
        self._movements = Movements(self.timeline)
        self._slice = 1
        """Steps in a slice of training, as last known."""

    @property
    def experiment(self) -> Experiment:
        """What there is to see: the moment looked at, or the present."""
        return self.shown or self.live

    def keep(self, slice: int) -> None:
        """Keep the present state if the last one kept is some slices of so many steps old."""
        # Slices are smaller for a while after an edit, and where others had the processor.
        self._slice = max(slice, self._slice * 15 // 16)
        last = self.timeline.checkpoints[-1].made
        if self.live.made - last >= SPACING * self._slice or self.due() == 0:
            self.timeline.keep(self.live)

    def due(self) -> int:
        """In how many steps the next state is to be kept at the latest."""
        last = self.timeline.checkpoints[-1].made
        age = max(0, last - self.live.made_before)
        return max(0, last + max(1, age // GROWTH) - self.live.made)

    def edited(self) -> None:
        """The live experiment was edited by a command of its own: nothing is left to redo."""
        self._movements.made(self.live.edits, self.now)

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
        self._seen = self.timeline.near(self.live, command.made, spare=self._seen)
        self.shown, self.seeking = self._seen, command.made
        self.seek(SPACING * self._slice)
        now = f"{self.shown.trainer.steps:,}"
        return f"Step {now}, as it was." if self.seeking is None else f"Replaying from step {now}."

    def seek(self, steps: int) -> int:
        """Replay so many steps towards the moment that is sought; returns how many were made.

        At least as many as a slice of training had: how long they take need not be found out anew.
        """
        if self.shown is None or self.seeking is None:
            return 0
        steps = max(steps, self._slice)
        before = self.shown.made
        if self.timeline.approach(self.shown, self.live, self.seeking, most=steps):
            self.seeking = None
        return self.shown.made - before

    def go_on(self) -> str:
        """The moment looked at becomes the present."""
        if self.shown is None:
            raise Refusal("made", "the present", "a moment of the past, chosen by look_back")
        step = self.shown.trainer.steps
        left = self._leap(
            self.shown, f"going on from step {step:,}", f"left behind at step {step:,}"
        )
        ghost = "; what came after stays as a ghost" if left.ghost else ""
        return f"Going on from step {step:,}{ghost}. {self._way_back(left)}"

    def undo(self) -> str:
        """Back to just before the last edit, the last movement of edits, or the last leap."""
        self.check_present()
        last = self._movements.last(self.live.edits)
        if isinstance(last, Leap):
            return self._take_back(last)
        if not last:
            raise Refusal("edits", "none", "an edit to take back")
        edits, kept = self.live.edits, len(self.live.edits) - last
        times = self._movements.times
        before = self.timeline.at(self.live, edits[kept][0], edits=kept)
        self.timeline.branch(self.live, before, f"before taking back {edits[-1][1]}")
        self._movements.undone.append([(edits[k], times.get(k)) for k in range(kept, len(edits))])
        self._movements.times = self._movements.times_before(kept)
        self.live = before
        if edits[-1][1] == "adopt":
            return (
                f"Took back “adopt”: this is step {before.trainer.steps:,}, where the race began; "
                "there was no room to keep what the session was when the replica was taken over."
            )
        return f"Took back “{spoken(edits[-1])}”: the network is as it was just before it."

    def _take_back(self, leap: Leap) -> str:
        made, count = leap.moment
        self._movements.leaps.pop()
        self._movements.undone.append(
            self._swap(leap, self.timeline.at(self.live, made, edits=count))
        )
        return f"Took back “{leap.what}”: the network is as it was just before it."

    def redo(self) -> str:
        """What was undone last, again: a movement at this moment, a leap to where it led."""
        self.check_present()
        undone = self._movements.next()
        if undone is None:
            raise Refusal("edits", "none", "an edit that was taken back")
        if isinstance(undone, Leap):
            self._movements.leaps.append(self._swap(undone, self.live))
            words = f"Again {undone.what}: this is step {self.live.trainer.steps:,}."
        else:
            words = self._make_again(undone)
        self._movements.undone.pop()
        return words

    def _make_again(self, movement: TimedEdits) -> str:
        self.timeline.keep(self.live)
        made, count = self.live.moment
        try:
            for (_, name, arguments), time in movement:
                words = self.live.edit(name, **arguments)
                self._movements.times[len(self.live.edits) - 1] = time
        except ValueError:
            self.live = self.timeline.at(self.live, made, edits=count)
            raise
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
        before.edit("set", learning_rate=rate * THIRD)
        step = before.trainer.steps
        left = self._leap(
            before,
            f"going back to step {step:,} with a third of the rate",
            why if self.live.trainer.diverged else "left behind",
        )
        return (
            f"Back at step {step:,}, with a learning rate of {rate * THIRD:.3g} "
            f"instead of {rate:.3g}; what happened stays as a ghost. {self._way_back(left)}"
        )

    def adopt(self, running: RunningRace, lane: int, replica: int) -> str:
        """Back to where the race began, and on from there as one of its replicas."""
        chosen = resume(running.origin, running.edits)
        words = chosen.adopt(running.race, lane, replica)
        left = self._leap(chosen, spoken(chosen.edits[-1]), "raced")
        self.timeline.include([running.origin])
        return f"{words} {self._way_back(left)}"

    def _leap(self, past: Experiment, what: str, why: str) -> Branch:
        """On from `past`, of whatever branch; returns the one that was left."""
        left = self.timeline.leap(self.live, past, why)
        self._movements.leapt(Leap(what, past.moment, left, self._movements.times))
        self.live, self.shown, self.seeking, self._seen = past, None, None, None
        return left

    def _way_back(self, left: Branch) -> str:
        step = left.checkpoints[-1].snapshot.steps
        if left in self.timeline.left:
            return f"Undo leads back to step {step:,}."
        return f"Undo does not lead back to step {step:,}: there is no room to keep it."

    def _swap(self, leap: Leap, left: Experiment) -> Leap:
        """To the other end of a leap; what leads from there to `left`, a moment of the present."""
        times = self._movements.times_before(len(left.edits))
        why = f"before {leap.what}"
        past, branch = self.timeline.back(self.live, leap.left, why, left)
        self.live, self._movements.times = past, leap.times
        return Leap(leap.what, leap.moment, branch, times)

    # ---- frames ------------------------------------------------------------------------------

    def info(self) -> TimelineInfo:
        """For a frame's metadata."""
        timeline, present = self.timeline, self.shown is None
        undo, redo = self._movements.in_words(self.live.edits) if present else (None, None)
        return TimelineInfo(
            made=self.experiment.made,
            present=self.live.made,
            looking_back=not present,
            sought=self.seeking,
            kept=[checkpoint.made for checkpoint in timeline.checkpoints],
            edits=[(edit[0], spoken(edit)) for edit in self.live.edits[-LATEST_EDITS:]],
            undo=undo,
            redo=redo,
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
