import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from footprint.engine import technosphere as module
from footprint.engine.conditioning import condition_number, refined_scores
from footprint.engine.errors import (
    Malformed,
    MalformedSystemError,
    Singular,
    SingularSystemError,
    UnproductiveLoopError,
)
from footprint.engine.technosphere import Technosphere, technosphere_matrix

Floats = NDArray[np.float64]


def system(size: int, *inputs: tuple[int, int, float]) -> Technosphere:
    """Technosphere of (supplier, consumer, amount) inputs."""
    return Technosphere(
        technosphere_matrix(
            size,
            np.array([row for row, _, _ in inputs], dtype=np.int64),
            np.array([column for _, column, _ in inputs], dtype=np.int64),
            np.array([amount for _, _, amount in inputs], dtype=np.float64),
        )
    )


@st.composite
def loops(draw: st.DrawFn) -> Floats:
    """Draw inputs of productive systems with loops, some on badly scaled units."""
    size = draw(st.integers(2, 10))
    cells = st.lists(st.floats(0.0, 1.0), min_size=size * size, max_size=size * size)
    inputs = np.array(draw(cells)).reshape(size, size)
    inputs[inputs < 0.4] = 0.0
    np.fill_diagonal(inputs, 0.0)
    powers = st.lists(st.integers(-3, 3), min_size=size, max_size=size)
    scale = 10.0 ** np.array(draw(powers))
    return inputs * 0.9 / size * scale[:, None] / scale


def of(inputs: Floats) -> Technosphere:
    rows, columns = np.nonzero(inputs)
    amounts = inputs[rows, columns]
    return Technosphere(technosphere_matrix(len(inputs), rows, columns, amounts))


def test_the_supply_of_a_loop_is_that_of_the_textbook() -> None:
    # 1 kWh takes 0.1 kg coal, 1 kg coal takes 0.5 kWh: s = 1 / (1 − 0.05), 0.1 s
    supply = system(2, (1, 0, 0.1), (0, 1, 0.5)).supply(np.array([1.0, 0.0]))
    np.testing.assert_allclose(supply, [1 / 0.95, 0.1 / 0.95], rtol=1e-15)


def test_the_adjoint_scores_every_process_at_once() -> None:
    # y_coal = 2 + 0.5·y_kWh, y_kWh = 1 + 0.1·y_coal → y_kWh = 1.2/0.95, y_coal = 2.5/0.95
    scores = system(2, (1, 0, 0.1), (0, 1, 0.5)).adjoint_scores(np.array([1.0, 2.0]))
    np.testing.assert_allclose(scores, [1.2 / 0.95, 2.5 / 0.95], rtol=1e-15)


def test_inputs_of_one_pair_add_up() -> None:
    scores = system(2, (1, 0, 0.25), (1, 0, 0.5)).adjoint_scores(np.array([0.0, 4.0]))
    assert scores[0] == 3.0


@given(loops())
def test_supply_and_adjoint_solve_what_numpy_solves(inputs: Floats) -> None:
    size = len(inputs)
    matrix = np.eye(size) - inputs
    values = np.arange(1.0, size + 1)
    technosphere = of(inputs)
    np.testing.assert_allclose(technosphere.supply(values), np.linalg.solve(matrix, values), 1e-9)
    np.testing.assert_allclose(
        technosphere.adjoint_scores(values), np.linalg.solve(matrix.T, values), 1e-9
    )


@given(loops())
def test_a_loop_above_the_dense_limit_gives_the_same(inputs: Floats) -> None:
    values = np.ones(len(inputs))
    technosphere = of(inputs)
    expected = technosphere.supply(values), technosphere.adjoint_scores(values)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "DENSE_LIMIT", 1)
        found = technosphere.supply(values), technosphere.adjoint_scores(values)
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@given(loops())
def test_the_refined_reference_is_right_to_float64(inputs: Floats) -> None:
    values = np.arange(1.0, len(inputs) + 1)
    expected = np.linalg.solve(np.eye(len(inputs)) - inputs.T, values)
    np.testing.assert_allclose(refined_scores(of(inputs), values), expected, rtol=1e-9)


