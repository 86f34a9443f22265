"""The kernels' twins in NumPy and SciPy: what the kernels must give, and are measured against."""

from heapq import heappop, heappush
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def contribution(
    intensity: Floats, supply: Floats, group: Integers, groups: int
) -> tuple[Floats, Floats]:
    """Multiply and add up by group."""
    direct = intensity * supply
    grouped = np.bincount(group, weights=direct, minlength=groups)
    return direct, grouped.astype(np.float64, copy=False)


def strongly_connected_components(
    graph: "sparse.csr_array[np.float64, tuple[int, int]]",
) -> tuple[Integers, Integers]:
    """Sort nodes by the label of their component.

    SciPy numbers components in the order in which they are complete, dependencies first. It may
    never return from a graph that names an edge twice.
    """
    count, labels = sparse.csgraph.connected_components(graph, connection="strong")
    sizes = np.bincount(labels, minlength=count)
    return np.argsort(labels, kind="stable"), np.concatenate([[0], np.cumsum(sizes)])


def solve_blocks(
    indptr: Integers,
    indices: Integers,
    values: Floats,
    order: Integers,
    block_ptr: Integers,
    right: Floats,
) -> Floats:
    """Solve block by block; the unknowns of the block at hand are still zero."""
    solution = np.zeros(len(right))
    place = np.full(len(right), -1)
    for begin, end in pairwise(block_ptr.tolist()):
        members = order[begin:end]
        place[members] = np.arange(end - begin)
        block, rest = np.zeros((end - begin, end - begin)), right[members]
        for number, row in enumerate(members.tolist()):
            cells = slice(indptr[row], indptr[row + 1])
            rest[number] -= values[cells] @ solution[indices[cells]]
            columns = place[indices[cells]]
            np.add.at(block[number], columns[columns >= 0], values[cells][columns >= 0])
        solution[members] = np.linalg.solve(block, rest) if end - begin > 1 else rest / block[0]
        place[members] = -1
    return solution


def least_feedback_order(
    indptr: Integers, indices: Integers, weights: Floats, order: Integers, block_ptr: Integers
) -> Integers:
    """Put next the node of the block that depends least on those not yet put."""
    result: list[int] = []
    for begin, end in pairwise(block_ptr.tolist()):
        left = order[begin:end].tolist()
        while left:
            rest = []
            for node in left:
                cells = slice(indptr[node], indptr[node + 1])
                later = np.isin(indices[cells], left) & (indices[cells] != node)
                rest.append(float(weights[cells][later].sum()))
            result.append(left.pop(int(np.argmin(rest))))
    return np.array(result, dtype=np.int64)


def traverse(
    technosphere: Floats,
    maker: Integers,
    scores: Floats,
    intensity: Floats,
    product: int,
    amount: float,
    threshold: float,
    max_nodes: int,
) -> tuple[list[dict[str, float]], int]:
    """Visit from a queue that forgets nothing; A (n, n) is dense here."""
    nodes: list[dict[str, float]] = []
    queue = [(-abs(amount * scores[product]), 0, amount, product, -1)]
    found = 1
    while queue and len(nodes) < max_nodes:
        _, _, amount, product, parent = heappop(queue)
        activity = int(maker[product])
        supply = amount / technosphere[product, activity]
        way = [parent]
        while way[-1] >= 0:
            way.append(int(nodes[way[-1]]["parent"]))
        node = {
            "amount": amount,
            "supply": supply,
            "cumulative": amount * scores[product],
            "direct": supply * intensity[activity],
            "rest": 0.0,
            "activity": activity,
            "parent": parent,
            "depth": len(way) - 1,
            "loop": any(nodes[step]["activity"] == activity for step in way[:-1]),
        }
        nodes.append(node)
        for other in np.flatnonzero(technosphere[:, activity]).tolist():
            taken = -technosphere[other, activity] * supply
            score = taken * scores[other]
            if other == product:
                continue
            if score == 0.0 or abs(score) < threshold:
                node["rest"] += score
            else:
                heappush(queue, (-abs(score), found, taken, other, len(nodes) - 1))
                found += 1
    for _, _, taken, other, parent in queue:
        nodes[parent]["rest"] += taken * scores[other]
    return nodes, len(queue)
