"""A session in time: speed, steps, pauses, divergence, and what its viewers look at."""

from __future__ import annotations

import numpy as np
import pytest

from server.protocol import Refusal
from server.protocol.messages import Dataset, Event, Topology
from server.session import UNWATCHED_SECONDS
from tests.server.driving import done, make, not_done, run


def test_a_new_session_stands_still_and_has_something_to_show():
    session = make()
    assert session.changed
    assert session.wait(0) is None
    assert run(session, 1) == []
    assert session.experiment.trainer.steps == 0
    dataset, topology = session.introduction()
    assert isinstance(dataset, Dataset)
    assert isinstance(topology, Topology)
    assert len(dataset.train.points) == dataset.train.count == 500 - dataset.test.count


def test_recipes_that_do_not_fit_together_are_refused():
    with pytest.raises(Refusal, match="loss") as caught:
        make(dataset="mpg", loss="cross_entropy", output_activation="linear")
    assert caught.value.field == "loss"


@pytest.mark.parametrize("speed", [1, 10, 500])
def test_speed_is_steps_per_second(speed: int):
    session = make()
    done(session, "speed", steps_per_second=speed)
    done(session, "play")
    run(session, 4)
    assert session.experiment.trainer.steps == pytest.approx(4 * speed, rel=0.1, abs=1)
    assert session.pace.rate == pytest.approx(speed, rel=0.1)


def test_as_fast_as_it_goes_keeps_slices_within_the_budget():
    session = make()
    done(session, "speed", steps_per_second=None)
    done(session, "play")
    assert session.wait(0) == 0
    run(session, 0.5)
    assert session.pace.slice == 600  # of 10 µs: 6 ms


def test_steps_are_counted_exactly_in_slices_and_then_it_stands_still():
    session = make()
    done(session, "play")
    assert done(session, "step", count=1234).message == "To step 1,234, where training pauses."
    assert session.experiment.trainer.steps == 0
    assert not session.playing
    run(session, 1)
    assert session.experiment.trainer.steps == 1234
    assert session.wait(2) is None


def test_an_epoch_is_every_example_once():
    session = make(samples=100, test_share=0.33, batch_size=10)
    done(session, "step", unit="epoch", count=2)
    run(session, 0.2)
    trainer = session.experiment.trainer
    assert (trainer.epoch, trainer.steps) == (2, 14)
    assert trainer.examples == 2 * len(session.experiment.data.x_train)


def test_pause_drops_what_is_left_of_a_step_command():
    session = make()
    done(session, "step", count=100_000, unit="epoch")
    run(session, 0.05)
    done(session, "pause")
    steps = session.experiment.trainer.steps
    run(session, 0.1, start=1)
    assert session.experiment.trainer.steps == steps > 0


def test_training_pauses_when_nobody_watches_and_goes_on_when_somebody_does():
    session = make()
    done(session, "speed", steps_per_second=10)
    done(session, "play")
    session.watch(1, 0)
    run(session, 1)
    session.watch(0, 1.0)
    run(session, 20, start=1)
    steps = session.experiment.trainer.steps
    assert steps == pytest.approx(10 * (1 + UNWATCHED_SECONDS), abs=2)
    assert session.wait(30) is None
    assert session.playing
    session.watch(1, 100.0)
    assert session.wait(100) == 0
    run(session, 1, start=100)
    assert session.experiment.trainer.steps - steps == pytest.approx(10, abs=2)


def test_divergence_stops_at_the_last_finite_state_and_is_told_once():
    session = make(
        learning_rate=100, output_activation="linear", layers=[{"units": 4, "activation": "relu"}]
    )
    done(session, "play")
    heard = run(session, 1)
    assert [type(message) for message in heard] == [Event]
    event = heard[0]
    assert isinstance(event, Event)
    assert event.kind == "divergence"
    assert not session.playing
    assert session.diverged is not None
    assert np.isfinite(session.experiment.network.parameters).all()
    session.frame()
    session.frame()
    assert session.diverged is not None
    done(session, "set", learning_rate=1e-6)
    assert session.diverged is None


def test_after_divergence_play_tries_again():
    session = make(
        learning_rate=100, output_activation="linear", layers=[{"units": 4, "activation": "relu"}]
    )
    for _ in range(2):
        done(session, "play")
        (event,) = run(session, 1)
        assert isinstance(event, Event)
        assert event.kind == "divergence"


def test_selecting_an_example():
    session = make(samples=100)
    done(session, "select_example", part="test", index=2)
    assert (session.view.part, session.view.index) == ("test", 2)
    refusal = not_done(session, "select_example", part="test", index=5000)
    assert (refusal.field, refusal.got) == ("index", "5000")
    done(session, "data", test_share=0.1)
    assert (session.view.part, session.view.index) == ("train", 0)
    done(session, "data", test_share=0)
    assert "empty" in not_done(session, "select_example", part="test", index=0).message


def test_focus_follows_the_architecture():
    session = make()
    done(session, "focus", layer=2, unit=3)
    assert (session.view.focus_layer, session.view.focus_unit) == (2, 3)
    assert not_done(session, "focus", layer=2, unit=4).field == "unit"
    assert not_done(session, "focus", layer=4, unit=0).field == "layer"
    done(session, "remove_neuron", layer=2, unit=0)
    assert session.view.focus is None
    done(session, "focus", layer=None)
