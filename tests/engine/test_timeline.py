import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.checkpoint import resume, take
from engine.experiment import Experiment
from engine.recipe import LayerSpec, Recipe
from engine.timeline import MOST_GHOSTS, Timeline
from tests.engine.test_experiment import COMMANDS


def assert_same(one: Experiment, other: Experiment) -> None:
    """The same to the bit now, and ten steps on."""
    for steps in (0, 10):
        assert one.trainer.step(steps) == other.trainer.step(steps)
        assert one.recipe == other.recipe
        assert one.edits == other.edits
        assert (one.made, one.trainer.steps, one.trainer.epoch) == (
            other.made,
            other.trainer.steps,
            other.trainer.epoch,
        )
        np.testing.assert_array_equal(one.network.parameters, other.network.parameters)
        for name, values in one.trainer.optimizer.state.items():
            np.testing.assert_array_equal(values, other.trainer.optimizer.state[name])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 25), COMMANDS, st.booleans()), max_size=7),
    st.lists(st.floats(0, 1), min_size=1, max_size=4),
)
def test_any_moment_is_had_again_to_the_bit(script, places):
    recipe = Recipe(samples=60)
    live = Experiment(recipe)
    timeline = Timeline(live, most=4)
    for steps, (name, arguments), keep in script:
        live.trainer.step(steps)
        if keep:
            timeline.keep(live)
        try:
            live.edit(name, **arguments)
        except ValueError:
            continue
    live.trainer.step(10)
    spare = None
    for place in places:
        made = round(place * live.made)
        past = timeline.at(live, made)
        before = [edit for edit in live.edits if edit[0] <= made]
        assert past.edits == before
        assert_same(past, Experiment.replay(recipe, before, made))
        spare = timeline.near(live, made, spare=spare)
        timeline.approach(spare, live, made)
        assert_same(spare, Experiment.replay(recipe, before, made))


def test_a_moment_is_reached_from_the_one_that_was_looked_at_last():
    live = Experiment(Recipe(samples=60))
    timeline = Timeline(live)
    live.trainer.step(500)
    live.edit("set", learning_rate=0.1)
    live.trainer.step(500)
    last = timeline.at(live, 300)
    assert timeline.near(live, 600, spare=last) is last
    assert last.made == 300
    timeline.approach(last, live, 600)
    assert timeline.near(live, 550, spare=last).made == 0  # it lies behind
    # In the same place, but on its way to elsewhere.
    other = timeline.at(live, 200)
    other.edit("add_neuron", layer=1)
    assert timeline.near(live, 300, spare=other) is not other
    # What only differs in its state is put into another one.
    last = timeline.at(live, 400)
    kept = timeline.near(live, 100, spare=last)
    assert kept is last
    assert kept.made == 0


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"optimizer": "adam"},
        {"layers": (LayerSpec(5, batch_norm=True, dropout=0.2), LayerSpec(3))},
    ],
)
def test_a_checkpoint_goes_on_as_if_nothing_had_happened(changes):
    live = Experiment(Recipe(samples=60, **changes))
    live.trainer.step(33)
    live.edit("add_neuron", layer=1)
    live.trainer.step(33)
    checkpoint = take(live)
    live.trainer.step(20)
    live.edit("add_neuron", layer=2)
    again = resume(checkpoint, live.edits)
    again.trainer.step(20)
    again.edit("add_neuron", layer=2)
    assert_same(again, live)


def test_memory_is_bounded_and_the_past_thins_out():
    live = Experiment(Recipe(samples=60))
    size = take(live).snapshot.nbytes
    timeline = Timeline(live, budget=40 * (size + 20_000), most=30)
    for _ in range(300):
        live.trainer.step(10)
        timeline.keep(live)
    made = [c.made for c in timeline.checkpoints]
    assert len(made) <= 30
    assert timeline.nbytes <= timeline.budget
    assert made == sorted(made)
    assert (made[0], made[-1]) == (0, 3000)
    gaps = np.diff(made)
    assert gaps[-1] == 10
    assert gaps[:5].mean() > 10 * gaps[-5:].mean()
    size = take(live).snapshot.nbytes
    tight = Timeline(live, budget=3 * size + 500)
    for _ in range(20):
        live.trainer.step(10)
        tight.keep(live)
    assert tight.nbytes <= tight.budget
    assert 2 <= len(tight.checkpoints) <= 3


def test_a_far_moment_is_approached_in_pieces():
    live = Experiment(Recipe(samples=60))
    timeline = Timeline(live)
    live.trainer.step(500)
    timeline.keep(live)
    live.trainer.step(200)
    live.edit("add_neuron", layer=1)
    live.trainer.step(300)
    past = timeline.near(live, 840)
    assert past.made == 500
    seen = []
    while not timeline.approach(past, live, 840, most=100):
        seen.append((past.made, len(past.edits)))
    assert seen == [(600, 0), (700, 1), (800, 1)]
    assert_same(past, timeline.at(live, 840))


