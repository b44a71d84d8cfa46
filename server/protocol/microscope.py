"""Commands of the microscope: one step with all its numbers, and what a layer makes of space."""

from typing import Annotated, Literal

from pydantic import Field

from server.protocol.fields import CommandBase, Input, Layer, Unit


class Microscope(CommandBase):
    """Show the upcoming step with all its numbers; training pauses when it is switched on."""

    type: Literal["microscope"] = "microscope"
    on: bool


class CheckGradient(CommandBase):
    """Compare one gradient with the difference of two losses, for the upcoming minibatch."""

    type: Literal["check_gradient"] = "check_gradient"
    layer: Layer
    """1 is the first hidden layer."""
    unit: Unit
    input: Input | None
    """null: the bias."""


class Represent(CommandBase):
    """Carry the plane and the training points to a layer; {"layer": null} stops it."""

    type: Literal["represent"] = "represent"
    layer: Layer | None
    units: Annotated[tuple[Unit, ...], Field(min_length=2, max_length=2)] | None = None
    """The two units to draw against each other; null: the two principal components."""
