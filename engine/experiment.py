"""A run: a recipe, the network and data that it determines, and the edits made on the way.

The recipe together with the list of edits, each with the number of steps made before it,
determines every bit of the run: `Experiment.replay` makes it again.
"""

from collections.abc import Iterable
from typing import Any

from engine.adoption import Adopted
from engine.datasets import Data
from engine.edits import EDITS
from engine.race import Race
from engine.recipe import Recipe
from engine.run import Run

Edit = tuple[int, str, dict[str, Any]]


class Experiment(Run):
    """A run, and the list of the edits that were made to it."""

    def __init__(self, recipe: Recipe, *, data: Data | None = None) -> None:
        """`data` are those of the recipe where they are at hand already.

        Raises ValueError naming the field of the recipe that does not fit.
        """
        super().__init__(recipe, data=data)
        self.edits: list[Edit] = []
        self.began = 0
        """How many edits there were when the loss curve began, at step 0."""

    @property
    def moment(self) -> tuple[int, int]:
        """Steps made and edits carried out."""
        return self.made, len(self.edits)

    def edit(self, name: str, **arguments: Any) -> str:
        """Make an edit between two steps; says in words what was kept and what initialised.

        Raises ValueError naming the field; then nothing has changed.
        """
        if name not in EDITS:
            raise ValueError(f"edit: got {name!r}, expected one of {', '.join(EDITS)}")
        made, trainer = self.made, self.trainer
        words = EDITS[name](self, **arguments)
        self.edits.append((made, name, arguments))
        # A replica that went on from the weights of then has their curve, too.
        if self.trainer is not trainer and arguments.get("afresh", True):
            self.began = len(self.edits)
        self.trainer.renew_history()
        self.trainer.diverged = None  # an edit may have cured it; the next steps will tell
        return words

    def adopt(self, race: Race, lane: int, replica: int) -> str:
        """The edit "adopt", of a race of this experiment that need not be run again."""
        ready = Adopted(race, lane, replica)
        steps = race.step - race.begin
        return self.edit("adopt", **race.spec, steps=steps, lane=lane, replica=replica, ready=ready)

    @staticmethod
    def replay(recipe: Recipe, edits: Iterable[Edit], steps: int) -> "Experiment":
        """The same run again, up to `steps` steps made in all: the same bits."""
        run = Experiment(recipe)
        for made, name, arguments in edits:
            run.trainer.advance(made - run.made)
            run.edit(name, **arguments)
        run.trainer.advance(steps - run.made)
        return run
