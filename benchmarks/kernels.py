"""Every kernel beside its twin in NumPy or SciPy."""

from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import scipy
from scipy import sparse
from services.footprint.tests.kernels import twins

from benchmarks.comparison import (
    Comparison,
    DisagreementError,
    InProcess,
    Peer,
    largest_difference,
)
from benchmarks.sample_kernels import sample_kernel_comparisons
from benchmarks.systems import synthetic_system
from footprint.engine.arrays import Floats, Integers, Matrix
from footprint.engine.technosphere import Technosphere
from footprint.kernels.feedback import least_feedback_order
from footprint.kernels.ordering import strongly_connected_components
from footprint.kernels.sweeps import gauss_seidel


def kernel_comparisons(size: int) -> Iterator[Comparison]:
    """Give the comparisons on a system of some size; names begin with the kernel's module."""
    yield ordering(size)
    yield from block_triangular(size)
    yield feedback(min(size, 150))
    yield sweeps(size)
    yield from sample_kernel_comparisons(size)


def ordering(size: int) -> Comparison:
    """Components in order of dependency."""
    system = synthetic_system(size, loop_size=size // 2)
    adjacency = sparse.csr_array(system.technosphere.T)
    indptr, indices = adjacency.indptr.astype(np.int64), adjacency.indices.astype(np.int64)
    return Comparison(
        name="ordering_vs_scipy",
        work=f"components in order of dependency; {system.label}",
        ours=lambda: strongly_connected_components(indptr, indices),
        peer=_scipy(
            "connected_components(strong), argsort",
            lambda: twins.strongly_connected_components(adjacency),
        ),
        difference=partial(difference_of_orders, adjacency),
    )


def block_triangular(size: int) -> Iterator[Comparison]:
    """Solving small loops and chains with factors that are kept, for one score and for eight."""
    system = synthetic_system(size, loop_size=8)
    technosphere = Technosphere(system.technosphere)
    adjoint = sparse.csc_array(system.technosphere.T)
    factors = sparse.linalg.splu(adjoint)
    for number in (1, 8):
        right = np.repeat(system.intensity[:, None], number, axis=1)
        technosphere.adjoint_scores(right)
        yield Comparison(
            name=f"block_triangular_{number}_vs_superlu",
            work=f"unit scores for {number} methods; {system.label}",
            ours=partial(technosphere.adjoint_scores, right),
            peer=_scipy("splu, factors kept", partial(factors.solve, right)),
            difference=largest_difference,
        )


def feedback(size: int) -> Comparison:
    """Order the inside of one loop."""
    system = synthetic_system(size, loop_size=size)
    adjacency = sparse.csr_array(system.technosphere.T)
    indptr, indices = adjacency.indptr.astype(np.int64), adjacency.indices.astype(np.int64)
    # Whole numbers: whatever order they are subtracted in, ties stay ties.
    weights = np.random.default_rng(1).integers(1, 1_000, len(indices)).astype(np.float64)
    order, block_ptr = strongly_connected_components(indptr, indices)
    return Comparison(
        name="feedback_vs_numpy",
        work=f"an order with little feedback; {system.label}",
        ours=lambda: least_feedback_order(indptr, indices, weights, order, block_ptr),
        peer=_numpy(
            "a loop over the nodes in Python",
            lambda: twins.least_feedback_order(indptr, indices, weights, order, block_ptr),
        ),
        difference=lambda a, b: 0.0 if np.array_equal(a, b) else np.inf,
        note="The loop is the twin of the tests; no library has this order.",
    )


def sweeps(size: int, number: int = 10) -> Comparison:
    """Gauss-Seidel sweeps for eight right-hand sides."""
    system = synthetic_system(size, loop_size=size)
    adjoint = sparse.csr_array(system.technosphere.T)
    right = np.repeat(system.intensity[:, None], 8, axis=1)
    nothing, diagonal = np.empty(0, dtype=np.int64), adjoint.diagonal()
    off = _arrays(sparse.csr_array(sparse.tril(adjoint, -1) + sparse.triu(adjoint, 1)))
    no_changes = np.zeros(size + 1, dtype=np.int64), nothing, nothing, np.empty(0)
    lower = sparse.linalg.splu(
        sparse.csc_array(sparse.tril(adjoint)), permc_spec="NATURAL", diag_pivot_thresh=0.0
    )
    upper = sparse.csr_array(sparse.triu(adjoint, 1))

    def ours() -> Floats:
        solution = np.zeros_like(right)
        gauss_seidel(*(*off, diagonal, *no_changes, right, solution, False, number, 0.0))
        return solution

    def scipy_sweeps() -> Floats:
        solution = np.zeros_like(right)
        for _ in range(number):
            solution = lower.solve(right - upper @ solution)
        return solution

    return Comparison(
        name="sweeps_vs_scipy",
        work=f"{number} Gauss-Seidel sweeps for 8 right-hand sides; {system.label}",
        ours=ours,
        peer=_scipy("splu of the lower triangle, kept; product with the upper", scipy_sweeps),
        difference=largest_difference,
    )


def difference_of_orders(
    adjacency: Matrix, ours: tuple[Integers, Integers], theirs: tuple[Integers, Integers]
) -> float:
    """Give 0 if both find the same components, each after all that it depends on."""
    names = [_component_of_node(*found) for found in (ours, theirs)]
    if (names[0] != names[1]).any():
        raise DisagreementError("not the same components")
    node, dependency = adjacency.tocoo().coords
    for order, _ in (ours, theirs):
        position = np.empty(len(order), dtype=np.int64)
        position[order] = np.arange(len(order))
        other = names[0][node] != names[0][dependency]
        if (position[dependency] > position[node])[other].any():
            raise DisagreementError("a component comes before one that it depends on")
    return 0.0


def _component_of_node(order: Integers, block_ptr: Integers) -> Integers:
    """Name the component of each node by its smallest member."""
    names = np.empty(len(order), dtype=np.int64)
    for begin, end in pairwise(block_ptr.tolist()):
        names[order[begin:end]] = order[begin:end].min()
    return names


def _arrays(matrix: Matrix) -> tuple[Integers, Integers, Floats]:
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data


def _numpy(configuration: str, work: Any) -> Any:
    return partial[Peer](InProcess, "NumPy", np.__version__, configuration, work)


def _scipy(configuration: str, work: Any) -> Any:
    return partial[Peer](InProcess, "SciPy", scipy.__version__, configuration, work)
