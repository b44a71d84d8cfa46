"""Other data, or other inputs, between two steps of a run; as of `engine.edits`."""

from collections.abc import Iterable
from typing import Any

from engine import surgery
from engine.datasets import datasets
from engine.datasets.targets import output_units
from engine.losses import losses
from engine.recipe import Recipe, recipe_for
from engine.run import Run
from engine.transplant import NEW


def data(run: Run, **changes: Any) -> str:
    """Another data set starts a new run; more noise or another split goes on learning."""
    name = changes.get("dataset", run.recipe.dataset)
    if not isinstance(name, str) or name not in datasets:
        allowed = ", ".join(datasets)
        raise ValueError(f"dataset: got {name!r}, expected one of {allowed}")
    choices = ("dataset", "test_share", *datasets[name].options)
    for field, value in changes.items():
        if field not in choices:
            raise ValueError(
                f"{field}: got {value!r}, expected one of {', '.join(choices)}: "
                f"{name} has nothing else to choose"
            )
    if name != run.recipe.dataset:
        return _change_dataset(run, **changes)
    recipe = run.recipe.changed(**changes)
    if recipe == run.recipe:
        return "Nothing has changed."
    data = run.load(recipe)
    outputs = output_units(data, recipe.loss)
    words = "Kept the whole network; it goes on with the new examples."
    if outputs != run.network.layers[-1].units:
        words = surgery.set_outputs(run.trainer, outputs, recipe.output_activation)
    run.recipe = recipe
    run.renew_data(data)
    return words + _tested_before(run)


def _tested_before(run: Run) -> str:
    """How far the test part is no longer one."""
    count = run.tested_before()
    if not count:
        return ""
    return (
        f" {count:,} of the {len(run.data.x_test):,} test examples have been trained on before: "
        "reset for an honest test."
    )


def _change_dataset(run: Run, **changes: Any) -> str:
    old = run.recipe
    loss, output = _loss_for(old, changes["dataset"])
    recipe = old.changed(
        loss=loss,
        output_activation=output,
        schedule=old.schedule.starting_at(0),
        **changes,
    )
    data = run.load(recipe)
    run.made_before, run.recipe, run.data = run.made, recipe, data
    run.start()
    if loss == old.loss:
        words = f"the loss stays {losses[loss].title}"
    else:
        words = f"the loss is {losses[loss].title} now, instead of {losses[old.loss].title}"
    if output != old.output_activation:
        words += f", the output {output} instead of {old.output_activation}"
    return f"A new run on {data.info.title}, with new initial weights; {words}."


def _loss_for(recipe: Recipe, dataset: str) -> tuple[str, str]:
    """Loss and output activation for another data set.

    What was chosen, other than what suits the old data, is kept where it fits the new ones; the
    rest is what suits them.
    """
    suiting, chosen = recipe_for(recipe.dataset), {}
    fits = datasets[dataset].task == "classification" or not losses[recipe.loss].classifies
    if recipe.loss != suiting.loss and fits:
        chosen["loss"] = recipe.loss
    usual = recipe_for(recipe.dataset, loss=recipe.loss).output_activation
    new = recipe_for(dataset, **chosen)
    if recipe.output_activation != usual and not losses[new.loss].from_logits:
        return new.loss, recipe.output_activation
    return new.loss, new.output_activation


def features(run: Run, features: Iterable[str]) -> str:
    """Input features of plane data on and off; the weights of the others are kept."""
    if run.data.info.kind != "plane":
        raise ValueError(
            f"features: got {', '.join(features)}, expected none to choose: the columns of this "
            "data set are always all inputs"
        )
    old = run.recipe.features
    recipe = run.recipe.changed(features=tuple(features))
    kept = [old.index(f) if f in old else NEW for f in recipe.features]
    words = surgery.set_inputs(run.trainer, kept)
    run.recipe = recipe
    run.renew_data()
    return words
