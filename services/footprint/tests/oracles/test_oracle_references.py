"""The references are proved themselves before anything is measured by them."""

from fractions import Fraction

import numpy as np
import pytest
from numpy.typing import NDArray
from services.footprint.tests.oracles.random_systems import random_system
from services.footprint.tests.oracles.references import Refined, exact_solution, refined

Floats = NDArray[np.float64]

#: Above this size a rational of float64s has too many digits to be worth the wait.
EXACT_SIZE = 10


def exact_error(found: Refined, exact: list[Fraction]) -> list[Fraction]:
    """Return |x − exact| without rounding: a long double is the sum of two float64."""
    high = found.solution[:, 0].astype(np.float64)
    low = (found.solution[:, 0] - high).astype(np.float64)
    parts = zip(high.tolist(), low.tolist(), exact, strict=True)
    return [abs(Fraction(a) + Fraction(b) - value) for a, b, value in parts]


def test_the_rational_solution_is_exact() -> None:
    # 3 x + 1 y = 1 and 1 x + 2 y = 1: x = 1/5, y = 2/5
    matrix = np.array([[3.0, 1.0], [1.0, 2.0]])
    assert exact_solution(matrix, np.ones(2)) == [Fraction(1, 5), Fraction(2, 5)]


def test_the_rational_solution_exchanges_rows() -> None:
    matrix = np.array([[0.0, 4.0], [2.0, 0.0]])
    assert exact_solution(matrix, np.array([1.0, 1.0])) == [Fraction(1, 2), Fraction(1, 4)]


def test_the_rational_solution_of_a_singular_matrix_is_refused() -> None:
    with pytest.raises(ZeroDivisionError):
        exact_solution(np.ones((2, 2)), np.ones(2))


@pytest.mark.parametrize("seed", range(60))
def test_the_refined_solution_lies_within_its_bound_of_the_rational_one(seed: int) -> None:
    drawn = random_system(seed, largest=EXACT_SIZE)
    transposed = drawn.system.technosphere_matrix().toarray().T
    intensity = drawn.system.intensities()[:, :1]
    found = refined(transposed, intensity)
    exact = exact_solution(transposed, intensity[:, 0])
    bounds = [Fraction(float(bound)) for bound in found.error[:, 0]]
    assert all(off <= bound for off, bound in zip(exact_error(found, exact), bounds, strict=True))


def test_the_refined_solution_is_right_where_float64_is_not() -> None:
    # Hilbert's matrix in whole numbers, κ ≈ 1e10; the exact solution is all ones.
    places = np.arange(8.0)
    hilbert: Floats = 360360.0 / (places[:, None] + places + 1.0)
    assert (hilbert == np.rint(hilbert)).all()
    right = hilbert.sum(axis=1)
    assert np.abs(np.linalg.solve(hilbert, right) - 1.0).max() > 1e-9
    found = refined(hilbert, right[:, None])
    assert np.abs(found.solution - 1.0).max() <= found.error.max() < 1e-7
    assert np.abs(found.solution - 1.0).max() < 1e-9


def test_a_large_system_of_whole_numbers_is_solved() -> None:
    # Whole numbers of a few digits: A x is exact in float64, and so x is the solution.
    random = np.random.default_rng(5)
    matrix = np.diag(np.full(300, 2000.0)) - random.integers(0, 7, (300, 300)).astype(np.float64)
    solution = random.integers(-1000, 1000, (300, 2)).astype(np.float64)
    found = refined(matrix, matrix @ solution)
    assert np.abs(found.solution - solution).max() <= found.error.max() < 1e-9


def test_units_do_not_pass_for_a_bad_condition() -> None:
    random = np.random.default_rng(6)
    matrix = np.eye(20) - random.uniform(0.0, 0.04, (20, 20))
    rows, columns = 10.0 ** random.uniform(-6.0, 6.0, (2, 20))
    assert refined(matrix, np.ones((20, 1))).condition().max() < 100.0
    assert refined(matrix * rows[:, None] * columns, rows[:, None]).condition().max() < 1e4


def test_what_is_off_is_told_in_tolerances() -> None:
    # κ of the unit matrix is 2 for two equal unknowns: the tolerance is 1e-9.
    found = refined(np.eye(2), np.ones((2, 1)))
    assert found.excess(np.array([[1.0], [1.0 + 5e-9]])) == pytest.approx(5.0, rel=1e-6)
    assert found.excess(np.array([[1.0], [np.nan]])) == np.inf
    # A zero that no change of a cell disturbs is to be met exactly.
    zero = refined(np.eye(1), np.zeros((1, 1)))
    assert (zero.excess(np.zeros((1, 1))), zero.excess(np.ones((1, 1)))) == (0.0, np.inf)
