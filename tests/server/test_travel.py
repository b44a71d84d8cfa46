"""Any order of edits, races, moves in time: the session goes on, and is what its edits make it."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.experiment import Experiment
from engine.timeline import parting
from server.protocol.messages import Refused, Reply
from tests.server.driving import do, make, run, standing, state

EDITS: list[tuple[str, dict[str, Any]]] = [
    ("set", {"learning_rate": 0.1}),
    ("set", {"learning_rate": 100.0}),
    ("set", {"optimizer": "adam"}),
    ("set", {"optimizer": "momentum", "optimizer_options": {"momentum": 0.5}}),
    ("set", {"schedule": {"kind": "cosine", "steps": 40}}),
    ("set", {"loss": "binary_cross_entropy"}),
    ("set", {"output_activation": "linear"}),
    ("set", {"l2": 0.01, "clip_norm": 1.0}),
    ("data", {"noise": 0.4}),
    ("data", {"test_share": 0.5}),
    ("data", {"samples": 40}),
    ("data", {"dataset": "iris"}),
    ("data", {"dataset": "circle"}),
    ("features", {"features": ["x1", "x2", "sin_x1"]}),
    ("add_neuron", {"layer": 1}),
    ("remove_neuron", {"layer": 2, "unit": 0}),
    ("add_layer", {"position": 1}),
    ("remove_layer", {"layer": 1}),
    ("set_layer", {"layer": 1, "activation": "relu"}),
    ("set_layer", {"layer": 1, "batch_norm": True}),
    ("set_layer", {"layer": 1, "dropout": 0.3}),
    ("set_parameter", {"layer": 1, "unit": 0, "input": None, "value": 0.5}),
    ("reset", {}),
    ("reset", {"seed": 3}),
]


class Travels(RuleBasedStateMachine):
    """A session, whatever its viewer does with its time."""

    @initialize(dataset=st.sampled_from(["moons", "mpg"]))
    def begin(self, dataset: str) -> None:
        self.session = make(dataset=dataset, samples=30, layers=[{"units": 3}, {"units": 2}])
        self.first = self.session.experiment.recipe
        self.time = 0.0

    def ask(self, kind: str, **fields: Any) -> bool:
        before = state(self.session)
        self.time += 0.7  # some edits of one field are one movement, some are not
        answer = do(self.session, kind, self.time, **fields)[0]
        assert isinstance(answer, Reply | Refused)
        if isinstance(answer, Refused):
            assert state(self.session) == before, kind
        return isinstance(answer, Reply)

    @rule(steps=st.sampled_from([1, 7, 60]))
    def train(self, steps: int) -> None:
        if self.ask("step", count=steps):
            run(self.session, 0.5, start=self.time)

    @rule(edit=st.sampled_from(EDITS))
    def edit(self, edit: tuple[str, dict[str, Any]]) -> None:
        self.ask(edit[0], **edit[1])

    @rule(afresh=st.booleans(), batch=st.sampled_from([5, 10]))
    def race(self, afresh: bool, batch: int) -> None:
        if self.ask("race", afresh=afresh, replicas=3, steps=20, variants=[{"batch_size": batch}]):
            while self.session.lab.busy:
                run(self.session, 0.1, start=self.time)

    @rule(share=st.floats(0, 1), adopting=st.sampled_from(["there", "from the present", "not"]))
    def race_from_the_past(self, share: float, adopting: str) -> None:
        """What another rate would have done from exactly there, and to go on as that."""
        present = standing(self.session)
        if not self.ask("look_back", made=round(share * self.session.experiment.made)):
            return
        run(self.session, 0.5, start=self.time)
        there = self.session.shown
        steps, weights = there.trainer.steps, there.network.parameters.copy()
        assert self.ask("race", afresh=False, rates=[0.02, 0.2], steps=10)
        assert self.session.lab.race is not None
        for lane in self.session.lab.race.race.lanes:
            np.testing.assert_array_equal(lane.run.network.parameters, [weights, weights])
        while self.session.lab.busy:
            run(self.session, 0.1, start=self.time)
        if adopting == "from the present":
            assert self.ask("look_back", made=None)
        assert standing(self.session) == present
        if adopting == "not" or not self.ask("adopt", replica=0):
            return
        assert self.session.shown is self.session.experiment
        assert self.session.experiment.trainer.steps == steps + 10
        adopted = standing(self.session)
        for kind, expected in (("undo", present), ("redo", adopted)):
            assert self.ask(kind)
            assert standing(self.session) == expected

    @rule(replica=st.integers(0, 2))
    def adopt(self, replica: int) -> None:
        self.ask("adopt", replica=replica)

    @rule(share=st.floats(0, 1))
    def look_back(self, share: float) -> None:
        made = round(share * self.session.experiment.made)
        if self.ask("look_back", made=made):
            run(self.session, 0.5, start=self.time)
            assert self.session.shown.made == made
            assert self.session.past.seeking is None

    @rule()
    def look_at_the_present(self) -> None:
        assert self.ask("look_back", made=None)

    @rule(kind=st.sampled_from(["go_on", "undo", "redo", "recover"]))
    def travel(self, kind: str) -> None:
        if self.ask(kind):
            self.ask("pause")

    @rule(kind=st.sampled_from(["go_on", "recover", "adopt", "adopt"]), steps=st.integers(0, 9))
    def leap_and_back(self, kind: str, steps: int) -> None:
        before = standing(self.session)
        if not self.ask(kind, **({"replica": 1} if kind == "adopt" else {})):
            return
        assert self.ask("pause")
        after = standing(self.session)
        if steps and self.ask("step", count=steps):
            run(self.session, 0.5, start=self.time)
        for kind, expected in (("undo", before), ("redo", after), ("undo", before)):
            assert self.ask(kind)
            assert standing(self.session) == expected

    @invariant()
    def the_past_has_the_loss_curve_that_training_had(self) -> None:
        live, shown = self.session.experiment.trainer, self.session.shown.trainer
        if self.session.experiment.began == self.session.shown.began:
            known = live.history.columns()[0]
            steps = shown.history.columns()[0]
            assert set(known[known < shown.steps]) <= set(steps)

    @invariant()
    def it_is_what_its_edits_make_it(self) -> None:
        for shown in {id(e): e for e in (self.session.experiment, self.session.shown)}.values():
            again = Experiment.replay(self.first, shown.edits, shown.made)
            np.testing.assert_array_equal(again.network.parameters, shown.network.parameters)
            assert again.recipe == shown.recipe
            assert again.trainer.steps == shown.trainer.steps
            assert parting(again, shown) == (shown.made, len(shown.edits))
        self.session.frame()


TestTravels = Travels.TestCase
TestTravels.settings = settings(
    max_examples=25, stateful_step_count=25, deadline=None, derandomize=True
)
