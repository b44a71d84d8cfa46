"""Copies of networks and trainers, by `copy` and `pickle`, and several trainers of one network."""

import copy
import pickle

import numpy as np
import pytest

from engine import Network, Trainer, surgery

COPIES = [copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))]


def trained(steps: int = 30, **options: object) -> Trainer:
    rng = np.random.default_rng(3)
    x = rng.normal(size=(90, 2))
    net = Network([2, 5, 4, 1], hidden=["tanh", "relu"], batch_norm=[True, False], dropout=0.2)
    trainer = Trainer(net, x, np.sign(x[:, 0] * x[:, 1]), **options)  # type: ignore[arg-type]
    trainer.step(steps)
    return trainer


@pytest.mark.parametrize("made", COPIES)
def test_a_copied_network_works_on_its_own_parameters(made):
    net = trained().network
    x = np.ones((3, 2))
    prediction = net.forward(x)
    other = made(net)
    np.testing.assert_array_equal(other.predict(x), net.predict(x))
    other.parameters[...] = 0
    assert not other.layers[0].weight.any()
    assert not other.predict(x).any()
    with pytest.raises(ValueError, match="backward: call forward first"):
        other.backward(np.ones_like(prediction))
    assert net.parameters.any()


@pytest.mark.parametrize("made", COPIES)
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_a_copied_trainer_goes_on_as_the_original_does(made, optimizer):
    trainer = trained(optimizer=optimizer)
    before = trainer.network.parameters.copy()
    other = made(trainer)
    assert other.step(40) == 40
    np.testing.assert_array_equal(trainer.network.parameters, before)
    trainer.step(40)
    np.testing.assert_array_equal(other.network.parameters, trainer.network.parameters)
    assert other.evaluate() == trainer.evaluate() or np.isnan(other.evaluate().test_loss)
    assert other.steps == trainer.steps == 70


def test_a_trainer_whose_network_was_changed_by_another_says_so():
    one = trained()
    two = Trainer(one.network, *(part[:, :2] for part in one.evaluator.train))
    surgery.add_neuron(one, 0)
    for act in (lambda: two.step(5), two.evaluate):
        with pytest.raises(ValueError, match="network: another trainer has changed its layers"):
            act()
    assert one.step(5) == 5


def test_a_trainer_whose_inputs_have_changed_wants_data_that_fit_before_it_goes_on():
    trainer = trained()
    x, y = (part.copy() for part in trainer.evaluator.train)
    surgery.set_inputs(trainer, [0, 1, -1])
    for act in (lambda: trainer.step(5), trainer.evaluate):
        with pytest.raises(ValueError, match="network: its layers have changed; call set_data"):
            act()
    trainer.set_data(x, y)
    assert trainer.step(5) == 5
