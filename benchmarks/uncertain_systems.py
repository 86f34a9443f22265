"""Systems whose amounts vary: one of the size of a background database, and a foreground on it."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from footprint.engine.arrays import Floats, Integers
from footprint.engine.distributions import Distributions
from footprint.engine.system import Exchanges, System
from footprint.engine.technosphere import Technosphere

Bools = NDArray[np.bool_]

#: ln of the geometric standard deviation of inputs and of emissions [-], least and largest.
INPUT_SPREAD = (0.05, 0.35)
EMISSION_SPREAD = (0.05, 0.5)
#: Elementary flows of a database, and how many emissions an activity has, least and largest.
FLOWS = 2_500
EMISSIONS = (20, 51)
#: Factors of a method, least and largest; the first method has one for every flow.
FACTORS = (40, 400)


@dataclass(frozen=True, slots=True)
class UncertainSystem:
    """A system whose amounts vary, as the engine takes it.

    Attributes
    ----------
    label
        What it is, with its size.
    product
        Index of the product that is asked for.
    background
        Activities that belong to the background (n,).
    """

    label: str
    system: System
    product: int
    background: Bools


@cache
def database(
    size: int, *, methods: int = 1, inputs: float = 16.5, seed: int = 1
) -> UncertainSystem:
    """Draw a system of the size and shape of a background database.

    Parameters
    ----------
    size
        Number of activities. About half of them depend on each other; the others depend on those.
    methods
        Number of methods.
    inputs
        Mean number of inputs of an activity.

    Notes
    -----
    Of the inputs 45 % come from a few popular activities (electricity, transport, steel), the rest
    from neighbours in the list, in the first half 2 % of these from neighbours that come later.
    Measured in money an activity spends 45 to 85 % of its output, so that the system is
    productive; physical units then spread the amounts over some orders of magnitude.
    """
    random = np.random.default_rng(seed)
    # Some coincide and count once.
    counts = random.lognormal(np.log(1.15 * inputs), 0.65, size).clip(1.0, 400.0).astype(np.int64)
    consumer = np.repeat(np.arange(size), counts)
    hubs = random.permutation(np.sort(random.choice(size // 2, max(size // 50, 1), replace=False)))
    hub = hubs[_zipf(random, len(hubs), len(consumer), 1.0)]
    distance = 1 + (3.0 * random.pareto(1.1, len(consumer))).astype(np.int64)
    later = (random.random(len(consumer)) < 0.02) & (consumer < size // 2)
    neighbour = consumer + np.where(later, distance, -distance)
    outside = (neighbour < 0) | (neighbour >= size) | (later & (neighbour >= size // 2))
    supplier = np.where(outside | (random.random(len(consumer)) < 0.45), hub, neighbour)
    kept = supplier != consumer
    supplier, consumer = _distinct(supplier[kept], consumer[kept], size)

    price = np.exp(random.normal(0.0, 2.0, size))
    amount = _spent(random, consumer, size) * price[consumer] / price[supplier]
    technosphere = _technosphere(random, size, supplier, consumer, amount)

    emitter = np.repeat(np.arange(size), random.integers(*EMISSIONS, size))
    flow, emitter = _distinct(_zipf(random, FLOWS, len(emitter), 0.7), emitter, size)
    emitted = random.lognormal(-3.0, 2.0, len(emitter)) * price[emitter]
    biosphere = _lognormal(random, flow, emitter, emitted, EMISSION_SPREAD)
    system = System(
        size,
        FLOWS,
        methods,
        technosphere,
        biosphere,
        _characterization(random, methods),
        np.arange(size),
    )
    label = (
        f"{size:,} activities, {len(supplier):,} inputs, {len(emitter):,} emissions, all lognormal"
    )
    return UncertainSystem(label, system, size - 1, np.ones(size, dtype=np.bool_))


def foreground_on(base: UncertainSystem, foreground: int = 200, seed: int = 2) -> UncertainSystem:
    """Put a foreground without loops on a database whose amounts do not vary.

    Parameters
    ----------
    base
        The database, with one method. It loses its elementary flows but one, the impact itself:
        no peer shall carry flows through its iterations that ours has characterized before.
    foreground
        Number of processes. Each buys from 2 others and 5 of 60 products of the background, and
        emits 1 of 10 flows.
    """
    random = np.random.default_rng(seed)
    old, size = base.system, base.system.size + foreground
    first = old.size
    impact = Exchanges.fixed(
        np.zeros(first, dtype=np.int64), np.arange(first), old.intensities()[:, 0]
    )

    consumer = np.repeat(np.arange(1, foreground), 2)
    supplier, consumer = _distinct(
        (random.random(len(consumer)) * consumer).astype(np.int64), consumer, foreground
    )
    linked = random.choice(first, min(60, first), replace=False)
    buyer = np.repeat(np.arange(foreground), 5)
    bought, buyer = _distinct(
        linked[random.integers(0, len(linked), len(buyer))], buyer, foreground
    )
    scale = 1.0 / _scores(old)[bought]  # in units of which each causes about as much
    suppliers = np.concatenate([first + supplier, bought])
    consumers = first + np.concatenate([consumer, buyer])
    amounts = np.concatenate(
        [
            random.lognormal(np.log(0.4), 0.5, len(supplier)),
            random.lognormal(np.log(0.1), 1.0, len(bought)) * scale,
        ]
    )
    bought_in = _lognormal(random, suppliers, consumers, -amounts, INPUT_SPREAD)
    flow, emitter = _distinct(
        1 + random.integers(0, 10, foreground), np.arange(foreground), foreground
    )
    emitted = _lognormal(
        random, flow, first + emitter, random.lognormal(-3.0, 1.0, len(flow)), EMISSION_SPREAD
    )
    outputs = np.arange(first, size)
    kept = old.technosphere
    background_inputs = Exchanges.fixed(kept.row, kept.column, kept.amount)
    system = System(
        size,
        11,
        1,
        _together(
            background_inputs,
            Exchanges.fixed(outputs, outputs, np.ones(foreground)),
            bought_in,
        ),
        _together(impact, emitted),
        Exchanges.fixed(np.arange(11), np.zeros(11, dtype=np.int64), np.ones(11)),
        np.arange(size),
    )
    varying = bought_in.size + emitted.size
    label = (
        f"{foreground} foreground processes, {varying:,} lognormal exchanges, "
        f"{len(np.unique(bought))} products of a fixed background of {first:,} activities, 1 method"
    )
    return UncertainSystem(label, system, size - 1, np.arange(size) < first)


def _zipf(random: np.random.Generator, among: int, count: int, exponent: float) -> Integers:
    popularity = np.arange(1, among + 1) ** -exponent
    return random.choice(among, count, p=popularity / popularity.sum())


def _distinct(row: Integers, column: Integers, columns: int) -> tuple[Integers, Integers]:
    """Leave out places that occur twice, of which bw2calc would keep the last."""
    rows, kept = np.divmod(np.unique(row * columns + column), columns)
    return rows, kept


def _spent(random: np.random.Generator, consumer: Integers, size: int) -> Floats:
    """Draw what each input costs [money / money], 45 to 85 % of the consumer's output in all."""
    money = random.lognormal(0.0, 1.8, len(consumer))
    spent = np.bincount(consumer, weights=money, minlength=size)
    share: Floats = random.uniform(0.45, 0.85, size) / np.maximum(spent, 1e-300)
    return money * share[consumer]


