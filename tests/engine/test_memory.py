"""Where arrays lie in memory."""

import numpy as np
import pytest

from engine import Network
from engine.memory import CACHE_LINE, bytes_of, zeros


@pytest.mark.parametrize("shape", [(3,), (2, 5), (4, 50_000)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_zeros_begin_on_a_cache_line(shape: tuple[int, ...], dtype: type) -> None:
    made = [zeros(shape, dtype) for _ in range(20)]
    for array in made:
        assert array.shape == shape
        assert array.dtype == dtype
        assert array.flags.c_contiguous
        assert array.ctypes.data % CACHE_LINE == 0
        assert not array.any()
    made[0][...] = 1
    assert not made[1].any()
    assert bytes_of(made[:1]) == made[0].nbytes + CACHE_LINE


def test_the_flat_vectors_of_a_network_begin_on_a_cache_line() -> None:
    net = Network([784, 256, 10], hidden="relu", dtype=np.float32)
    assert [v.ctypes.data % CACHE_LINE for v in (net.parameters, net.gradients)] == [0, 0]
