"""Going on as one replica of a race: its recipe, its whole state, its curve."""

from engine.race import Race
from engine.recipe import Recipe
from engine.run import Run
from engine.trainer import Trainer


class Adopted:
    """The state of one replica of a race, so that taking it over again needs no other race."""

    def __init__(self, race: Race, lane: int, replica: int) -> None:
        """Raises ValueError naming what there is not, or where the replica diverged."""
        chosen = race.adopt(lane, replica)
        self.recipe, self._state = chosen.recipe, chosen.trainer.snapshot()

    @property
    def nbytes(self) -> int:
        """Memory that it takes, in bytes."""
        return self._state.nbytes

    def start(self, run: Run) -> tuple[Recipe, Trainer]:
        """Recipe and trainer of that replica, on the data of `run`."""
        other = Run(self.recipe, data=run.data)
        other.trainer.restore(self._state)
        return other.recipe, other.trainer
