"""A supply chain unfolded into a tree: which paths of inputs the score of a product comes from."""

from dataclasses import dataclass

import numpy as np

from footprint.engine.arrays import Bools, Floats, Integers, Matrix
from footprint.engine.errors import MalformedSystemError
from footprint.kernels.traversal import NODE
from footprint.kernels.traversal import traverse as visit

#: Share of the score below which a path is not followed; that of bw_graph_tools.
CUTOFF = 0.005
#: Nodes to stop at; more than a person reads or a diagram shows.
MAX_NODES = 10_000


@dataclass(frozen=True, slots=True)
class Traversal:
    """Nodes of the tree, one for each visit of an activity, in the order of the visits.

    Attributes
    ----------
    activity
        What is visited (k,). Node 0 makes the product that is asked for.
    parent
        The node that takes its product (k,), always an earlier one; −1 for node 0. A node but the
        first is also the edge to its parent.
    depth
        Edges to node 0 (k,).
    loop
        Whether the activity has been visited on the way from node 0 already (k,).
    amount
        What the parent takes (k,) [unit of the activity's reference product]; negative for what it
        gives off.
    supply
        How often the activity runs for it (k,) [unit of the activity].
    cumulative, direct
        Score of the node with all upstream, and of its own emissions (k,) [unit of the method].
    rest
        Score of those inputs of the node that are no nodes (k,) [unit of the method].
    cut
        Inputs above the cut-off that found no place among `max_nodes`.

    Notes
    -----
    ``cumulative = direct + rest + Σ cumulative of the children``, and so ``Σ direct + Σ rest`` is
    the total, to rounding and the residual of the scores.
    """

    activity: Integers
    parent: Integers
    depth: Integers
    loop: Bools
    amount: Floats
    supply: Floats
    cumulative: Floats
    direct: Floats
    rest: Floats
    cut: int

    @property
    def total(self) -> float:
        """Score of what is asked for [unit of the method]."""
        return float(self.cumulative[0])

    @property
    def coverage(self) -> float | None:
        """Share of the total that the nodes emit themselves [-]; none of a total of zero.

        Above 1 where credits lie in the rest.
        """
        return float(self.direct.sum()) / self.total if self.total else None


def traverse(
    technosphere: Matrix,
    scores: Floats,
    intensity: Floats,
    reference: Integers,
    product: int,
    amount: float,
    *,
    cutoff: float = CUTOFF,
    max_nodes: int = MAX_NODES,
) -> Traversal:
    """Follow inputs of inputs, the largest absolute score first.

    Parameters
    ----------
    technosphere
        A (n, n), products in rows. Given in CSC it is used as it stands, which is faster.
    scores
        y (n,), score of one unit of each product, ``Aᵀ y = q`` [unit of the method / unit].
    intensity
        q (n,), direct score of one unit of each activity [unit of the method / unit].
    reference
        The product that each activity is there for (n,), a permutation. Other products of its
        column are its inputs: co-products are inputs of a negative amount.
    product, amount
        What is asked for [unit of the product].
    cutoff
        Share of the absolute total in [0, 1); inputs of smaller absolute scores are left to the
        rest of their node. Parts may outweigh the total where credits set them off.
    max_nodes
        Nodes to stop at; those of the largest absolute scores are kept.

    Raises
    ------
    MalformedSystemError
        If sizes differ, a value is not finite or out of range, or a visited activity gives none
        of its reference product.
    """
    size = technosphere.shape[0]
    if scores.shape != (size,) or intensity.shape != (size,) or not 0 <= product < size:
        raise MalformedSystemError(f"expected scores and intensities of {size} products")
    if not (np.isfinite(scores).all() and np.isfinite(intensity).all() and np.isfinite(amount)):
        raise MalformedSystemError("scores, intensities and the amount asked for are finite")
    if not 0.0 <= cutoff < 1.0 or max_nodes < 1:
        raise MalformedSystemError("the cut-off lies in [0, 1) and there is one node at least")
    columns = technosphere.tocsc()
    nodes, cut, barren = visit(
        columns.indptr,
        columns.indices,
        np.asarray(columns.data, np.float64),
        _makers(reference, size),
        np.ascontiguousarray(scores, np.float64),
        np.ascontiguousarray(intensity, np.float64),
        product,
        amount,
        cutoff * abs(float(scores[product]) * amount),
        max_nodes,
    )
    if barren >= 0:
        raise MalformedSystemError(f"activity {barren} gives none of its reference product")
    if not (np.isfinite(nodes["cumulative"]) & np.isfinite(nodes["rest"])).all():
        raise MalformedSystemError("amounts that are not finite, or too large, among the inputs")
    fields = {name: nodes[name].copy() for name in NODE.names or ()}
    fields["loop"] = fields["loop"].astype(np.bool_)
    return Traversal(**fields, cut=cut)


def _makers(reference: Integers, size: int) -> Integers:
    """Return the activity that is there for each product (n,)."""
    makers = np.full(size, -1, np.int64)
    if reference.shape == (size,) and ((reference >= 0) & (reference < size)).all():
        makers[reference] = np.arange(size)
    if (makers < 0).any():
        raise MalformedSystemError("reference products are a permutation of the products")
    return makers