def _technosphere(
    random: np.random.Generator, size: int, supplier: Integers, consumer: Integers, amount: Floats
) -> Exchanges:
    outputs = np.arange(size)
    return _together(
        Exchanges.fixed(outputs, outputs, np.ones(size)),
        _lognormal(random, supplier, consumer, -amount, INPUT_SPREAD),
    )


def _lognormal(
    random: np.random.Generator,
    row: Integers,
    column: Integers,
    amount: Floats,
    spread: tuple[float, float],
) -> Exchanges:
    sigma = random.uniform(*spread, len(row))
    return Exchanges(row, column, amount, Distributions.lognormal(amount, sigma))


def _characterization(random: np.random.Generator, methods: int) -> Exchanges:
    flows = [np.arange(FLOWS)]
    for _ in range(methods - 1):
        flows.append(np.sort(random.choice(FLOWS, random.integers(*FACTORS), replace=False)))
    method = np.repeat(np.arange(methods), [len(some) for some in flows])
    flow = np.concatenate(flows)
    return Exchanges.fixed(flow, method, random.lognormal(0.0, 2.0, len(flow)))


def _together(*parts: Exchanges) -> Exchanges:
    varied = [part.distribution for part in parts]
    return Exchanges(
        np.concatenate([part.row for part in parts]),
        np.concatenate([part.column for part in parts]),
        np.concatenate([part.amount for part in parts]),
        Distributions(
            np.concatenate([each.kind for each in varied]),
            np.concatenate([each.first for each in varied]),
            np.concatenate([each.second for each in varied]),
            np.concatenate([each.third for each in varied]),
            np.concatenate([each.given for each in varied]),
        ),
    )


def _scores(system: System) -> Floats:
    return Technosphere(system.technosphere_matrix()).adjoint_scores(system.intensities()[:, 0])
