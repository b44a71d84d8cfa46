"""The lab: races, finder, maps and cuts, computed beside training and shown in frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from server.protocol.frame import TENSORS, FrameMeta
from server.race import SURFACE
from tests.live import Frame
from tests.server.driving import done, make, not_done, run


def work(session: Any) -> None:
    """Let the lab compute, training standing still."""
    for _ in range(2000):
        if not session.lab.busy:
            return
        run(session, 0.02)
    raise AssertionError("the lab did not come to an end")


def shown(session: Any) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The next frame's tensors and metadata, which are as they are declared."""
    frame = Frame.decode(session.frame())
    assert frame.tensors.keys() <= {info.name for info in TENSORS}
    FrameMeta.model_validate(frame.meta)
    return frame.tensors, frame.meta


def test_a_race_is_run_labelled_and_shown():
    session = make(samples=60)
    before = session.experiment.network.parameters.copy()
    done(session, "race", replicas=5, steps=300, variants=[{}, {"optimizer": "adam"}])
    work(session)
    tensors, meta = shown(session)
    race = meta["lab"]["race"]
    assert (race["begin"], race["step"], race["end"]) == (0, 300, 300)
    assert race["lanes"] == ["", "optimizer adam"]
    assert 0 < race["bytes"] < 1 << 20
    assert len(race["rates"]) == 5
    points = len(tensors["race_steps"])
    assert tensors["race_steps"][-1] == 300
    assert tensors["race_train"].shape == tensors["race_test"].shape == (2, 5, points)
    assert tensors["race_surfaces"].shape == (2, 5, SURFACE, SURFACE)
    best = np.unravel_index(np.nanargmin(tensors["race_train"][:, :, -1]), (2, 5))
    assert race["best"] == [int(k) for k in best]
    assert np.array(race["labels"]).shape == (2, 5)
    np.testing.assert_array_equal(session.experiment.network.parameters, before)


def test_every_point_that_a_race_records_is_in_the_frame():
    session = make(samples=60)
    done(session, "race", replicas=2, steps=5)
    work(session)
    assert session.lab.race is not None
    race = session.lab.race.race
    for step in range(10, 310):
        race.lanes[0].history.add(step, *np.full(8, 1 / step))
    race.step = 310
    race.finish()
    tensors, _ = shown(session)
    steps, train, test = race.curves(0)
    assert len(steps) > 300
    np.testing.assert_array_equal(tensors["race_steps"], steps)
    np.testing.assert_array_equal(tensors["race_train"][0], train.astype(np.float32))
    np.testing.assert_array_equal(tensors["race_test"][0], test.astype(np.float32))


def test_a_replica_is_adopted_with_weights_rate_and_curve():
    session = make(samples=60)
    done(session, "step", count=50)
    run(session, 1.0)
    done(session, "race", afresh=False, rates=[0.02, 0.3], steps=100)
    work(session)
    done(session, "play")
    run(session, 0.2, start=2)
    assert session.lab.race is not None
    raced = session.lab.race.race.adopt(0, 1).network.parameters.copy()
    words = done(session, "adopt", replica=1).message
    assert "0.3" in words
    live = session.experiment
    np.testing.assert_array_equal(live.network.parameters, raced)
    assert live.recipe.learning_rate == live.trainer.learning_rate == 0.3
    assert live.trainer.steps == 150
    assert [name for _, name, _ in live.edits] == ["adopt"]
    tensors, meta = shown(session)
    assert meta["learning_rate"] == 0.3
    assert set(tensors["ghosts"][0]) == {0.0}  # what had been trained meanwhile
    done(session, "undo")
    assert session.experiment.recipe.learning_rate == 0.03


