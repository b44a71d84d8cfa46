"""A lesson is tried on a session while it is read: what the page could not do is said at once."""

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from engine.recipe import Recipe
from server.lessons.goals import NUMBERS, Condition
from server.lessons.source import Block
from server.protocol import Refusal, parse
from server.protocol.commands import RecipeFields
from server.protocol.messages import Refused
from server.protocol.refusal import refusal_of
from server.session import Session

FORBIDDEN = ("create", "join", "ack")
TRAINS = ("play", "step", "epoch", "microscope")
CHANGED_BY = {
    "steps": TRAINS,
    "epochs": TRAINS,
    "learning_rate": ("rate",),
    "batch_size": ("minibatch",),
    "l1": ("regularisation",),
    "l2": ("regularisation",),
    "noise": ("noise", "data"),
    "layers": ("layers", "layer_options"),
    "neurons": ("neurons", "layers", "layer_options"),
    "dataset": ("data",),
    "activation": ("activations",),
    "loss": ("loss",),
    "optimizer": ("optimizer",),
    "initializer": ("initial",),
    "batch_norm": ("layer_options",),
}
"""What must be revealed, one of them at least, for a goal to be reached that is not yet."""
ELSEWHERE = ("lab", "time")
"""These can bring another recipe."""


class Rehearsal:
    """The session as the steps of a lesson set it up, one after the other."""

    session: Session
    revealed: set[str]
    """The controls that the student has had since the network started anew."""

    def begin(self, recipe: Mapping[str, Any], block: Block) -> None:
        """The network starts anew. Raises `LessonError`."""
        text = json.dumps(recipe, default=str)
        self.revealed = set()
        try:
            self.session = Session(RecipeFields.model_validate_json(text))
        except ValidationError as error:
            refusal = refusal_of(error, text)
        except Refusal as error:
            refusal = error
        else:
            return
        words = str(refusal).partition(": ")[2]
        field = f"recipe.{refusal.field}"
        raise block.fail(("recipe", *_parts(refusal.field)), words, field)

    def carry_out(self, field: str, commands: Iterable[Any], block: Block) -> list[dict[str, Any]]:
        """The commands as they are sent; TOML has no null, so a bias is the input "bias"."""
        sent = []
        for number, command in enumerate(commands):
            if isinstance(command, dict) and command.get("input") == "bias":
                command = command | {"input": None}
            try:
                self._carry_out(command)
            except Refusal as refusal:
                path = (field, number, *_parts(refusal.field))
                raise block.fail(path, f"command {number + 1}: {refusal}") from None
            sent.append(command)
        return sent

    def _carry_out(self, command: Any) -> None:
        parsed = parse(json.dumps(command, default=str))
        if parsed.type in FORBIDDEN:
            raise Refusal("type", parsed.type, "an edit of the session")
        answer = self.session.handle(parsed)[0]
        if isinstance(answer, Refused):
            raise Refusal(answer.field, answer.got, answer.allowed)

    def check(self, goal: Condition) -> None:
        """Raises ValueError, in words, where the goal cannot be reached from here."""
        recipe, data = self.session.experiment.recipe, self.session.experiment.data
        what, low, high = goal.what, *self._bounds(goal.what)
        if what in NUMBERS and not goal.within(low, high):
            raise ValueError(f"can never be: {goal.name} is {low:g} to {high:g}")
        if what.startswith("test_") and not len(data.x_test) and "test_share" not in self.revealed:
            raise ValueError("can never be: no examples are put aside for the test")
        if what in ("activation", "batch_norm") and not recipe.layers:
            if "layers" not in self.revealed:
                raise ValueError("can never be: there is no hidden layer")
            return
        controls = CHANGED_BY.get(what)
        if controls is None or {*controls, *ELSEWHERE} & self.revealed:
            return
        if not all(goal.holds(now) for now in _settings(what, recipe)):
            raise ValueError(f"can never be: expected one of {', '.join(controls)} in reveal")

    def _bounds(self, what: str) -> tuple[float, float]:
        """Between which values a number can be in this session."""
        if what not in NUMBERS:
            return -math.inf, math.inf
        _, low, high = NUMBERS[what]
        numbers = self.session.experiment.data.info.task == "regression"
        return (-math.inf if numbers and what.endswith("_metric") else low), high  # R²


def _settings(what: str, recipe: Recipe) -> list[Any]:
    """What a new network of the recipe has of that."""
    match what:
        case "steps" | "epochs":
            return [0]
        case "layers":
            return [len(recipe.layers)]
        case "neurons":
            return [sum(layer.units for layer in recipe.layers)]
        case "activation" | "batch_norm":
            return [getattr(layer, what) for layer in recipe.layers]
    return [getattr(recipe, what)]


def _parts(field: str) -> list[str | int]:
    """layers[1].units or layers.1.units as a path."""
    return [int(part) if part.isdigit() else part for part in re.findall(r"\w+", field)]
