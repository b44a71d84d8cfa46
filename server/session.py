"""One training session as a state machine: commands in, messages and frames out.

No socket, clock or thread: time is a parameter. Whoever drives a session calls `handle` for each
command, `advance` when `wait` says that steps are due, and `frame` when a viewer can take one.
"""

from collections.abc import Callable
from typing import Any

from engine.divergence import Divergence
from engine.experiment import Experiment
from engine.recipe import recipe_for
from server.describe import dataset_message, topology_message
from server.frames import FrameBuilder, View
from server.limits import check_limits
from server.pace import Pace
from server.protocol import Command, Refusal
from server.protocol import commands as c
from server.protocol.messages import Event, Message, Refused, Reply, Topology
from server.protocol.refusal import refusal_of_value_error

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
            self.experiment = Experiment(recipe_for(named.pop("dataset", "moons"), **named))
        except ValueError as error:
            raise refusal_of_value_error(error) from None
        self.pace = Pace()
        self.playing = False
        self.pending = 0
        """Steps that were asked for by `step` and are still to be made."""
        self.version = 1
        self.view = View()
        self.diverged: Divergence | None = None
        self.changed = True
        """Whether the last frame no longer shows what is."""
        self._frames = FrameBuilder(self.experiment)
        self._notes: list[str] = []
        self._made = 0
        self._viewers = 1
        self._alone_since = 0.0
        self._handlers: dict[type[Any], Callable[[Any], str]] = {
            c.Play: self._play,
            c.Pause: self._pause,
            c.Step: self._step,
            c.SetSpeed: self._set_speed,
            c.SelectExample: self._select_example,
            c.Focus: self._focus,
        }

    # ---- commands -----------------------------------------------------------------------------

    def handle(self, command: Command) -> list[Message]:
        """Carry out a command: first its answer, then what all viewers must hear.

        A refused command has changed nothing.
        """
        try:
            handler = self._handlers.get(type(command))
            if handler is None:
                return self._edit(command)
            words = handler(command)
        except Refusal as refusal:
            return [refused(refusal, command)]
        self.changed = True
        return [Reply(id=command.id, command=command.type, message=words)]

    def introduction(self) -> list[Message]:
        """What a new viewer must know before its first frame."""
        return [dataset_message(self.experiment.data), self._topology()]

    def _edit(self, command: Command) -> list[Message]:
        """A change of the recipe, which the engine performs between two steps."""
        arguments = c.given(command)
        check_limits(command, arguments, self.experiment.network.sizes)
        data = self.experiment.data
        try:
            words = self.experiment.edit(command.type, **arguments)
        except ValueError as error:
            raise refusal_of_value_error(error) from None
        self.version += 1
        self._notes = [words]
        self._renewed()
        told: list[Message] = [Reply(id=command.id, command=command.type, message=words)]
        if self.experiment.data is not data:
            self.view.part, self.view.index = "train", 0
            told.append(dataset_message(self.experiment.data))
        step = self.experiment.trainer.steps
        return [*told, self._topology(), Event(step=step, kind="edit", message=words)]

    def _renewed(self) -> None:
        """After an edit: steps may take another time, and a unit in focus may be gone."""
        self.changed, self.diverged = True, None
        self.pace.relearn()
        layer = self.view.focus_layer
        if layer is not None and not self._unit_exists(layer, self.view.focus_unit):
            self.view.focus_layer = None

    def _play(self, command: c.Play) -> str:
        if not self.playing:
            self.pace.restart()
        if self.diverged:
            self.experiment.trainer.diverged = self.diverged = None
        self.playing, self.pending = True, 0
        return "Training."

    def _pause(self, command: c.Pause) -> str:
        self.playing, self.pending = False, 0
        self.pace.restart()
        return f"Paused after step {self.experiment.trainer.steps}."

    def _step(self, command: c.Step) -> str:
        steps = command.count
        if command.unit == "epoch":
            examples = len(self.experiment.data.x_train)
            steps *= -(-examples // self.experiment.recipe.batch_size)
        if self.diverged:
            self.experiment.trainer.diverged = self.diverged = None
        self.playing, self.pending = False, steps
        self.pace.restart()
        end = self.experiment.trainer.steps + steps
        return f"Training to step {end}, then pausing."

    def _set_speed(self, command: c.SetSpeed) -> str:
        self.pace.speed = command.steps_per_second
        self.pace.restart()
        if command.steps_per_second is None:
            return "As fast as it goes."
        return f"{command.steps_per_second:g} steps per second."

    def _select_example(self, command: c.SelectExample) -> str:
        data = self.experiment.data
        count = len(data.x_train if command.part == "train" else data.x_test)
        if command.index >= count:
            allowed = f"0 to {count - 1}" if count else "nothing: this part is empty"
            raise Refusal("index", str(command.index), allowed)
        self.view.part, self.view.index = command.part, command.index
        return f"Showing example {command.index} of the {command.part} part."

    def _focus(self, command: c.Focus) -> str:
        if command.layer is not None and not self._unit_exists(command.layer, command.unit):
            sizes = self.experiment.network.sizes
            if command.layer >= len(sizes):
                raise Refusal("layer", str(command.layer), f"0 to {len(sizes) - 1}")
            raise Refusal("unit", str(command.unit), f"0 to {sizes[command.layer] - 1}")
        self.view.focus_layer, self.view.focus_unit = command.layer, command.unit
        if command.layer is None:
            return "No unit in focus."
        return f"Unit {command.unit} of layer {command.layer} in focus."

    def _unit_exists(self, layer: int, unit: int) -> bool:
        sizes = self.experiment.network.sizes
        return layer < len(sizes) and unit < sizes[layer]

    def _topology(self) -> Topology:
        return topology_message(
            self.experiment,
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
        """Seconds until steps are due; None when none will be without a command."""
        if not (self.playing or self.pending) or not self._awake(now):
            return None
        return 0.0 if self.pending else self.pace.wait(now)

    def advance(self, now: float) -> list[Message]:
        """Make the steps that are due, one slice at most; returns what viewers must hear."""
        if self.wait(now) is None:
            return []
        steps = min(self.pending, self.pace.slice) if self.pending else self.pace.due(now)
        if not steps:
            return []
        trainer = self.experiment.trainer
        made = trainer.step(steps)
        self.changed = True
        self.pending = max(0, self.pending - made)
        self.pace.made(now, made, self.experiment.made)
        self._made = made
        if trainer.diverged is None:
            return []
        self.diverged, self.playing, self.pending = trainer.diverged, False, 0
        return [Event(step=trainer.steps, kind="divergence", message=trainer.diverged.message)]

    def spent(self, seconds: float, budget: float) -> None:
        """The last `advance` took so long; the next is to take about `budget` seconds."""
        self.pace.spent(self._made, seconds, budget)
        self._made = 0

    # ---- frames -------------------------------------------------------------------------------

    def frame(self) -> bytes:
        """Everything there is to see at this moment, as one safetensors message.

        Frames are numbered from 1.
        """
        self.changed = False
        return self._frames.build(
            self.view,
            version=self.version,
            playing=self.playing,
            speed=self.pace.speed,
            steps_per_second=self.pace.rate if self.playing or self.pending else 0.0,
            diverged=self.diverged,
        )


def refused(refusal: Refusal, command: Command | None = None) -> Refused:
    """A refusal as a message."""
    return Refused(
        id=command.id if command else refusal.id,
        command=command.type if command else refusal.command,
        field=refusal.field,
        got=refusal.got,
        allowed=refusal.allowed,
        message=str(refusal),
    )
