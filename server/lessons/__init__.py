"""Lessons: plain files that set up the page, ask, let the student try, check, and explain.

To write one, copy a file of this folder and open it with `backprop-live --lesson my-lesson.md`.
A lesson is Markdown with a header in TOML between two lines `+++`:

    +++
    title = "The learning rate"
    order = 4                           # where it stands in the menu
    summary = "One sentence for the menu."
    reveal = ["rate", "speed"]          # the controls that are shown; all others are hidden
    speed = 60                          # steps per second, or "max"

    [recipe]                            # what the network is: the fields of the command "create"
    dataset = "moons"
    +++

    ## The title of a step

    Text.

    ### Predict

    A question, answered before anything runs. The right choice has an x.

    - [ ] one choice
    - [x] another

    ### Do

    What to do on the page.

    ### Why

    What happened, and why: shown once the goal is reached.

A step may begin with a ```toml block of its own: `goal`, a list of conditions on the running
session that must all hold (`goal = ["test_loss < 0.1", "steps >= 100"]`; `goals.py` names what can
be asked); `recipe`, changes to the lesson's recipe, with which the network starts anew (`{}`: no
changes); `commands`, sent to the session, such as `{type = "set_parameter", …}` (where the
protocol has null for a bias, TOML has "bias"); `catch_up`, commands sent before these to the
network of one who comes here without having done the steps before, such as
`{type = "step", count = 500}`; `speed`; `reveal`, more controls for this step; `conceal`, what
would tell the answer and is shown after the prediction: network, numbers (of the card, the table
and slow motion), output, losses, health.

A step without `recipe` goes on from what is; the first starts with the lesson's. Who goes back, or
jumps, gets the network of the nearest step with a recipe, and the commands of those since.
`Predict`, `Do` and `Why` may be left out: a goal needs a Do, and where there is a Predict or a Do,
there is a Why. Training pauses when a goal is reached, so that the Why can speak of what is seen.

`/protocol` lists the fields of a recipe and the commands. A mistake is answered with file, line
and field; so are a link that leads nowhere, and what no session could do, since a lesson is tried
on one while it is read.
"""

from server.lessons.parser import Lesson, read, shipped
from server.lessons.source import LessonError

__all__ = ["Lesson", "LessonError", "read", "shipped"]
