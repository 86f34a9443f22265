from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from footprint.engine import scenarios as module
from footprint.engine.arrays import Floats, Integers
from footprint.engine.errors import Malformed, MalformedSystemError, Singular
from footprint.engine.inventory import Assessment
from footprint.engine.scenario_task import is_sure
from footprint.engine.scenarios import (
    Changes,
    ChangeSet,
    Path,
    SingularScenarioError,
    evaluate,
)
from footprint.engine.system import Exchanges, System
from footprint.engine.technosphere import Technosphere

NOWHERE = np.empty(0, dtype=np.int64)


def of(matrix: Floats) -> Exchanges:
    rows, columns = np.nonzero(matrix)
    return Exchanges.fixed(rows, columns, matrix[rows, columns])


def system(technosphere: Floats, biosphere: Floats, characterization: Floats) -> System:
    return System(
        size=len(technosphere),
        flows=len(biosphere),
        methods=characterization.shape[1],
        technosphere=of(technosphere),
        biosphere=of(biosphere),
        characterization=of(characterization),
        reference=np.arange(len(technosphere)),
    )


def changed(exchanges: Exchanges, changes: Changes, shape: tuple[int, int]) -> Floats:
    """Write a changed matrix out."""
    amount = exchanges.amount.copy()
    amount[changes.position] = changes.amount
    matrix = np.zeros(shape)
    np.add.at(matrix, (exchanges.row, exchanges.column), amount)
    np.add.at(matrix, (changes.added_row, changes.added_column), changes.added_amount)
    return matrix


def scores_anew(base: System, demand: Floats, change_set: ChangeSet) -> Floats:
    """Solve the changed system by NumPy."""
    n, m, k = base.size, base.flows, base.methods
    supply = np.linalg.solve(changed(base.technosphere, change_set.technosphere, (n, n)), demand)
    flows = changed(base.biosphere, change_set.biosphere, (m, n)) @ supply
    return np.asarray(
        flows @ changed(base.characterization, change_set.characterization, (m, k)), np.float64
    )


@st.composite
def tasks(draw: st.DrawFn) -> tuple[System, Floats, list[ChangeSet]]:
    """Draw systems, with duplicate entries, and scenarios that change all three matrices."""
    size, flows, methods = draw(st.integers(1, 8)), draw(st.integers(1, 4)), draw(st.integers(1, 3))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    inputs = random.uniform(0.0, 0.5 / size, (size, size)) * (random.random((size, size)) < 0.5)
    matrix = np.diag(random.choice([1.0, -1.0, 2.0], size)) - inputs
    base = system(
        matrix[random.permutation(size)] if draw(st.booleans()) else matrix,
        random.uniform(0.1, 1.0, (flows, size)),
        random.uniform(0.1, 1.0, (flows, methods)),
    )
    twice = base.technosphere
    base = replace(
        base,
        technosphere=Exchanges.fixed(
            np.tile(twice.row, 2), np.tile(twice.column, 2), np.tile(twice.amount / 2.0, 2)
        ),
    )

    def changes(exchanges: Exchanges, shape: tuple[int, int], added: float) -> Changes:
        count = int(random.integers(0, min(3, exchanges.size) + 1))
        position = random.choice(exchanges.size, count, replace=False)
        extra = int(random.integers(0, 3))
        return Changes(
            position=position,
            amount=exchanges.amount[position] * random.uniform(0.5, 1.3, count),
            added_row=random.integers(0, shape[0], extra),
            added_column=random.integers(0, shape[1], extra),
            added_amount=random.uniform(0.0, added, extra),
        )

    n, m, k = base.size, base.flows, base.methods
    sets = [
        ChangeSet(
            technosphere=changes(base.technosphere, (n, n), 0.1 / size),
            biosphere=changes(base.biosphere, (m, n), 1.0),
            characterization=changes(base.characterization, (m, k), 1.0),
        )
        for _ in range(draw(st.integers(1, 11)))
    ]
    return base, random.uniform(0.5, 1.5, size), sets


