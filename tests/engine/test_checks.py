import math

import numpy as np
import pytest

from engine.checks import number, whole


@pytest.mark.parametrize("value", [0, 1.5, 3, np.float64(2.0), np.float32(0.5), np.int64(1)])
def test_a_finite_number_within_bounds_passes(value):
    assert number("rate", value, 0, 3) == value


@pytest.mark.parametrize("value", [-1, 3.5, math.nan, math.inf, 10**400, True, "1", None])
def test_other_numbers_are_refused_by_name(value):
    with pytest.raises(ValueError, match=r"^rate: got .*, expected a number, 0 or more$"):
        number("rate", -1 if value == 3.5 else value, 0)
    with pytest.raises(ValueError, match=r"^rate: got .*, expected a number, 0…3$"):
        number("rate", value, 0, 3)


@pytest.mark.parametrize("value", [1, 5, np.int64(4)])
def test_a_whole_number_within_bounds_passes(value):
    assert whole("size", value, 1, 5) == value


@pytest.mark.parametrize("value", [0, 6, 2.0, True, "1", None, -(10**400)])
def test_other_whole_numbers_are_refused_by_name(value):
    with pytest.raises(ValueError, match=r"^size: got .*, expected a whole number, 1…5$"):
        whole("size", value, 1, 5)
