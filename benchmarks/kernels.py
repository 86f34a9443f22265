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
from benchmarks.systems import synthetic_system
from footprint.engine.technosphere import Floats, Integers, Matrix
from footprint.kernels.block_triangular import solve_blocks
from footprint.kernels.contribution import contribution
from footprint.kernels.ordering import strongly_connected_components


def kernel_comparisons(size: int) -> Iterator[Comparison]:
    """Give the comparisons on a system of some size; names begin with the kernel's module."""
    yield ordering(size)
    yield from block_triangular(size)
    yield dense_loop(min(size, 256))
    yield contributions(size)


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
    """Solving small loops and chains in their order."""
    system = synthetic_system(size, loop_size=8)
    arrays = _arrays(sparse.csr_array(system.technosphere.T))
    order, block_ptr = strongly_connected_components(arrays[0], arrays[1])
    right = system.intensity
    permuted = sparse.csc_array(system.technosphere.T.tocsr()[order][:, order])

    def ours() -> Floats:
        solution = np.zeros(size)
        solve_blocks(*arrays, order, block_ptr, 0, len(block_ptr) - 1, right, solution)
        return solution

    def superlu() -> Floats:
        factors = sparse.linalg.splu(permuted, permc_spec="NATURAL", diag_pivot_thresh=0.0)
        solution = np.empty(size)
        solution[order] = factors.solve(right[order])
        return solution

    work = f"block triangular solve, order known; {system.label}"
    yield Comparison(
        name="block_triangular_vs_numpy",
        work=work,
        ours=ours,
        peer=_numpy(
            "a loop over the blocks in Python",
            lambda: twins.solve_blocks(*arrays, order, block_ptr, right),
        ),
        difference=largest_difference,
        note="The loop is the twin of the tests; SuperLU is what one would use without a kernel.",
    )
    yield Comparison(
        name="block_triangular_vs_superlu",
        work=work,
        ours=ours,
        peer=_scipy("splu in the known order, no pivoting off the diagonal; one solve", superlu),
        difference=largest_difference,
        note="SuperLU keeps factors for further solves; the kernel keeps none.",
    )


def dense_loop(size: int) -> Comparison:
    """One loop as large as the kernel solves densely."""
    random = np.random.default_rng(1)
    matrix = np.eye(size) - random.uniform(0.0, 0.9 / size, (size, size))
    right = random.uniform(1.0, 2.0, size)
    arrays = _arrays(sparse.csr_array(matrix))
    order, block_ptr = np.arange(size), np.array([0, size])

    def ours() -> Floats:
        solution = np.zeros(size)
        solve_blocks(*arrays, order, block_ptr, 0, 1, right, solution)
        return solution

    return Comparison(
        name="block_triangular_dense_vs_numpy",
        work=f"one loop of {size} processes that all buy from each other",
        ours=ours,
        peer=_numpy("numpy.linalg.solve", lambda: np.linalg.solve(matrix, right)),
        difference=largest_difference,
        note="LAPACK works in blocks and with vector instructions; the kernel takes plain loops.",
    )


def contributions(size: int, groups: int = 20) -> Comparison:
    """Contribution of every process and of groups of processes."""
    random = np.random.default_rng(1)
    intensity, supply = random.lognormal(size=size), random.lognormal(size=size)
    group = random.integers(0, groups, size)
    return Comparison(
        name="contribution_vs_numpy",
        work=f"{size:,} processes in {groups} groups",
        ours=lambda: contribution(intensity, supply, group, groups),
        peer=_numpy(
            "product and bincount",
            lambda: twins.contribution(intensity, supply, group, groups),
        ),
        difference=lambda a, b: max(map(largest_difference, a, b)),
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