def forced(path: Path) -> Callable[[object, Path, Integers], float]:
    """Make one way the cheapest, and the direct solve the dearest."""
    return lambda _, one, __: float(one is not path) + float(one is Path.DIRECT)


@pytest.mark.parametrize("path", Path)
@given(tasks())
def test_every_way_gives_what_a_fresh_solve_gives(
    path: Path, task: tuple[System, Floats, list[ChangeSet]]
) -> None:
    base, demand, sets = task
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module._Ways, "cost", forced(path))
        found = evaluate(Assessment(base), demand, sets)
    expected = np.array([scores_anew(base, demand, one) for one in sets])
    assert found.scores.shape == expected.shape
    # Negative production makes scores that cancel.
    np.testing.assert_allclose(found.scores, expected, rtol=1e-9, atol=1e-11)
    assert set(found.paths) <= set(Path)


@given(tasks())
def test_the_cheapest_way_gives_what_a_fresh_solve_gives(
    task: tuple[System, Floats, list[ChangeSet]],
) -> None:
    base, demand, sets = task
    found = evaluate(Assessment(base), demand, sets)
    expected = np.array([scores_anew(base, demand, one) for one in sets])
    np.testing.assert_allclose(found.scores, expected, rtol=1e-9, atol=1e-11)


def electricity_and_coal() -> Assessment:
    """Let 1 kWh take 0.1 kg coal (position 1), 1 kg coal take 0.5 kWh (position 2); 1 kg CO2."""
    matrix = np.array([[1.0, -0.5], [-0.1, 1.0]])
    base = system(matrix, np.array([[1.0, 2.0]]), np.array([[1.0]]))
    assert base.technosphere.amount.tolist() == [1.0, -0.5, -0.1, 1.0]
    return Assessment(base)


def amount_at(position: int, amount: float) -> Changes:
    return Changes(position=np.array([position]), amount=np.array([amount]))


ONE_KWH = np.array([1.0, 0.0])


@pytest.mark.parametrize("path", Path)
def test_scenarios_by_hand(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # h = (1 + 2·coal)·s_0 with s_0 = 1 / (1 − coal·kWh)
    monkeypatch.setattr(module._Ways, "cost", forced(path))
    zero = np.zeros(1, dtype=np.int64)
    solar = Changes(added_row=zero, added_column=zero, added_amount=np.ones(1))
    found = evaluate(
        electricity_and_coal(),
        ONE_KWH,
        [
            ChangeSet(),
            ChangeSet(technosphere=amount_at(2, -0.2)),  # twice the coal
            ChangeSet(technosphere=amount_at(2, 0.0)),  # no coal
            ChangeSet(technosphere=amount_at(2, 0.0), biosphere=amount_at(0, 0.25)),
            ChangeSet(technosphere=solar),  # one activity gives 2 kWh
            ChangeSet(biosphere=amount_at(1, 4.0), characterization=amount_at(0, 10.0)),
        ],
    )
    expected = [1.2 / 0.95, 1.4 / 0.9, 1.0, 0.25, 0.5 * 1.2 / 0.975, 10.0 * 1.4 / 0.95]
    np.testing.assert_allclose(found.scores[:, 0], expected, rtol=1e-13)
    assert found.paths == (path,) * 6


def test_scenarios_that_share_what_they_change_are_updates() -> None:
    many = [ChangeSet(technosphere=amount_at(2, -amount)) for amount in np.linspace(0, 1, 50)]
    assert set(evaluate(electricity_and_coal(), ONE_KWH, many).paths) == {Path.LOW_RANK}


def ring(size: int) -> System:
    matrix = np.eye(size) - 0.5 * np.roll(np.eye(size), 1, axis=0)
    return system(matrix, np.ones((1, size)), np.ones((1, 1)))


def test_scenarios_that_share_nothing_are_swept() -> None:
    base = ring(40)
    amounts = 1.1 * base.technosphere.amount
    many = [ChangeSet(technosphere=amount_at(p, amounts[p])) for p in range(0, 80, 2)]
    found = evaluate(Assessment(base), np.ones(40), many)
    assert set(found.paths) == {Path.SWEEPS}
    expected = [scores_anew(base, np.ones(40), one) for one in many]
    np.testing.assert_allclose(found.scores, expected, rtol=1e-11)


def test_scores_do_not_depend_on_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module._Ways, "cost", forced(Path.SWEEPS))
    many = [ChangeSet(technosphere=amount_at(p, -0.6)) for p in range(1, 80, 2)]
    one, three = (evaluate(Assessment(ring(40)), np.ones(40), many, threads=t) for t in (1, 3))
    assert one.scores.tobytes() == three.scores.tobytes()


