"""What can be changed in a run between two of its steps, without a restart.

Each edit takes the run and plain values, layers counted from 1. It says in words what was kept and
what was initialised; where it is impossible it raises ValueError naming the field, and nothing has
changed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from engine import data_edits, surgery
from engine.adoption import Adopted
from engine.checks import whole
from engine.datasets.targets import lowest_target, output_units
from engine.losses import losses
from engine.optimizers import optimizers
from engine.race import Race
from engine.recipe import LayerSpec, Recipe
from engine.run import Run
from engine.schedules import DOING, Schedule


def set_options(run: Run, **changes: Any) -> str:
    """Any of learning rate, minibatch size, penalties, clipping, optimizer, loss, output."""
    allowed = (
        "learning_rate, batch_size, l1, l2, clip_norm, optimizer, optimizer_options, loss, "
        "output_activation, schedule"
    )
    for name in changes:
        if name not in allowed.split(", "):
            raise ValueError(f"{name}: got a value, expected one of {allowed}")
    words = []
    other = "optimizer" in changes and changes["optimizer"] != run.recipe.optimizer
    if other or "optimizer_options" in changes:
        kept = run.recipe.optimizer_options
        if other:  # what the new one has, too, stays as it was set
            has = optimizers.find(changes["optimizer"], "optimizer").options
            kept = {name: value for name, value in kept.items() if name in has}
        changes["optimizer_options"] = {**kept, **changes.get("optimizer_options", {})}
    if "schedule" in changes:
        changes["schedule"] = _begun(run, changes["schedule"])
    if "loss" in changes and "output_activation" not in changes:
        loss = losses.find(changes["loss"], "loss")
        if loss.from_logits and run.recipe.output_activation != "linear":
            changes["output_activation"] = "linear"
            words.append(f"The output layer is linear now, since {loss.title} takes logits.")
    recipe = run.recipe.changed(**changes)
    trainer, old = run.trainer, run.recipe
    if (recipe.loss, recipe.output_activation) != (old.loss, old.output_activation):
        words.insert(0, _change_loss(run, recipe))
    run.recipe = recipe
    if "learning_rate" in changes:
        trainer.learning_rate = recipe.learning_rate
        words.append(f"The learning rate is {recipe.learning_rate:g} from now on.")
    if "schedule" in changes:
        trainer.schedule = recipe.schedule
        words.append(_course(recipe.schedule, run.trainer.steps))
    if "batch_size" in changes:
        trainer.batch_size = recipe.batch_size
        many = "1 example" if recipe.batch_size == 1 else f"{recipe.batch_size:,} examples"
        words.append(f"Minibatches have {many} from now on.")
    if {"l1", "l2", "clip_norm"} & changes.keys():
        trainer.set_regularization(recipe.l1, recipe.l2, recipe.clip_norm)
        clip = "no clipping" if recipe.clip_norm is None else f"clipping at {recipe.clip_norm:g}"
        words.append(f"L1 {recipe.l1:g}, L2 {recipe.l2:g}, {clip} from now on.")
    if recipe.optimizer != old.optimizer:
        words.append(_change_optimizer(run, recipe))
    elif "optimizer_options" in changes:
        trainer.optimizer.configure(**recipe.optimizer_options)
        words.append("The optimizer's state was kept.")
    return " ".join(words) or "Nothing has changed."


def _begun(run: Run, schedule: Mapping[str, Any]) -> dict[str, Any]:
    """Another kind of schedule begins now; the same goes on from where it began, if not told."""
    now = run.recipe.schedule
    if schedule.get("kind", "constant") != now.kind:
        return {**schedule, "begin": run.trainer.steps}
    return {"begin": now.begin, **schedule}


def _course(schedule: Schedule, step: int) -> str:
    counted = (
        ""
        if schedule.begin == step or schedule.kind == "constant"
        else (f", counted from step {schedule.begin:,}")
    )
    return f"The learning rate {DOING[schedule.kind]} from now on{counted}."


def _change_optimizer(run: Run, recipe: Recipe) -> str:
    inherited = run.trainer.set_optimizer(recipe.optimizer, **recipe.optimizer_options)
    kind = optimizers[recipe.optimizer]
    slots = ", ".join(slot.replace("_", " ") for slot in kind.slots)
    if inherited:
        return f"Kept all weights; {kind.title} goes on with the same state: {slots}."
    if not slots:
        return f"Kept all weights; {kind.title} has no state of its own."
    return f"Kept all weights; the state of {kind.title} starts at 0: {slots}."


def _change_loss(run: Run, recipe: Recipe) -> str:
    units, classes = output_units(run.data, recipe.loss), run.data.class_names
    before, after = (lowest_target(r.loss, r.output_activation) for r in (run.recipe, recipe))
    words = surgery.set_outputs(run.trainer, units, recipe.output_activation)
    run.recipe = recipe
    run.renew_data()
    if classes and before != after:
        words += f" The targets of the classes are {'−1' if after else '0'} and 1 now."
    return words


def add_neuron(run: Run, layer: int) -> str:
    index = _hidden(run, layer)
    words = surgery.add_neuron(run.trainer, index)
    units = run.recipe.layers[index].units + 1
    run.recipe = run.recipe.with_layer(index, units=units)
    return words


def remove_neuron(run: Run, layer: int, unit: int) -> str:
    index = _hidden(run, layer)
    words = surgery.remove_neuron(run.trainer, index, unit)
    units = run.recipe.layers[index].units - 1
    run.recipe = run.recipe.with_layer(index, units=units)
    return words


def _hidden(run: Run, layer: int) -> int:
    """The index of a hidden layer, from 0; ValueError where it is none."""
    count = len(run.recipe.layers)
    if not count:
        raise ValueError(f"layer: got {layer!r}, there is no hidden layer")
    return whole("layer", layer, 1, count) - 1


def add_layer(run: Run, position: int, units: int | None = None) -> str:
    """The new hidden layer is number `position`, 1 being the first.

    It is as wide as what it reads, or has so many `units`, fewer.
    """
    specs = run.recipe.layers
    whole("position", position, 1, len(specs) + 1)
    neighbour = specs[max(position - 2, 0)].activation if specs else "tanh"
    words = surgery.add_layer(run.trainer, position - 1, neighbour, units)
    spec = LayerSpec(run.network.layers[position - 1].units, neighbour)
    layers = (*specs[: position - 1], spec, *specs[position - 1 :])
    run.recipe = run.recipe.changed(layers=layers)
    return words


def remove_layer(run: Run, layer: int) -> str:
    index, specs = _hidden(run, layer), run.recipe.layers
    words = surgery.remove_layer(run.trainer, index)
    run.recipe = run.recipe.changed(layers=(*specs[:index], *specs[layer:]))
    return words


def set_layer(run: Run, layer: int, **options: Any) -> str:
    """Activation, batch normalisation or dropout of a hidden layer; the output's activation."""
    count = len(run.recipe.layers)
    whole("layer", layer, 1, count + 1)
    if layer == count + 1:
        if set(options) != {"activation"}:
            raise ValueError(
                f"layer: got {layer} with {', '.join(options)}, expected a hidden layer: the "
                "output layer has no option but its activation"
            )
        return set_options(run, output_activation=options["activation"])
    recipe = run.recipe.with_layer(layer - 1, **options)
    words = [
        function(run.trainer, layer - 1, options[name])
        for name, function in LAYER_OPTIONS.items()
        if name in options
    ]
    run.recipe = recipe
    return " ".join(words)