@pytest.mark.skipif(
    bool(np.finfo(np.longdouble).eps >= np.finfo(np.float64).eps),
    reason="no longer type than float64",
)
def test_the_refined_reference_is_right_where_a_single_solve_is_not() -> None:
    # Hilbert's matrix in whole numbers, κ ≈ 1e10; the exact solution is all ones.
    size = 8
    hilbert = 360360.0 / (np.arange(size)[:, None] + np.arange(size) + 1.0)
    assert (hilbert == np.rint(hilbert)).all()
    right = hilbert.sum(axis=1)
    refined = refined_scores(Technosphere(sparse.csr_array(hilbert)), right)
    # A residual in float64 leaves κ·1e-16, one in a longer type κ·5e-20.
    assert np.abs(np.linalg.solve(hilbert, right) - 1.0).max() > 1e-9
    assert np.abs(refined - 1.0).max() < 1e-9


@given(loops())
def test_the_condition_number_is_estimated_from_below_within_ten(inputs: Floats) -> None:
    matrix, demand = np.eye(len(inputs)) - inputs, np.ones(len(inputs))
    scale = np.linalg.solve(matrix, demand)
    exact = float(np.linalg.cond(matrix * scale / scale[:, None], np.inf))
    estimate = condition_number(of(inputs), demand)
    assert exact / 10 <= estimate <= exact * (1 + 1e-6)


@given(loops(), st.lists(st.integers(-3, 3), min_size=10, max_size=10))
def test_the_condition_number_does_not_depend_on_units(inputs: Floats, powers: list[int]) -> None:
    unit = 10.0 ** np.array(powers[: len(inputs)])
    demand = np.ones(len(inputs))
    found = condition_number(of(inputs * unit[:, None] / unit), demand * unit)
    # Rounding may decide a tie of the estimator; units a million apart must not show.
    assert 1 / 3 <= found / condition_number(of(inputs), demand) <= 3


def test_the_condition_number_of_a_loop_is_what_its_feedback_makes_it() -> None:
    # The loop gives back 1 - 1e-6 of what it takes: 1 / 1e-6 rounds, two entries a row.
    technosphere = system(2, (1, 0, 1.0), (0, 1, 1.0 - 1e-6))
    assert condition_number(technosphere, np.array([1.0, 0.0])) == pytest.approx(4e6, rel=1e-3)


@given(loops(), st.lists(st.sampled_from([-1.0, 1.0]), min_size=10, max_size=10))
def test_the_condition_number_without_co_products_is_exact(
    inputs: Floats, signs: list[float]
) -> None:
    # Treatment of waste has a negative output: rows and columns of either sign.
    sign = np.array(signs[: len(inputs)])
    demand = sign * np.ones(len(inputs))
    matrix = (np.eye(len(inputs)) - inputs) * sign[:, None]
    scale = np.linalg.solve(matrix, demand)
    exact = float(np.linalg.cond(matrix * scale / np.abs(scale[:, None]), np.inf))
    found = condition_number(Technosphere(sparse.csr_array(matrix)), demand)
    assert found == pytest.approx(exact, rel=1e-9)


def test_the_condition_number_of_a_large_loop_takes_no_factorization(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "DENSE_LIMIT", 1)
    random = np.random.default_rng(1)
    inputs = random.uniform(0.0, 1.0, (60, 60)) * (random.random((60, 60)) < 0.2)
    np.fill_diagonal(inputs, 0.0)
    inputs *= 0.8 / inputs.sum(axis=0)
    technosphere = of(inputs)
    demand = np.eye(60)[0]
    technosphere.supply(demand)
    scale = np.linalg.solve(np.eye(60) - inputs, demand)
    exact = np.linalg.cond((np.eye(60) - inputs) * scale / scale[:, None], np.inf)
    assert condition_number(technosphere, demand) == pytest.approx(exact, rel=1e-9)
    assert technosphere.direct_loops == []


def test_what_is_not_needed_does_not_worsen_the_condition_number() -> None:
    technosphere = system(3, (1, 0, 1e-6), (1, 2, 1e9))
    assert condition_number(technosphere, np.array([1.0, 0.0, 0.0])) < 10.0