def test_a_scenario_in_which_an_update_is_in_doubt_is_solved_directly() -> None:
    # 0.1·(10 − 1e-9) of itself: hardly anything is left, and the update knows 7 digits of it.
    near = ChangeSet(technosphere=amount_at(1, -(10.0 - 1e-9)))
    found = evaluate(electricity_and_coal(), ONE_KWH, [near, *[ChangeSet()] * 4])
    assert found.paths == (Path.DIRECT, *[Path.LOW_RANK] * 4)


@pytest.mark.parametrize("emission", [1.0, 0.0])
def test_an_update_that_reaches_a_loop_near_singular_is_in_doubt(
    emission: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module._Ways, "cost", forced(Path.LOW_RANK))
    inputs = np.random.default_rng(1).uniform(0.1, 1.0, (6, 6))
    inputs *= (1.0 - 1e-9) / inputs.sum(axis=0)  # all but a billionth is bought from each other
    matrix = np.eye(7)
    matrix[:6, :6] -= inputs
    biosphere = np.append(np.full(6, emission), 1.0)[None]
    base = system(matrix, biosphere, np.ones((1, 1)))
    six, zero = np.array([6]), np.zeros(1, dtype=np.int64)
    linked = Changes(added_row=zero, added_column=six, added_amount=np.array([-1.0]))
    # Without emissions of its own, no unit score tells how badly the loop is solved.
    emitting = Changes(added_row=zero, added_column=zero, added_amount=np.ones(1))
    demand = np.eye(7)[6]
    changes = [ChangeSet(), ChangeSet(technosphere=linked, biosphere=emitting)]
    found = evaluate(Assessment(base), demand, changes)
    assert found.paths == (Path.LOW_RANK, Path.DIRECT)


