from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from services.footprint.tests.kernels import twins

from footprint.kernels.sweeps import gauss_seidel, residuals

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Arguments:
    """The arguments of the kernel, in their order."""

    indptr: Integers
    indices: Integers
    values: Floats
    diagonal: Floats
    changed_ptr: Integers
    changed_column: Integers
    changed_lane: Integers
    change: Floats
    right: Floats
    solution: Floats
    descending: bool = False
    most: int = 50
    tolerance: float = 1e-14

    def sweep(self) -> int:
        return gauss_seidel(*(getattr(self, name) for name in self.__dataclass_fields__))

    def residuals(self, touched: Floats) -> tuple[Floats, Floats]:
        names = list(self.__dataclass_fields__)[:8]
        results = np.full_like(self.right, np.nan), np.full_like(self.right, np.nan)
        arrays = [getattr(self, name) for name in names]
        residuals(*(*arrays, touched, self.right, self.solution, *results))
        return results


def arguments(matrix: Floats, right: Floats, changes: Floats | None = None) -> Arguments:
    """Lay a dense matrix out, and what each right-hand side adds to it (lanes, n, n)."""
    size, lanes = right.shape
    row, column = np.nonzero(matrix * (1.0 - np.eye(size)))
    changes = np.zeros((lanes, size, size)) if changes is None else changes
    changed_row, changed_column, changed_lane = np.nonzero(changes.transpose(1, 2, 0))
    return Arguments(
        np.searchsorted(row, np.arange(size + 1)).astype(np.int64),
        column.astype(np.int64),
        matrix[row, column],
        matrix.diagonal().copy(),
        np.searchsorted(changed_row, np.arange(size + 1)).astype(np.int64),
        changed_column.astype(np.int64),
        changed_lane.astype(np.int64),
        changes[changed_lane, changed_row, changed_column],
        right,
        np.zeros_like(right),
    )


@st.composite
def systems(draw: st.DrawFn) -> tuple[Floats, Floats, Floats]:
    """Systems whose sweeps converge, with a few changes that leave it so."""
    size, lanes = draw(st.integers(1, 6)), draw(st.integers(1, 8))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    inputs = random.uniform(-0.4, 0.4, (size, size)) / size
    matrix = np.eye(size) - inputs * (random.random((size, size)) < 0.7)
    changes = random.uniform(-0.4, 0.4, (lanes, size, size)) / size
    changes *= random.random((lanes, size, size)) < 0.2
    return matrix, changes, random.uniform(-10.0, 10.0, (size, lanes))


def test_one_sweep_uses_what_it_has_just_found() -> None:
    # x0 = 2; x1 = 1 + 0.5·2 = 2. In Jacobi's method x1 would be 1.
    one = replace(arguments(np.array([[1.0, -0.5], [-0.5, 1.0]]), np.array([[2.0], [1.0]])), most=1)
    assert one.sweep() == -1
    assert one.solution.ravel().tolist() == [2.0, 2.0]


def test_a_triangular_system_is_settled_by_the_second_sweep() -> None:
    matrix = np.array([[1.0, -0.5], [0.0, 1.0]])
    upwards = replace(arguments(matrix, np.array([[2.0], [1.0]])), descending=True)
    assert upwards.sweep() == 2
    assert upwards.solution.ravel().tolist() == [2.5, 1.0]


def test_a_change_of_the_diagonal_is_for_its_right_hand_side_alone() -> None:
    changes = np.array([[[0.0]], [[3.0]]])
    changed = arguments(np.array([[1.0]]), np.array([[8.0, 8.0]]), changes)
    assert changed.sweep() == 2
    assert changed.solution.tolist() == [[8.0, 2.0]]


@given(systems(), st.booleans(), st.integers(1, 30))
def test_the_kernel_gives_what_its_numpy_twin_gives(
    system: tuple[Floats, Floats, Floats], descending: bool, most: int
) -> None:
    matrix, changes, right = system
    kernel = replace(arguments(matrix, right, changes), descending=descending, most=most)
    kernel = replace(kernel, tolerance=1e-6)
    sweeps = kernel.sweep()
    # Rounding decides who is just inside of the tolerance.
    least, largest = (
        twins.gauss_seidel(matrix + changes, right, right * 0.0, descending, most, tolerance)
        for tolerance in (1.001e-6, 0.999e-6)
    )
    assert sweeps in {least, largest}
    twin = right * 0.0
    twins.gauss_seidel(matrix + changes, right, twin, descending, abs(sweeps), -1.0)
    if sweeps == -1:
        twins.gauss_seidel(matrix + changes, right, twin, descending, most - 1, -1.0)
    np.testing.assert_allclose(kernel.solution, twin, rtol=1e-11, atol=1e-11)


