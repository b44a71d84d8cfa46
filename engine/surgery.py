"""Edits to the architecture that keep what was learned.

Every edit takes the old network apart and puts a new one together (`engine.transplant`); weights
that survive are kept, with their optimizer state. What is new disturbs as little as it can:

* a new neuron has drawn incoming weights and *zero outgoing ones*, so that the network still
  computes the same function, and the neuron is free to learn;
* a new input likewise has zero weights;
* a new layer works where its activation function is nearly linear, and the layer after it takes
  the scale and shift back, so that the two are as close to the identity as the activation allows.

Layers are counted from 0 here. Every function says in words what was kept and what was
initialised, and raises ValueError, changing nothing, where the edit is impossible.
"""

from collections.abc import Sequence

import numpy as np

from engine.checks import flag, whole
from engine.layers import Dense
from engine.network import make_activation
from engine.operations import Array
from engine.refit import refit
from engine.trainer import Trainer
from engine.transplant import NEW, Graft, check_single, kept, resized, transplant

# ---- neurons ------------------------------------------------------------------------------------


def add_neuron(trainer: Trainer, index: int) -> str:
    """Add a neuron at the end of hidden layer `index`; predictions stay as they are."""
    layers = trainer.network.layers
    layer = _hidden(trainer, index)
    grafts = [kept(layer) for layer in layers]
    grafts[index] = resized(layer, [*range(layer.units), NEW], range(layer.fan_in))
    following = layers[index + 1]
    grafts[index + 1] = resized(following, range(following.units), [*range(following.fan_in), NEW])
    transplant(trainer, grafts)
    trainer.rebuild()
    new = f"Kept all weights. The new neuron {layer.units + 1} of layer {index + 1} has"
    if not trainer.network.layers[index].weight[:, -1].any():
        return (
            f"{new} zero weights on both sides, as the initialiser has it: the network computes "
            "the same as before, and no gradient reaches the neuron."
        )
    return (
        f"{new} drawn incoming weights and zero outgoing ones: the network computes the same as "
        "before."
    )


def remove_neuron(trainer: Trainer, index: int, unit: int) -> str:
    """Remove one neuron of hidden layer `index`, with its incoming and outgoing weights."""
    layers = trainer.network.layers
    layer = _hidden(trainer, index)
    whole("unit", unit, 0, layer.units - 1)
    if layer.units == 1:
        raise ValueError(f"unit: it is the last of layer {index + 1}; remove the layer instead")
    rest = [k for k in range(layer.units) if k != unit]
    grafts = [kept(layer) for layer in layers]
    grafts[index] = resized(layer, rest, range(layer.fan_in))
    grafts[index + 1] = resized(layers[index + 1], range(layers[index + 1].units), rest)
    transplant(trainer, grafts)
    trainer.rebuild()
    return (
        f"Removed neuron {unit + 1} of layer {index + 1} with its weights. Kept all others and "
        "their optimizer state."
    )


# ---- layers -------------------------------------------------------------------------------------


def add_layer(
    trainer: Trainer, position: int, activation: str = "tanh", units: int | None = None
) -> str:
    """Insert a hidden layer in front of layer `position`, as wide as what it reads, or `units`.

    It computes a = φ(s x + c) where φ is nearly straight, and the layer behind it takes scale
    and shift back and is then fitted to it by least squares on the training examples (`refit`).
    Exact for linear, ReLU, leaky ReLU and ELU. A tanh layer behind the first of the page's own
    network, after 4000 steps on moons, moves predictions by 0.1; without the fit by more than
    0.3. Half the scale would move them by 0.02, but the layer behind it would magnify the
    gradients so much that the next hundreds of steps lose what was learned.

    A narrower layer reads, in place of the values themselves, the directions among them that
    the layer behind it reads, and then those in which they vary most (`_directions`).
    """
    network = trainer.network
    check_single(network)
    whole("position", position, 0, len(network.layers) - 1)
    function, reader = make_activation(activation), network.layers[position]
    width = reader.fan_in if units is None else whole("units", units, 1, reader.fan_in)
    arriving = trainer.evaluator.activations()[position].astype(np.float64)
    target = arriving @ reader.weight + reader.bias
    basis = _directions(arriving, reader.weight, width)
    before = trainer.evaluator.predictions()
    new = Graft(Dense(reader.fan_in, width, function), None, [NEW] * width, [NEW] * reader.fan_in)
    grafts = [kept(layer) for layer in network.layers]
    if width < reader.fan_in:
        grafts[position] = resized(reader, range(reader.units), [NEW] * width)
    transplant(trainer, [*grafts[:position], new, *grafts[position:]])

    x = arriving @ basis
    scale, shift = function.straightening(x.min(axis=0), x.max(axis=0))
    centre = function.straight[0]
    value, slope = function.tangent(centre)
    layer, following = network.layers[position : position + 2]
    layer.weight[...] = basis * scale
    layer.bias[...] = shift
    # x ≈ ((a − φ(z₀)) / φ′(z₀) + z₀ − c) / s is what the following layer should still see.
    seen = basis.T @ reader.weight
    following.weight[...] = seen / (scale * slope)[:, None]
    following.bias[...] = reader.bias + ((centre - shift - value / slope) / scale) @ seen
    trainer.rebuild()
    refit(following, trainer.evaluator.activations()[position + 1], target)
    change = float(np.abs(trainer.evaluator.predictions() - before).max())
    narrower = f" It hands on {width} directions out of {reader.fan_in}." * (width < reader.fan_in)
    return (
        f"Kept all layers; predictions for training examples moved by at most {change:.2g}. The "
        f"new layer {position + 1} with {width} {activation} neurons starts as close to the "
        f"identity as {activation} allows without magnifying gradients, and layer {position + 2} "
        f"was fitted to it.{narrower}"
    )