@pytest.mark.parametrize("path", [Path.LOW_RANK, Path.SWEEPS])
def test_a_system_that_is_near_singular_itself_leaves_no_scenario_sure(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Residuals of its solution are zero in float64, and yet it is off by 1e-7.
    monkeypatch.setattr(module._Ways, "cost", forced(path))
    matrix = np.array([[0.1, -0.09999999998999999], [-9.999999999, 10.0]])
    base = system(matrix, np.ones((1, 2)), np.ones((1, 1)))
    assert evaluate(Assessment(base), ONE_KWH, [ChangeSet()]).paths == (Path.DIRECT,)


def test_what_overflows_is_not_sure() -> None:
    scores, doubt = np.array([[np.inf], [1.0], [0.0], [1.0]]), np.array([[np.inf], [0], [0], [1]])
    assert is_sure(scores, doubt).tolist() == [False, True, True, False]


def test_other_factors_alone_take_no_solves(monkeypatch: pytest.MonkeyPatch) -> None:
    assessment = electricity_and_coal()
    asked: list[int] = []
    solve = Technosphere.adjoint_scores

    def counted(technosphere: Technosphere, intensity: Floats) -> Floats:
        asked.append(intensity[0].size)
        return solve(technosphere, intensity)

    monkeypatch.setattr(Technosphere, "adjoint_scores", counted)
    found = evaluate(assessment, ONE_KWH, [ChangeSet(characterization=amount_at(0, 10.0))])
    assert found.scores[0, 0] == pytest.approx(12.0 / 0.95, rel=1e-13)
    # The system's own unit scores and one step of their refinement.
    assert sum(asked) <= 2


@pytest.mark.parametrize("path", Path)
@pytest.mark.parametrize("amount", [1e-6, 1e-9, 1e-12])
def test_an_amount_that_shrinks_to_a_trace_keeps_its_digits(
    path: Path, amount: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module._Ways, "cost", forced(path))
    base = system(np.array([[1.0, 0.0], [-1e6, 1.0]]), np.array([[0.0, 1.0]]), np.array([[1.0]]))
    assert base.technosphere.amount.tolist() == [1.0, -1e6, 1.0]
    emitted = ChangeSet(technosphere=amount_at(1, 0.0), biosphere=carbon(0, amount))
    found = evaluate(
        Assessment(base), ONE_KWH, [ChangeSet(technosphere=amount_at(1, -amount)), emitted]
    )
    np.testing.assert_allclose(found.scores[:, 0], amount, rtol=1e-14)


def carbon(activity: int, amount: float) -> Changes:
    place = np.array([0]), np.array([activity])
    return Changes(added_row=place[0], added_column=place[1], added_amount=np.array([amount]))


@pytest.mark.parametrize("path", Path)
def test_a_loop_without_a_unique_solution_that_no_one_asks_for_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module._Ways, "cost", forced(path))
    matrix = np.array([[1.0, -0.1, 0.0], [-0.1, 1.0, 0.0], [0.0, 0.0, 1.0]])
    base = system(matrix, np.ones((1, 3)), np.ones((1, 1)))
    with pytest.raises(SingularScenarioError) as refused:
        evaluate(Assessment(base), np.eye(3)[2], [ChangeSet(technosphere=amount_at(1, -10.0))])
    assert refused.value.indices == (0, 1)


@pytest.mark.parametrize("path", Path)
def test_a_scenario_without_a_unique_solution_is_named(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module._Ways, "cost", forced(path))
    base = electricity_and_coal()
    # 1 kg coal takes 10 kWh, which take 1 kg coal.
    with pytest.raises(SingularScenarioError) as refused:
        evaluate(base, ONE_KWH, [ChangeSet(), ChangeSet(technosphere=amount_at(1, -10.0))])
    assert (refused.value.scenario, refused.value.indices) == (1, (0, 1))
    assert refused.value.cause is Singular.LOOP


def test_no_scenarios_have_no_scores() -> None:
    assert evaluate(electricity_and_coal(), ONE_KWH, []).scores.shape == (0, 1)


@pytest.mark.parametrize(
    "changes",
    [
        Changes(position=np.array([4]), amount=np.array([1.0])),
        Changes(position=np.array([-1]), amount=np.array([1.0])),
        Changes(added_row=np.array([2]), added_column=np.array([0]), added_amount=np.ones(1)),
        Changes(added_row=np.array([0]), added_column=np.array([-1]), added_amount=np.ones(1)),
    ],
)
def test_a_change_at_no_place_of_the_system_is_refused(changes: Changes) -> None:
    with pytest.raises(MalformedSystemError) as refused:
        evaluate(electricity_and_coal(), ONE_KWH, [ChangeSet(technosphere=changes)])
    assert refused.value.cause is Malformed.OUT_OF_RANGE


@pytest.mark.parametrize(("position", "amount"), [([1], []), ([1], [np.nan]), ([1, 1], [1.0, 2.0])])
def test_changes_that_make_no_sense_are_refused(position: list[int], amount: list[float]) -> None:
    with pytest.raises(MalformedSystemError):
        Changes(position=np.array(position), amount=np.array(amount))
