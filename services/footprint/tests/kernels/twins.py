"""The kernels' twins in NumPy and SciPy: what the kernels must give, and are measured against."""

from heapq import heappop, heappush
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


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


def solve_blocks(matrix: Floats, block_ptr: Integers, right: Floats, transposed: bool) -> Floats:
    """Solve a block lower triangular matrix, or its transpose from the last block, by blocks."""
    matrix = matrix.T if transposed else matrix
    blocks = list(pairwise(block_ptr.tolist()))
    solution = np.zeros_like(right)
    for begin, end in reversed(blocks) if transposed else blocks:
        # The unknowns of the block at hand and of those to come are still zero.
        rest = right[begin:end] - matrix[begin:end] @ solution
        solution[begin:end] = np.linalg.solve(matrix[begin:end, begin:end], rest)
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
    indptr: Integers,
    indices: Integers,
    values: Floats,
    maker: Integers,
    scores: Floats,
    intensity: Floats,
    product: int,
    amount: float,
    threshold: float,
    max_nodes: int,
) -> tuple[list[dict[str, float]], int]:
    """Visit from a queue that forgets nothing."""
    nodes: list[dict[str, float]] = []
    queue = [(-abs(amount * scores[product]), 0, amount, product, -1)]
    found = 1
    while queue and len(nodes) < max_nodes:
        _, _, amount, product, parent = heappop(queue)
        activity = int(maker[product])
        cells = slice(indptr[activity], indptr[activity + 1])
        supply = amount / float(values[cells][indices[cells] == product].sum())
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
        for other, value in zip(indices[cells].tolist(), values[cells].tolist(), strict=True):
            taken = -value * supply
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


def gauss_seidel(
    matrices: Floats, right: Floats, solution: Floats, descending: bool, most: int, tolerance: float
) -> int:
    """Sweep over one dense matrix per right-hand side, ``matrices[lane]``, in place."""
    size = len(right)
    for sweep in range(most):
        before = solution.copy()
        for row in reversed(range(size)) if descending else range(size):
            pivots = matrices[:, row, row]
            others = np.einsum("lc,cl->l", matrices[:, row], solution) - pivots * solution[row]
            solution[row] = (right[row] - others) / pivots
        if (np.abs(solution - before) <= tolerance * np.abs(solution)).all():
            return sweep + 1
    return -1


def philox(counter: NDArray[np.uint64], key: tuple[int, int]) -> NDArray[np.uint64]:
    """Philox4x32-10 of counters (…, 4), words of 32 bits in 64."""
    word = np.uint64(0xFFFFFFFF)
    c0, c1, c2, c3 = np.moveaxis(counter.astype(np.uint64), -1, 0)
    k0, k1 = (np.uint64(part) for part in key)
    for _ in range(10):
        p0, p1 = np.uint64(0xD2511F53) * c0, np.uint64(0xCD9E8D57) * c2
        c0, c1 = (p1 >> np.uint64(32)) ^ c1 ^ k0, p1 & word
        c2, c3 = (p0 >> np.uint64(32)) ^ c3 ^ k1, p0 & word
        k0, k1 = (k0 + np.uint64(0x9E3779B9)) & word, (k1 + np.uint64(0xBB67AE85)) & word
    return np.stack([c0, c1, c2, c3], axis=-1)


def draw_amounts(
    kind: NDArray[np.int32],
    first: Floats,
    second: Floats,
    third: Floats,
    identity: Integers,
    seed: int,
    stream: int,
    samples: Integers,
) -> Floats:
    """Draw amounts (m, samples) from the words that their identities and samples are counted by."""
    counter = np.zeros((len(identity), len(samples), 4), dtype=np.uint64)
    counter[..., 0] = identity[:, None]
    counter[..., 1] = (samples // 4) & 0xFFFFFFFF
    counter[..., 2] = (samples // 4) >> 32
    counter[..., 3] = stream
    words = philox(counter, (seed & 0xFFFFFFFF, seed >> 32))
    uniform = (words.astype(np.float64) + 0.5) / 2.0**32
    radius = np.sqrt(-2.0 * np.log(uniform[..., 0::2]))
    angle = 2.0 * np.pi * uniform[..., 1::2]
    pairs = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    lane = (samples % 4)[None, :, None]
    normal = np.take_along_axis(pairs.reshape(*uniform.shape), lane, axis=2)[..., 0]
    u = np.take_along_axis(uniform, lane, axis=2)[..., 0]
    a, b, c = first[:, None], second[:, None], third[:, None]
    with np.errstate(all="ignore"):
        below = np.where(c != a, (b - a) / (c - a), 0.0)
        triangular = np.where(
            u < below,
            a + (c - a) * np.sqrt(u * below),
            c - (c - a) * np.sqrt((1.0 - u) * (1.0 - below)),
        )
    which = kind[:, None]
    return np.select(
        [which == 0, which == 1, which == 2, which == 3],
        [
            a + 0.0 * u,
            a * np.exp(np.where(which == 1, b, 0.0) * normal),
            a + b * normal,
            a + (b - a) * u,
        ],
        triangular,
    )


def sampled_scores(inputs: Floats, direct: Floats) -> Floats:
    """Solve y = q + M y densely, for M (samples, n, n) and q (samples, n)."""
    size = direct.shape[1]
    solved = np.linalg.solve(np.eye(size) - inputs, direct[..., None])[..., 0]
    return solved.astype(np.float64, copy=False)


def residuals(
    matrices: Floats, touched: Floats, right: Floats, solution: Floats
) -> tuple[Floats, Floats]:
    """Subtract one dense product per right-hand side; `touched` holds absolute amounts likewise."""
    residual = right - np.einsum("lrc,cl->rl", matrices, solution)
    return residual, np.abs(right) + np.einsum("lrc,cl->rl", touched, np.abs(solution))
