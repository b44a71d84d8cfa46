"""How a finding is put into words."""

import numpy as np
import pytest

from engine.checkup import examine
from engine.findings import named, percents
from engine.recipe import LayerSpec
from tests.engine.watched import Watched


def test_shares_of_several_layers_are_those_of_all_of_them():
    shares = np.array([0.941, 1.0, 0.2, 0.938])
    assert percents(shares, (1,)) == "94 %"
    assert percents(shares, (1, 4)) == "94 %"
    assert percents(shares, (1, 2, 4)) == "94 to 100 %"


def test_a_sentence_about_several_layers_is_true_of_each():
    watched = Watched("digits", learning_rate=3.3, layers=(LayerSpec(16, "relu"),) * 2)
    watched.train(200)
    (finding,) = watched.diagnosis.findings
    assert finding.layers == (1, 2)
    shares = percents(examine(watched.run.trainer).dead, finding.layers)
    assert f"{shares} of the units of layers 1 and 2" in finding.message


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ((2,), "layer 2"),
        ((3,), "the output layer"),
        ((1, 2), "layers 1 and 2"),
        ((2, 3), "layer 2 and the output"),
        ((1, 2, 3), "layers 1, 2 and the output"),
    ],
)
def test_layers_are_named_as_people_do(layers, words):
    assert named(2, layers) == words