def test_the_condition_number_is_the_same_every_time() -> None:
    technosphere = system(3, (1, 0, 0.1), (0, 1, 0.5), (2, 1, 7.0))
    demand = np.array([1.0, 0.0, 0.0])
    assert condition_number(technosphere, demand) == condition_number(technosphere, demand)


def test_a_singular_loop_names_its_processes() -> None:
    technosphere = system(4, (1, 0, 0.3), (2, 1, 1.0), (1, 2, 1.0), (3, 2, 1.0))
    with pytest.raises(SingularSystemError) as refused:
        technosphere.adjoint_scores(np.ones(4))
    assert refused.value.indices == (1, 2)


def test_a_singular_loop_above_the_dense_limit_names_its_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "DENSE_LIMIT", 1)
    technosphere = system(4, (1, 0, 0.3), (2, 1, 1.0), (1, 2, 1.0), (3, 2, 1.0))
    with pytest.raises(SingularSystemError) as refused:
        technosphere.supply(np.ones(4))
    assert refused.value.indices == (1, 2)


def test_an_activity_without_exchanges_is_named() -> None:
    with pytest.raises(SingularSystemError) as refused:
        system(3, (2, 2, 1.0))
    assert (refused.value.indices, refused.value.cause) == ((2,), Singular.NO_EXCHANGES)


def test_a_product_that_nobody_gives_or_takes_is_named() -> None:
    with pytest.raises(SingularSystemError) as refused:
        Technosphere(sparse.csr_array(np.array([[1.0, 1.0], [0.0, 0.0]])))
    assert (refused.value.indices, refused.value.cause) == ((1,), Singular.NOT_EXCHANGED)


def test_activities_that_compete_for_too_few_products_are_named() -> None:
    # 1, 2 and 3 exchange products 1 and 2 alone, whatever the amounts.
    matrix = np.array([[1.0, 0, 0, 0], [0, 1.0, 2.0, 3.0], [0, 4.0, 5.0, 6.0], [7.0, 0, 0, 0]])
    with pytest.raises(SingularSystemError) as refused:
        Technosphere(sparse.csr_array(matrix))
    assert refused.value.indices == (1, 2, 3)
    assert refused.value.cause is Singular.TOO_FEW_PRODUCTS


def test_a_loop_that_takes_more_than_it_gives_is_named() -> None:
    # 1 kg of 1 takes 2 of 2, 1 kg of 2 takes 1 of 1: s would be −1.
    with pytest.raises(UnproductiveLoopError) as refused:
        system(3, (1, 0, 1.0), (2, 1, 2.0), (1, 2, 1.0)).refuse_unproductive_loops()
    assert refused.value.indices == (1, 2)


def test_a_process_that_takes_more_of_itself_than_it_gives_is_named() -> None:
    with pytest.raises(UnproductiveLoopError) as refused:
        system(2, (1, 1, 1.5), (1, 0, 1.0)).refuse_unproductive_loops()
    assert refused.value.indices == (1,)


def test_a_loop_with_avoided_production_is_left_alone() -> None:
    system(2, (0, 1, -3.0), (1, 0, 2.0)).refuse_unproductive_loops()


@given(loops())
def test_productive_loops_are_left_alone(inputs: Floats) -> None:
    of(inputs).refuse_unproductive_loops()


@pytest.mark.parametrize(
    ("matrix", "cause", "indices"),
    [
        (np.ones((2, 3)), Malformed.NOT_SQUARE, ()),
        (np.array([[1.0, np.nan], [0.0, 1.0]]), Malformed.NOT_FINITE, (1,)),
        (np.diag([np.inf, 1.0]), Malformed.NOT_FINITE, (0,)),
    ],
)
def test_a_matrix_that_is_not_square_or_finite_is_refused(
    matrix: Floats, cause: Malformed, indices: tuple[int, ...]
) -> None:
    with pytest.raises(MalformedSystemError) as refused:
        Technosphere(sparse.csr_array(matrix))
    assert (refused.value.cause, refused.value.indices) == (cause, indices)


