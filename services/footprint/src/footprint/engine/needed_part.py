"""The part of a system that some products need, and how errors in it come to those products."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from footprint.engine.arrays import Floats, Integers
from footprint.engine.errors import Malformed, MalformedSystemError
from footprint.engine.system import System
from footprint.engine.technosphere import Technosphere
from footprint.kernels.feedback import least_feedback_order
from footprint.kernels.ordering import strongly_connected_components

#: Scores below count as none: their reciprocals leave the range of float64.
SMALLEST = 1e-300
#: Weight of a change that must not happen at all.
UNSURE = 1e300
#: Least weight of a change, relative to the score of the node itself [-]. What the deterministic
#: system hardly needs, such as what lies behind an option that is not its default, may be most of a
#: sample: it is then off by 100 times the tolerance. A larger one would be lost in rounding, summed
#: over the 20,000 activities of a database.
LEAST_WEIGHT = 1e-2
#: A score may be this much smaller than its gross score before its own size stops to count [-].
MOST_CANCELLED = 1e-3


@dataclass(frozen=True, slots=True)
class Outside:
    """Products whose unit scores are given, instead of being solved for.

    Attributes
    ----------
    products
        Which (o,).
    scores
        Their unit scores (samples, o, methods), or (1, o, methods) for the same in each sample
        [unit of the method / unit of the product].
    deterministic
        Those of the deterministic system (o, methods).
    """

    products: Integers
    scores: Floats
    deterministic: Floats

    @classmethod
    def fixed(cls, products: Integers, scores: Floats) -> "Outside":
        """Give the same unit scores (o, methods) in each sample."""
        return cls(products, scores[None], scores)

    @classmethod
    def nothing(cls, methods: int) -> "Outside":
        """Leave nothing outside."""
        return cls.fixed(np.zeros(0, dtype=np.int64), np.zeros((0, methods)))


@dataclass(frozen=True, slots=True)
class UnitScores:
    """Deterministic unit scores of a part's nodes (nodes, methods).

    Attributes
    ----------
    unit
        The scores.
    gross
        The scores if direct impacts that are taken away were added instead, and no less than the
        scores.
    """

    unit: Floats
    gross: Floats

    @property
    def scale(self) -> Floats:
        """What errors are relative to: the score, unless next to nothing of it is left."""
        return np.maximum(np.abs(self.unit), MOST_CANCELLED * self.gross)


@dataclass(frozen=True, slots=True)
class Part:
    """What is needed of a system: activities with their products, and products from outside.

    Attributes
    ----------
    system
        The whole.
    kept
        Activities (n,), ascending: nodes 0 … n − 1; the products from outside are the next nodes.
    node_of_activity, node_of_product
        Nodes, −1 for what is not needed.
    inputs
        Entries of the technosphere that belong to kept activities.
    """

    system: System
    kept: Integers
    node_of_activity: Integers
    node_of_product: Integers
    inputs: Integers

    @classmethod
    def of(cls, system: System, products: Integers, outside: Integers) -> "Part":
        """Cut a system to what some products need, but for what makes the products outside."""
        for name, these in (("products", products), ("products outside", outside)):
            if len(these) and not 0 <= these.min() <= these.max() < system.size:
                raise MalformedSystemError(f"{name} that are not there", Malformed.OUT_OF_RANGE)
        technosphere, maker = system.technosphere, system.maker
        inside = np.ones(system.size, dtype=bool)
        inside[maker[outside]] = False
        if not inside[maker[products]].all():
            raise MalformedSystemError("a product asked for is given from outside")
        consumer, supplier = technosphere.column, maker[technosphere.row]
        edge = inside[consumer] & inside[supplier]
        kept = _reached(consumer[edge], supplier[edge], maker[products], system.size)
        node_of_activity = np.full(system.size, -1)
        node_of_activity[kept] = np.arange(len(kept))
        node_of_product = np.full(system.size, -1)
        node_of_product[system.reference[kept]] = np.arange(len(kept))
        node_of_product[outside] = np.arange(len(kept), len(kept) + len(outside))
        inputs = np.flatnonzero(node_of_activity[technosphere.column] >= 0)
        return cls(system, kept, node_of_activity, node_of_product, inputs)

    def solver(self, amounts: Floats, leaves: int) -> Technosphere:
        """Return the nodes' technosphere for the amounts of `inputs`; leaves need nothing."""
        technosphere = self.system.technosphere
        nodes = len(self.kept) + leaves
        leaf = np.arange(len(self.kept), nodes)
        row = self.node_of_product[technosphere.row[self.inputs]]
        column = self.node_of_activity[technosphere.column[self.inputs]]
        matrix = sparse.coo_array(
            (
                np.concatenate([amounts, np.ones(leaves)]),
                (np.concatenate([row, leaf]), np.concatenate([column, leaf])),
            ),
            shape=(nodes, nodes),
        )
        return Technosphere(matrix.tocsr())

    def weights(self, solver: Technosphere, scores: UnitScores, products: Integers) -> Floats:
        """Return what a change of each node's score does to those asked for (nodes, methods).

        Relative to their scale: it is the supply of a demand in which each of them counts as 1,
        times what one unit of the activity gives; no less than `LEAST_WEIGHT` of what it would be
        if the node itself were asked for.
        """
        targets = self.node_of_product[products]
        demand = np.zeros_like(scores.gross)
        demand[targets] = _reciprocal(scores.scale[targets], 0.0)
        weight = np.abs(solver.supply(demand) * solver.matrix.diagonal()[:, None])
        return np.maximum(weight, LEAST_WEIGHT * _reciprocal(scores.gross, UNSURE))

    def order(self, unit_scores: Floats) -> tuple[Integers, Integers]:
        """Order the kept nodes by loops, and within them; (order, block_ptr)."""
        technosphere = self.system.technosphere
        size = len(self.kept)
        consumer = self.node_of_activity[technosphere.column[self.inputs]]
        supplier = self.node_of_product[technosphere.row[self.inputs]]
        # Methods have different units; each counts by its largest score.
        absolute = np.abs(unit_scores)
        score = (absolute / np.maximum(absolute.max(axis=0), SMALLEST)).sum(axis=1)
        share = np.abs(technosphere.amount[self.inputs]) * score[supplier]
        share /= np.maximum(score[consumer], SMALLEST)
        edge = (supplier != consumer) & (supplier < size)
        # An explicit zero stays an edge: what the deterministic system does not take, a sample may.
        graph = sparse.coo_array(
            (np.minimum(share[edge], UNSURE), (consumer[edge], supplier[edge])), shape=(size, size)
        ).tocsr()
        indptr, indices = graph.indptr.astype(np.int64), graph.indices.astype(np.int64)
        order, block_ptr = strongly_connected_components(indptr, indices)
        weight = np.ascontiguousarray(graph.data)
        return least_feedback_order(indptr, indices, weight, order, block_ptr), block_ptr


def unit_scores(solver: Technosphere, intensities: Floats) -> UnitScores:
    """Solve for the scores of a part's nodes, from their direct impacts (nodes, methods)."""
    unit = solver.adjoint_scores(intensities)
    gross = solver.adjoint_scores(np.abs(intensities))
    return UnitScores(unit, np.maximum(np.abs(unit), np.abs(gross)))


def _reciprocal(values: Floats, none: float) -> Floats:
    """Return reciprocals, and `none` of what counts as none."""
    return np.divide(1.0, values, out=np.full_like(values, none), where=values > SMALLEST)


def _reached(consumer: Integers, supplier: Integers, wanted: Integers, size: int) -> Integers:
    """Return the activities that the wanted ones need, themselves included, ascending."""
    root = np.full(len(wanted), size)
    begin, end = np.concatenate([consumer, root]), np.concatenate([supplier, wanted])
    graph = sparse.coo_array((np.ones(len(begin)), (begin, end)), shape=(size + 1, size + 1))
    reached = sparse.csgraph.breadth_first_order(
        graph.tocsr(), size, directed=True, return_predecessors=False
    )
    return np.sort(reached[reached < size]).astype(np.int64)
