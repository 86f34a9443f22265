from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from footprint.engine import perturbation
from footprint.engine.distributions import Distributions, Kind
from footprint.engine.draws import Stream
from footprint.engine.errors import MalformedSystemError, SingularSystemError
from footprint.engine.monte_carlo import monte_carlo
from footprint.engine.perturbation import (
    MATRICES,
    Change,
    Changes,
    OperatingPoint,
    changes_between,
    entries,
)
from footprint.engine.sampling_plan import Uncertain
from footprint.engine.sensitivity import contributions_to_variance, gradients, tornado
from footprint.engine.system import Exchanges, System
from footprint.engine.technosphere import Technosphere

Floats = NDArray[np.float64]
Cells = list[tuple[int, int, float]]


def exchanges(cells: Cells, distribution: Distributions | None = None) -> Exchanges:
    row, column, amount = (np.array(part) for part in zip(*cells, strict=True))
    amount = amount.astype(np.float64)
    return Exchanges(row, column, amount, distribution or Distributions.fixed(amount))


def normal(cells: Cells, deviation: list[float]) -> Exchanges:
    """Give entries that are distributed normally around their amounts."""
    amount = np.array([cell[2] for cell in cells])
    kind = np.full(len(cells), Kind.NORMAL, np.int64)
    none = np.full(len(cells), -1)
    zeros = np.zeros(len(cells))
    return exchanges(cells, Distributions(kind, amount, np.array(deviation), zeros, none))


def lognormal(of: Exchanges) -> Exchanges:
    distribution = Distributions.lognormal(of.amount, np.full(of.size, 0.2))
    return replace(of, distribution=distribution)


def textbook(deviations: list[float] | None = None) -> System:
    """Cells take 12 kWh, a kWh emits 0.5 kg, a cell 4 kg, of a gas with factor 2.

    Entries of A: cell, kWh, kWh to cell; of B: cell, kWh. Per cell h = 2·(4 + 12·0.5) = 20.
    """
    deviation = deviations or [0.0] * 6
    return System(
        size=2,
        flows=1,
        methods=1,
        technosphere=normal([(0, 0, 1.0), (1, 1, 1.0), (1, 0, -12.0)], deviation[:3]),
        biosphere=normal([(0, 0, 4.0), (0, 1, 0.5)], deviation[3:5]),
        characterization=normal([(0, 0, 2.0)], deviation[5:]),
        reference=np.arange(2),
    )


@st.composite
def systems(draw: st.DrawFn) -> System:
    """Draw systems with loops, co-products, non-unit production and entries that share a cell."""
    size, flows = draw(st.integers(1, 5)), 3
    places = st.integers(0, size - 1)
    inputs = draw(st.lists(st.tuples(places, places, st.floats(-1.0, 0.4)), max_size=14))
    production = draw(st.lists(st.sampled_from([1.0, 8.0, -1.0]), min_size=size, max_size=size))
    cells = [(place, place, amount) for place, amount in enumerate(production)]
    # Less is taken than is given, so that the system is regular.
    cells += [(row, column, 0.9 * amount / 14) for row, column, amount in inputs]
    amounts = st.floats(-1.0, 4.0)
    emission = st.tuples(st.integers(0, flows - 1), places, amounts)
    factor = st.tuples(st.integers(0, flows - 1), st.integers(0, 1), amounts)
    return System(
        size=size,
        flows=flows,
        methods=2,
        technosphere=exchanges(cells),
        biosphere=exchanges(draw(st.lists(emission, min_size=1, max_size=8))),
        characterization=exchanges(draw(st.lists(factor, min_size=1, max_size=6))),
        reference=np.arange(size),
    )


@st.composite
def changed_systems(draw: st.DrawFn) -> tuple[System, Changes]:
    """Draw a system and new amounts of some of its entries, up to 40 % larger or smaller."""
    system = draw(systems())
    changes = {}
    for matrix in MATRICES:
        of = entries(system, matrix)
        chosen = draw(st.lists(st.integers(0, of.size - 1), unique=True, max_size=6))
        scale = draw(st.lists(st.floats(0.6, 1.4), min_size=len(chosen), max_size=len(chosen)))
        entry = np.array(chosen, np.int64)
        changes[matrix] = Change(entry, of.amount[entry] * np.array(scale))
    return system, changes


