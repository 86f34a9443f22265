from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse
from services.footprint.tests.kernels import twins

from footprint.kernels.ordering import strongly_connected_components

Integers = NDArray[np.int64]


def csr(size: int, edges: list[tuple[int, int]]) -> tuple[Integers, Integers]:
    """Adjacency in CSR; an edge (j, i) says that j depends on i."""
    ordered = sorted(edges)
    counts = np.bincount([j for j, _ in ordered], minlength=size) if ordered else np.zeros(size)
    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return indptr, np.array([i for _, i in ordered], dtype=np.int64)


def components(size: int, edges: list[tuple[int, int]]) -> list[list[int]]:
    order, block_ptr = strongly_connected_components(*csr(size, edges))
    return [sorted(order[begin:end].tolist()) for begin, end in pairwise(block_ptr)]


graphs = st.integers(1, 12).flatmap(
    lambda size: st.tuples(
        st.just(size),
        st.lists(st.tuples(st.integers(0, size - 1), st.integers(0, size - 1)), max_size=40),
    )
)


def test_a_chain_is_ordered_from_its_last_supplier() -> None:
    assert components(3, [(0, 1), (1, 2)]) == [[2], [1], [0]]


def test_a_loop_is_one_component() -> None:
    assert components(4, [(0, 1), (1, 2), (2, 1), (2, 3)]) == [[3], [1, 2], [0]]


def test_a_graph_without_nodes_has_no_components() -> None:
    assert components(0, []) == []


def test_a_chain_deeper_than_the_c_stack_is_ordered() -> None:
    size = 200_000
    indptr = np.append(np.arange(size), size - 1).astype(np.int64)
    order, _ = strongly_connected_components(indptr, np.arange(1, size, dtype=np.int64))
    assert order[0] == size - 1


@given(graphs)
def test_components_are_those_that_its_scipy_twin_finds(
    graph: tuple[int, list[tuple[int, int]]],
) -> None:
    size, edges = graph
    rows, columns = [j for j, _ in edges], [i for _, i in edges]
    adjacency = sparse.coo_array((np.ones(len(edges)), (rows, columns)), shape=(size, size))
    order, block_ptr = twins.strongly_connected_components(adjacency.tocsr())
    expected = {frozenset(order[begin:end].tolist()) for begin, end in pairwise(block_ptr)}
    assert {frozenset(members) for members in components(size, edges)} == expected


@given(graphs)
def test_a_component_comes_after_all_that_it_depends_on(
    graph: tuple[int, list[tuple[int, int]]],
) -> None:
    size, edges = graph
    position = {node: k for k, block in enumerate(components(size, edges)) for node in block}
    assert all(position[i] <= position[j] for j, i in edges)


@pytest.mark.parametrize(
    ("indptr", "indices"),
    [([], []), ([0, 2], [0]), ([1, 1], [0]), ([0, 1], [1]), ([0, 1], [-1]), ([0, 2, 1, 2], [0, 0])],
)
def test_an_adjacency_that_is_none_is_refused(indptr: list[int], indices: list[int]) -> None:
    with pytest.raises(ValueError, match="ind"):
        strongly_connected_components(np.array(indptr, np.int64), np.array(indices, np.int64))
