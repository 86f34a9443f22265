"""A system made ready for the kernel of many samples: cut to what is needed, ordered and scaled."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from footprint.engine.distributions import Floats, Integers, Kind
from footprint.engine.draws import Stream
from footprint.engine.errors import MalformedSystemError
from footprint.engine.system import Exchanges, System
from footprint.engine.technosphere import Technosphere
from footprint.kernels.feedback import least_feedback_order
from footprint.kernels.ordering import strongly_connected_components

Bools = NDArray[np.bool_]
Places = NDArray[np.int32]

#: Scores below count as none: their reciprocals leave the range of float64.
SMALLEST = 1e-300
#: Weight of a change that must not happen at all.
UNSURE = 1e300


@dataclass(frozen=True, slots=True)
class Uncertain:
    """Which matrices vary; the others keep their deterministic amounts."""

    technosphere: bool = True
    biosphere: bool = True
    characterization: bool = False

    def applied_to(self, system: System) -> System:
        """Return the system with only these uncertainties."""
        return replace(
            system,
            technosphere=_kept(system.technosphere, self.technosphere),
            biosphere=_kept(system.biosphere, self.biosphere),
            characterization=_kept(system.characterization, self.characterization),
        )


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


@dataclass(frozen=True, slots=True)
class DrawnEntries:
    """Amounts of one matrix in the order and scale of a plan, for the kernel's `Drawn`.

    They are not `Distributions`: what is scaled by a negative number begins at its larger end.
    """

    kind: Places
    first: Floats
    second: Floats
    third: Floats
    identity: Integers
    given: Places
    row: Places
    other: Places
    stream: Stream

    @classmethod
    def of(
        cls,
        exchanges: Exchanges,
        at: Integers,
        scale: Floats,
        row: Integers,
        other: Integers,
        stream: Stream,
    ) -> "DrawnEntries":
        """Take the entries at some positions, times a scale."""
        whole = exchanges.distribution
        # The spread of a lognormal amount has no unit.
        linear = np.where(whole.kind[at] == Kind.LOGNORMAL, 1.0, scale)
        return cls(
            kind=whole.kind[at].astype(np.int32),
            first=whole.first[at] * scale,
            second=whole.second[at] * linear,
            third=whole.third[at] * linear,
            identity=at.astype(np.int64),
            given=whole.given[at].astype(np.int32),
            row=row.astype(np.int32),
            other=other.astype(np.int32),
            stream=stream,
        )


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """The arguments of the kernel's `Plan`.

    Attributes
    ----------
    outside
        For each unit score from outside the product that it belongs to (o,).
    targets
        Rows of the products asked for.
    """

    block_ptr: Integers
    row_ptr: Integers
    inputs: DrawnEntries
    pivots: DrawnEntries
    pivot_of: Integers
    emissions: DrawnEntries
    factors: DrawnEntries
    flows: int
    methods: int
    start: Floats
    weight: Floats
    targets: Integers
    outside: Integers


def sampling_plan(system: System, products: Integers, outside: Integers) -> SamplingPlan:
    """Order, cut and scale a system.

    Parameters
    ----------
    products
        Products whose scores are asked for (t,).
    outside
        Products whose unit scores are given (o,); what makes them is left out.

    Notes
    -----
    Node j is activity j with its reference product. Column j of ``Aᵀ y = q`` divided by the amount
    of the reference product reads ``y_j = q_j / a_jj − Σ (a_ij / a_jj) y_i``; what is certain of
    a_jj is divided out here, the rest is a pivot. Inside a loop nodes stand so that none waits for
    much that comes after it: what weighs is the share of an input in the score.
    """
    technosphere = system.technosphere
    activity_of = np.empty(system.size, dtype=np.int64)
    activity_of[system.reference] = np.arange(system.size)
    solver = Technosphere(system.technosphere_matrix())
    intensities = system.intensities()
    unit_scores = solver.adjoint_scores(intensities)[system.reference]  # by activity
    gross = _gross(solver, intensities)
    order, block_ptr = _order(system, activity_of, unit_scores, activity_of[products], outside)
    place = np.full(system.size, -1)
    place[order] = np.arange(len(order))

    used = place[technosphere.column] >= 0
    own = technosphere.row == system.reference[technosphere.column]
    certain = _certain_pivots(technosphere, own, system.size)
    divisor = np.where(np.isnan(certain), 1.0, certain)
    drawn_pivots = np.flatnonzero(np.isnan(certain) & (place >= 0))
    pivot_number = np.full(system.size, -1)
    pivot_number[drawn_pivots] = np.arange(len(drawn_pivots))
    source = place[activity_of]  # of a product
    source[outside] = len(order) + np.arange(len(outside))
    inputs = _sorted(technosphere, used & ~own, -1.0 / divisor, place, source, Stream.TECHNOSPHERE)
    pivots = _sorted(
        technosphere,
        used & own & (pivot_number[technosphere.column] >= 0),
        divisor,
        place,
        pivot_number[activity_of],
        Stream.TECHNOSPHERE,
    )

    characterized = np.unique(system.characterization.row)
    flow = np.full(system.flows, -1)
    flow[characterized] = np.arange(len(characterized))
    biosphere = system.biosphere
    emissions = _sorted(
        biosphere,
        (place[biosphere.column] >= 0) & (flow[biosphere.row] >= 0),
        1.0 / divisor,
        place,
        flow,
        Stream.BIOSPHERE,
    )
    factors = DrawnEntries.of(
        system.characterization,
        np.arange(system.characterization.size),
        np.ones(system.characterization.size),
        flow[system.characterization.row],
        system.characterization.column,
        Stream.CHARACTERIZATION,
    )
    return SamplingPlan(
        block_ptr=block_ptr,
        row_ptr=np.searchsorted(inputs.row, np.arange(len(order) + 1)),
        inputs=inputs,
        pivots=pivots,
        pivot_of=pivot_number[order],
        emissions=emissions,
        factors=factors,
        flows=len(characterized),
        methods=system.methods,
        start=np.ascontiguousarray(unit_scores[order].T),
        weight=np.ascontiguousarray(_weights(system, solver, products, gross)[order].T),
        targets=place[activity_of[products]],
        outside=outside,
    )


def _kept(exchanges: Exchanges, varies: bool) -> Exchanges:
    if varies:
        return exchanges
    return Exchanges.fixed(exchanges.row, exchanges.column, exchanges.amount)


def _gross(solver: Technosphere, intensities: Floats) -> Floats:
    """Return what errors are relative to: scores as if nothing were taken away (n, methods)."""
    return np.maximum(
        np.abs(solver.adjoint_scores(intensities)),
        np.abs(solver.adjoint_scores(np.abs(intensities))),
    )


def _weights(system: System, solver: Technosphere, products: Integers, gross: Floats) -> Floats:
    """Return what a change of each node's unit score does to the scores asked for (n, methods).

    Relative to those: it is the supply of a demand in which each of them counts as 1, times what
    one unit of the activity gives. A node that the deterministic system does not need, such as one
    behind the option of a choice, counts as asked for itself.
    """
    demand = np.zeros_like(gross)
    asked = gross[products]
    demand[products] = np.divide(1.0, asked, out=np.zeros_like(asked), where=asked > 0.0)
    technosphere = system.technosphere
    own = technosphere.row == system.reference[technosphere.column]
    given = np.bincount(
        technosphere.column[own], weights=technosphere.amount[own], minlength=system.size
    )
    weight = np.abs(solver.supply(demand) * given[:, None])
    node_gross = gross[system.reference]
    alone = np.divide(1.0, node_gross, out=np.full_like(gross, UNSURE), where=node_gross > 0.0)
    return np.where(weight > 0.0, weight, np.minimum(alone, UNSURE))


def _order(
    system: System,
    activity_of: Integers,
    unit_scores: Floats,
    wanted: Integers,
    outside: Integers,
) -> tuple[Integers, Integers]:
    """Order what the wanted activities need, by loops and within them; (order, block_ptr)."""
    technosphere = system.technosphere
    inside = np.ones(system.size, dtype=bool)
    inside[activity_of[outside]] = False
    if not inside[wanted].all():
        raise MalformedSystemError("a product asked for is given from outside")
    consumer, supplier = technosphere.column, activity_of[technosphere.row]
    edge = (consumer != supplier) & inside[consumer] & inside[supplier]
    score = np.abs(unit_scores).sum(axis=1)
    share = np.abs(technosphere.amount) * score[supplier] / np.maximum(score[consumer], SMALLEST)
    kept = _reached(consumer[edge], supplier[edge], wanted, system.size)
    # An explicit zero stays an edge: what the deterministic system does not take, a sample may.
    graph = sparse.coo_array(
        (np.minimum(share[edge], UNSURE), (consumer[edge], supplier[edge])),
        shape=(system.size, system.size),
    ).tocsr()[kept][:, kept]
    indptr, indices = graph.indptr.astype(np.int64), graph.indices.astype(np.int64)
    order, block_ptr = strongly_connected_components(indptr, indices)
    weight = np.ascontiguousarray(graph.data)
    return kept[least_feedback_order(indptr, indices, weight, order, block_ptr)], block_ptr


def _reached(consumer: Integers, supplier: Integers, wanted: Integers, size: int) -> Integers:
    """Return the activities that the wanted ones need, themselves included, ascending."""
    root = np.full(len(wanted), size)
    begin, end = np.concatenate([consumer, root]), np.concatenate([supplier, wanted])
    graph = sparse.coo_array((np.ones(len(begin)), (begin, end)), shape=(size + 1, size + 1))
    reached = sparse.csgraph.breadth_first_order(
        graph.tocsr(), size, directed=True, return_predecessors=False
    )
    return np.sort(reached[reached < size]).astype(np.int64)


def _certain_pivots(technosphere: Exchanges, own: Bools, size: int) -> Floats:
    """Return the amount of each activity's reference product, NaN where it is drawn (n,)."""
    distribution = technosphere.distribution
    certain = np.bincount(
        technosphere.column[own], weights=distribution.first[own], minlength=size
    ).astype(np.float64, copy=False)
    varies = own & ((distribution.kind != Kind.FIXED) | (distribution.given >= 0))
    certain[technosphere.column[varies]] = np.nan
    # As a drawn pivot of zero it has its samples solved directly.
    certain[certain == 0.0] = np.nan
    return certain


def _sorted(
    exchanges: Exchanges,
    chosen: Bools,
    factor: Floats,
    place: Integers,
    other: Integers,
    stream: Stream,
) -> DrawnEntries:
    """Take entries in the order of their activities' places, times the activity's factor."""
    at = np.flatnonzero(chosen)
    at = at[np.lexsort((other[exchanges.row[at]], place[exchanges.column[at]]))]
    column = exchanges.column[at]
    return DrawnEntries.of(
        exchanges, at, factor[column], place[column], other[exchanges.row[at]], stream
    )
