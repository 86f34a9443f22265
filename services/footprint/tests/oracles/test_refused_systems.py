"""Systems without a solution are refused with the places and the cause, at random as by hand."""

import warnings

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import sparse
from services.footprint.tests.oracles import brightway
from services.footprint.tests.oracles.random_systems import RandomSystem, Trait, random_system
from services.footprint.tests.oracles.references import exact_solution

from footprint.engine.conditioning import condition_number
from footprint.engine.errors import (
    Malformed,
    MalformedSystemError,
    Singular,
    SingularSystemError,
)
from footprint.engine.system import Exchanges, System
from footprint.engine.technosphere import Technosphere

Floats = NDArray[np.float64]

seeds = pytest.mark.parametrize("seed", range(60))


def technology(drawn: RandomSystem) -> Floats:
    matrix: Floats = drawn.system.technosphere_matrix().toarray()
    return matrix


def refusal(matrix: Floats) -> SingularSystemError:
    """Return how both directions are refused, which is the same."""
    found = []
    for solve in ("supply", "adjoint_scores"):
        with pytest.raises(SingularSystemError) as refused:
            getattr(Technosphere(sparse.csr_array(matrix)), solve)(np.ones(len(matrix)))
        found.append(refused.value)
    one, other = found
    assert (one.indices, one.cause) == (other.indices, other.cause)
    return one


def large_enough(seed: int) -> RandomSystem:
    drawn = random_system(seed, largest=60)
    while drawn.system.size < 6:
        seed += 1000
        drawn = random_system(seed, largest=60)
    return drawn


@seeds
def test_a_loop_that_gives_back_all_it_takes_is_named(seed: int) -> None:
    # Amounts are powers of two, so that rounding hides nothing.
    drawn = large_enough(seed)
    random = np.random.default_rng(seed)
    matrix, reference = technology(drawn), drawn.system.reference
    loop = random.choice(drawn.system.size, int(random.integers(2, 6)), replace=False)
    matrix[:, loop] = 0.0
    matrix[reference[loop], loop] = 1.0
    matrix[reference[np.roll(loop, 1)], loop] = -1.0
    matrix[reference[loop]] *= 2.0 ** random.integers(-20, 20, len(loop))[:, None]
    matrix[:, loop] *= 2.0 ** random.integers(-10, 10, len(loop))
    refused = refusal(matrix)
    assert refused.cause is Singular.LOOP
    if Trait.ARBITRARY not in drawn.traits and Trait.CO_PRODUCTS not in drawn.traits:
        assert refused.indices == tuple(sorted(loop.tolist()))
    else:
        assert set(loop.tolist()) <= set(refused.indices)


@seeds
def test_activities_that_share_too_few_products_are_named(seed: int) -> None:
    drawn = large_enough(seed)
    random = np.random.default_rng(seed)
    matrix, size = technology(drawn), drawn.system.size
    count = int(random.integers(2, min(6, size)))
    crowd, products = random.permutation(size)[:count], random.permutation(size)[: count - 1]
    matrix[:, crowd] = 0.0
    matrix[np.ix_(products, crowd)] = random.lognormal(0.0, 1.0, (count - 1, count))
    refused = refusal(matrix)
    if refused.cause is Singular.NOT_EXCHANGED:
        # The crowd's own products, which no one else gives or takes.
        assert not matrix[list(refused.indices)].any()
        return
    assert refused.cause is Singular.TOO_FEW_PRODUCTS
    shared = np.flatnonzero((matrix[:, list(refused.indices)] != 0.0).any(axis=1))
    assert len(shared) < len(refused.indices)


@seeds
def test_activities_and_products_without_exchanges_are_named(seed: int) -> None:
    drawn = large_enough(seed)
    random = np.random.default_rng(seed)
    for axis, cause in ((0, Singular.NO_EXCHANGES), (1, Singular.NOT_EXCHANGED)):
        matrix = technology(drawn)
        # Whoever has exchanges with the emptied alone would be left without any, too.
        empty = int(random.integers(drawn.system.size))
        matrix[(slice(None), empty) if axis == 0 else empty] = 0.0
        refused = refusal(matrix)
        if refused.cause is cause:
            assert refused.indices == tuple(np.flatnonzero(~matrix.any(axis=axis)).tolist())
        else:
            assert refused.cause is Singular.NO_EXCHANGES
            assert not matrix[:, list(refused.indices)].any()


