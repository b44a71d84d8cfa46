"""Commands of the microscope: one step with all its numbers, and what a layer makes of space."""

from typing import Annotated, Literal

from pydantic import Field

from server.protocol.fields import CommandBase, Example, Input, Layer, Unit


class Microscope(CommandBase):
    """Show the upcoming step with all its numbers; training pauses when it is switched on."""

    type: Literal["microscope"] = "microscope"
    on: bool
    example: Example | None = 0
    """The one shown, counted in the minibatch; null: all of it."""


class Parameter(CommandBase):
    """Commands about one parameter."""

    layer: Layer
    """1 is the first hidden layer."""
    unit: Unit
    input: Input | None
    """null: the bias."""
    norm: Literal["scale", "shift"] | None = None
    """Of the unit's batch normalisation: γ or β, in place of weight or bias."""


class CheckGradient(Parameter):
    """Compare one gradient with the difference of two losses, for the upcoming minibatch."""

    type: Literal["check_gradient"] = "check_gradient"


class Shares(Parameter):
    """Show each example's share of one gradient."""

    type: Literal["shares"] = "shares"


class Represent(CommandBase):
    """Carry a grid of inputs and the training examples to a layer; {"layer": null} stops it."""

    type: Literal["represent"] = "represent"
    layer: Layer | None
    """0 is the inputs."""
    units: Annotated[tuple[Unit, ...], Field(min_length=2, max_length=2)] | None = None
    """The two units to draw against each other; null: the two principal components."""
