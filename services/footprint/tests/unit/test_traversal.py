import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from footprint.engine.errors import MalformedSystemError
from footprint.engine.technosphere import Technosphere
from footprint.engine.traversal import Traversal, traverse

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def traversed(
    matrix: Floats,
    intensity: list[float] | Floats,
    reference: list[int] | Integers | None = None,
    product: int = 0,
    amount: float = 1.0,
    cutoff: float = 0.0,
    max_nodes: int = 1000,
) -> Traversal:
    """Solve for the scores, then traverse."""
    direct = np.array(intensity)
    technosphere = Technosphere(sparse.csr_array(matrix))
    return traverse(
        technosphere.matrix,
        technosphere.adjoint_scores(direct),
        direct,
        np.arange(len(matrix)) if reference is None else np.array(reference),
        product,
        amount,
        cutoff=cutoff,
        max_nodes=max_nodes,
    )


@st.composite
def systems(draw: st.DrawFn) -> tuple[Floats, Floats, Integers]:
    """Draw A, q and references: loops, co-products, non-unit and negative production."""
    size = draw(st.integers(1, 8))
    cell = st.floats(-1.0, 0.5).map(lambda value: value if abs(value) > 0.4 else 0.0)
    matrix = np.array(draw(st.lists(cell, min_size=size**2, max_size=size**2)))
    # Columns then sum to less than what is given: the system is regular.
    matrix = matrix.reshape(size, size) * 0.8 / size
    np.fill_diagonal(matrix, 1.0)
    production = st.sampled_from([1.0, 20.0, 0.03, -1.0])
    matrix *= draw(st.lists(production, min_size=size, max_size=size))
    order = np.array(draw(st.permutations(range(size))), np.int64)
    intensity = np.array(draw(st.lists(st.floats(-1.0, 3.0), min_size=size, max_size=size)))
    # Activity `order[p]` is there for product p.
    matrix = matrix[:, np.argsort(order)]
    return matrix, intensity, np.argsort(order)


def test_a_chain_is_followed_to_its_end() -> None:
    # A cell takes 12 kWh and 2 kg; a kWh takes 0.5 kg. Direct: 1, 0.2 per kWh, 3 per kg.
    # y_kg = 3, y_kWh = 0.2 + 0.5·3 = 1.7, y_cell = 1 + 12·1.7 + 2·3 = 27.4
    matrix = np.array([[1.0, 0.0, 0.0], [-12.0, 1.0, 0.0], [-2.0, -0.5, 1.0]])
    tree = traversed(matrix, [1.0, 0.2, 3.0])
    assert tree.activity.tolist() == [0, 1, 2, 2]
    assert tree.parent.tolist() == [-1, 0, 1, 0]
    assert tree.depth.tolist() == [0, 1, 2, 1]
    np.testing.assert_allclose(tree.amount, [1.0, 12.0, 6.0, 2.0], rtol=1e-15)
    np.testing.assert_allclose(tree.cumulative, [27.4, 20.4, 18.0, 6.0], rtol=1e-15)
    np.testing.assert_allclose(tree.direct, [1.0, 2.4, 18.0, 6.0], rtol=1e-15)
    assert tree.coverage == pytest.approx(1.0, rel=1e-15)
    assert not tree.loop.any()


def test_inputs_below_the_cut_off_are_the_rest_of_their_parent() -> None:
    # The chain above: 6 / 27.4 = 21.9 %, 18 / 27.4 = 65.7 %
    matrix = np.array([[1.0, 0.0, 0.0], [-12.0, 1.0, 0.0], [-2.0, -0.5, 1.0]])
    tree = traversed(matrix, [1.0, 0.2, 3.0], cutoff=0.22)
    assert tree.activity.tolist() == [0, 1, 2]
    np.testing.assert_allclose(tree.rest, [6.0, 0.0, 0.0], rtol=1e-15)
    assert tree.coverage == pytest.approx(21.4 / 27.4)
    assert tree.cut == 0


def test_what_max_nodes_leaves_out_is_the_rest_of_its_parent() -> None:
    matrix = np.array([[1.0, 0.0, 0.0], [-12.0, 1.0, 0.0], [-2.0, -0.5, 1.0]])
    tree = traversed(matrix, [1.0, 0.2, 3.0], max_nodes=2)
    assert tree.activity.tolist() == [0, 1]
    np.testing.assert_allclose(tree.rest, [6.0, 18.0], rtol=1e-15)
    assert tree.cut == 2


def test_a_loop_is_unrolled_and_marked() -> None:
    # 1 kWh takes 0.1 kg, 1 kg takes 0.5 kWh: every second round is 5 % of the one before.
    tree = traversed(np.array([[1.0, -0.5], [-0.1, 1.0]]), [1.0, 2.0], cutoff=0.02)
    assert tree.activity.tolist() == [0, 1, 0]
    assert tree.loop.tolist() == [False, False, True]
    np.testing.assert_allclose(tree.supply, [1.0, 0.1, 0.05], rtol=1e-15)