def _directions(values: Array, weight: Array, width: int) -> Array:
    """`width` orthogonal directions (inputs, width) of values (examples, inputs).

    All of them: the values as they are. Fewer: first those that `weight` (inputs, units) reads,
    the strongest first, then the principal components of what is left.
    """
    inputs = values.shape[1]
    if width == inputs:
        return np.eye(inputs)
    read = np.linalg.svd(weight.astype(np.float64), full_matrices=False)[0]
    spread = values - values.mean(axis=0)
    rest = spread - spread @ read @ read.T
    components = np.linalg.eigh(rest.T @ rest)[1][:, ::-1]  # those of most variance first
    return np.linalg.qr(np.concatenate([read, components], axis=1))[0][:, :width]


def remove_layer(trainer: Trainer, index: int) -> str:
    """Remove hidden layer `index`.

    The layer behind it becomes the affine map that comes closest, on the training examples, to
    what the two computed together (least squares).
    """
    network = trainer.network
    layer = _hidden(trainer, index)
    following = network.layers[index + 1]
    source = trainer.evaluator.activations()[index].copy()
    target = trainer.evaluator.activations()[index + 1] @ following.weight + following.bias
    design = np.concatenate([source, np.ones_like(source[:, :1])], axis=1).astype(np.float64)
    solution = np.linalg.lstsq(design, target.astype(np.float64), rcond=None)[0]
    before = trainer.evaluator.predictions()
    grafts = [kept(layer) for layer in network.layers]
    joined = resized(following, range(following.units), [NEW] * layer.fan_in)
    transplant(trainer, [*grafts[:index], joined, *grafts[index + 2 :]])
    network.layers[index].weight[...] = solution[:-1]
    network.layers[index].bias[...] = solution[-1]
    trainer.rebuild()
    change = float(np.abs(trainer.evaluator.predictions() - before).max())
    return (
        f"Removed layer {index + 1}; predictions for training examples moved by at most "
        f"{change:.2g}. The layer behind it was set to the closest affine map to what the two "
        "computed together; all other layers were kept."
    )


def set_activation(trainer: Trainer, index: int, name: str) -> str:
    """Give layer `index` another activation function; all weights are kept."""
    layers = trainer.network.layers
    function = make_activation(name)
    whole("layer", index, 0, len(layers) - 1)
    grafts = [kept(layer) for layer in layers]
    grafts[index] = kept(layers[index], activation=function)
    transplant(trainer, grafts)
    trainer.rebuild()
    return f"Kept all weights; {_layer_name(trainer, index)} now uses {function.title}."


