from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from footprint.engine import relaxation as relaxation_module
from footprint.engine import technosphere as module
from footprint.engine.relaxation import CellChanges, Relaxation
from footprint.engine.technosphere import Technosphere

Floats = NDArray[np.float64]


def exact(matrix: Floats, right: Floats) -> list[Fraction]:
    """Solve in fractions, by Gauss and Jordan."""
    rows = [[*map(Fraction, row), Fraction(b)] for row, b in zip(matrix, right, strict=True)]
    size = len(rows)
    for k in range(size):
        pivot = next(i for i in range(k, size) if rows[i][k] != 0)
        rows[k], rows[pivot] = rows[pivot], rows[k]
        rows[k] = [value / rows[k][k] for value in rows[k]]
        for i in range(size):
            if i != k:
                rows[i] = [a - rows[i][k] * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [row[-1] for row in rows]


@st.composite
def loops(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Draw loops, some near singular, some with amounts of either sign, and right-hand sides."""
    size, lanes = draw(st.integers(2, 5)), draw(st.integers(1, 3))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    inputs = random.uniform(draw(st.sampled_from([-1.0, 0.0])), 1.0, (size, size))
    inputs *= draw(st.sampled_from([0.5, 0.99, 0.999999])) / np.abs(inputs).sum(axis=0)
    scale = 10.0 ** random.integers(-3, 4, size)
    matrix = np.eye(size) - inputs
    return matrix * scale[:, None] / scale, random.uniform(-1.0, 1.0, (size, lanes))


@given(loops(), st.sampled_from([1, 5, 100]))
def test_no_solution_is_off_by_more_than_its_bound(
    system: tuple[Floats, Floats], sweeps: int
) -> None:
    matrix, right = system
    relaxation = Relaxation(sparse.csr_array(matrix), descending=False)
    with pytest.MonkeyPatch.context() as patch:
        # Few sweeps leave a large error, many one of rounding alone; the bound knows either.
        patch.setattr(relaxation_module, "MOST_SWEEPS", sweeps)
        found = relaxation.solve(right, np.zeros_like(right))
    for lane in range(right.shape[1]):
        for place, value in enumerate(exact(matrix, right[:, lane])):
            error = abs(Fraction(found.solution[place, lane]) - value)
            if np.isfinite(found.factor[lane]):
                bound = Fraction(found.weight[place, lane]) * Fraction(found.factor[lane])
                assert error <= bound * (1 + Fraction(1, 10**12))


@given(loops())
def test_the_bound_of_a_loop_that_gives_back_half_is_small(system: tuple[Floats, Floats]) -> None:
    matrix, right = system
    half = np.diag(matrix.diagonal()) + (matrix - np.diag(matrix.diagonal())) / 2.0
    found = Relaxation(sparse.csr_array(half), descending=True).solve(right, np.zeros_like(right))
    assert (found.factor < 1e-13).all()


def test_cells_are_other_for_their_right_hand_side_alone() -> None:
    # Lane 1 takes 1 instead of 0.5 of unknown 1: x0 = 1 + 1·2 = 3; lane 0: 1 + 0.5·2 = 2.
    relaxation = Relaxation(sparse.csr_array([[1.0, -0.5], [0.0, 1.0]]), descending=True)
    one, zero = np.ones(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    changes = CellChanges(zero, one, one, np.array([-0.5]), np.array([-1.0]))
    right = np.array([[1.0, 1.0], [2.0, 2.0]])
    found = relaxation.solve(right, np.zeros((2, 2)), changes)
    assert found.solution.tolist() == [[2.0, 3.0], [2.0, 2.0]]
    assert (found.weight * found.factor < 1e-13).all()


def test_nothing_asked_for_is_exactly_nothing() -> None:
    relaxation = Relaxation(sparse.csr_array([[1.0, -0.5], [-0.5, 1.0]]), descending=False)
    found = relaxation.solve(np.zeros((2, 1)), np.zeros((2, 1)))
    assert (found.solution == 0.0).all()
    assert found.factor.tolist() == [0.0]


def test_what_overflows_has_no_bound() -> None:
    relaxation = Relaxation(sparse.csr_array([[1.0, -1e9], [-1e9, 1.0]]), descending=False)
    found = relaxation.solve(np.ones((2, 1)), np.zeros((2, 1)))
    assert found.factor.tolist() == [np.inf]


def ring(size: int, returned: float, sign: float = -1.0) -> Floats:
    """Build a ring of purchases that gives back a share of what it takes."""
    matrix = np.eye(size)
    for k in range(size):
        matrix[k, (k + 1) % size] = sign
    matrix[0, 1] *= returned
    return matrix


@pytest.mark.parametrize("matrix", [ring(3, 1.0), ring(3, 1.0, 3.0), ring(3, 1.0, -2.0)])
def test_what_is_singular_or_diverges_has_no_bound(matrix: Floats) -> None:
    found = Relaxation(sparse.csr_array(matrix), descending=False).solve(
        np.ones((3, 1)), np.zeros((3, 1))
    )
    assert found.factor.tolist() == [np.inf]


@pytest.fixture
def all_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "DENSE_LIMIT", 1)


@pytest.mark.usefixtures("all_large")
def test_a_loop_is_solved_by_sweeps_where_they_are_certain() -> None:
    # s_0 = 1 / (1 − 0.5)
    technosphere = Technosphere(sparse.csr_array(ring(5, 0.5)))
    supply = technosphere.supply(np.array([1.0, 0, 0, 0, 0]))
    assert supply[0] == pytest.approx(2.0, rel=1e-14)
    assert technosphere.direct_loops == []
    assert 0.0 < technosphere.largest_error < 1e-13


@pytest.mark.usefixtures("all_large")
def test_a_loop_near_singular_is_solved_directly_and_said_to_be() -> None:
    technosphere = Technosphere(sparse.csr_array(ring(5, 1.0 - 1e-6)))
    assert technosphere.supply(np.array([1.0, 0, 0, 0, 0]))[0] == pytest.approx(1e6, rel=1e-9)
    assert [loop.tolist() for loop in technosphere.direct_loops] == [[0, 1, 2, 3, 4]]


@pytest.mark.usefixtures("all_large")
def test_a_loop_that_sweeps_cannot_solve_is_solved_directly() -> None:
    # Each takes three units of the next: sweeps diverge, yet s_0 = 1 / (1 + 3³).
    technosphere = Technosphere(sparse.csr_array(ring(3, 1.0, 3.0)))
    supply = technosphere.supply(np.array([1.0, 0.0, 0.0]))
    assert supply[0] == pytest.approx(1 / 28, rel=1e-12)
    assert len(technosphere.direct_loops) == 1


@pytest.mark.usefixtures("all_large")
def test_a_loop_that_the_demand_does_not_need_is_not_in_doubt() -> None:
    matrix = np.zeros((4, 4))
    matrix[:3, :3] = ring(3, 0.5)
    matrix[0, 3], matrix[3, 3] = -1.0, 1.0
    technosphere = Technosphere(sparse.csr_array(matrix))
    assert technosphere.supply(np.zeros(4)).tolist() == [0.0] * 4
    assert technosphere.direct_loops == []


def test_a_loop_of_many_activities_is_swept_for_many_right_hand_sides() -> None:
    random = np.random.default_rng(1)
    size = module.DENSE_LIMIT + 50
    inputs = random.uniform(0.0, 1.0, (size, size)) * (random.random((size, size)) < 0.05)
    inputs += np.roll(np.eye(size), 1, axis=0)  # one loop, whatever was drawn
    inputs *= random.uniform(0.3, 0.9, size) / inputs.sum(axis=0)
    units = 10.0 ** random.uniform(-6, 6, size)
    matrix = np.eye(size) - inputs * units[:, None] / units
    right = random.uniform(0.0, 1.0, (size, 11))
    technosphere = Technosphere(sparse.csr_array(matrix))
    supply = technosphere.supply(right * units[:, None]) / units[:, None]
    scores = technosphere.adjoint_scores(right / units[:, None]) * units[:, None]
    leontief = np.eye(size) - inputs
    np.testing.assert_allclose(supply, np.linalg.solve(leontief, right), rtol=1e-11)
    np.testing.assert_allclose(scores, np.linalg.solve(leontief.T, right), rtol=1e-11)
    assert technosphere.direct_loops == []


@pytest.mark.usefixtures("all_large")
def test_a_loop_whose_sweeps_overflow_is_solved_directly() -> None:
    # s_0 = 1 / (1 + 10²⁷)
    technosphere = Technosphere(sparse.csr_array(ring(3, 1.0, 1e9)))
    supply = technosphere.supply(np.array([1.0, 0.0, 0.0]))
    assert supply[0] == pytest.approx(1e-27, rel=1e-12)
    assert len(technosphere.direct_loops) == 1
