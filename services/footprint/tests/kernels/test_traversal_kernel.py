from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse
from services.footprint.tests.kernels import twins

from footprint.kernels.traversal import NODE, traverse

Floats = NDArray[np.float64]

# Few values, so that scores are often equal and cancel.
cells = st.sampled_from([0.0, 0.0, 0.0, -0.5, -0.25, 0.25])
values = st.sampled_from([-2.0, -1.0, 0.0, 1.0, 2.0, 3.0])


@st.composite
def chains(draw: st.DrawFn) -> tuple[Floats, Floats, Floats, NDArray[np.int64]]:
    """Draw A, scores, intensities and makers; the kernel does not ask that they fit."""
    size = draw(st.integers(1, 7))
    matrix = np.array(draw(st.lists(cells, min_size=size**2, max_size=size**2)))
    matrix = matrix.reshape(size, size)
    maker = np.array(draw(st.permutations(range(size))), np.int64)
    matrix[np.arange(size), maker] = draw(st.sampled_from([1.0, 2.0, -1.0]))
    lists = st.lists(values, min_size=size, max_size=size)
    return matrix, np.array(draw(lists)), np.array(draw(lists)), maker


def arguments(matrix: Floats, index: Any = np.int64) -> tuple[Any, Any, Floats]:
    columns = sparse.csc_array(matrix)
    return columns.indptr.astype(index), columns.indices.astype(index), columns.data


@given(
    chains(),
    st.sampled_from([0.0, 0.1, 0.5, 1.0]),
    st.integers(1, 40),
    st.sampled_from([np.int32, np.int64]),
)
def test_the_kernel_visits_what_its_twin_visits(
    chain: tuple[Floats, Floats, Floats, NDArray[np.int64]],
    threshold: float,
    max_nodes: int,
    index: Any,
) -> None:
    matrix, scores, intensity, maker = chain
    rest: tuple[Any, ...] = (maker, scores, intensity, 0, 2.0, threshold, max_nodes)
    nodes, cut, barren = traverse(*arguments(matrix, index), *rest)
    expected, expected_cut = twins.traverse(*arguments(matrix), *rest)
    assert barren == -1
    assert len(nodes) == len(expected)
    assert cut == expected_cut
    for name in NODE.names or ():
        np.testing.assert_allclose(nodes[name], [node[name] for node in expected], atol=1e-12)


def test_only_as_many_candidates_are_kept_as_there_are_places() -> None:
    # One activity takes 1,000 inputs of scores 1 … 1,000: the ten largest of them are visited.
    size = 1001
    matrix = np.eye(size)
    matrix[1:, 0] = -1.0
    scores = np.append(0.0, np.random.default_rng(1).permutation(np.arange(1.0, size)))
    nodes, cut, _ = traverse(*arguments(matrix), np.arange(size), scores, scores, 0, 1.0, 0.0, 11)
    assert nodes["cumulative"][1:].tolist() == [1000.0 - k for k in range(10)]
    assert cut == 990
    assert nodes["rest"][0] == sum(range(1, 991))


def test_an_activity_that_does_not_give_its_reference_product_is_named() -> None:
    matrix = np.array([[1.0, 0.0], [-1.0, 0.0]])
    ones = np.ones(2)
    assert traverse(*arguments(matrix), np.arange(2), ones, ones, 0, 1.0, 0.0, 9)[2] == 1


@pytest.mark.parametrize(
    "changed",
    [
        {0: np.array([0, 1])},
        {0: np.array([1, 1, 2])},
        {0: np.array([0, 3, 2])},
        {1: np.array([0, 2]), 6: 1},
        {1: np.array([-1, 1])},
        {2: np.ones(3)},
        {3: np.array([0, 2])},
        {3: np.array([0])},
        {4: np.ones(1)},
        {5: np.ones(3)},
        {6: 2},
        {6: -1},
        {9: 0},
    ],
)
def test_arguments_that_do_not_belong_together_are_refused(changed: dict[int, Any]) -> None:
    right: list[Any] = [np.array([0, 1, 2]), np.array([0, 1]), np.ones(2), np.arange(2), np.ones(2)]
    right += [np.ones(2), 0, 1.0, 0.0, 9]
    traverse(*right)
    for place, value in changed.items():
        right[place] = value
    with pytest.raises(ValueError, match=r"indptr|belong|need|lie"):
        traverse(*right)