def test_replaying_does_not_stop_where_training_passed_through():
    """Training looks for divergence between slices; a replay makes slices of its own."""
    live = Experiment(Recipe(samples=60))
    timeline = Timeline(live)
    live.trainer.step(20)
    live.edit("set_parameter", layer=3, unit=0, input=None, value=9e5)
    live.edit("set", loss="mean_squared_error", output_activation="linear")
    live.trainer.advance(1)
    live.edit("set_parameter", layer=3, unit=0, input=None, value=0.0)
    live.trainer.advance(1)
    again = timeline.at(live, 22)
    np.testing.assert_array_equal(again.network.parameters, live.network.parameters)


def test_undo_goes_to_just_before_an_edit():
    live = Experiment(Recipe(samples=60))
    timeline = Timeline(live)
    live.trainer.step(40)
    parameters = live.network.parameters.copy()
    live.edit("remove_layer", layer=1)
    live.edit("set", learning_rate=0.5)
    past = timeline.at(live, 40, edits=0)
    np.testing.assert_array_equal(past.network.parameters, parameters)
    assert timeline.at(live, 40, edits=1).recipe.learning_rate == 0.03
    assert timeline.at(live, 40).recipe.learning_rate == 0.5


def test_a_future_left_behind_stays_as_a_ghost():
    live = Experiment(Recipe(samples=60))
    timeline = Timeline(live)
    for _ in range(10):
        live.trainer.step(100)
        live.trainer.record_history()
        timeline.keep(live)
    past = timeline.at(live, 400)
    timeline.branch(live, past, "too fast")
    assert timeline.checkpoints[-1].made == 400
    (ghost,) = timeline.ghosts
    assert (ghost.branched_at, ghost.why) == (400, "too fast")
    assert ghost.curve[0].min() >= 400
    assert ghost.curve[0].max() == 1000
    live = past
    assert ghost.kind == ("moons", "half_squared_error")
    for _ in range(2 * MOST_GHOSTS):
        live.trainer.step(100)
        past = timeline.at(live, live.made - 50)
        timeline.branch(live, past, "again")
        live = past
    assert len(timeline.ghosts) == MOST_GHOSTS


def test_a_branch_that_was_left_is_returned_to():
    live = Experiment(Recipe(samples=60))
    timeline = Timeline(live)
    for _ in range(8):
        live.trainer.step(50)
        timeline.keep(live)
    live.edit("add_neuron", layer=1)
    past = timeline.at(live, 220)
    branch = timeline.leap(live, past, "back")
    assert [ghost.why for ghost in timeline.ghosts] == ["back"]
    past.edit("set", learning_rate=0.1)
    past.trainer.step(300)
    timeline.keep(past)
    again, other = timeline.back(past, branch, "and forth")
    assert timeline.left == [other]
    assert [ghost.why for ghost in timeline.ghosts] == ["and forth"]
    assert [kept.made for kept in timeline.checkpoints] == [
        0,
        50,
        100,
        150,
        200,
        220,
        250,
        300,
        350,
        400,
        400,
    ]
    assert_same(again, live)
    again, _ = timeline.back(again, other, "back again")
    assert_same(again, past)


def test_moments_that_never_were_are_refused_by_name():
    live = Experiment(Recipe(samples=60))
    timeline = Timeline(live)
    live.trainer.step(10)
    with pytest.raises(ValueError, match="made: got 11, expected a whole number, 0…10"):
        timeline.at(live, 11)
    with pytest.raises(ValueError, match="edits: got 1, expected a whole number, 0…0"):
        timeline.at(live, 5, edits=1)


def test_after_a_reset_what_came_is_a_curve_of_its_own():
    live = Experiment(Recipe(samples=60))
    timeline = Timeline(live)
    live.trainer.step(100)
    live.edit("reset")
    live.trainer.step(50)
    assert timeline.branch(live, timeline.at(live, 60), "back")
    (ghost,) = timeline.ghosts
    assert (ghost.curve[0].min(), ghost.curve[0].max()) == (0, 50)


def test_another_data_set_or_loss_leaves_nothing_to_compare():
    live = Experiment(Recipe(samples=60))
    timeline = Timeline(live)
    live.trainer.step(100)
    live.edit("set", loss="binary_cross_entropy")
    live.trainer.step(50)
    assert not timeline.branch(live, timeline.at(live, 60), "back")
    assert timeline.ghosts == []


def test_two_branches_keep_what_they_share():
    live = Experiment(Recipe(samples=60))
    timeline = Timeline(live)
    for _ in range(3):
        live.trainer.step(50)
        timeline.keep(live)
    other = timeline.at(live, 100)
    live.edit("set", learning_rate=0.1)
    live.trainer.step(50)
    timeline.keep(live)
    other.edit("add_neuron", layer=1)
    other.trainer.step(30)
    timeline.branch(live, other, "elsewhere")
    assert [kept.made for kept in timeline.checkpoints] == [0, 50, 100, 130]
    for made in (70, 110, 130):
        past = timeline.at(other, made)
        assert_same(past, Experiment.replay(Recipe(samples=60), past.edits, made))
