from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import lapack
from services.footprint.tests.kernels import twins

from footprint.kernels.block_triangular import solve_blocks

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Arguments:
    """The arguments of the kernel before the right-hand side, in their order."""

    indptr: Integers
    indices: Integers
    values: Floats
    block_ptr: Integers
    first: int
    last: int
    factor_ptr: Integers
    factors: Floats
    pivots: Integers
    scale: Floats

    def solve(self, right: Floats, transposed: bool = False) -> Floats:
        solution = right.copy()
        solve_blocks(
            self.indptr,
            self.indices,
            self.values,
            self.block_ptr,
            self.first,
            self.last,
            self.factor_ptr,
            self.factors,
            self.pivots,
            self.scale,
            solution,
            transposed,
        )
        return solution


def factored(matrix: Floats, sizes: list[int], transposed: bool = False) -> Arguments:
    """Factorize the blocks by LAPACK, each row scaled by 2 or 1/4."""
    block_ptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    scale = np.where(np.arange(len(matrix)) % 2 == 0, 2.0, 0.25)
    pivots = np.zeros(len(matrix), dtype=np.int64)
    factors, factor_ptr = [np.empty(0)], [0]
    for begin, size in zip(block_ptr, sizes, strict=False):
        if size > 1:
            rows = slice(begin, begin + size)
            lu, swaps, _ = lapack.dgetrf(matrix[rows, rows] * scale[rows, None])
            factors.append(np.ascontiguousarray(lu).ravel())
            pivots[rows] = swaps
        factor_ptr.append(sum(map(len, factors)))
    stored = sparse.csr_array(matrix.T if transposed else matrix)
    return Arguments(
        stored.indptr.astype(np.int64),
        stored.indices.astype(np.int64),
        stored.data,
        block_ptr,
        0,
        len(sizes),
        np.array(factor_ptr, dtype=np.int64),
        np.concatenate(factors),
        pivots,
        scale,
    )


@st.composite
def systems(draw: st.DrawFn) -> tuple[Floats, list[int], Floats]:
    """Block lower triangular matrices with far-off pivots, and several right-hand sides."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    size, lanes = sum(sizes), draw(st.sampled_from([1, 3, 8]))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    block = np.repeat(np.arange(len(sizes)), sizes)
    matrix = random.uniform(-0.2, 0.2, (size, size)) * (random.random((size, size)) < 0.6)
    # The largest entry of each row stands anywhere in its block.
    place = np.concatenate([random.permutation(np.flatnonzero(block == c)) for c in set(block)])
    matrix[np.arange(size), place] = random.choice([-1.0, 1.0], size)
    matrix[block[:, None] < block] = 0.0
    return matrix, sizes, random.uniform(-10.0, 10.0, (size, lanes))


def test_a_chain_is_solved_by_substitution() -> None:
    # x0 = 4; x1 = 3 + 2·4 = 11; x2 = (1 + 0.5·11) / 2 = 3.25
    matrix = np.array([[1.0, 0.0, 0.0], [-2.0, 1.0, 0.0], [0.0, -0.5, 2.0]])
    solution = factored(matrix, [1, 1, 1]).solve(np.array([[4.0], [3.0], [1.0]]))
    assert solution.ravel().tolist() == [4.0, 11.0, 3.25]


def test_the_transpose_is_solved_from_the_last_block() -> None:
    # x2 = 1/2 = 0.5; x1 = 3 + 0.5·0.5 = 3.25; x0 = 4 + 2·3.25 = 10.5
    matrix = np.array([[1.0, 0.0, 0.0], [-2.0, 1.0, 0.0], [0.0, -0.5, 2.0]])
    arguments = factored(matrix, [1, 1, 1], transposed=True)
    solution = arguments.solve(np.array([[4.0], [3.0], [1.0]]), transposed=True)
    assert solution.ravel().tolist() == [10.5, 3.25, 0.5]


def test_a_loop_is_solved_with_pivoting() -> None:
    # 0·x0 + 1·x1 = 2 and 1·x0 + 1·x1 = 5: the first pivot is zero.
    matrix = np.array([[0.0, 1.0], [1.0, 1.0]])
    assert factored(matrix, [2]).solve(np.array([[2.0], [5.0]])).ravel().tolist() == [3.0, 2.0]


@given(systems(), st.booleans())
def test_the_kernel_gives_what_its_numpy_twin_gives(
    system: tuple[Floats, list[int], Floats], transposed: bool
) -> None:
    matrix, sizes, right = system
    arguments = factored(matrix, sizes, transposed)
    expected = twins.solve_blocks(matrix, arguments.block_ptr, right, transposed)
    np.testing.assert_allclose(arguments.solve(right, transposed), expected, rtol=1e-9, atol=1e-9)


@given(systems())
def test_the_kernel_solves_what_numpy_solves(system: tuple[Floats, list[int], Floats]) -> None:
    matrix, sizes, right = system
    expected = np.linalg.solve(matrix, right)
    np.testing.assert_allclose(factored(matrix, sizes).solve(right), expected, 1e-9, 1e-9)


def test_only_the_asked_range_of_blocks_is_overwritten() -> None:
    arguments = replace(factored(2.0 * np.eye(3), [1, 1, 1]), first=1, last=2)
    assert arguments.solve(np.full((3, 1), 8.0)).ravel().tolist() == [8.0, 4.0, 8.0]


def test_no_right_hand_side_is_no_work() -> None:
    assert factored(np.eye(2), [1, 1]).solve(np.empty((2, 0))).shape == (2, 0)


@pytest.mark.parametrize(
    "broken",
    [
        {"indptr": np.array([0, 1, 5])},
        {"indptr": np.array([0, 5, 4])},
        {"indptr": np.array([], dtype=np.int64)},
        {"indices": np.array([0, 1, 0, 2])},
        {"indices": np.array([0, 1, 0, -1])},
        {"values": np.ones(3)},
        {"block_ptr": np.array([0, 1])},
        {"block_ptr": np.array([0, 0, 2])},
        {"first": 1, "last": 0},
        {"last": 2},
        {"factor_ptr": np.array([0])},
        {"factor_ptr": np.array([1, 4])},
        {"factors": np.ones(3)},
        {"pivots": np.array([0, 2])},
        {"pivots": np.array([0, -1])},
        {"pivots": np.array([0])},
        {"scale": np.ones(3)},
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(broken: dict[str, Any]) -> None:
    arguments = factored(np.array([[1.0, 0.5], [0.5, 1.0]]), [2])
    with pytest.raises(ValueError, match=r"ind|block_ptr|first|factor_ptr|pivots"):
        replace(arguments, **broken).solve(np.ones((2, 1)))


def test_a_right_hand_side_of_other_length_is_refused() -> None:
    with pytest.raises(ValueError, match="solution"):
        factored(np.eye(2), [1, 1]).solve(np.ones((3, 1)))
