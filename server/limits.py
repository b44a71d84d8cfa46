"""The page's own limits, which the engine does not have."""

from collections.abc import Sequence
from typing import Any

from server.protocol import Command, Refusal
from server.protocol import commands as c
from server.protocol.fields import MAX_HIDDEN_LAYERS, MAX_UNITS


def within_limits(
    command: Command, arguments: dict[str, Any], sizes: Sequence[int]
) -> dict[str, Any]:
    """The arguments with which the page can show what comes out.

    `arguments` are those that the client named, `sizes` the units of all layers, inputs first.
    Raises `Refusal` for an edit that asks for nothing, or for more than the page shows.
    """
    hidden = len(sizes) - 2
    match command:
        case c.Create() | c.Join() | c.Ack():
            raise Refusal("type", command.type, "another command: this session runs already")
        case c.Set() | c.SetData() if not arguments:
            raise Refusal("message", "no field", f"a field of {command.type}, to change it")
        case c.SetLayer() if len(arguments) == 1:
            raise Refusal("message", "no field", "activation, batch_norm or dropout, to change it")
        case c.AddNeuron() | c.RemoveNeuron() | c.RemoveLayer():
            if not 1 <= command.layer <= hidden:
                allowed = f"a hidden layer, 1 to {hidden}" if hidden else "none: no layer is hidden"
                raise Refusal("layer", str(command.layer), allowed)
            if isinstance(command, c.AddNeuron) and sizes[command.layer] >= MAX_UNITS:
                got = f"a layer of {sizes[command.layer]} units"
                raise Refusal("layer", got, f"one of fewer than {MAX_UNITS}")
        case c.AddLayer() if hidden >= MAX_HIDDEN_LAYERS:
            raise Refusal("position", f"layer {hidden + 1}", f"at most {MAX_HIDDEN_LAYERS} of them")
        case c.AddLayer() if (
            command.position < len(sizes) and sizes[command.position - 1] > MAX_UNITS
        ):
            return {**arguments, "units": MAX_UNITS}
        case _:
            pass
    return arguments