def set_batch_norm(trainer: Trainer, index: int, on: bool) -> str:
    """Switch batch normalisation of hidden layer `index` on or off; in use predictions stay.

    On: γ and β start as the standard deviation and mean of the pre-activations, and so undo the
    normalisation. Off: the running statistics, γ and β are folded into weights and biases.
    """
    layer = _hidden(trainer, index)
    if flag("batch_norm", on) == (layer.norm is not None):
        return f"Layer {index + 1} has batch normalisation {'on' if on else 'off'} already."
    z = trainer.evaluator.activations()[index].copy() @ layer.weight + layer.bias
    mean, variance = z.mean(0), z.var(0)
    grafts = [kept(layer) for layer in trainer.network.layers]
    grafts[index] = kept(layer, batch_norm=on)
    transplant(trainer, grafts)
    new = trainer.network.layers[index]
    if new.norm is not None:
        new.norm.running[...] = mean, variance
        new.norm.scale[...] = np.sqrt(variance + new.norm.epsilon)
        new.norm.shift[...] = mean
        words = "γ and β of each neuron start at its own deviation and mean"
    else:
        norm = layer.norm
        assert norm is not None
        gain = norm.scale / np.sqrt(norm.running[1] + norm.epsilon)
        new.weight[...] *= gain
        new.bias[...] = (new.bias - norm.running[0]) * gain + norm.shift
        words = "it was folded into weights and biases"
    trainer.rebuild()
    state = "on" if on else "off"
    return (
        f"Batch normalisation of layer {index + 1} is {state}: {words}, so that predictions "
        "stay as they were. Kept everything else."
    )


def set_dropout(trainer: Trainer, index: int, share: float) -> str:
    """Give hidden layer `index` another dropout share; all weights are kept."""
    layer = _hidden(trainer, index)
    grafts = [kept(layer) for layer in trainer.network.layers]
    grafts[index] = kept(layer, dropout=share)
    transplant(trainer, grafts)
    trainer.rebuild()
    return f"Kept all weights; layer {index + 1} now drops {100 * share:.3g}% of its activations."


# ---- both ends ----------------------------------------------------------------------------------


def set_inputs(trainer: Trainer, inputs: Sequence[int]) -> str:
    """Other inputs: for each the index of the old one, once at most, or NEW (weights start at 0).

    The trainer needs data that fit, by `set_data`, before the next step.
    """
    first = trainer.network.layers[0]
    given = inputs if isinstance(inputs, Sequence | np.ndarray) else ()
    old = [k for k in (whole("inputs", k, NEW, first.fan_in - 1) for k in given) if k != NEW]
    if len(set(old)) < len(old) or not len(given):
        raise ValueError(f"inputs: got {inputs}, expected one or more, each old one once")
    grafts = [kept(layer) for layer in trainer.network.layers]
    grafts[0] = resized(first, range(first.units), inputs)
    transplant(trainer, grafts)
    added, removed = len(inputs) - len(old), first.fan_in - len(old)
    parts = ["Kept the weights of all other inputs."]
    if added:
        same = "" if removed else ": the network computes the same as before"
        parts.append(f"{added} new with zero weights{same}.")
    if removed:
        parts.append(f"{removed} removed with the weights that read from it.")
    return " ".join(parts)


def set_outputs(trainer: Trainer, units: int, activation: str) -> str:
    """Another number of outputs. One logit and two are translated into each other exactly.

    The trainer needs targets that fit, by `set_data`, before the next step.
    """
    whole("units", units, 1)
    network = trainer.network
    last = network.layers[-1]
    weight, bias = last.weight.copy(), last.bias.copy()
    grafts = [kept(layer) for layer in network.layers]
    origins = range(units) if units == last.units else [NEW] * units
    grafts[-1] = resized(last, origins, range(last.fan_in))
    grafts[-1].layer.activation = make_activation(activation, "output_activation")
    transplant(trainer, grafts)
    if units == last.units:
        return "Kept all weights."
    new = network.layers[-1]
    if (last.units, units) == (1, 2):
        # softmax(−z/2, z/2) = sigmoid(z)
        new.weight[...], new.bias[...] = weight * [-0.5, 0.5], bias * [-0.5, 0.5]
        return "Kept all weights; the one output became two, −ŷ/2 and ŷ/2."
    if (last.units, units) == (2, 1):
        new.weight[...] = weight[:, 1:] - weight[:, :1]
        new.bias[...] = bias[1:] - bias[:1]
        return "Kept all weights; the two outputs became one, their difference."
    return f"Kept the hidden layers; initialised the output layer with {units} units."


def _hidden(trainer: Trainer, index: int) -> Dense:
    check_single(trainer.network)
    count = len(trainer.network.layers) - 1
    if not count:
        raise ValueError(f"layer: got {index}, there is no hidden layer")
    whole("layer", index, 0, count - 1)
    return trainer.network.layers[index]


def _layer_name(trainer: Trainer, index: int) -> str:
    last = index == len(trainer.network.layers) - 1
    return "the output layer" if last else f"layer {index + 1}"
