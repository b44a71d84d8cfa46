"""One line of a calculation, as a person writes it, with the numbers of every parameter in it."""

from dataclasses import dataclass

from engine.operations import Array


@dataclass(frozen=True)
class Line:
    """For example v ← μ·v + g: its name, how it comes about, its result.

    `how` is text with `{}` where `operands` go, and θ in `name` stands for the parameter. Operands
    and result are one number, or one for each parameter.
    """

    name: str
    how: str
    operands: tuple[float | Array, ...]
    result: float | Array
    weights_only: bool = False
    """Whether it is about weights alone, not biases, γ or β."""
