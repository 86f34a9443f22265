from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from services.footprint.tests.kernels import twins

from footprint.kernels.feedback import least_feedback_order
from footprint.kernels.ordering import strongly_connected_components

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Graph = tuple[Integers, Integers, Floats]


def csr(size: int, edges: list[tuple[int, int, float]]) -> Graph:
    """Adjacency in CSR; an edge (j, i, weight) says that j depends on i."""
    ordered = sorted(edges)
    counts = np.zeros(size + 1, dtype=np.int64)
    for j, _, _ in ordered:
        counts[j + 1] += 1
    indices = np.array([i for _, i, _ in ordered], dtype=np.int64)
    return np.cumsum(counts), indices, np.array([weight for _, _, weight in ordered])


def ordered(graph: Graph) -> tuple[Integers, Integers, Integers]:
    """Give the order of the components, their blocks, and the order inside them."""
    order, block_ptr = strongly_connected_components(graph[0], graph[1])
    return order, block_ptr, least_feedback_order(*graph, order, block_ptr)


def largest_feedback(graph: Graph, order: list[int]) -> float:
    """Largest weight of edges from one node of `order` to later ones."""
    indptr, indices, weights = graph
    place = {node: k for k, node in enumerate(order)}
    return max(
        sum(
            float(weights[p])
            for p in range(indptr[node], indptr[node + 1])
            if place.get(int(indices[p]), -1) > place[node]
        )
        for node in order
    )


# Whole numbers: sums in any order are equal, and ties are common.
graphs = st.integers(1, 7).flatmap(
    lambda size: st.lists(
        st.tuples(st.integers(0, size - 1), st.integers(0, size - 1), st.integers(0, 4).map(float)),
        max_size=25,
    ).map(lambda edges: csr(size, edges))
)


def test_a_loop_is_opened_at_its_weakest_edge() -> None:
    # 0 takes 5 of 1, 1 takes 4 of 2, 2 takes 1 of 0: 2 comes first, then 1, then 0.
    _, _, order = ordered(csr(3, [(0, 1, 5.0), (1, 2, 4.0), (2, 0, 1.0)]))
    assert order.tolist() == [2, 1, 0]


def test_what_depends_on_itself_alone_waits_for_nothing() -> None:
    # 1 and 0 depend on each other by 1 and 2; the 9 of 1 on itself are in no order's hands.
    _, _, order = ordered(csr(2, [(0, 1, 2.0), (1, 0, 1.0), (1, 1, 9.0)]))
    assert order.tolist() == [1, 0]


@given(graphs)
def test_the_order_is_that_of_its_numpy_twin(graph: Graph) -> None:
    order, block_ptr, found = ordered(graph)
    assert found.tolist() == twins.least_feedback_order(*graph, order, block_ptr).tolist()


@given(graphs)
def test_every_block_keeps_its_nodes(graph: Graph) -> None:
    order, block_ptr, found = ordered(graph)
    for begin, end in pairwise(block_ptr):
        assert sorted(found[begin:end]) == sorted(order[begin:end])


@given(graphs)
def test_no_order_leaves_less_to_the_node_that_waits_most(graph: Graph) -> None:
    _, block_ptr, found = ordered(graph)
    for begin, end in pairwise(block_ptr.tolist()):
        members = found[begin:end].tolist()
        least = min(largest_feedback(graph, list(other)) for other in permutations(members))
        assert largest_feedback(graph, members) == least


@given(graphs)
def test_a_block_without_a_loop_is_left_without_feedback(graph: Graph) -> None:
    indptr, indices, _ = graph
    size = len(indptr) - 1
    rows = np.repeat(np.arange(size), np.diff(indptr))
    # Tenths do not add up to what they are subtracted from.
    weights = np.where(rows > indices, 0.1 * (1.0 + indices), 0.0)
    found = least_feedback_order(
        indptr, indices, weights, np.arange(size)[::-1].copy(), np.array([0, size])
    )
    assert largest_feedback((indptr, indices, weights), found.tolist()) == 0.0


def test_a_graph_without_nodes_has_no_order() -> None:
    nothing = np.empty(0, dtype=np.int64)
    start = np.zeros(1, dtype=np.int64)
    assert least_feedback_order(start, nothing, np.empty(0), nothing, start).tolist() == []


@pytest.mark.parametrize(
    ("indptr", "indices", "weights", "order", "block_ptr"),
    [
        ([], [], [], [], [0]),
        ([0], [], [], [], []),
        ([0, 1, 1], [0], [], [0, 1], [0, 2]),
        ([0, 1, 2], [0], [1.0], [0, 1], [0, 2]),
        ([0, 1, 1], [2], [1.0], [0, 1], [0, 2]),
        ([0, 1, 1], [-1], [1.0], [0, 1], [0, 2]),
        ([0, 1, 1], [1], [-1.0], [0, 1], [0, 2]),
        ([0, 1, 1], [1], [np.nan], [0, 1], [0, 2]),
        ([0, 1, 1], [1], [np.inf], [0, 1], [0, 2]),
        ([0, 2, 1], [1], [1.0], [0, 1], [0, 2]),
        ([0, 1, 1], [1], [1.0], [0, 0], [0, 2]),
        ([0, 1, 1], [1], [1.0], [0, 2], [0, 2]),
        ([0, 1, 1], [1], [1.0], [0], [0, 1]),
        ([0, 1, 1], [1], [1.0], [0, 1], [0, 1]),
        ([0, 1, 1], [1], [1.0], [0, 1], [0, 3, 2]),
    ],
)
def test_arrays_that_do_not_belong_together_are_refused(
    indptr: list[int],
    indices: list[int],
    weights: list[float],
    order: list[int],
    block_ptr: list[int],
) -> None:
    with pytest.raises(ValueError, match=r"ind|order|block_ptr"):
        least_feedback_order(
            np.array(indptr, np.int64),
            np.array(indices, np.int64),
            np.array(weights, np.float64),
            np.array(order, np.int64),
            np.array(block_ptr, np.int64),
        )