@pytest.mark.parametrize("dataset", ["rings", "sine", "wine"])
def test_a_race_of_every_kind_of_data_has_a_picture_where_there_can_be_one(dataset: str):
    session = make(dataset=dataset)
    done(session, "race", replicas=3, steps=20)
    work(session)
    tensors, _ = shown(session)
    assert ("race_surfaces" in tensors) == (dataset != "wine")
    if dataset == "rings":
        assert set(np.unique(tensors["race_surfaces"])) <= {0, 1, 2}
    if dataset == "sine":
        assert session.lab.race
        run = session.lab.race.race.adopt(0, 1)
        x = np.linspace(-5.75, 5.75, SURFACE)[:, None]
        largest = max(np.abs(run.data.y_train).max(), np.abs(run.data.y_test).max())
        expected = run.decide(run.network.predict(run.inputs(x))) / largest * 127 + 128
        assert tensors["race_surfaces"].shape == (1, 3, 1, SURFACE)
        assert tensors["race_surfaces"][0, 1, 0] == pytest.approx(expected, abs=0.51)


def test_the_finder_suggests_a_rate():
    session = make(samples=60)
    done(session, "find_rate")
    assert shown(session)[1]["lab"]["finder"]["rate"] is None
    work(session)
    tensors, meta = shown(session)
    finder = meta["lab"]["finder"]
    assert finder["done"]
    assert finder["low"] <= finder["rate"] <= finder["high"]
    assert tensors["finder"].shape[0] == 3


def test_a_map_and_a_cut_are_computed_piece_by_piece_while_training_goes_on():
    session = make(samples=60)
    done(session, "speed", steps_per_second=None)
    done(session, "play")
    run(session, 0.5)
    done(session, "map_loss", plane="path", size=11)
    done(session, "cut_loss")
    seen = []
    for k in range(400):
        run(session, 0.02, start=1 + k)
        seen.append(shown(session)[1]["lab"]["map"]["rows"])
        if not session.lab.busy:
            break
    assert sorted(seen) == seen
    assert len(set(seen)) > 3
    tensors, meta = shown(session)
    assert np.isfinite(tensors["map"]).all()
    assert tensors["map_axis"].shape == (11,)
    np.testing.assert_allclose(tensors["map_path"][-1], 0, atol=1e-9)
    assert meta["lab"]["cut"]["edge"] == pytest.approx(2 / meta["lab"]["cut"]["largest_curvature"])
    assert session.experiment.trainer.steps > meta["lab"]["map"]["step"]


@pytest.mark.parametrize(
    ("fields", "of"),
    [
        ({"dataset": "spiral"}, "moons, step 50 on"),
        ({"noise": 0.4}, "moons, noise 0.2, step 50 on"),
        ({"samples": 70, "test_share": 0.5}, "moons, samples 60, test share 0.33, step 50 on"),
        ({"noise": 0.2}, ""),
    ],
)
def test_a_race_of_other_data_than_those_shown_says_so(fields: dict[str, Any], of: str):
    session = make(samples=60)
    done(session, "step", count=50)
    run(session, 1.0)
    done(session, "race", afresh=False, replicas=2, steps=20)
    work(session)
    assert shown(session)[1]["lab"]["race"]["of"] == ""
    done(session, "data", **fields)
    assert shown(session)[1]["lab"]["race"]["of"] == of
    done(session, "look_back", made=0)
    assert shown(session)[1]["lab"]["race"]["of"] in ("", "moons, step 50 on")
    done(session, "look_back", made=None)
    done(session, "undo")
    assert shown(session)[1]["lab"]["race"]["of"] == ""


def test_a_race_says_how_its_own_pictures_are_painted():
    session = make(dataset="rings")
    for dataset, classes in (("rings", 3), ("moons", 0), ("sine", 0)):
        done(session, "data", dataset=dataset)
        done(session, "race", replicas=2, steps=20)
        work(session)
        done(session, "data", dataset="arms")
        race = shown(session)[1]["lab"]["race"]
        assert (race["surface"], race["classes"]) == (SURFACE, classes)


def test_each_can_be_closed():
    session = make(samples=60)
    done(session, "race", replicas=2, steps=10_000)
    done(session, "find_rate", steps=5000)
    done(session, "map_loss")
    done(session, "cut_loss")
    for what in ("race", "finder", "map", "cut"):
        done(session, "close", what=what)
        assert shown(session)[1]["lab"][what] is None
    assert not session.lab.busy


