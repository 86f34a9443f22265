"""The part of a system that some products need, and how errors in it come to those products."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from footprint.engine.distributions import Floats, Integers
from footprint.engine.errors import MalformedSystemError
from footprint.engine.system import System
from footprint.engine.technosphere import Technosphere
from footprint.kernels.feedback import least_feedback_order
from footprint.kernels.ordering import strongly_connected_components

#: Scores below count as none: their reciprocals leave the range of float64.
SMALLEST = 1e-300
#: Weight of a change that must not happen at all.
UNSURE = 1e300


@dataclass(frozen=True, slots=True)
class Outside:
    """Products whose unit scores are given, instead of being solved for.

    Attributes
    ----------
    products
        Which (o,).
    scores
        Their unit scores (o, methods, samples), or (o, methods, 1) for the same in each sample
        [unit of the method / unit of the product].
    """

    products: Integers
    scores: Floats

    @classmethod
    def nothing(cls, methods: int) -> "Outside":
        """Leave nothing outside."""
        return cls(np.zeros(0, dtype=np.int64), np.zeros((0, methods, 1)))


@dataclass(frozen=True, slots=True)
class UnitScores:
    """Deterministic unit scores of a part's nodes, and what errors in them are relative to.

    Attributes
    ----------
    unit, gross
        (nodes, methods); `gross` is the score as if nothing were taken away.
    """

    unit: Floats
    gross: Floats


@dataclass(frozen=True, slots=True)
class Part:
    """What is needed of a system: activities with their products, and products from outside.

    Attributes
    ----------
    kept
        Activities (n,), ascending: nodes 0 … n − 1; the products from outside are the next nodes.
    node_of_activity, node_of_product
        Nodes, −1 for what is not needed.
    inputs
        Entries of the technosphere that belong to kept activities.
    intensities
        Direct impacts of the nodes (nodes, methods).
    solver
        Of the nodes' deterministic matrix.
    """

    system: System
    kept: Integers
    node_of_activity: Integers
    node_of_product: Integers
    inputs: Integers
    intensities: Floats
    solver: Technosphere

    @classmethod
    def of(cls, system: System, products: Integers, outside: Outside) -> "Part":
        technosphere = system.technosphere
        maker = np.empty(system.size, dtype=np.int64)
        maker[system.reference] = np.arange(system.size)
        inside = np.ones(system.size, dtype=bool)
        inside[maker[outside.products]] = False
        if not inside[maker[products]].all():
            raise MalformedSystemError("a product asked for is given from outside")
        consumer, supplier = technosphere.column, maker[technosphere.row]
        edge = inside[consumer] & inside[supplier]
        kept = _reached(consumer[edge], supplier[edge], maker[products], system.size)

        node_of_activity = np.full(system.size, -1)
        node_of_activity[kept] = np.arange(len(kept))
        node_of_product = np.full(system.size, -1)
        node_of_product[system.reference[kept]] = np.arange(len(kept))
        nodes = len(kept) + len(outside.products)
        leaves = np.arange(len(kept), nodes)
        node_of_product[outside.products] = leaves
        inputs = np.flatnonzero(node_of_activity[technosphere.column] >= 0)
        matrix = sparse.coo_array(
            (
                np.concatenate([technosphere.amount[inputs], np.ones(len(leaves))]),
                (
                    np.concatenate([node_of_product[technosphere.row[inputs]], leaves]),
                    np.concatenate([node_of_activity[technosphere.column[inputs]], leaves]),
                ),
            ),
            shape=(nodes, nodes),
        )
        return cls(
            system,
            kept,
            node_of_activity,
            node_of_product,
            inputs,
            np.concatenate([system.intensities(kept), outside.scores.mean(axis=2)]),
            Technosphere(matrix.tocsr()),
        )

    def deterministic(self) -> UnitScores:
        """Solve the part."""
        unit = self.solver.adjoint_scores(self.intensities)
        gross = self.solver.adjoint_scores(np.abs(self.intensities))
        return UnitScores(unit, np.maximum(np.abs(unit), np.abs(gross)))

    def weights(self, scores: UnitScores, products: Integers) -> Floats:
        """Return what a change of each node's score does to those asked for (nodes, methods).

        Relative to them: it is the supply of a demand in which each of them counts as 1, times
        what one unit of the activity gives. A node that the deterministic system does not need,
        such as one behind the option of a choice, counts as asked for itself.
        """
        gross = scores.gross
        demand = np.zeros_like(gross)
        targets = self.node_of_product[products]
        asked = gross[targets]
        demand[targets] = np.divide(1.0, asked, out=np.zeros_like(asked), where=asked > 0.0)
        weight = np.abs(self.solver.supply(demand) * self.solver.matrix.diagonal()[:, None])
        alone = np.divide(1.0, gross, out=np.full_like(gross, UNSURE), where=gross > 0.0)
        return np.where(weight > 0.0, weight, np.minimum(alone, UNSURE))

    def order(self, unit_scores: Floats) -> tuple[Integers, Integers]:
        """Order the kept nodes by loops, and within them; (order, block_ptr)."""
        technosphere = self.system.technosphere
        size = len(self.kept)
        consumer = self.node_of_activity[technosphere.column[self.inputs]]
        supplier = self.node_of_product[technosphere.row[self.inputs]]
        score = np.abs(unit_scores).sum(axis=1)
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


def _reached(consumer: Integers, supplier: Integers, wanted: Integers, size: int) -> Integers:
    """Return the activities that the wanted ones need, themselves included, ascending."""
    root = np.full(len(wanted), size)
    begin, end = np.concatenate([consumer, root]), np.concatenate([supplier, wanted])
    graph = sparse.coo_array((np.ones(len(begin)), (begin, end)), shape=(size + 1, size + 1))
    reached = sparse.csgraph.breadth_first_order(
        graph.tocsr(), size, directed=True, return_predecessors=False
    )
    return np.sort(reached[reached < size]).astype(np.int64)