def set_parameter(run: Run, layer: int, unit: int, input: int | None, value: float) -> str:
    """Set one weight, or with `input` None a bias, by hand."""
    layers = run.network.layers
    chosen = layers[whole("layer", layer, 1, len(layers)) - 1]
    whole("unit", unit, 0, chosen.units - 1)
    column = chosen.fan_in if input is None else whole("input", input, 0, chosen.fan_in - 1)
    # In the network's own precision: a number too large for it is infinite there.
    with np.errstate(over="ignore"):
        number = run.network.dtype.type(value)
    if not np.isfinite(number):
        raise ValueError(f"value: got {value!r}, expected a finite number")
    chosen.affine[unit, column] = number
    written = f"{value:g}".replace("-", "−")
    what = "bias" if input is None else "weight"
    return f"Set the {what} to {written}; everything else was kept."


def reset(run: Run, **changes: Any) -> str:
    """Back to step 0 with initial weights: the same ones, unless seed or initialiser change."""
    for name in changes:
        if name not in ("seed", "initializer", "std"):
            raise ValueError(f"{name}: got a value, expected one of seed, initializer, std")
    recipe = run.recipe.changed(schedule=run.recipe.schedule.starting_at(0), **changes)
    run.made_before, run.recipe = run.made, recipe
    if "seed" in changes:
        run.data = run.load(recipe)
    run.start()
    if not changes:
        return "Initial weights again, at step 0."
    what = "New data and new initial weights" if "seed" in changes else "New initial weights"
    return f"{what}, step 0."


def adopt(
    run: Run,
    rates: Sequence[float],
    variants: Sequence[Mapping[str, Any]],
    afresh: bool,
    steps: int,
    lane: int,
    replica: int,
    ready: Adopted | None = None,
) -> str:
    """Go on as one replica of a race, so many steps long: as it is `ready`, or run anew."""
    if ready is None:
        race = Race(run, rates, variants, afresh=afresh)
        race.advance(steps)
        ready = Adopted(race, lane, replica)
    made = run.made
    run.recipe, run.trainer = ready.start(run)
    if afresh:
        run.trained_on = frozenset()
    run.made_before = made - run.trainer.steps
    return (
        f"Took over the replica at a learning rate of {run.recipe.learning_rate:.3g}, at step "
        f"{run.trainer.steps:,}: weights, optimizer state, loss curve."
    )


EDITS: dict[str, Callable[..., str]] = {
    "set": set_options,
    "data": data_edits.data,
    "features": data_edits.features,
    "add_neuron": add_neuron,
    "remove_neuron": remove_neuron,
    "add_layer": add_layer,
    "remove_layer": remove_layer,
    "set_layer": set_layer,
    "set_parameter": set_parameter,
    "reset": reset,
    "adopt": adopt,
}

LAYER_OPTIONS: dict[str, Callable[..., str]] = {
    "activation": surgery.set_activation,
    "batch_norm": surgery.set_batch_norm,
    "dropout": surgery.set_dropout,
}
