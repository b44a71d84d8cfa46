"""What the time machine counts towards its budget beside the states that it keeps."""

from engine.checkpoint import take
from engine.experiment import Experiment
from engine.race import Race
from engine.recipe import LayerSpec, Recipe, recipe_for
from engine.timeline import Timeline
from tests.engine.test_timeline import assert_same


def test_memory_counts_the_data_that_only_a_past_state_needs():
    live = Experiment(recipe_for("digits"))
    timeline = Timeline(live, budget=8 << 20)
    before = timeline.nbytes
    live.edit("data", test_share=0.5)
    timeline.keep(live)
    assert timeline.nbytes - before > live.data.nbytes
    for k in range(40):
        live.edit("data", test_share=0.2 + k / 100)
        timeline.keep(live)
    assert timeline.nbytes <= timeline.budget
    assert len(timeline.checkpoints) < 12


def test_memory_counts_the_replicas_taken_over_and_can_do_without_their_states():
    recipe = Recipe(samples=60, layers=(LayerSpec(32),) * 3)
    live = Experiment(recipe)
    timeline = Timeline(live)
    for _ in range(3):
        race = Race(live, [0.01, 0.03], afresh=False)
        race.advance(30)
        before = timeline.nbytes
        live.adopt(race, 0, 1)
        timeline.keep(live)
        assert timeline.nbytes - before > 2 * live.network.parameters.nbytes
    live.trainer.step(10)
    timeline.budget = 4 * take(live).snapshot.nbytes
    timeline.keep(live)
    assert timeline.nbytes <= timeline.budget
    assert [bool(edit[2].get("ready")) for edit in live.edits] == [False, True, True]
    assert_same(timeline.at(live, live.made), live)
    assert_same(Experiment.replay(recipe, live.edits, live.made), live)