def amounts_of(system: System) -> dict[Stream, NDArray[Any]]:
    return {matrix: entries(system, matrix).amount for matrix in MATRICES}


def score(system: System, amounts: dict[Stream, NDArray[Any]], product: int = 0) -> Any:
    """Compute h of one unit, method 0, densely, from amounts that may be complex."""
    shapes = {
        Stream.TECHNOSPHERE: (system.size, system.size),
        Stream.BIOSPHERE: (system.flows, system.size),
        Stream.CHARACTERIZATION: (system.flows, system.methods),
    }
    dense = {}
    for matrix, shape in shapes.items():
        of = entries(system, matrix)
        dense[matrix] = np.zeros(shape, amounts[matrix].dtype)
        np.add.at(dense[matrix], (of.row, of.column), amounts[matrix])
    supply = np.linalg.solve(dense[Stream.TECHNOSPHERE], np.eye(system.size)[product])
    return dense[Stream.CHARACTERIZATION][:, 0] @ dense[Stream.BIOSPHERE] @ supply


def with_changes(system: System, changes: Changes) -> dict[Stream, NDArray[Any]]:
    amounts = {matrix: amount.copy() for matrix, amount in amounts_of(system).items()}
    for matrix, change in changes.items():
        amounts[matrix][change.entry] = change.amount
    return amounts


def test_the_gradients_of_the_textbook() -> None:
    # y = (20, 1), s = (1, 12), c = 2, g = 10:
    # ∂h/∂A = −y_i s_j, ∂h/∂B = c s_j, ∂h/∂c = g
    found = gradients(textbook(), 0, 1.0, 0)
    np.testing.assert_allclose(found.technosphere, [-20.0, -12.0, -1.0], rtol=1e-15)
    np.testing.assert_allclose(found.biosphere, [2.0, 24.0], rtol=1e-15)
    np.testing.assert_allclose(found.characterization, [10.0], rtol=1e-15)


@given(systems())
def test_gradients_are_derivatives(system: System) -> None:
    point = OperatingPoint(system, 0, 1.0, 0)
    for matrix in MATRICES:
        gradient = point.gradient(matrix)
        for entry in range(entries(system, matrix).size):
            # The derivative by a complex step has no cancellation.
            amounts: dict[Stream, NDArray[Any]] = {
                name: amount.astype(np.complex128) for name, amount in amounts_of(system).items()
            }
            amounts[matrix][entry] += 1e-30j
            expected = score(system, amounts).imag / 1e-30
            assert gradient[entry] == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(changed_systems())
def test_changes_of_any_entries_give_the_score_of_a_new_solve(
    changed: tuple[System, Changes],
) -> None:
    system, changes = changed
    point = OperatingPoint(system, 0, 1.0, 0)
    expected = score(system, with_changes(system, changes))
    assert point.score_with(changes) == pytest.approx(expected, rel=1e-9, abs=1e-10)
    assert point.score == pytest.approx(score(system, amounts_of(system)), rel=1e-9, abs=1e-10)


