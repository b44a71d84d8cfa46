"""Where in the network a parameter is, as a person says it."""

from dataclasses import dataclass
from typing import Literal

from engine.checks import whole
from engine.network import Network


@dataclass(frozen=True)
class Place:
    """The weight from `input` to `unit` of `layer` (from 1), or with None its bias.

    With `norm` it is the scale γ or the shift β of the unit's batch normalisation.
    """

    layer: int
    unit: int
    input: int | None = None
    norm: Literal["scale", "shift"] | None = None

    def index(self, network: Network) -> int:
        """Its index in the flat vectors. Raises ValueError naming what there is not."""
        layers = network.layers
        chosen = layers[whole("layer", self.layer, 1, len(layers)) - 1]
        unit = whole("unit", self.unit, 0, chosen.units - 1)
        start = int(network.offsets[self.layer - 1])
        if self.norm is None:
            last = chosen.fan_in
            column = last if self.input is None else whole("input", self.input, 0, last - 1)
            return start + unit * (last + 1) + column
        if chosen.norm is None:
            raise ValueError(f"norm: got {self.norm!r}, expected a layer with batch normalisation")
        split = start + chosen.units * (chosen.fan_in + 1)
        return split + unit + (chosen.units if self.norm == "shift" else 0)