@seeds
def test_dependent_columns_of_whole_numbers_are_refused_or_warned_of(seed: int) -> None:
    random = np.random.default_rng(seed)
    size = int(random.integers(3, 12))
    matrix = random.integers(-9, 10, (size, size)).astype(np.float64)
    matrix[:, 2] = matrix[:, 0] + matrix[:, 1]
    with pytest.raises(ZeroDivisionError):
        exact_solution(matrix, np.ones(size))
    units = 2.0 ** random.integers(-20, 20, (2, size))
    technosphere = Technosphere(sparse.csr_array(matrix * units[0][:, None] * units[1]))
    try:
        condition = condition_number(technosphere, units[0])
    except SingularSystemError as error:
        found = error.cause, len(error.indices) >= 3
    else:
        # Rounding may leave too much of a zero to be called one; that no digit holds is told.
        found = Singular.LOOP, condition > 1e12
    assert found == (Singular.LOOP, True)


@seeds
def test_what_is_refused_bw2calc_does_not_solve(seed: int) -> None:
    # A product that two activities give in the same mix, so that nothing says which is to.
    drawn = large_enough(seed)
    system = drawn.system
    matrix = technology(drawn)
    matrix[:, 1] = matrix[:, 0] * 2.0
    refusal(matrix)
    row, column = np.nonzero(matrix)
    doubled = System(
        size=system.size,
        flows=system.flows,
        methods=system.methods,
        technosphere=Exchanges.fixed(row, column, matrix[row, column]),
        biosphere=system.biosphere,
        characterization=system.characterization,
        reference=system.reference,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = brightway.scores(doubled, drawn.asked)
        except (RuntimeError, brightway.Refusal):
            return
    # SuperLU takes what rounding leaves of a zero for a pivot; it is then far from any truth.
    assert not np.isfinite(found).all() or np.abs(found).max() > 1e9


@seeds
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_activities_with_amounts_that_are_not_finite_are_named(seed: int, value: float) -> None:
    drawn = random_system(seed, largest=60)
    matrix = drawn.system.technosphere_matrix()
    wrong = np.random.default_rng(seed).choice(matrix.nnz, min(2, matrix.nnz), replace=False)
    matrix.data[wrong] = value
    with pytest.raises(MalformedSystemError) as refused:
        Technosphere(matrix)
    assert refused.value.cause is Malformed.NOT_FINITE
    assert refused.value.indices == tuple(np.unique(matrix.indices[wrong]).tolist())


@pytest.mark.parametrize("shape", [(3, 4), (4, 3), (0, 1)])
def test_a_matrix_that_is_not_square_is_refused_with_both_numbers(shape: tuple[int, int]) -> None:
    with pytest.raises(MalformedSystemError, match=rf"{shape[0]}\D+{shape[1]}") as refused:
        Technosphere(sparse.csr_array(np.ones(shape)))
    assert refused.value.cause is Malformed.NOT_SQUARE


@pytest.mark.parametrize("solve", ["supply", "adjoint_scores"])
def test_products_with_demands_that_are_not_finite_are_named(solve: str) -> None:
    technosphere = Technosphere(sparse.csr_array(np.eye(4)))
    table = np.ones((4, 2))
    table[3, 1], table[1, 0] = np.nan, np.inf
    with pytest.raises(MalformedSystemError) as refused:
        getattr(technosphere, solve)(table)
    assert (refused.value.cause, refused.value.indices) == (Malformed.NOT_FINITE, (1, 3))


def test_exchanges_that_are_not_finite_are_named() -> None:
    places = np.arange(3)
    with pytest.raises(MalformedSystemError) as refused:
        Exchanges.fixed(places, places, np.array([1.0, np.nan, np.inf]))
    assert (refused.value.cause, refused.value.indices) == (Malformed.NOT_FINITE, (1, 2))


@pytest.mark.parametrize("place", [-1, 3])
def test_exchanges_outside_of_their_matrix_are_named(place: int) -> None:
    rows = np.array([0, 1, place])
    with pytest.raises(MalformedSystemError) as refused:
        Exchanges.fixed(rows, np.arange(3), np.ones(3)).matrix((3, 3))
    assert (refused.value.cause, refused.value.indices) == (Malformed.OUT_OF_RANGE, (2,))


def test_a_loop_near_one_in_any_units_is_not_singular() -> None:
    # Five activities that take one of each other, all but 2.5e-12; units of 5e-6 … 5e2.
    loop = np.eye(5) - np.roll(np.eye(5), 1, axis=0)
    loop[0, 4] += 2.5e-12
    units = np.array([1.6e-3, 5.4e-6, 1.2e-3, 5.1e2, 4.6e-3])
    for rows, columns in ((units, np.ones(5)), (np.ones(5), units), (units, 1.0 / units)):
        matrix = sparse.csr_array(loop * rows[:, None] * columns)
        scores = Technosphere(matrix).adjoint_scores(columns)
        # One unit passes through all five 1 / 2.5e-12 times.
        np.testing.assert_allclose(scores * rows, 5.0 / 2.5e-12, rtol=1e-3)
