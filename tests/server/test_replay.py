"""How far apart states are kept, and how much is replayed at once: a moment is shown soon."""

from __future__ import annotations

from itertools import pairwise

from server.past import SPACING
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
    for k in range(400):
        session.experiment.trainer.step(5)
        session.past.keep(5 if k % 10 else 100)  # nine of ten slices were interrupted
        made.append(session.past.timeline.checkpoints[-1].made)
    gaps = [b - a for a, b in pairwise(made) if a != b]
    assert 50 * SPACING < min(gaps) <= max(gaps[1:]) <= 100 * SPACING
    done(session, "look_back", made=session.experiment.made - 3)
    assert session.past.seeking is None