@pytest.mark.parametrize(
    ("demand", "cause", "indices"),
    [
        (np.ones(3), Malformed.INCONSISTENT, ()),
        (np.array([1.0, np.nan]), Malformed.NOT_FINITE, (1,)),
    ],
)
def test_a_demand_of_other_length_or_not_finite_is_refused(
    demand: Floats, cause: Malformed, indices: tuple[int, ...]
) -> None:
    with pytest.raises(MalformedSystemError) as refused:
        system(2, (1, 0, 1.0)).supply(demand)
    assert (refused.value.cause, refused.value.indices) == (cause, indices)


@st.composite
def regular(draw: st.DrawFn) -> tuple[Floats, Floats, Floats]:
    """Draw regular matrices of like units, and other units for their rows and columns.

    With waste treatment, several outputs, products in any order.
    """
    size = draw(st.integers(1, 12))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    matrix = random.uniform(-1.0, 1.0, (size, size)) * (random.random((size, size)) < 0.4)
    matrix *= 0.9 / size
    np.fill_diagonal(matrix, random.choice([-1.0, 1.0], size) * random.uniform(1.0, 2.0, size))
    rows, columns = 10.0 ** random.integers(-4, 5, (2, size))
    return matrix[random.permutation(size)], rows[:, None], columns[:, None]


@given(regular(), st.sampled_from([1, 256]), st.integers(1, 18))
def test_any_regular_matrix_is_solved_for_many_right_hand_sides(
    system: tuple[Floats, Floats, Floats], limit: int, number: int
) -> None:
    matrix, rows, columns = system
    technosphere = Technosphere(sparse.csr_array(matrix * rows * columns.T))
    right = np.random.default_rng(1).uniform(-1.0, 1.0, (len(matrix), number))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "DENSE_LIMIT", limit)
        supply = technosphere.supply(right * rows) * columns
        scores = technosphere.adjoint_scores(right * columns) * rows
        first = technosphere.supply(right[:, 0] * rows[:, 0]) * columns[:, 0]
    np.testing.assert_allclose(supply, np.linalg.solve(matrix, right), rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(scores, np.linalg.solve(matrix.T, right), rtol=1e-11, atol=1e-11)
    np.testing.assert_allclose(first, supply[:, 0], rtol=1e-11, atol=1e-11)


def test_waste_treatment_by_hand() -> None:
    # 1 takes 2 kg of waste (−2) from 0, which makes 3 kg of it per unit: s_1 = 1.5 · s_0.
    matrix = np.array([[1.0, 0.0], [3.0, -2.0]])
    supply = Technosphere(sparse.csr_array(matrix)).supply(np.array([2.0, 0.0]))
    assert supply.tolist() == [2.0, 3.0]


def test_a_diagonal_of_zeros_is_no_obstacle() -> None:
    # Activity 0 makes 4 of product 1, activity 1 makes 5 of product 0 out of 2 of product 1.
    matrix = np.array([[0.0, 5.0], [4.0, -2.0]])
    technosphere = Technosphere(sparse.csr_array(matrix))
    assert technosphere.supply(np.array([10.0, 0.0])).tolist() == [1.0, 2.0]
    # y_1 = 8/4 = 2, y_0 = (1 + 2·2)/5 = 1
    assert technosphere.adjoint_scores(np.array([8.0, 1.0])).tolist() == [1.0, 2.0]
    assert condition_number(technosphere, np.array([10.0, 0.0])) < 10.0


@given(regular())
def test_the_condition_number_of_any_system_does_not_depend_on_units(
    system: tuple[Floats, Floats, Floats],
) -> None:
    matrix, rows, columns = system
    demand = np.abs(matrix) @ np.ones(len(matrix))
    other = Technosphere(sparse.csr_array(matrix * rows * columns.T))
    found = condition_number(other, demand * rows[:, 0])
    assert 1 / 3 <= found / condition_number(Technosphere(sparse.csr_array(matrix)), demand) <= 3


def test_an_amount_that_is_next_to_nothing_makes_no_loop_singular() -> None:
    matrix = np.array([[1.0, -0.06, 0.02], [0.02, 1.0, 0.0], [1e-287, 0.0, 1.0]])
    supply = Technosphere(sparse.csr_array(matrix)).supply(np.ones(3))
    np.testing.assert_allclose(supply, np.linalg.solve(matrix, np.ones(3)), rtol=1e-14)
