"""Every number that a shipped lesson states is the engine's."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

import numpy as np
import pytest

from server.lessons import shipped
from server.protocol import parse
from server.protocol.commands import RecipeFields
from server.session import Session
from tests.live import Frame


class Run:
    """The session of a lesson's step, driven without a page."""

    rounding: ClassVar[int | None] = None

    def __init__(self, name: str, step: int = 0, **changes: Any) -> None:
        steps = shipped()[name].steps
        recipe = steps[step]["recipe"] | changes
        self.session = Session(RecipeFields.model_validate_json(json.dumps(recipe)))
        for command in steps[step]["commands"]:
            self.do(**command)
        if self.rounding is not None:
            parameters = self.session.experiment.network.parameters
            last_digit = np.random.default_rng(self.rounding).integers(-1, 2, parameters.shape)
            parameters *= 1 + last_digit * np.finfo(np.float32).eps

    def do(self, **command: Any) -> Run:
        answer = self.session.handle(parse(json.dumps(command)))[0]
        assert answer.type == "reply", answer
        return self

    def steps(self, count: int) -> Run:
        self.do(type="step", count=count)
        time = 0.0
        while self.session.pending:
            time += 0.1
            self.session.advance(time)
        return self

    @property
    def frame(self) -> Frame:
        return Frame.decode(self.session.frame())

    def __getattr__(self, name: str) -> Any:
        return self.frame.meta[name]

    def answers(self) -> np.ndarray[Any, Any]:
        """What the network in use answers to the training examples."""
        experiment = self.session.experiment
        x = experiment.data.x_train.astype(np.float32)
        return experiment.network.predict(x)

    @property
    def norms(self) -> list[float]:
        found: list[float] = self.frame.tensors["statistics"][:, 0].tolist()
        return found