def test_a_race_can_end_early_and_keep_what_it_has():
    session = make(samples=60)
    done(session, "race", replicas=2, steps=100_000)
    assert session.lab.race is not None
    session.lab.race.work()
    done(session, "close", what="race", keep=True)
    race = shown(session)[1]["lab"]["race"]
    assert not session.lab.busy
    assert 0 < race["step"] == race["end"] < 100_000
    done(session, "adopt", replica=1)


def test_a_map_says_at_what_rate_its_step_was_taken():
    session = make(samples=60)
    done(session, "set", learning_rate=0.25)
    done(session, "map_loss", size=5)
    done(session, "set", learning_rate=0.5)
    assert shown(session)[1]["lab"]["map"]["learning_rate"] == 0.25


@pytest.mark.parametrize(
    ("kind", "fields", "standing"),
    [
        ("data", {"dataset": "xor"}, "data"),
        ("data", {"noise": 0.3}, "data"),
        ("add_layer", {"position": 1}, "network"),
        ("set", {"l2": 0.5}, "network"),
        ("set", {"loss": "huber"}, "network"),
        ("features", {"features": ["x1"]}, "network"),
        ("step", {"count": 3}, "steps"),
        ("set_parameter", {"layer": 1, "unit": 0, "input": 0, "value": 0.5}, "weights"),
        ("set", {"learning_rate": 1.0}, "here"),
    ],
)
def test_what_the_lab_has_says_whether_it_is_of_what_is_shown(kind, fields, standing):
    session = make(samples=60)
    done(session, "step", count=50)
    run(session, 1.0)
    done(session, "map_loss", size=5)
    done(session, "cut_loss")
    done(session, "find_rate")
    work(session)

    def standings() -> set[str]:
        lab = shown(session)[1]["lab"]
        assert lab["map"]["available"] == 40
        return {lab[what]["standing"] for what in ("map", "cut", "finder")}

    assert standings() == {"here"}
    done(session, kind, **fields)
    run(session, 1.0, start=2.0)
    assert standings() == {standing}
    if standing != "steps":
        done(session, "undo")
        assert standings() == {"here"}


def test_a_race_from_initial_weights_begins_its_schedule_anew_and_says_so():
    course = {"kind": "warmup", "steps": 100}
    session = make(samples=60, batch_size=40)
    done(session, "race", rates=[0.03], steps=5)
    assert not shown(session)[1]["lab"]["race"]["scheduled"]
    done(session, "step", count=80)
    run(session, 1.0)
    done(session, "set", schedule=course)
    done(session, "race", rates=[0.03], steps=150)
    work(session)
    tensors, meta = shown(session)
    assert meta["lab"]["race"]["scheduled"]
    alone = make(samples=60, batch_size=40, schedule=course)
    done(alone, "step", count=150)
    run(alone, 1.0)
    assert meta["lab"]["race"]["losses"] == [[pytest.approx(shown(alone)[1]["train_loss"])]]
    done(session, "adopt", replica=0)
    assert shown(session)[1]["rate_in_force"] == pytest.approx(0.03)
    assert tensors["race_steps"][-1] == 150


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("race", {"low": 1.0, "high": 0.5}, "high"),
        ("race", {"afresh": False, "variants": [{"initializer": "zeros"}]}, "variants"),
        ("find_rate", {"low": 1.0, "high": 1.0}, "high"),
        ("map_loss", {"plane": "path"}, "plane"),
        ("adopt", {"replica": 0}, "replica"),
    ],
)
def test_what_cannot_be_is_refused_by_name(kind: str, fields: dict[str, Any], field: str):
    assert not_done(make(samples=60), kind, **fields).field == field


def test_a_replica_that_is_not_there_or_diverged_is_refused():
    session = make(dataset="mpg")
    done(session, "race", rates=[0.01, 500.0], steps=200)
    work(session)
    assert shown(session)[1]["lab"]["race"]["losses"][0][1] is None
    assert shown(session)[1]["lab"]["race"]["labels"][0][1] == "diverged"
    assert not_done(session, "adopt", replica=2).allowed == "0 to 1"
    assert not_done(session, "adopt", lane=1, replica=0).field == "lane"
    message = not_done(session, "adopt", replica=1).message
    assert message == "The replica at a rate of 500 diverged: it has no state to take over."
