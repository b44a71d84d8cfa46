"""What the viewers of a session have chosen to look at."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.datasets import Data
from server.protocol import Refusal
from server.protocol import commands as c


@dataclass
class View:
    """An example, and perhaps a unit in focus."""

    part: str = "train"
    index: int = 0
    focus_layer: int | None = None
    focus_unit: int = 0

    @property
    def focus(self) -> tuple[int, int] | None:
        """Layer and unit in focus."""
        return None if self.focus_layer is None else (self.focus_layer, self.focus_unit)

    def select(self, command: c.SelectExample, data: Data) -> str:
        """Choose the example; raises `Refusal` where there is none."""
        count = len(data.x_train if command.part == "train" else data.x_test)
        if command.index >= count:
            allowed = f"0 to {count - 1}" if count else "nothing: this part is empty"
            raise Refusal("index", str(command.index), allowed)
        self.part, self.index = command.part, command.index
        return f"Showing example {command.index} of the {command.part} part."

    def choose(self, command: c.Focus, sizes: Sequence[int]) -> str:
        """Choose the unit in focus, or none; raises `Refusal` where there is no such unit."""
        if command.layer is not None and not _exists(command.layer, command.unit, sizes):
            if command.layer >= len(sizes):
                raise Refusal("layer", str(command.layer), f"0 to {len(sizes) - 1}")
            raise Refusal("unit", str(command.unit), f"0 to {sizes[command.layer] - 1}")
        self.focus_layer, self.focus_unit = command.layer, command.unit
        if command.layer is None:
            return "No unit in focus."
        return f"Unit {command.unit} of layer {command.layer} in focus."

    def renew(self, sizes: Sequence[int], *, other_data: bool) -> None:
        """The architecture or the data changed: what is no longer there is not looked at."""
        if other_data:
            self.part, self.index = "train", 0
        if self.focus_layer is not None and not _exists(self.focus_layer, self.focus_unit, sizes):
            self.focus_layer = None


def _exists(layer: int, unit: int, sizes: Sequence[int]) -> bool:
    return layer < len(sizes) and unit < sizes[layer]