@given(systems())
def test_the_kernel_solves_what_numpy_solves(system: tuple[Floats, Floats, Floats]) -> None:
    matrix, changes, right = system
    kernel = arguments(matrix, right, changes)
    kernel.sweep()
    expected = np.linalg.solve(matrix + changes, right.T[:, :, None])[:, :, 0].T
    np.testing.assert_allclose(kernel.solution, expected, rtol=1e-9, atol=1e-11)


def test_a_residual_and_its_size_by_hand() -> None:
    # 1 - (2·3 - 0.5·4 - 1·4) = 1 and 1 + 6 + 2 + 5·4 = 29; 2 - 1·4 = -2 and 2 + 4 = 6
    changes = np.array([[[0.0, -1.0], [0.0, 0.0]]])
    whole = arguments(np.array([[2.0, -0.5], [0.0, 1.0]]), np.array([[1.0], [2.0]]), changes)
    found = replace(whole, solution=np.array([[3.0], [4.0]])).residuals(np.array([5.0]))
    assert [part.ravel().tolist() for part in found] == [[1.0, -2.0], [29.0, 6.0]]


@given(systems())
def test_residuals_are_those_of_the_numpy_twin(system: tuple[Floats, Floats, Floats]) -> None:
    matrix, changes, right = system
    kernel = replace(arguments(matrix, right, changes), solution=right[::-1].copy())
    found = kernel.residuals(np.abs(kernel.change))
    touched = np.abs(matrix) + np.abs(changes)
    expected = twins.residuals(matrix + changes, touched, right, kernel.solution)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_a_row_of_many_entries_is_summed_in_parts() -> None:
    # One by one, each 2^-53 beside the 1 would be lost.
    size = 1 + 32 * 32
    matrix = np.eye(size)
    matrix[0, 1:] = 1.0
    right, solution = np.zeros((size, 1)), np.full((size, 1), 2.0**-53)
    right[0], solution[0], solution[1] = 1.0, 0.0, 1.0
    residual, _ = replace(arguments(matrix, right), solution=solution).residuals(np.empty(0))
    assert residual[0, 0] == pytest.approx(-(32 * 31) * 2.0**-53, rel=1e-12)


def test_what_diverges_never_settles() -> None:
    loop = arguments(np.array([[1.0, -3.0], [-3.0, 1.0]]), np.ones((2, 1)))
    assert loop.sweep() == -1


def test_a_system_without_unknowns_is_solved() -> None:
    assert arguments(np.empty((0, 0)), np.empty((0, 1))).sweep() == 0


@pytest.mark.parametrize(
    "broken",
    [
        {"indptr": np.array([], dtype=np.int64)},
        {"indptr": np.array([0, 1, 3])},
        {"indptr": np.array([0, 3, 2])},
        {"indices": np.array([1, 2])},
        {"indices": np.array([1, -1])},
        {"values": np.ones(1)},
        {"diagonal": np.ones(3)},
        {"changed_ptr": np.array([0, 1])},
        {"changed_ptr": np.array([0, 2, 1])},
        {"changed_column": np.array([2])},
        {"changed_lane": np.array([1])},
        {"changed_lane": np.array([-1])},
        {"change": np.ones(2)},
        {"right": np.ones((3, 1))},
        {"right": np.ones((2, 9)), "solution": np.ones((2, 9))},
        {"right": np.ones((2, 0)), "solution": np.ones((2, 0))},
        {"solution": np.ones((2, 2))},
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(broken: dict[str, Any]) -> None:
    changes = np.array([[[0.0, 0.5], [0.0, 0.0]]])
    whole = arguments(np.array([[1.0, 0.5], [0.5, 1.0]]), np.ones((2, 1)), changes)
    for call in (Arguments.sweep, lambda one: one.residuals(np.ones(1))):
        with pytest.raises(ValueError, match=r"ind|values|changed|right|touched|residual"):
            call(replace(whole, **broken))


def test_residuals_without_their_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="touched"):
        arguments(np.eye(2), np.ones((2, 1))).residuals(np.ones(1))
