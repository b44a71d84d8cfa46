"""What the pictures of a frame are painted in."""

from typing import Any

import pytest

from tests.server.driving import make
from tests.server.test_frames import frame


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        ({}, [-1, 1]),
        ({"output_activation": "sigmoid"}, [0, 1]),
        ({"loss": "binary_cross_entropy"}, [0, 1]),
    ],
)
def test_the_ends_of_the_surface_are_the_two_targets(recipe: dict[str, Any], expected: list[float]):
    assert frame(make(**recipe)).meta["surface_ends"] == expected
    plane = frame(make(dataset="plane")).meta
    assert plane["surface_ends"] == [-plane["surface_scale"], plane["surface_scale"]]
