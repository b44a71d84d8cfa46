import numpy as np
import pytest

from engine.activations import activations
from engine.experiment import Experiment
from engine.gradient_check import check_gradient
from engine.losses import losses
from engine.place import Place
from engine.recipe import LayerSpec, recipe_for


@pytest.mark.parametrize("loss", losses)
@pytest.mark.parametrize("activation", activations)
def test_both_numbers_agree_for_every_loss_and_activation(loss, activation):
    layers = (LayerSpec(4, activation), LayerSpec(3, activation, batch_norm=True, dropout=0.25))
    run = Experiment(recipe_for("moons", loss=loss, layers=layers, l2=0.1, clip_norm=0.01))
    run.trainer.step(30)
    before = run.trainer.snapshot()
    for layer, unit, input in ((1, 2, 1), (1, 0, None), (2, 1, 3), (3, 0, 0), (3, 0, None)):
        check = check_gradient(run, Place(layer, unit, input))
        assert check.relative_error < 1e-5 or abs(check.by_difference) < 1e-9
        chosen = run.network.layers[layer - 1]
        column = chosen.fan_in if input is None else input
        assert check.value == chosen.affine[unit, column]
    for norm in ("scale", "shift"):
        check = check_gradient(run, Place(2, 1, norm=norm))
        assert check.relative_error < 1e-5 or abs(check.by_difference) < 1e-9
        assert check.value == getattr(run.network.layers[1].norm, norm)[1]
    after = run.trainer.snapshot()
    np.testing.assert_array_equal(after.parameters, before.parameters)
    assert after.random == before.random


def test_it_is_the_gradient_that_the_frame_shows():
    run = Experiment(recipe_for("moons"))
    run.trainer.step(10)
    check = check_gradient(run, Place(1, 2, 0))
    shown = run.trainer.look_ahead().gradients[2 * 3]
    assert check.by_backpropagation == pytest.approx(shown, rel=1e-4)
    assert check.recorded == shown


@pytest.mark.parametrize("batch_norm", [False, True])
def test_with_dropout_it_is_the_mask_of_the_recorded_step(batch_norm):
    layers = (LayerSpec(4, dropout=0.5, batch_norm=batch_norm), LayerSpec(4))
    run = Experiment(recipe_for("moons", layers=layers))
    for _ in range(3):
        run.trainer.step(1)
        for input in (0, 1):
            check = check_gradient(run, Place(1, 0, input))
            assert check.by_backpropagation == pytest.approx(check.recorded, rel=1e-4, abs=1e-7)
            assert check.by_difference == pytest.approx(check.recorded, rel=1e-4, abs=1e-7)


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ((4, 0, 0), "layer: got 4, expected a whole number, 1…3"),
        ((1, 9, 0), "unit: got 9"),
        ((1, 0, 2), "input: got 2"),
        ((1, 0, None, "scale"), "norm: got 'scale', expected a layer with batch normalisation"),
    ],
)
def test_what_is_not_there_is_refused_by_name(place, message):
    with pytest.raises(ValueError, match=message):
        check_gradient(Experiment(recipe_for("moons")), Place(*place))
