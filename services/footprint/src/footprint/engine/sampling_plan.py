"""A system made ready for the kernel of many samples: cut to what is needed, ordered and scaled."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from footprint.engine.arrays import Bools, Floats, Integers
from footprint.engine.distributions import Kind
from footprint.engine.draws import Stream
from footprint.engine.errors import Malformed, MalformedSystemError
from footprint.engine.needed_part import Outside, Part, unit_scores
from footprint.engine.system import Exchanges, System

Places = NDArray[np.int32]
Numbers = NDArray[np.uint32]

#: Estimated error of the scores, relative to their deterministic sizes, at which sweeps end [-]:
#: what remains is smaller still, so that results agree to 1e-12 across instruction sets.
TOLERANCE = 1e-12
#: No loop is asked for less than some roundings of its size.
LEAST_TOLERANCE = 16.0 * float(np.finfo(np.float64).eps)


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
    identity: Numbers
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
            identity=at.astype(np.uint32),
            given=whole.given[at].astype(np.int32),
            row=row.astype(np.int32),
            other=other.astype(np.int32),
            stream=stream,
        )


@dataclass(frozen=True, slots=True)
class SamplingPlan:
    """The arguments of the kernel's `Plan`, and the part that it is about.

    Attributes
    ----------
    tolerance
        For each method what sweeps may leave of a loop's weighted scores [-]; all loops together
        then stay within `TOLERANCE`.
    """

    part: Part
    products: Integers
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
    scale: Floats
    tolerance: Floats

    @property
    def draws(self) -> int:
        """Amounts that each sample draws."""
        entries = (self.inputs, self.pivots, self.emissions, self.factors)
        return sum(len(each.kind) for each in entries)


def sampling_plan(
    system: System, products: Integers, outside: Outside, tables: int
) -> SamplingPlan:
    """Cut a system to what is needed, order and scale it.

    Parameters
    ----------
    products
        Products whose scores are asked for (t,).
    outside
        Products whose unit scores are given; what makes them is left out.
    tables
        Number of rows of given values.

    Raises
    ------
    MalformedSystemError
        If products or given values are named that are not there.

    Notes
    -----
    Node j is activity j with its reference product. Column j of ``Aᵀ y = q`` divided by the amount
    of the reference product reads ``y_j = q_j / a_jj − Σ (a_ij / a_jj) y_i``; what is certain of
    a_jj is divided out here, the rest is a pivot. Inside a loop nodes stand so that none waits for
    much that comes after it: what weighs is the share of an input in the score.
    """
    _refuse_unknown_tables(system, tables)
    technosphere, biosphere = system.technosphere, system.biosphere
    part = Part.of(system, products, outside.products)
    solver = part.solver(technosphere.amount[part.inputs], len(outside.products))
    intensities = np.concatenate([system.intensities(part.kept), outside.deterministic])
    scores = unit_scores(solver, intensities)
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

    # Flows that some method has a factor for and some node emits.
    characterization = system.characterization
    emitted = place[biosphere.column] >= 0
    counted = np.intersect1d(characterization.row, biosphere.row[emitted])
    flow = np.full(system.flows, -1)
    flow[counted] = np.arange(len(counted))
    emitted &= flow[biosphere.row] >= 0
    emissions = _sorted(biosphere, emitted, 1.0 / divisor, place, flow, Stream.BIOSPHERE)
    used_factors = np.flatnonzero(flow[characterization.row] >= 0)
    factors = DrawnEntries.of(
        characterization,
        used_factors,
        np.ones(len(used_factors)),
        flow[characterization.row[used_factors]],
        characterization.column[used_factors],
        Stream.CHARACTERIZATION,
    )
    weight = part.weights(solver, scores, products)[order]
    in_loops = np.repeat(np.diff(block_ptr) > 1, np.diff(block_ptr))
    loops = (weight * np.abs(scores.unit[order]))[in_loops].sum(axis=0)
    return SamplingPlan(
        part=part,
        products=products,
        block_ptr=block_ptr,
        row_ptr=np.searchsorted(inputs.row, np.arange(size + 1)),
        inputs=inputs,
        pivots=pivots,
        pivot_of=pivot[part.kept[order]],
        emissions=emissions,
        factors=factors,
        flows=len(counted),
        methods=system.methods,
        start=np.ascontiguousarray(scores.unit[order].T),
        weight=np.ascontiguousarray(weight.T),
        targets=source[products],
        scale=np.ascontiguousarray(scores.scale[part.node_of_product[products]].T),
        tolerance=np.maximum(TOLERANCE / np.maximum(loops, 1.0), LEAST_TOLERANCE),
    )


def _refuse_unknown_tables(system: System, tables: int) -> None:
    for exchanges in (system.technosphere, system.biosphere, system.characterization):
        given = exchanges.distribution.given
        wrong = np.flatnonzero((given < -1) | (given >= tables)).tolist()
        if wrong:
            raise MalformedSystemError(
                f"exchanges by given values that are not there at {wrong[:5]}",
                Malformed.OUT_OF_RANGE,
                tuple(wrong),
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
    at = at[_counting_order(place[exchanges.column[at]])]
    column = exchanges.column[at]
    return DrawnEntries.of(
        exchanges, at, factor[column], place[column], other[exchanges.row[at]], stream
    )


def _counting_order(keys: Integers) -> Integers:
    """Return the stable order of small whole numbers, by counting as SciPy does for CSR."""
    if not len(keys):
        return np.zeros(0, dtype=np.int64)
    rows = sparse.coo_array(
        (np.ones(len(keys), dtype=np.int8), (keys, np.arange(len(keys)))),
        shape=(int(keys.max()) + 1, len(keys)),
    )
    return rows.tocsr().indices.astype(np.int64)
