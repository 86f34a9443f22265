from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from services.footprint.tests.kernels import twins

from footprint.kernels.instruction_sets import INSTRUCTION_SETS, kernel

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

#: Tolerance of one method, relative to the weighted size of a loop.
SURE = np.array([1e-14])


def entries(
    kernels: Any, amount: Floats, sigma: float, row: Integers, other: Integers, stream: int
) -> Any:
    """Lognormal amounts."""
    size = len(amount)
    return kernels.Drawn(
        np.ones(size, dtype=np.int32),
        np.ascontiguousarray(amount, dtype=np.float64),
        np.full(size, sigma),
        np.zeros(size),
        np.arange(size, dtype=np.uint32),
        np.full(size, -1, dtype=np.int32),
        row.astype(np.int32),
        other.astype(np.int32),
        stream,
    )


def drawn(amount: Floats, sigma: float, stream: int, samples: int) -> Floats:
    size = len(amount)
    return twins.draw_amounts(
        np.ones(size, dtype=np.int32),
        amount,
        np.full(size, sigma),
        np.zeros(size),
        np.arange(size),
        3,
        stream,
        np.arange(samples),
    )


@st.composite
def systems(draw: st.DrawFn) -> tuple[Floats, Floats]:
    """Draw inputs of productive systems, and the direct impact of each of their rows."""
    size = draw(st.integers(2, 8))
    cells = st.lists(st.floats(-1.0, 1.0), min_size=size * size, max_size=size * size)
    inputs = np.array(draw(cells)).reshape(size, size)
    inputs[np.abs(inputs) < 0.3] = 0.0
    direct = draw(st.lists(st.floats(0.1, 10.0), min_size=size, max_size=size))
    return inputs * 0.5 / size, np.array(direct)


def planned(kernels: Any, matrix: Floats, direct: Floats, **changed: Any) -> Any:
    """Put all rows in one loop, and give each a pivot that is drawn around 1."""
    size = len(direct)
    rows, others = np.nonzero(matrix)
    every = np.arange(size)
    arguments = {
        "block_ptr": np.array([0, size]),
        "row_ptr": np.searchsorted(rows, np.arange(size + 1)),
        "inputs": entries(kernels, matrix[rows, others], 0.2, rows, others, 0),
        "pivots": entries(kernels, np.ones(size), 0.05, every, every, 3),
        "pivot_of": every.astype(np.int32),
        "emissions": entries(kernels, direct, 0.3, every, 0 * every, 1),
        "factors": entries(kernels, np.array([2.0]), 0.1, np.array([0]), np.array([0]), 2),
        "flows": 1,
        "methods": 1,
        "tables": 0,
        "start": np.zeros((1, size)),
        "weight": np.ones((1, size)),
        "targets": every[::-1].astype(np.int32),
        "scale": np.zeros((1, size)),
        "outside": 0,
    } | changed
    return kernels.Plan(*arguments.values())


def solved(plan: Any, blocks: int, targets: int) -> tuple[Floats, Floats]:
    scores, error = np.full((8 * blocks, targets, 1), np.nan), np.full(8 * blocks, np.nan)
    plan.solve(
        3, 0, blocks, np.zeros((blocks, 0, 8)), np.zeros((1, 0, 1)), SURE, 200, plan.workspace(),
        scores, error,
    )  # fmt: skip
    return scores, error


@pytest.mark.parametrize("instruction_set", INSTRUCTION_SETS)
@settings(deadline=None)
@given(system=systems())
def test_the_kernel_scores_what_its_numpy_twin_scores(
    instruction_set: str, system: tuple[Floats, Floats]
) -> None:
    inputs, direct = system
    size, samples = len(direct), 16
    plan = planned(kernel("monte_carlo", instruction_set), inputs, direct)
    scores, error = solved(plan, 2, size)
    rows, others = np.nonzero(inputs)
    sampled = np.zeros((samples, size, size))
    sampled[:, rows, others] = drawn(inputs[rows, others], 0.2, 0, samples).T
    pivots = drawn(np.ones(size), 0.05, 3, samples).T
    emitted = drawn(direct, 0.3, 1, samples).T * drawn(np.array([2.0]), 0.1, 2, samples).T
    expected = twins.sampled_scores(sampled / pivots[:, :, None], emitted / pivots)
    assert error.max() <= 1e-11
    np.testing.assert_allclose(scores[:, ::-1, 0], expected, rtol=1e-11, atol=1e-11)


