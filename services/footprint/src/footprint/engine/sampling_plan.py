"""A system made ready for the kernel of many samples: cut to what is needed, ordered and scaled."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from footprint.engine.distributions import Floats, Integers, Kind
from footprint.engine.draws import Stream
from footprint.engine.needed_part import Outside, Part
from footprint.engine.system import Exchanges, System

Bools = NDArray[np.bool_]
Places = NDArray[np.int32]


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


def sampling_plan(system: System, products: Integers, outside: Outside) -> SamplingPlan:
    """Cut a system to what is needed, order and scale it.

    Parameters
    ----------
    products
        Products whose scores are asked for (t,).
    outside
        Products whose unit scores are given; what makes them is left out.

    Notes
    -----
    Node j is activity j with its reference product. Column j of ``Aᵀ y = q`` divided by the amount
    of the reference product reads ``y_j = q_j / a_jj − Σ (a_ij / a_jj) y_i``; what is certain of
    a_jj is divided out here, the rest is a pivot. Inside a loop nodes stand so that none waits for
    much that comes after it: what weighs is the share of an input in the score.
    """
    technosphere, biosphere = system.technosphere, system.biosphere
    part = Part.of(system, products, outside)
    scores = part.deterministic()
    order, block_ptr = part.order(scores.unit)
    size = len(order)
    # Where a node stands in the order; what is given from outside comes after all of them.
    rank = np.empty(size + len(outside.products), dtype=np.int64)
    rank[order] = np.arange(size)
    rank[size:] = np.arange(size, len(rank))
    place = _or_none(rank, part.node_of_activity)
    source = _or_none(rank, part.node_of_product)

    used = place[technosphere.column] >= 0
    own = technosphere.row == system.reference[technosphere.column]
    certain = _certain_pivots(technosphere, own, system.size)
    divisor = np.where(np.isnan(certain), 1.0, certain)
    pivot = np.full(system.size, -1)
    drawn_pivots = np.flatnonzero(np.isnan(certain) & (place >= 0))
    pivot[drawn_pivots] = np.arange(len(drawn_pivots))
    pivot_of_product = np.empty(system.size, dtype=np.int64)
    pivot_of_product[system.reference] = pivot
    inputs = _sorted(technosphere, used & ~own, -1.0 / divisor, place, source, Stream.TECHNOSPHERE)
    pivots = _sorted(
        technosphere,
        used & own & (pivot[technosphere.column] >= 0),
        divisor,
        place,
        pivot_of_product,
        Stream.TECHNOSPHERE,
    )

    characterized = np.unique(system.characterization.row)
    flow = np.full(system.flows, -1)
    flow[characterized] = np.arange(len(characterized))
    emitted = (place[biosphere.column] >= 0) & (flow[biosphere.row] >= 0)
    emissions = _sorted(biosphere, emitted, 1.0 / divisor, place, flow, Stream.BIOSPHERE)
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
        row_ptr=np.searchsorted(inputs.row, np.arange(size + 1)),
        inputs=inputs,
        pivots=pivots,
        pivot_of=pivot[part.kept[order]],
        emissions=emissions,
        factors=factors,
        flows=len(characterized),
        methods=system.methods,
        start=np.ascontiguousarray(scores.unit[order].T),
        weight=np.ascontiguousarray(part.weights(scores, products)[order].T),
        targets=source[products],
        outside=outside.products,
    )


def _kept(exchanges: Exchanges, varies: bool) -> Exchanges:
    if varies:
        return exchanges
    return Exchanges.fixed(exchanges.row, exchanges.column, exchanges.amount)


def _or_none(values: Integers, at: Integers) -> Integers:
    """Return values at some places, −1 where the place is −1."""
    found: Integers = np.append(values, -1)[at]
    return found


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
