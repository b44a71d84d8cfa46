"""What the made data promise: their range, their noise, and random streams of their own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.datasets import datasets, load

SHAPES = [name for name, info in datasets.items() if info.kind == "plane"]
REGRESSIONS = [name for name in SHAPES if datasets[name].task == "regression"]


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("noise", [0.2, 1.0])
def test_noise_leaves_every_point_in_the_plane(name, noise):
    data = load(name, seed=0, samples=5000, noise=noise, test_share=0)
    assert np.abs(data.x_train).max() <= 6
    assert not (np.abs(data.x_train) == 6).any()  # folded back, not heaped up at the edge


@pytest.mark.parametrize("name", REGRESSIONS)
@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_values_stay_where_tanh_can_reach_them(name, noise):
    data = load(name, seed=0, samples=5000, noise=noise, test_share=0)
    assert 0.9 < np.abs(data.y_train).max() <= 1


@given(seed=st.integers(0, 99), arms=st.integers(2, 5), samples=st.integers(10, 300))
@settings(max_examples=40, deadline=None)
def test_each_arm_is_a_class_of_equal_size(seed, arms, samples):
    data = load("arms", seed=seed, samples=samples, arms=arms, test_share=0.5)
    counts = np.bincount(np.concatenate([data.y_train, data.y_test]))
    assert len(counts) == len(data.class_names) == arms
    assert counts.max() - counts.min() <= 1


def test_the_positive_class_lies_where_it_is_said_to():
    def mean(name: str, label: int) -> np.ndarray:
        data = load(name, seed=0, samples=2000)
        return np.asarray(data.x_train[data.y_train == label].mean(axis=0))

    assert (mean("gauss", 1) > 1.5).all()
    assert mean("moons", 1)[1] < 0 < mean("moons", 0)[1]
    circle, xor = (load(name, seed=0, noise=0) for name in ("circle", "xor"))
    np.testing.assert_array_equal(np.linalg.norm(circle.x_train, axis=1) < 3, circle.y_train == 1)
    np.testing.assert_array_equal(xor.x_train.prod(axis=1) > 0, xor.y_train == 1)


@pytest.mark.parametrize(("noise", "low", "high"), [(0.2, 0.985, 1.0), (0.45, 0.9, 0.985)])
def test_moons_overlap_a_little_and_only_when_they_are_noisy(noise, low, high):
    """Judged by the nearest place on the two arcs, which no noise can move."""
    calm = load("moons", seed=1, samples=500, noise=0, test_share=0)
    noisy = load("moons", seed=2, samples=2000, noise=noise, test_share=0)
    distance = np.linalg.norm(noisy.x_train[:, None] - calm.x_train, axis=-1)
    nearest = calm.y_train[distance.argmin(axis=1)]
    assert low <= (nearest == noisy.y_train).mean() <= high


@pytest.mark.parametrize("name", [n for n, i in datasets.items() if "samples" in i.options])
@given(seed=st.integers(0, 10**6), share=st.floats(0, 0.9))
@settings(max_examples=15, deadline=None)
def test_another_test_share_does_not_move_a_point(name, seed, share):
    def examples(test_share: float) -> list[tuple[float, ...]]:
        data = load(name, seed=seed, samples=40, test_share=test_share)
        parts = ((data.x_train, data.y_train), (data.x_test, data.y_test))
        return sorted((*row, target) for x, y in parts for row, target in zip(x, y, strict=True))

    assert examples(share) == examples(0)


@pytest.mark.parametrize("name", datasets)
@pytest.mark.parametrize("share", [0, 0.9])
def test_the_least_that_is_allowed_can_still_be_scaled(name, share):
    data = load(name, seed=0, samples=10, test_share=share, arms=5)
    assert (data.input_scale > 0).all()
    assert data.target_scale > 0
    assert np.isfinite((data.x_test - data.input_mean) / data.input_scale).all()
    assert data.x_test.shape[1] == data.x_train.shape[1]
    assert share or not len(data.x_test)


@pytest.mark.parametrize("name", [None, 3, [], {}, "Moons"])
def test_a_name_of_another_kind_is_refused_as_an_unknown_one_is(name):
    with pytest.raises(ValueError, match=r"dataset: got .*expected one of moons"):
        load(name, seed=0)
