"""What the operations share: products of one matrix with those of all replicas."""

from __future__ import annotations

import numpy as np
import pytest

from engine.operations import (
    Array,
    further_down,
    product,
    reads,
    run,
    shared_product,
    transposed,
    transposed_product,
)


def as_buffers_lie(replicas: int, rows: int, columns: int) -> Array:
    """(replicas, rows, columns), but in memory the replicas lie inside the rows."""
    return np.zeros((rows, replicas, columns)).swapaxes(0, 1)


def as_parameters_lie(replicas: int, rows: int, columns: int) -> Array:
    """(replicas, rows, columns) in flat vectors that hold more than this matrix."""
    flat = np.zeros((replicas, rows * columns + 7))
    return flat[:, : rows * columns].reshape(replicas, rows, columns)


@pytest.mark.parametrize("left", [as_buffers_lie, as_parameters_lie])
@pytest.mark.parametrize("result", [as_buffers_lie, as_parameters_lie])
def test_one_product_serves_all_replicas(left, result):
    rng = np.random.default_rng(0)
    a, out = left(5, 4, 3), result(5, 4, 6)
    a[...] = rng.normal(size=a.shape)
    b = transposed(rng.normal(size=(6, 3)))
    program = list(shared_product(a, b, out))
    for _ in range(2):  # what was copied once is copied anew in every step
        run(program)
        np.testing.assert_allclose(out, np.matmul(a, b), rtol=1e-14)
        a += 1


def test_other_matrices_are_multiplied_one_by_one():
    rng = np.random.default_rng(0)
    for shapes in (((4, 3), (3, 6)), ((5, 4, 3), (5, 3, 6)), ((4, 3), (5, 3, 6))):
        a, b = (rng.normal(size=shape) for shape in shapes)
        out = np.empty(np.matmul(a, b).shape)
        run(shared_product(a, b, out))
        np.testing.assert_allclose(out, np.matmul(a, b), rtol=1e-14)


@pytest.mark.parametrize("rows", [1, 4])  # of one unit: a column times a row
def test_the_product_with_a_transposed_matrix_reads_it_anew_each_time(rows):
    rng = np.random.default_rng(0)
    a, b, out = as_parameters_lie(5, rows, 3), as_buffers_lie(5, rows, 6), as_buffers_lie(5, 3, 6)
    program = list(transposed_product(a, b, out))
    for _ in range(2):
        a[...], b[...] = rng.normal(size=a.shape), rng.normal(size=b.shape)
        run(program)
        np.testing.assert_allclose(out, np.matmul(transposed(a), b), rtol=1e-14)


def test_an_operation_can_be_had_for_rows_further_down():
    examples, weights = np.arange(24.0).reshape(8, 3), np.ones((2, 3))
    out = np.empty((2, 2))
    operation = product(weights, transposed(examples[:2]), out)
    assert reads(operation, examples)
    assert not reads(operation, np.zeros(3))
    run([further_down(operation, examples, 4)])
    np.testing.assert_array_equal(out, weights @ examples[4:6].T)
