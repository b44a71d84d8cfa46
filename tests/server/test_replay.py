"""How far apart states are kept, and how much is replayed at once: a moment is shown soon."""

from __future__ import annotations

from itertools import pairwise

import pytest

from server.past import GROWTH, SPACING
from server.worker import BUDGET
from tests.server.driving import done, make, run
from tests.server.test_past import trained


def test_no_more_is_replayed_at_once_than_leaves_time_to_show_it():
    assert SPACING * BUDGET <= 0.02  # of the tenth of a second that there is, on a busy machine
    session = trained(2_000)
    session.past.timeline.checkpoints = session.past.timeline.checkpoints[:1]
    session.past._slice = 50
    done(session, "look_back", made=1_000)
    assert (session.pace.slice, session.shown.made) == (1, 50 * SPACING)
    run(session, 0.01)
    assert session.shown.made == 50 * SPACING + 50
    seen = session.shown
    done(session, "look_back", made=500)  # on from there; and then from before it
    assert session.shown is seen
    assert session.shown.made == 50 * (2 * SPACING + 1)
    done(session, "look_back", made=100)
    assert session.shown is seen
    assert session.shown.made == 100


def test_states_are_kept_as_far_apart_as_is_replayed_at_once_also_when_others_want_the_processor():
    session = make(samples=60)
    made = []
    for k in range(1000):
        session.experiment.trainer.step(5)
        session.past.keep(5 if k % 10 else 100)  # nine of ten slices were interrupted
        made.append(session.past.timeline.checkpoints[-1].made)
    gaps = [b - a for a, b in pairwise(made) if a != b and a > GROWTH * 100 * SPACING]
    assert 50 * SPACING < min(gaps) <= max(gaps) <= 100 * SPACING
    done(session, "look_back", made=session.experiment.made - 3)
    assert session.past.seeking is None


@pytest.mark.parametrize("how", ["at full speed", "many steps at once", "after a reset"])
def test_a_run_has_states_as_close_as_a_quarter_of_its_age(how: str):
    """Most of what is learned is learned early: the path on the map is not one straight line."""
    session = make(samples=60)
    begin = 0
    if how == "after a reset":
        done(session, "step", count=500)
        run(session, 1.0)
        done(session, "reset")
        begin = 500
    if how == "at full speed":
        done(session, "speed", steps_per_second=None)
        done(session, "play")
    else:
        done(session, "step", count=3000)
    run(session, 2.0, start=2.0)
    made = session.past.timeline.checkpoints
    ages = [kept.made - begin for kept in made if begin <= kept.made]
    assert ages[-1] > 2000
    assert all(b - a <= max(1, a // GROWTH) for a, b in pairwise(ages) if b <= 2000 and a != b)