@pytest.fixture(autouse=True, params=[None, 1, 2, 3])
def rounding(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    """What a lesson states holds on every machine, and machines round differently."""
    monkeypatch.setattr(Run, "rounding", request.param)


@pytest.mark.parametrize("name", shipped())
def test_sessions_take_the_recipes_and_commands_of_every_step(name: str):
    for number, step in enumerate(shipped()[name].steps):
        if step["recipe"] is not None:
            assert Run(name, number).step == 0


def test_the_numbers_on_paper_are_those_of_the_engine():
    run = Run("backward-pass")
    frame = run.frame
    x1, x2, a1, a2, out = frame.tensors["example"][1]
    assert np.allclose([x1, x2, a1, a2, out], [2, 1.5, 1.2, 0, 0.5], atol=2e-3)
    assert frame.tensors["example"][0][3] == pytest.approx(-0.5, abs=2e-3)
    assert run.minibatch_loss == pytest.approx(0.125, abs=1e-3)
    assert np.allclose(frame.tensors["deltas"].ravel(), [0, 0, -0.25, 0, -0.5], atol=2e-3)
    gradients = [-0.5, -0.375, -0.25, 0, 0, 0, -0.6, 0, -0.5]
    assert np.allclose(frame.tensors["gradients"], gradients, atol=2e-3)
    assert f"{run.train_loss:.3g}" == "1.06"  # as the page shows it
    run.steps(1)
    assert run.frame.tensors["parameters"][0] == pytest.approx(0.45, abs=1e-4)
    answer = run.frame.tensors["example"][1][-1]
    assert answer == pytest.approx(0.724, abs=1e-3)
    assert 0.5 * (answer - 1) ** 2 == pytest.approx(0.038, abs=5e-4)
    assert f"{run.train_loss:.3g}" == "1.07"
    assert run.steps(19).train_loss == pytest.approx(0.073, abs=1e-3)
    assert run.epoch == 1


def test_what_the_lesson_on_learning_rates_says():
    assert Run("learning-rate").test_loss == pytest.approx(1.32, abs=0.005)
    slow = Run("learning-rate").steps(300)
    assert slow.test_loss == pytest.approx(1.30, abs=0.005)
    assert slow.steps(300).test_loss == pytest.approx(
        1.30, abs=0.02
    )  # where it pauses a little late
    for rate, loss in ((0.001, 1.10), (0.01, 0.18), (0.1, 0.040)):
        run = Run("learning-rate", learning_rate=rate).steps(300)
        assert run.test_loss == pytest.approx(loss, abs=0.005)
    assert Run("learning-rate", learning_rate=10).steps(300).test_loss > 0.2
    bowl = Run("learning-rate", 2)
    x = bowl.session.experiment.data.x_train
    x = np.column_stack([x, np.ones(len(x))])
    assert np.linalg.eigvalsh(x.T @ x / len(x)).max() == pytest.approx(14, abs=0.05)
    assert bowl.steps(30).train_loss < 0.002
    assert Run("learning-rate", 2, learning_rate=0.15).steps(500).diverged
    assert Run("learning-rate", 2, learning_rate=0.2).steps(100).diverged


def test_what_the_lessons_on_gradients_say():
    sigmoid = Run("vanishing-gradients")
    assert sigmoid.norms[-1] / sigmoid.norms[0] == pytest.approx(125, abs=1)
    (finding,) = sigmoid.findings
    assert int(re.findall(r"(\d+) times", finding["message"])[0]) > 125
    assert sigmoid.steps(1000).test_loss == pytest.approx(0.5, abs=0.005)
    for layer in (1, 2, 3, 4):
        sigmoid.do(type="set_layer", layer=layer, activation="relu")
    sigmoid.do(type="reset")
    assert 0.19 < min(sigmoid.norms) < max(sigmoid.norms) < 0.41
    assert sigmoid.steps(1000).test_loss == pytest.approx(0.02, abs=0.005)
    large = Run("vanishing-gradients", 2)
    assert large.train_loss == pytest.approx(2e6, rel=0.1)
    assert 5e5 < min(large.norms) < max(large.norms) < 3.3e6
    signal, before = np.abs(large.answers()).mean(), large.train_loss
    assert large.steps(5).diverged["step"] == 1
    assert (large.step, large.train_loss) == (0, before)  # what stands on the page
    large.do(type="reset", initializer="he_normal")
    assert signal / np.abs(large.answers()).mean() == pytest.approx(2 * 4**5, rel=1e-3)
    assert large.steps(500).test_loss < 0.02
    without, with_norm = Run("batch-normalisation"), Run("batch-normalisation", 1)
    assert without.norms[0] == pytest.approx(0.0036, abs=5e-5)
    assert without.norms[-1] == pytest.approx(0.46, abs=0.005)
    assert with_norm.norms[0] == pytest.approx(0.32, abs=0.005)
    assert with_norm.norms[-1] == pytest.approx(0.30, abs=0.005)
    jumps = [with_norm.steps(2000 if k == 0 else 20).test_loss for k in range(15)]
    assert np.median(jumps) == pytest.approx(0.05, abs=0.01)
    assert 0.03 < min(jumps) < max(jumps) < 0.13
    for _ in range(4):
        assert 10 < without.steps(500).norms[-1] / without.norms[0] < 999
    assert without.test_loss == pytest.approx(0.5, abs=0.02)


def test_batch_normalisation_of_single_examples_is_as_the_lesson_says():
    run = Run("batch-normalisation", 2)
    assert "health" in shipped()["batch-normalisation"].steps[2]["conceal"]  # it would tell
    for _ in range(3):
        run.steps(500)
        assert max(run.norms[:-1]) < 1e-6
        assert run.norms[-1] > 0
    for _ in range(3):
        assert [finding["name"] for finding in run.findings] == ["vanishing"]
        assert run.test_loss > 0.45
        assert np.ptp(run.answers()) > 0.5  # in use, not one answer for all
        run.steps(500)


def test_what_the_other_lessons_say():
    line = Run("non-linearity").steps(1000)
    for _ in range(15):
        assert line.test_loss == pytest.approx(0.5, abs=0.05)
        assert 0.3 < line.test_metric < 0.72  # one third to two thirds
        line.steps(57)
    one = Run("non-linearity").steps(1000).do(type="set_layer", layer=1, activation="relu")
    assert one.steps(2000).test_loss < 0.1
    other = Run("non-linearity").steps(1000).do(type="set_layer", layer=2, activation="tanh")
    assert other.steps(2000).test_loss < 0.1
    assert Run("non-linearity", 2).steps(3000).test_loss < 0.1
    zeros = Run("initialisation").steps(1000)
    assert [finding["name"] for finding in zeros.findings] == ["symmetric"]
    assert zeros.test_loss == pytest.approx(0.5, abs=0.01)
    huge = Run("initialisation", 1).steps(1000)
    assert huge.test_loss > 0.6
    glorot = huge.do(type="reset", initializer="glorot_uniform").steps(1000)
    assert glorot.test_loss == pytest.approx(0.04, abs=0.01)
    heart = Run("overfitting").steps(3000)
    assert heart.train_loss < 0.001
    assert heart.test_loss == pytest.approx(0.95, abs=0.05)
    calm = Run("overfitting").do(type="set", l2=0.01).steps(3000)
    assert calm.train_loss == pytest.approx(0.025, abs=0.005)
    assert calm.test_loss == pytest.approx(0.1, abs=0.02)
    assert heart.session.experiment.network.parameters.size == 337


def test_what_the_lessons_on_real_data_say():
    wine = Run("wine")
    assert wine.test_metric == pytest.approx(0.45, abs=0.005)
    assert wine.steps(200).test_metric == pytest.approx(57 / 58)
    assert wine.steps(100).test_metric == 1
    assert Run("wine", 3).steps(200).test_metric == pytest.approx(57 / 58)
    digits = Run("digits")
    assert digits.test_metric == pytest.approx(0.12, abs=0.005)
    assert digits.steps(360).test_metric > 0.95
    digits.steps(2640)
    assert digits.train_metric == pytest.approx(0.999, abs=0.001)
    digits.do(type="select_example", part="test", index=9)
    for _ in range(3):
        assert digits.test_metric == pytest.approx(0.968, abs=0.002)
        assert digits.frame.meta["example"]["label"] == "2"
        assert digits.frame.tensors["example_output"].argmax() == 1
        digits.steps(500)
    assert Run("digits", layers=[]).steps(3000).test_metric == pytest.approx(0.966, abs=0.001)
    (chosen,) = shipped()["digits"].steps[3]["commands"]
    assert (chosen["part"], chosen["index"]) == ("test", 9)


def test_who_jumps_to_a_step_finds_what_it_speaks_of():
    run = Run("what-a-network-computes")
    (trained,) = shipped()["what-a-network-computes"].steps[2]["catch_up"]
    assert run.steps(trained["count"]).test_loss < 0.1
    (stepped,) = shipped()["backward-pass"].steps[5]["catch_up"]
    assert Run("backward-pass").steps(stepped["count"]).train_loss == pytest.approx(1.074, abs=1e-3)
