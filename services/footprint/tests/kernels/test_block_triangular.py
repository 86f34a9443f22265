from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse
from services.footprint.tests.kernels import twins

from footprint.kernels.block_triangular import solve_blocks
from footprint.kernels.ordering import strongly_connected_components

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def prepared(matrix: Floats) -> tuple[Integers, Integers, Floats, Integers, Integers]:
    rows = sparse.csr_array(matrix)
    indptr, indices = rows.indptr.astype(np.int64), rows.indices.astype(np.int64)
    order, block_ptr = strongly_connected_components(indptr, indices)
    return indptr, indices, rows.data, order, block_ptr


def solved(matrix: Floats, right: Floats) -> tuple[int, Floats]:
    arrays = prepared(matrix)
    solution = np.full(len(right), np.nan)
    status = solve_blocks(*arrays, 0, len(arrays[4]) - 1, right, solution)
    return status, solution


@st.composite
def systems(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Productive systems: each process takes less than it gives, so that a solution exists."""
    size = draw(st.integers(1, 9))
    cells = st.lists(st.floats(0.0, 1.0), min_size=size * size, max_size=size * size)
    inputs = np.array(draw(cells)).reshape(size, size)
    wanted = np.array(draw(st.lists(st.booleans(), min_size=size * size, max_size=size * size)))
    inputs *= wanted.reshape(size, size) * 0.9 / size
    right = draw(st.lists(st.floats(-100.0, 100.0), min_size=size, max_size=size))
    return np.eye(size) - inputs, np.array(right)


def test_a_chain_is_solved_by_substitution() -> None:
    # x2 = 4; x1 = 3 + 2·4 = 11; x0 = 1 + 0.5·11 = 6.5
    matrix = np.array([[1.0, -0.5, 0.0], [0.0, 1.0, -2.0], [0.0, 0.0, 1.0]])
    assert solved(matrix, np.array([1.0, 3.0, 4.0]))[1].tolist() == [6.5, 11.0, 4.0]


def test_a_loop_is_solved_with_pivoting() -> None:
    # 0·x0 + 1·x1 = 2 and 1·x0 + 1·x1 = 5: the first pivot is zero.
    matrix = np.array([[0.0, 1.0], [1.0, 1.0]])
    arrays = (
        np.array([0, 1, 3]),
        np.array([1, 0, 1]),
        np.array([1.0, 1.0, 1.0]),
        np.array([0, 1]),
        np.array([0, 2]),
    )
    solution = np.zeros(2)
    assert solve_blocks(*arrays, 0, 1, np.array([2.0, 5.0]), solution) == -1
    np.testing.assert_allclose(matrix @ solution, [2.0, 5.0], rtol=1e-15)


@given(systems())
def test_the_kernel_gives_what_its_numpy_twin_gives(system: tuple[Floats, Floats]) -> None:
    matrix, right = system
    status, solution = solved(matrix, right)
    assert status == -1
    expected = twins.solve_blocks(*prepared(matrix), right)
    np.testing.assert_allclose(solution, expected, rtol=1e-10, atol=1e-10)


@given(systems())
def test_the_kernel_solves_what_numpy_solves(system: tuple[Floats, Floats]) -> None:
    matrix, right = system
    expected = np.linalg.solve(matrix, right)
    np.testing.assert_allclose(solved(matrix, right)[1], expected, rtol=1e-10, atol=1e-10)


def test_values_of_one_cell_add_up() -> None:
    # 0.25 + 0.25 times x = 3
    arrays = (np.array([0, 2]), np.array([0, 0]), np.array([0.25, 0.25]), np.array([0]))
    solution = np.zeros(1)
    solve_blocks(*arrays, np.array([0, 1]), 0, 1, np.array([3.0]), solution)
    assert solution[0] == 6.0


def test_a_singular_loop_is_told_by_its_block() -> None:
    # Node 2 feeds a loop of 0 and 1 in which each takes exactly one unit of the other.
    matrix = np.array([[1.0, -1.0, -1.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert solved(matrix, np.ones(3))[0] == 1


def test_a_singular_loop_of_badly_scaled_units_is_told() -> None:
    scale = np.array([1e-9, 1.0, 1e9])
    loop = np.array([[1.0, -0.25, -1.0], [-0.5, 1.0, -0.5], [-0.5, -0.75, 1.5]])
    assert solved(loop * scale[:, None] / scale, np.ones(3))[0] == 0


def test_units_do_not_make_a_regular_loop_singular() -> None:
    scale = np.array([1e-9, 1.0, 1e9])
    loop = np.array([[1.0, -0.3, -0.2], [-0.4, 1.0, -0.1], [-0.2, -0.3, 1.0]])
    matrix = loop * scale[:, None] / scale
    status, solution = solved(matrix, scale)
    assert status == -1
    np.testing.assert_allclose(solution, np.linalg.solve(loop, np.ones(3)) * scale, rtol=1e-12)


def test_a_process_that_gives_nothing_is_singular() -> None:
    arrays = (np.array([0, 1]), np.array([0]), np.array([0.0]), np.array([0]), np.array([0, 1]))
    assert solve_blocks(*arrays, 0, 1, np.ones(1), np.zeros(1)) == 0


def test_only_the_asked_range_of_blocks_is_overwritten() -> None:
    arrays = prepared(np.eye(3))
    solution = np.full(3, 7.0)
    solve_blocks(*arrays, 1, 2, np.ones(3), solution)
    assert sorted(solution.tolist()) == [1.0, 7.0, 7.0]


@pytest.mark.parametrize("broken", range(8))
def test_arrays_that_do_not_belong_together_are_refused(broken: int) -> None:
    arrays: list[NDArray[Any]] = list(prepared(np.eye(2)))
    right, first, last = np.ones(2), 0, 2
    match broken:
        case 0:
            arrays[0] = np.array([0, 1, 3])
        case 1:
            arrays[1] = np.array([0, 2])
        case 2:
            arrays[2] = np.ones(3)
        case 3:
            arrays[3] = np.array([0, 0])
        case 4:
            arrays[4] = np.array([0, 1])
        case 5:
            right = np.ones(3)
        case 6:
            first, last = 1, 0
        case 7:
            last = 3
    indptr, indices, values, order, block_ptr = arrays
    with pytest.raises(ValueError, match=r"indices|indptr|order|block_ptr|first"):
        solve_blocks(indptr, indices, values, order, block_ptr, first, last, right, np.zeros(2))