def test_unit_scores_from_outside_are_taken_as_they_are() -> None:
    # One row takes 0.5 of a product whose score is given: y = 1 + 0.5·o.
    kernels = kernel("monte_carlo", "baseline")
    one, zero = np.array([1.0]), np.array([0])
    plan = planned(
        kernels,
        np.zeros((1, 1)),
        one,
        row_ptr=np.array([0, 1]),
        inputs=entries(kernels, np.array([0.5]), 0.0, zero, np.array([1]), 0),
        pivots=entries(kernels, one, 0.0, zero, zero, 3),
        emissions=entries(kernels, one, 0.0, zero, zero, 1),
        factors=entries(kernels, one, 0.0, zero, zero, 2),
        outside=1,
    )
    for given_scores in (np.arange(16.0), np.array([7.0])):
        scores, error = np.zeros((16, 1, 1)), np.zeros(16)
        plan.solve(
            3, 0, 2, np.zeros((2, 0, 8)), given_scores.reshape(-1, 1, 1), SURE, 9, plan.workspace(),
            scores, error,
        )  # fmt: skip
        expected = 1.0 + 0.5 * np.broadcast_to(given_scores, 16)
        assert scores[:, 0, 0].tolist() == expected.tolist()


def certain(kernels: Any, matrix: Floats, direct: Floats, **changed: Any) -> Any:
    """Plan a system whose amounts do not vary, with the first row as its only target."""
    every = np.arange(len(direct))
    rows, others = np.nonzero(matrix)
    one = np.array([1.0])
    return planned(
        kernels,
        matrix,
        direct,
        **{
            "inputs": entries(kernels, matrix[rows, others], 0.0, rows, others, 0),
            "pivots": entries(kernels, np.ones(len(direct)), 0.0, every, every, 3),
            "emissions": entries(kernels, direct, 0.0, every, 0 * every, 1),
            "factors": entries(kernels, one, 0.0, np.array([0]), np.array([0]), 2),
            "targets": np.array([0], dtype=np.int32),
            "scale": np.zeros((1, 1)),
        }
        | changed,
    )


def test_a_loop_that_does_not_converge_is_not_sure() -> None:
    matrix = np.array([[0.0, 1.5], [1.0, 0.0]])
    _, error = solved(certain(kernel("monte_carlo", "baseline"), matrix, np.ones(2)), 1, 1)
    assert np.isinf(error).all()


def test_a_slow_loop_is_estimated_by_its_rate() -> None:
    """After 100 sweeps of a loop that keeps 99 % the last change is small, the error is not."""
    matrix = np.array([[0.0, 0.99], [1.0, 0.0]])
    # Relative to the solution, y0 = 1 + 0.99 y0 = 100; only the first row counts.
    weight = np.array([[1e-2, 0.0]])
    plan = certain(
        kernel("monte_carlo", "baseline"), matrix, np.array([1.0, 1e-300]), weight=weight
    )
    scores, error = np.zeros((8, 1, 1)), np.zeros(8)
    plan.solve(
        3,
        0,
        1,
        np.zeros((1, 0, 8)),
        np.zeros((1, 0, 1)),
        SURE,
        100,
        plan.workspace(),
        scores,
        error,
    )
    true = np.abs(scores[:, 0, 0] / 100.0 - 1.0)
    assert (true > 0.1).all()
    np.testing.assert_allclose(error, true, rtol=0.05)


