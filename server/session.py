"""One training session as a state machine: commands in, messages and frames out.

No socket, clock or thread: time is a parameter. Whoever drives a session calls `handle` for each
command, `advance` when `wait` says that steps are due, and `frame` when a viewer can take one.
"""

from collections.abc import Callable
from typing import Any, Literal

from engine.datasets import Data
from engine.divergence import Divergence
from engine.experiment import Experiment
from engine.recipe import recipe_for
from server.describe import dataset_message, refused, topology_message
from server.frames import FrameBuilder
from server.lab import Lab
from server.landscape import walked
from server.limits import within_limits
from server.microscope import Scope
from server.pace import Pace
from server.past import Past
from server.protocol import Command, Refusal, lab
from server.protocol import commands as c
from server.protocol import microscope as m
from server.protocol.messages import Event, Message, Reply, Topology
from server.protocol.refusal import refusal_of_value_error
from server.view import View

UNWATCHED_SECONDS = 10.0
"""How long training goes on when nobody watches."""


class Session:
    """One experiment, and what its viewers have asked of it."""

    def __init__(self, recipe: c.RecipeFields) -> None:
        """What `recipe` leaves out is chosen to suit the data set.

        Raises `Refusal` where it does not fit together.
        """
        named = recipe.model_dump(exclude_unset=True)
        try:
            live = Experiment(recipe_for(named.pop("dataset", "moons"), **named))
        except ValueError as error:
            raise refusal_of_value_error(error) from None
        self.past, self.lab, self.scope, self.pace = Past(live), Lab(), Scope(), Pace()
        self.playing = False
        self.pending = 0
        """Steps that were asked for by `step` and are still to be made."""
        self.version = 1
        self.view = View()
        self.diverged: Divergence | None = None
        self.changed = True
        """Whether the last frame no longer shows what is."""
        self._frames = FrameBuilder(self.past, self.lab, self.scope)
        self._notes: list[str] = []
        self._made = 0
        self._viewers = 1
        self._alone_since = 0.0
        self._handlers: dict[type[Any], Callable[[Any], str]] = {
            c.Play: self._play,
            c.Pause: self._pause,
            c.Step: self._step,
            c.SetSpeed: self._set_speed,
            c.SelectExample: lambda command: self.view.select(command, self.shown.data),
            c.Focus: lambda command: self.view.choose(command, self.shown.network.sizes),
            **dict.fromkeys(lab.LabCommand.__args__, self._research),
            m.Microscope: self._magnify,
            m.CheckGradient: lambda command: self.scope.check(command, self.shown),
            m.Shares: lambda command: self.scope.share(command, self.shown),
            m.Represent: lambda command: self.scope.space.choose(command, self.shown),
        }
        self._travels: dict[type[Any], Callable[[Any], str]] = {
            lab.LookBack: self._look_back,
            lab.GoOn: lambda command: self.past.go_on(),
            lab.Undo: lambda command: self.past.undo(),
            lab.Redo: lambda command: self.past.redo(),
            lab.Recover: self.past.recover,
            lab.Adopt: self._adopt,
        }

    @property
    def experiment(self) -> Experiment:
        """The one that is trained."""
        return self.past.live

    @property
    def shown(self) -> Experiment:
        """The one that is seen: a moment of the past, or the same."""
        return self.past.experiment

    # ---- commands -----------------------------------------------------------------------------

    def handle(self, command: Command, now: float | None = None) -> list[Message]:
        """Carry out a command: first its answer, then what all viewers must hear.

        A refused command has changed nothing. `now`: undo takes edits in one movement together.
        """
        self.past.now = now
        try:
            handler = self._handlers.get(type(command))
            if handler is None:
                return self._change(command)
            words = handler(command)
        except Refusal as refusal:
            return [refused(refusal, command)]
        except ValueError as error:  # the engine's: it names the field, and has changed nothing
            return [refused(refusal_of_value_error(error), command)]
        self.changed = True
        return [Reply(id=command.id, command=command.type, message=words)]

    def introduction(self) -> list[Message]:
        """What a new viewer must know before its first frame."""
        return [dataset_message(self.shown.data), self._topology()]

    def _change(self, command: Command) -> list[Message]:
        """What makes another network of the one that is shown: an edit, or a move in time."""
        data, travel = self.shown.data, self._travels.get(type(command))
        words = travel(command) if travel else self._edit(command)
        if travel:
            self.pace.restart()
        if isinstance(command, lab.GoOn | lab.Recover):
            self.playing, self.shown.trainer.diverged = True, None  # the next steps will tell
        self._notes = [words]
        self.diverged = self.shown.trainer.diverged
        if self.diverged:  # back at a moment that had
            self.playing, self.pending = False, 0
        news = self._renew(data)
        kind: Literal["info", "edit"] = "info" if travel else "edit"
        event = Event(step=self.shown.trainer.steps, kind=kind, message=words)
        return [Reply(id=command.id, command=command.type, message=words), *news, event]

    def _renew(self, data: Data) -> list[Message]:
        """The network that is shown is another one; its data were `data`."""
        self.version += 1
        self.changed = True
        self.pace.relearn()
        others = self.shown.data is not data
        self.view.renew(self.shown.network.sizes, other_data=others)
        self.scope.renew(self.shown)
        return [*([dataset_message(self.shown.data)] if others else []), self._topology()]

    def _edit(self, command: Command) -> str:
        """A change of the recipe, which the engine performs between two steps."""
        self.past.check_present()
        arguments = within_limits(command, c.given(command), self.experiment.network.sizes)
        self.past.timeline.keep(self.experiment)
        words = self.experiment.edit(command.type, **arguments)
        self.past.edited()
        return words

    def _research(self, command: lab.LabCommand) -> str:
        return self.lab.start(command, self.shown, walked(self.past.timeline, self.shown))

    def _magnify(self, command: m.Microscope) -> str:
        answer = self.scope.switch(command, self.shown)
        if command.on:
            self.playing, self.pending = False, 0
        return answer

    def _adopt(self, command: lab.Adopt) -> str:
        return self.past.adopt(self.lab.chosen(command), command.lane, command.replica)

    def _look_back(self, command: lab.LookBack) -> str:
        self.playing, self.pending = False, 0
        return self.past.look_back(command)

    # ---- training -----------------------------------------------------------------------------
    def _play(self, command: c.Play) -> str:
        self.past.check_present()
        if not self.playing:
            self.pace.restart()
        if self.diverged:
            self.experiment.trainer.diverged = self.diverged = None
        self.playing, self.pending = True, 0
        return "Training."

    def _pause(self, command: c.Pause) -> str:
        self.playing, self.pending = False, 0
        self.pace.restart()
        return f"Paused after step {self.experiment.trainer.steps:,}."

    def _step(self, command: c.Step) -> str:
        self.past.check_present()
        steps = command.count
        if command.unit == "epoch":
            examples = len(self.experiment.data.x_train)
            steps *= -(-examples // self.experiment.recipe.batch_size)
        if self.diverged:
            self.experiment.trainer.diverged = self.diverged = None
        self.playing, self.pending = False, self.pending + steps  # each press counts
        self.pace.restart()
        end = self.experiment.trainer.steps + self.pending
        return f"To step {end:,}, where training pauses."

    def _set_speed(self, command: c.SetSpeed) -> str:
        self.pace.speed = command.steps_per_second
        self.pace.restart()
        if command.steps_per_second is None:
            return "As fast as it goes."
        rate = command.steps_per_second
        return f"{rate:g} step{'' if rate == 1 else 's'} per second."

    def _topology(self) -> Topology:
        return topology_message(
            self.shown,
            self.version,
            playing=self.playing,
            speed=self.pace.speed,
            notes=self._notes,
        )

    # ---- time ---------------------------------------------------------------------------------

    def watch(self, viewers: int, now: float) -> None:
        """So many viewers from now on. The wish to play is kept while nobody watches."""
        if self._viewers and not viewers:
            self._alone_since = now
        if viewers and not self._awake(now):
            self.pace.restart()
        self._viewers = viewers

    def _awake(self, now: float) -> bool:
        return self._viewers > 0 or now - self._alone_since < UNWATCHED_SECONDS

    def wait(self, now: float) -> float | None:
        """Seconds until there is something to do; None when nothing will be without a command."""
        if (self.lab.busy or self.past.seeking is not None) and self._awake(now):
            return 0.0
        return self._until_steps(now)

    def _until_steps(self, now: float) -> float | None:
        """Seconds until steps are due; None when none will be without a command."""
        if not (self.playing or self.pending) or not self._awake(now):
            return None
        return 0.0 if self.pending else self.pace.wait(now)

    def advance(self, now: float) -> list[Message]:
        """Make the steps that are due, one slice at most; returns what viewers must hear."""
        if self.past.seeking is not None and self._awake(now):
            return self._seek()
        if self._until_steps(now) is None:
            return []
        steps = min(self.pending, self.pace.slice) if self.pending else self.pace.due(now)
        if not steps:
            return []
        trainer = self.experiment.trainer
        made = trainer.step(min(steps, self.past.due() or steps))
        self.changed = True
        self.pending = max(0, self.pending - made)
        self.pace.made(now, made, self.experiment.made)
        self._made = made
        self.past.keep(self.pace.slice)
        if trainer.diverged is None:
            return []
        self.diverged, self.playing, self.pending = trainer.diverged, False, 0
        return [Event(step=trainer.steps, kind="divergence", message=trainer.diverged.message)]

    def _seek(self) -> list[Message]:
        """Replay a piece of the way to the moment that is sought."""
        data, edits = self.shown.data, len(self.shown.edits)
        self._made = self.past.seek(self.pace.slice)
        self.changed = True
        news = self._renew(data) if len(self.shown.edits) > edits else []
        if self.past.seeking is None:
            step = self.shown.trainer.steps
            news.append(Event(step=step, kind="info", message=f"Step {step:,}, as it was."))
        return news

    def spent(self, seconds: float, budget: float) -> None:
        """The last `advance` took so long; the next is to take about `budget` seconds."""
        self.pace.spent(self._made, seconds, budget)
        self._made = 0

    def background(self, clock: Callable[[], float], budget: float, trained: float) -> None:
        """Let the lab compute; `trained` is how long the last `advance` took."""
        now = clock()
        hurried = self._until_steps(now) == 0.0
        if self._awake(now) and self.lab.work(clock, budget, trained if hurried else 0.0):
            self.changed = True

    # ---- frames -------------------------------------------------------------------------------

    def frame(self) -> bytes:
        """Everything there is to see at this moment, as one safetensors message.

        Frames are numbered from 1.
        """
        self.changed = False
        stays = (self.pace.slow or not self.playing) and self.pending <= self.pace.slice
        return self._frames.build(
            self.view,
            version=self.version,
            playing=self.playing,
            still=stays and self.past.seeking is None,
            speed=self.pace.speed,
            steps_per_second=self.pace.rate if self.playing or self.pending else 0.0,
            diverged=self.diverged,
        )
