"""The loss curve at a moment of the past: the one that training had, whatever a replay records."""

import numpy as np

from engine.experiment import Experiment
from engine.recipe import LayerSpec, Recipe, recipe_for
from engine.timeline import Timeline


def test_the_loss_curve_of_the_past_is_the_one_that_training_had():
    live = Experiment(recipe_for("plane", layers=2 * (LayerSpec(8, "relu"),)))
    timeline = Timeline(live)
    for step in range(1, 275):
        live.trainer.step(1)
        live.trainer.record_history()  # as viewers have it done, who see a frame for every step
        if step == 120:
            timeline.keep(live)
            live.edit("set", learning_rate=1.11)
    known = live.trainer.history.columns()
    for made in (60, 120, 164, 274):
        seen = timeline.at(live, made).trainer.history.columns()
        np.testing.assert_array_equal(seen, known[:, known[0] <= made])
        past = timeline.near(live, made)
        while not timeline.approach(past, live, made, most=7):
            seen = past.trainer.history.columns()
            np.testing.assert_array_equal(seen, known[:, known[0] <= past.made])


def test_the_loss_curve_of_the_past_is_bounded_and_has_all_that_is_known():
    live = Experiment(Recipe(samples=60))
    timeline = Timeline(live)
    for step in range(1, 3000):
        live.trainer.step(1)
        live.trainer.record_history()
        if step == 395:
            timeline.keep(live)
    known = live.trainer.history.columns()
    for made in (300, 390, 399, 1203, 2998):
        seen = timeline.at(live, made).trainer.history.columns()
        assert seen.shape[1] <= 400
        assert seen[0, -1] == made
        assert (np.diff(seen[0]) > 0).all()
        assert set(known[0][known[0] <= made]) <= set(seen[0])


def test_the_loss_curve_before_a_reset_is_had_from_the_state_before_it():
    live = Experiment(Recipe(samples=60))
    timeline = Timeline(live)
    for _ in range(90):
        live.trainer.step(1)
        live.trainer.record_history()
    known = live.trainer.history.columns()
    timeline.keep(live)
    live.edit("reset")
    live.trainer.step(40)
    seen = timeline.at(live, 70).trainer.history.columns()
    np.testing.assert_array_equal(seen, known[:, known[0] <= 70])
    seen = timeline.at(live, 90, edits=0).trainer.history.columns()
    np.testing.assert_array_equal(seen, known)