def test_errors_of_loops_add_up_and_are_relative_to_a_smaller_score() -> None:
    """Two loops, each left after a few sweeps; the score is a tenth of what was expected."""
    kernels = kernel("monte_carlo", "baseline")
    loop = np.array([[0.0, 0.5], [0.5, 0.0]])
    matrix = np.zeros((4, 4))
    matrix[:2, :2] = matrix[2:, 2:] = loop

    def left(which: slice, scale: float, block_ptr: list[int]) -> Floats:
        direct = np.ones(4)[which]
        size = len(direct)
        plan = certain(
            kernels,
            matrix[which, which],
            direct,
            block_ptr=np.array(block_ptr),
            weight=np.ones((1, size)),
            scale=np.array([[scale]]),
        )
        scores, error = np.zeros((8, 1, 1)), np.zeros(8)
        plan.solve(
            3,
            0,
            1,
            np.zeros((1, 0, 8)),
            np.zeros((1, 0, 1)),
            SURE,
            6,
            plan.workspace(),
            scores,
            error,
        )
        return error

    one = left(slice(0, 2), 0.0, [0, 2])
    assert (one > 1e-6).all()
    np.testing.assert_allclose(left(slice(0, 4), 0.0, [0, 2, 4]), 2.0 * one, rtol=1e-12)
    # y0 = 1 + 0.5·(1 + 0.5·y0) = 2
    np.testing.assert_allclose(left(slice(0, 2), 20.0, [0, 2]), 10.0 * one, rtol=1e-3)


def test_a_number_that_is_not_finite_is_not_sure() -> None:
    kernels = kernel("monte_carlo", "baseline")
    pivots = entries(kernels, np.zeros(1), 0.0, np.array([0]), np.array([0]), 3)
    _, error = solved(planned(kernels, np.zeros((1, 1)), np.ones(1), pivots=pivots), 1, 1)
    assert np.isinf(error).all()


@pytest.mark.parametrize(
    "changed",
    [
        {"block_ptr": np.array([0, 1])},
        {"block_ptr": np.array([0, 3, 2])},
        {"row_ptr": np.array([0, 1])},
        {"row_ptr": np.array([0, 5, 4])},
        {"pivot_of": np.array([0, -2], dtype=np.int32)},
        {"flows": 0},
        {"methods": 2},
        {"start": np.zeros((1, 3))},
        {"weight": np.zeros((2, 2))},
        {"targets": np.array([2], dtype=np.int32)},
        {"targets": np.array([-1], dtype=np.int32)},
        {"outside": -1},
        {"scale": np.zeros((1, 3))},
        {"block_ptr": np.array([0, 1, 2])},  # the first row takes from the second
    ],
)
def test_a_plan_whose_parts_do_not_belong_together_is_refused(changed: dict[str, Any]) -> None:
    inputs = np.array([[0.0, 0.1], [0.1, 0.0]])
    with pytest.raises(ValueError, match=r"must|belongs|need"):
        planned(kernel("monte_carlo", "baseline"), inputs, np.ones(2), **changed)


@pytest.mark.parametrize("wrong", range(7))
def test_a_call_whose_parts_do_not_belong_together_is_refused(wrong: int) -> None:
    plan = planned(
        kernel("monte_carlo", "baseline"), np.array([[0.0, 0.1], [0.1, 0.0]]), np.ones(2)
    )
    arguments: list[Any] = [
        3, 0, 1, np.zeros((1, 0, 8)), np.zeros((1, 0, 1)), SURE, 9, plan.workspace(),
        np.zeros((8, 2, 1)), np.zeros(8),
    ]  # fmt: skip
    place, value = [
        (1, -1),
        (3, np.zeros((1, 1, 8))),
        (4, np.zeros((1, 1, 1))),
        (5, np.zeros(2)),
        (6, 0),
        (7, np.zeros(3)),
        (8, np.zeros((8, 1, 1))),
    ][wrong]
    arguments[place] = value
    with pytest.raises(ValueError, match=r"count|need|too small"):
        plan.solve(*arguments)
