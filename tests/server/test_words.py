"""What the server says in words: numbers of steps and examples are as the page writes them."""

from __future__ import annotations

from server.protocol.messages import Event
from tests.server.driving import done, run
from tests.server.test_past import trained


def test_steps_and_examples_have_a_separator_of_thousands():
    session = trained(1200)
    assert done(session, "step", count=34).message == "To step 1,234, where training pauses."
    run(session, 1.0)
    words = done(session, "set", batch_size=2000).message
    assert words == "Minibatches have 2,000 examples from now on."
    said = [done(session, "look_back", made=1100).message]
    said += [news.message for news in run(session, 1.0) if isinstance(news, Event)]
    assert said[-1] == "Step 1,100, as it was."
    assert done(session, "go_on").message.endswith("Undo leads back to step 1,234.")


def test_so_has_the_step_that_diverged():
    session = trained(1200, dataset="plane", layers=[], output_activation="linear")
    done(session, "set", learning_rate=10.0)
    done(session, "step", count=50)
    (event,) = [news for news in run(session, 1.0) if isinstance(news, Event)]
    assert "tep 1,2" in event.message