@given(changed_systems(), st.sampled_from(["RANK_LIMIT", "BACKWARD_ERROR"]))
def test_an_update_gives_the_score_of_a_factorization(
    changed: tuple[System, Changes], limit: str
) -> None:
    system, changes = changed
    updated = OperatingPoint(system, 0, 1.0, 0).score_with(changes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(perturbation, limit, 0)
        factorized = OperatingPoint(system, 0, 1.0, 0).score_with(changes)
    assert updated == pytest.approx(factorized, rel=1e-9, abs=1e-10)


@pytest.mark.parametrize(
    ("entry", "amount", "expected"),
    [
        # The inputs of activity 0: 1 + 2·2 + 3·2 + 4·1
        ([4, 5, 6], [-2.0, -3.0, -4.0], 15.0),
        # Those that take product 3: y_1 = 1 + 3, y_2 = 1 + 4, y_0 = 1 + 4 + 5 + 2
        ([6, 7, 8], [-2.0, -3.0, -4.0], 12.0),
    ],
)
def test_changes_of_one_activity_or_one_product_cost_one_solve(
    entry: list[int], amount: list[float], expected: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Activity 0 takes 1, 2 and 3; 1 and 2 take 3; each emits 1: y = (1 + 2 + 2 + 1, 2, 2, 1)
    cells = [(place, place, 1.0) for place in range(4)]
    cells += [(1, 0, -1.0), (2, 0, -1.0), (3, 0, -1.0), (3, 1, -1.0), (3, 2, -1.0)]
    system = System(
        size=4,
        flows=1,
        methods=1,
        technosphere=exchanges(cells),
        biosphere=exchanges([(0, place, 1.0) for place in range(4)]),
        characterization=exchanges([(0, 0, 1.0)]),
        reference=np.arange(4),
    )
    point = OperatingPoint(system, 0, 1.0, 0)
    solve, solved = point.technosphere.supply, []

    def counted(demand: Floats) -> Floats:
        solved.append(demand)
        return solve(demand)

    monkeypatch.setattr(point.technosphere, "supply", counted)
    change = Change(np.array(entry), np.array(amount))
    assert point.score == pytest.approx(6.0)
    assert point.score_with({Stream.TECHNOSPHERE: change}) == pytest.approx(expected)
    assert len(solved) == 1


def test_a_change_that_leaves_no_supply_is_refused() -> None:
    # A cell that takes itself whole: 1 − 1 = 0
    point = OperatingPoint(textbook(), 0, 1.0, 0)
    change = Change(np.array([0]), np.array([0.0]))
    with pytest.raises(SingularSystemError):
        point.score_with({Stream.TECHNOSPHERE: change})


def test_a_change_that_would_lose_digits_is_solved_anew() -> None:
    # A kWh takes all but 1e-9 of a kWh by way of a second activity, mended to a half: h = 1 / 0.5.
    # The factors at hand hold 7 digits, the new ones all.
    system = System(
        size=2,
        flows=1,
        methods=1,
        technosphere=exchanges(
            [(0, 0, 1.0), (1, 1, 3.0), (1, 0, -1.0), (0, 1, -3.0 * (1.0 - 1e-9))]
        ),
        biosphere=exchanges([(0, 0, 1.0)]),
        characterization=exchanges([(0, 0, 1.0)]),
        reference=np.arange(2),
    )
    point = OperatingPoint(system, 0, 1.0, 0)
    change = Change(np.array([3]), np.array([-1.5]))
    assert point.score_with({Stream.TECHNOSPHERE: change}) == pytest.approx(2.0, rel=1e-14)


def test_a_change_towards_a_loop_that_is_hardly_productive_is_solved_anew() -> None:
    # 0.3 − 0.1 is changed to 0.3 − 0.3·(1 − 1e-9)
    point = OperatingPoint(
        System(
            size=1,
            flows=1,
            methods=1,
            technosphere=exchanges([(0, 0, 0.3), (0, 0, -0.1)]),
            biosphere=exchanges([(0, 0, 1.0)]),
            characterization=exchanges([(0, 0, 1.0)]),
            reference=np.arange(1),
        ),
        0,
        1.0,
        0,
    )
    back = -0.3 * (1.0 - 1e-9)
    change = Change(np.array([1]), np.array([back]))
    expected = 1.0 / (0.3 + back)
    assert point.score_with({Stream.TECHNOSPHERE: change}) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        # What is given is changed from 1e8 to 0.3; what is emitted; a factor.
        ({Stream.TECHNOSPHERE: ([0], [0.3])}, 1e8 / 0.3),
        ({Stream.BIOSPHERE: ([0], [0.3])}, 0.3 / 1e8),
        ({Stream.CHARACTERIZATION: ([0], [0.3])}, 0.3),
        # Of two entries of a cell the larger one is taken away: 0.7 is left.
        ({Stream.BIOSPHERE: ([0], [0.0]), Stream.TECHNOSPHERE: ([0], [1.0])}, 0.7),
        ({Stream.TECHNOSPHERE: ([0, 1], [0.3, 0.4])}, 1e8 / (0.3 + 0.4)),
        # The entries change, and their sum does not.
        ({Stream.TECHNOSPHERE: ([0, 1], [5e7, 5e7])}, 1.0),
    ],
)
def test_amounts_that_shrink_leave_all_digits(
    changes: dict[Stream, tuple[list[int], list[float]]], expected: float
) -> None:
    # One activity gives 1e8 and emits 1e8, the factor is 1; 0.7 more is emitted where it is not
    # lost in 1e8.
    more = 0.7 if expected == 0.7 else 0.0
    system = System(
        size=1,
        flows=1,
        methods=1,
        technosphere=exchanges([(0, 0, 1e8), (0, 0, 0.0)]),
        biosphere=exchanges([(0, 0, 1e8), (0, 0, more)]),
        characterization=exchanges([(0, 0, 1.0)]),
        reference=np.arange(1),
    )
    found = OperatingPoint(system, 0, 1.0, 0).score_with(
        {
            matrix: Change(np.array(entry), np.array(amount))
            for matrix, (entry, amount) in changes.items()
        }
    )
    assert found == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("anew", [False, True])