def test_what_an_activity_gives_beside_its_reference_is_a_credit() -> None:
    # A run gives 4 cells and 2 kg of scrap, which is worth 2 kg of 3: y_cell = (10 − 6) / 4
    matrix = np.array([[4.0, 0.0], [2.0, 1.0]])
    tree = traversed(matrix, [10.0, 3.0], amount=8.0)
    assert tree.supply.tolist() == [2.0, -4.0]
    assert tree.amount.tolist() == [8.0, -4.0]
    assert tree.direct.tolist() == [20.0, -12.0]
    assert tree.total == 8.0


def test_a_treatment_that_takes_waste_as_its_reference_is_followed() -> None:
    # A cell gives off 0.5 kg of waste; a run of the treatment takes 10 kg and emits 4.
    matrix = np.array([[1.0, 0.0], [0.5, -10.0]])
    tree = traversed(matrix, [1.0, 4.0])
    assert tree.amount.tolist() == [1.0, -0.5]
    np.testing.assert_allclose(tree.supply, [1.0, 0.05])
    np.testing.assert_allclose(tree.direct, [1.0, 0.2])


@given(systems(), st.sampled_from([0.0, 0.005, 0.1]), st.integers(1, 60), st.floats(-3.0, 3.0))
def test_direct_scores_and_rests_add_up_to_the_total(
    system: tuple[Floats, Floats, Integers], cutoff: float, max_nodes: int, amount: float
) -> None:
    tree = traversed(*system, amount=amount, cutoff=cutoff, max_nodes=max_nodes)
    # Denormal numbers have fewer digits.
    slack = 1e-12 * (np.abs(tree.direct).sum() + np.abs(tree.rest).sum()) + 1e-300
    assert tree.direct.sum() + tree.rest.sum() == pytest.approx(tree.total, abs=slack)
    children = np.bincount(tree.parent[1:], tree.cumulative[1:], len(tree.parent))
    parts = tree.direct + tree.rest + children
    np.testing.assert_allclose(parts, tree.cumulative, rtol=0.0, atol=slack)
    assert (np.abs(tree.cumulative[1:]) >= cutoff * abs(tree.total) - 1e-300).all()
    assert (tree.parent[1:] < np.arange(1, len(tree.parent))).all()


@given(
    st.lists(st.sampled_from([0.0, 0.3, 2.0]), min_size=36, max_size=36),
    st.lists(st.sampled_from([1.0, 20.0, 0.03]), min_size=6, max_size=6),
    st.permutations(range(6)),
)
def test_without_loops_the_tree_holds_all_contributions(
    inputs: list[float], production: list[float], order: list[int]
) -> None:
    # Activities take products of earlier ones; `order` shuffles the columns.
    matrix = np.diag(production) - np.triu(np.array(inputs).reshape(6, 6), 1)
    matrix, intensity = matrix[:, order], np.arange(1.0, 7.0)
    demand = np.zeros(6)
    demand[5] = 2.0
    tree = traversed(matrix, intensity, order, product=5, amount=2.0)
    found = np.bincount(tree.activity, tree.direct, 6)
    contributions = intensity * np.linalg.solve(matrix, demand)
    np.testing.assert_allclose(found, contributions, rtol=1e-9, atol=1e-12 * tree.total)
    assert tree.coverage == pytest.approx(1.0)
    assert not tree.loop.any()


def test_a_total_of_zero_has_no_coverage() -> None:
    # 2 − 2·1 = 0
    tree = traversed(np.array([[1.0, 0.0], [2.0, 1.0]]), [2.0, 1.0])
    assert tree.total == 0.0
    assert tree.coverage is None
    assert tree.direct.tolist() == [2.0, -2.0]


def test_rows_and_columns_give_one_tree() -> None:
    matrix = np.array([[1.0, -0.5], [-0.1, 1.0]])
    scores, direct, reference = np.array([1.2, 2.5]) / 0.95, np.array([1.0, 2.0]), np.arange(2)
    by_row = traverse(sparse.csr_array(matrix), scores, direct, reference, 0, 1.0)
    by_column = traverse(sparse.csc_array(matrix), scores, direct, reference, 0, 1.0)  # type: ignore[arg-type]
    np.testing.assert_array_equal(by_row.cumulative, by_column.cumulative)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"reference": np.array([0, 0])}, "permutation"),
        ({"reference": np.array([0, 2])}, "permutation"),
        ({"reference": np.array([0])}, "permutation"),
        ({"reference": np.array([1, 0])}, "activity 1 gives none"),
        ({"scores": np.ones(3)}, "2 products"),
        ({"product": 2}, "2 products"),
        ({"scores": np.array([np.nan, 1.0])}, "finite"),
        ({"amount": np.inf}, "finite"),
        ({"technosphere": sparse.csr_array([[1.0, 0.0], [np.nan, 1.0]])}, "finite"),
        ({"cutoff": 1.0}, "cut-off"),
        ({"max_nodes": 0}, "cut-off"),
    ],
)
def test_what_cannot_be_traversed_is_refused(changes: dict[str, object], reason: str) -> None:
    right: dict[str, object] = {
        "technosphere": sparse.csr_array([[1.0, 0.0], [-1.0, 1.0]]),
        "scores": np.ones(2),
        "intensity": np.ones(2),
        "reference": np.arange(2),
        "product": 0,
        "amount": 1.0,
    }
    with pytest.raises(MalformedSystemError, match=reason):
        traverse(**(right | changes))  # type: ignore[arg-type]