def test_what_a_change_lets_emit_counts_for_its_own_accuracy(
    anew: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A cell emits 1 and takes 1e12 kWh that emit nothing; then it takes 0.3 that emit 1e3 each.
    system = System(
        size=2,
        flows=1,
        methods=1,
        technosphere=exchanges([(0, 0, 1.0), (1, 1, 1.0), (1, 0, -1e12)]),
        biosphere=exchanges([(0, 0, 1.0), (0, 1, 0.0)]),
        characterization=exchanges([(0, 0, 1.0)]),
        reference=np.arange(2),
    )
    if anew:
        monkeypatch.setattr(perturbation, "RANK_LIMIT", 0)
    changes = {
        Stream.TECHNOSPHERE: Change(np.array([2]), np.array([-0.3])),
        Stream.BIOSPHERE: Change(np.array([1]), np.array([1e3])),
    }
    found = OperatingPoint(system, 0, 1.0, 0).score_with(changes)
    assert found == pytest.approx(301.0, rel=1e-15)


@st.composite
def strongly_changed_systems(draw: st.DrawFn) -> tuple[System, Changes]:
    """Draw a productive system and new amounts of any entries: 1e-8 to 1e8 of the old, or new."""
    size = draw(st.integers(1, 4))
    amounts = st.sampled_from([0.0, 0.0, 0.1, 0.3, 0.7, 1.1])
    inputs = draw(st.lists(amounts, min_size=size**2, max_size=size**2))
    matrix = np.eye(size) - np.array(inputs).reshape(size, size) / size
    emitted = draw(st.lists(amounts, min_size=size, max_size=size))
    system = System(
        size=size,
        flows=1,
        methods=1,
        technosphere=exchanges([(*place, value) for place, value in np.ndenumerate(matrix)]),
        biosphere=exchanges([(0, place, amount) for place, amount in enumerate(emitted)]),
        characterization=exchanges([(0, 0, 1.0)]),
        reference=np.arange(size),
    )
    changes = {}
    scale = st.integers(-8, 8).map(lambda power: 10.0**power)
    for matrix_of in (Stream.TECHNOSPHERE, Stream.BIOSPHERE):
        of = entries(system, matrix_of)
        chosen = draw(st.lists(st.integers(0, of.size - 1), unique=True, max_size=4))
        factor = draw(st.lists(scale, min_size=len(chosen), max_size=len(chosen)))
        entry = np.array(chosen, np.int64)
        old = of.amount[entry]
        # What is nothing before is an emission of 0.3 then, or an input of 0.3.
        new = 0.3 if matrix_of is Stream.BIOSPHERE else -0.3
        changes[matrix_of] = Change(entry, np.where(old == 0.0, new, old) * np.array(factor))
    return system, changes


def exact_inverse(matrix: Floats) -> list[list[Fraction]] | None:
    """Invert by elimination without rounding; None of a singular matrix."""
    size = len(matrix)
    rows = [
        [Fraction(float(value)) for value in row] + [Fraction(int(i == j)) for j in range(size)]
        for i, row in enumerate(matrix)
    ]
    for i in range(size):
        pivot = next((k for k in range(i, size) if rows[k][i]), None)
        if pivot is None:
            return None
        rows[i], rows[pivot] = rows[pivot], rows[i]
        rows[i] = [value / rows[i][i] for value in rows[i]]
        for k in range(size):
            if k != i and rows[k][i]:
                rows[k] = [x - rows[k][i] * y for x, y in zip(rows[k], rows[i], strict=True)]
    return [row[size:] for row in rows]


@given(strongly_changed_systems())
def test_changes_of_any_size_leave_the_digits_that_the_new_amounts_or_a_new_solve_allow(
    changed: tuple[System, Changes],
) -> None:
    system, changes = changed
    amounts = with_changes(system, changes)
    size = system.size
    matrix = amounts[Stream.TECHNOSPHERE].reshape(size, size)
    intensity = [Fraction(float(value)) for value in amounts[Stream.BIOSPHERE]]
    inverse = exact_inverse(matrix)
    assume(inverse is not None)
    assert inverse is not None
    supply = [row[0] for row in inverse]
    expected = sum(q * s for q, s in zip(intensity, supply, strict=True))
    # What a relative change ε of every amount may do to the score: |q| |A⁻¹| |A| |s| ε, and more.
    scores = [
        sum(abs(q * row[j]) for q, row in zip(intensity, inverse, strict=True)) for j in range(size)
    ]
    allowed = sum(
        scores[i] * abs(Fraction(float(matrix[i, j])) * supply[j])
        for i in range(size)
        for j in range(size)
    )
    try:
        found = OperatingPoint(system, 0, 1.0, 0).score_with(changes)
    except SingularSystemError:
        gross = sum(abs(q * s) for q, s in zip(intensity, supply, strict=True))
        assert allowed == 0 or allowed > 1e12 * gross
        return
    if abs(Fraction(found) - expected) > Fraction(2e-13) * allowed:
        solved = Technosphere(sparse.csr_array(matrix)).supply(np.eye(size)[0])
        anew = float(amounts[Stream.BIOSPHERE] @ solved)
        assert found == pytest.approx(anew, rel=1e-15)


def test_what_differs_between_two_systems_is_a_change() -> None:
    before = textbook()
    amount = np.array([1.0, 1.0, -10.0])
    after = replace(before, technosphere=replace(before.technosphere, amount=amount))
    changes = changes_between(before, after)
    assert changes[Stream.TECHNOSPHERE].entry.tolist() == [2]
    assert changes[Stream.TECHNOSPHERE].amount.tolist() == [-10.0]
    assert len(changes[Stream.BIOSPHERE].entry) == 0
    # 2·(4 + 10·0.5)
    assert OperatingPoint(before, 0, 1.0, 0).score_with(changes) == pytest.approx(18.0)


def test_the_contributions_to_variance_of_the_textbook() -> None:
    # (−1·3)² = 9 of the kWh per cell, (24·0.25)² = 36 of the emission per kWh, none of the rest
    shares = contributions_to_variance(
        OperatingPoint(textbook([0.0, 0.0, 3.0, 0.0, 0.25, 0.0]), 0, 1.0, 0),
        monte_carlo_variance=50.0,
    )
    assert shares.variance == pytest.approx(45.0)
    np.testing.assert_allclose(shares.technosphere, [0.0, 0.0, 0.2], rtol=1e-12)
    np.testing.assert_allclose(shares.biosphere, [0.0, 0.8], rtol=1e-12)
    assert shares.explained == pytest.approx(0.9)


def test_a_driver_contributes_by_all_entries_that_it_moves() -> None:
    # At one deviation a cell takes 1 kWh more and emits 0.5 kg less: 1·1 + 2·(−0.5) = 0;
    # the other takes 2 kWh more: 2² = 4.
    kwh, emission = np.array([2]), np.array([0])
    none = {
        Stream.TECHNOSPHERE: Change(kwh, np.array([-13.0])),
        Stream.BIOSPHERE: Change(emission, np.array([3.5])),
    }
    some = {Stream.TECHNOSPHERE: Change(kwh, np.array([-14.0]))}
    point = OperatingPoint(textbook([0.0, 0.0, 0.0, 0.0, 0.5, 0.0]), 0, 1.0, 0)
    shares = contributions_to_variance(point, drivers=[none, some])
    # (24·0.5)² = 144 of the emission per kWh
    assert shares.variance == pytest.approx(148.0)
    np.testing.assert_allclose(shares.drivers, [0.0, 4 / 148], rtol=1e-12)


def test_a_linear_score_is_explained_to_first_order() -> None:
    # h = c·(b_cell + 12·b_kWh) is linear in b: sampled and first-order variance agree.
    system = textbook([0.0, 0.0, 0.0, 0.7, 0.1, 0.0])
    drawn = np.random.default_rng(1).normal([[4.0], [0.5]], [[0.7], [0.1]], (2, 200_000))
    sampled = (2.0 * (drawn[0] + 12.0 * drawn[1])).var()
    point = OperatingPoint(system, 0, 1.0, 0)
    shares = contributions_to_variance(point, monte_carlo_variance=float(sampled))
    assert shares.explained == pytest.approx(1.0, abs=0.02)


def test_over_narrow_spreads_the_first_order_explains_a_monte_carlo_analysis() -> None:
    # All entries vary by some percent. The variance of 20,000 scores is known to ±1 %.
    system = textbook([0.02, 0.03, 0.4, 0.1, 0.01, 0.05])
    everything = Uncertain(characterization=True)
    drawn = monte_carlo(system, np.array([0]), samples=20_000, seed=1, uncertain=everything)
    shares = contributions_to_variance(
        OperatingPoint(system, 0, 1.0, 0), monte_carlo_variance=float(drawn.scores.var(ddof=1))
    )
    assert shares.explained == pytest.approx(1.0, abs=0.04)
    parts = [*shares.technosphere, *shares.biosphere, *shares.characterization]
    assert sum(parts) == pytest.approx(1.0)
    assert min(parts) > 0.01


def test_an_input_that_does_not_vary_contributes_nothing() -> None:
    point = OperatingPoint(textbook(), 0, 1.0, 0)
    shares = contributions_to_variance(point, monte_carlo_variance=0.0)
    assert (shares.variance, shares.explained) == (0.0, None)
    assert shares.technosphere.tolist() == [0.0, 0.0, 0.0]
    assert tornado(point) == ()


def test_the_tornado_of_the_textbook() -> None:
    # 5 and 95 % lie 1.6449 deviations away: 12 ± 4.93 kWh of 1 each, 0.5 ± 0.411 kg of 24 each,
    # and a cell of 1 ± 0.164 gives 20 / 1.164 and 20 / 0.836, which is not symmetric.
    point = OperatingPoint(textbook([0.1, 0.0, 3.0, 0.0, 0.25, 0.0]), 0, 1.0, 0)
    emission, kwh, cell = tornado(point)
    away = 1.6448536269514722
    assert (emission.stream, emission.position) == (Stream.BIOSPHERE, 1)
    assert emission.amounts == pytest.approx((0.5 - 0.25 * away, 0.5 + 0.25 * away))
    assert emission.scores == pytest.approx((20 - 6 * away, 20 + 6 * away))
    assert (kwh.stream, kwh.position) == (Stream.TECHNOSPHERE, 2)
    assert kwh.amounts == pytest.approx((-12 - 3 * away, -12 + 3 * away))
    assert kwh.scores == pytest.approx((20 + 3 * away, 20 - 3 * away))
    assert kwh.swing == pytest.approx(6 * away)
    assert cell.scores == pytest.approx((20 / (1 - 0.1 * away), 20 / (1 + 0.1 * away)))


def test_the_tornado_has_the_largest_bars_of_all_matrices() -> None:
    point = OperatingPoint(textbook([0.0, 0.0, 3.0, 0.0, 0.25, 0.01]), 0, 1.0, 0)
    found = [(bar.stream, bar.position) for bar in tornado(point, top=2)]
    assert found == [(Stream.BIOSPHERE, 1), (Stream.TECHNOSPHERE, 2)]
    assert tornado(point)[2].stream is Stream.CHARACTERIZATION


def test_matrices_that_do_not_vary_are_left_out() -> None:
    point = OperatingPoint(textbook([0.0, 0.0, 3.0, 0.0, 0.25, 0.5]), 0, 1.0, 0)
    varying = (Stream.TECHNOSPHERE,)
    assert [bar.stream for bar in tornado(point, varying=varying)] == [Stream.TECHNOSPHERE]
    assert contributions_to_variance(point, varying=varying).technosphere[2] == 1.0


def test_a_driver_has_a_bar_of_its_own() -> None:
    # Three routes take 10, 12 or 20 kWh: 2·(4 + 5), 20, 2·(4 + 10)
    point = OperatingPoint(textbook(), 0, 1.0, 0)
    routes = [
        {Stream.TECHNOSPHERE: Change(np.array([2]), np.array([-amount]))}
        for amount in (10.0, 12.0, 20.0)
    ]
    (bar,) = tornado(point, drivers=[routes])
    assert (bar.stream, bar.position, bar.amounts) == (Stream.PARAMETERS, 0, ())
    assert bar.scores == pytest.approx((18.0, 20.0, 28.0))
    assert bar.swing == pytest.approx(10.0)


def test_an_entry_is_drawn_times_its_given_value() -> None:
    # The formula gives −12 and the entry varies by 1 ± 0.25, so the score by 12·0.25·1 = 3.
    system = textbook()
    drawn = Distributions(
        np.array([Kind.FIXED, Kind.FIXED, Kind.NORMAL]),
        np.array([1.0, 1.0, 1.0]),
        np.array([0.0, 0.0, 0.25]),
        np.zeros(3),
        np.array([-1, -1, 1]),
    )
    system = replace(system, technosphere=replace(system.technosphere, distribution=drawn))
    point = OperatingPoint(system, 0, 1.0, 0)
    rows = np.array([7.0, -12.0])
    assert contributions_to_variance(point, given=rows).variance == pytest.approx(9.0)
    (bar,) = tornado(point, given=rows)
    away = 1.6448536269514722
    assert bar.amounts == pytest.approx((-12 - 3 * away, -12 + 3 * away))
    with pytest.raises(MalformedSystemError, match="1 rows"):
        tornado(point, given=rows[:1])
    with pytest.raises(MalformedSystemError, match="0 rows"):
        contributions_to_variance(point)


@given(systems())
def test_every_bar_ends_at_the_scores_of_a_new_solve(system: System) -> None:
    system = replace(
        system,
        technosphere=lognormal(system.technosphere),
        biosphere=lognormal(system.biosphere),
        characterization=lognormal(system.characterization),
    )
    for bar in tornado(OperatingPoint(system, 0, 1.0, 0)):
        for amount, found in zip(bar.amounts, bar.scores, strict=True):
            change = Change(np.array([bar.position]), np.array([amount]))
            expected = score(system, with_changes(system, {bar.stream: change}))
            assert found == pytest.approx(expected, rel=1e-9, abs=1e-10)
