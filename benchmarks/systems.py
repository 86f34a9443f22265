"""The systems that are solved: the shipped battery pack, and synthetic ones of any size."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from footprint.data.shipped import load_dataset, load_example
from footprint.domain.linking import link_product
from footprint.domain.product_rows import parse_product_model
from footprint.engine.arrays import Floats, Integers, Matrix
from footprint.engine.technosphere import technosphere_matrix

METHOD = "ipcc_ar6_gwp100_v2"


@dataclass(frozen=True, slots=True)
class System:
    """A system of equations, as arrays that every peer can read.

    Attributes
    ----------
    label
        What it is, with its size and its largest loop.
    technosphere
        A (n, n), products in rows [unit of the product / unit of the process].
    biosphere
        B (m, n), elementary flows in rows [unit of the flow / unit of the process].
    factors
        c (m,), characterization factors of one method [kg CO2e / unit of the flow].
    product
        Index of the product that single demands ask for.
    """

    label: str
    technosphere: Matrix
    biosphere: Matrix
    factors: Floats
    product: int

    @property
    def size(self) -> int:
        return int(self.technosphere.shape[0])

    @property
    def intensity(self) -> Floats:
        """Direct impact of one unit of each process [kg CO2e / unit]."""
        return np.asarray(self.factors @ self.biosphere, dtype=np.float64)

    @property
    def demand(self) -> Floats:
        """One unit of the product."""
        demand = np.zeros(self.size)
        demand[self.product] = 1.0
        return demand


def battery_pack() -> System:
    """Give the shipped LFP pack, linked against the shipped dataset."""
    dataset, example = load_dataset(), load_example()
    model = parse_product_model(example.header, example.lines, example.sites, dataset)
    linked = link_product(model, dataset, METHOD)
    size = len(linked.processes)
    technosphere = technosphere_matrix(
        size,
        np.array([link.supplier for link in linked.links], dtype=np.int64),
        np.array([link.consumer for link in linked.links], dtype=np.int64),
        np.array([link.amount for link in linked.links], dtype=np.float64),
    )
    flows = {flow: index for index, flow in enumerate(linked.factors)}
    rows = np.array([flows[emission.flow_id] for emission in linked.emissions], dtype=np.int64)
    columns = np.array([emission.process for emission in linked.emissions], dtype=np.int64)
    amounts = np.array([emission.amount for emission in linked.emissions])
    return System(
        f"shipped LFP battery pack, {_facts(technosphere)}",
        technosphere,
        _csr(amounts, rows, columns, (len(flows), size)),
        np.array(list(linked.factors.values())),
        linked.product,
    )


def synthetic_system(
    size: int, *, loop_size: int = 1, inputs: int = 16, flows: int = 400, seed: int = 1
) -> System:
    """Draw a system that has the shape of a background database.

    Parameters
    ----------
    size
        Number of activities; each buys from activities before it in the list.
    loop_size
        Activities are cut into runs of this length, and inside a run some also buy from
        activities after them: 1 gives no loop, `size` one large loop.
    inputs
        Mean number of inputs of an activity.
    flows
        Number of elementary flows.
    seed
        The same seed gives the same system.

    Notes
    -----
    Half of the inputs come from neighbours and half from a few popular activities (electricity,
    transport, steel). Measured in money an activity spends 40 to 85 % of its output, so that the
    system is productive; physical units then spread the amounts over some orders of magnitude.
    """
    random = np.random.default_rng(seed)
    counts = 1 + random.poisson(inputs - 1, size)
    consumer = np.repeat(np.arange(size), counts)
    hubs = np.sort(random.choice(size, max(size // 50, 1), replace=False))
    popularity = 1.0 / np.arange(1, len(hubs) + 1)
    popular = random.permutation(hubs)[
        random.choice(len(hubs), len(consumer), p=popularity / popularity.sum())
    ]
    distance = 1 + (3.0 * random.pareto(1.1, len(consumer))).astype(np.int64)
    feedback = random.random(len(consumer)) < 0.02
    neighbour = consumer + np.where(feedback, distance, -distance)
    supplier = np.where(random.random(len(consumer)) < 0.5, popular, neighbour)
    same_run = supplier // loop_size == consumer // loop_size
    kept = (supplier >= 0) & (supplier < size) & (supplier != consumer)
    kept &= (supplier < consumer) | same_run
    supplier, consumer = supplier[kept], consumer[kept]

    money = random.lognormal(0.0, 1.5, len(supplier))
    spent = np.bincount(consumer, weights=money, minlength=size)
    money *= (random.uniform(0.4, 0.85, size) / np.maximum(spent, 1e-300))[consumer]
    price = random.lognormal(0.0, 2.0, size)
    amount = money * price[consumer] / price[supplier]
    technosphere = technosphere_matrix(size, supplier, consumer, amount)

    emitter = np.repeat(np.arange(size), 10)
    flow = random.integers(0, flows, len(emitter))
    emitted = random.lognormal(-3.0, 2.0, len(emitter)) * price[emitter]
    return System(
        f"synthetic, {_facts(technosphere)}",
        technosphere,
        _csr(emitted, flow, emitter, (flows, size)),
        random.lognormal(0.0, 2.0, flows),
        size - 1,
    )


def _csr(values: Floats, rows: Integers, columns: Integers, shape: tuple[int, int]) -> Matrix:
    return sparse.coo_array((values, (rows, columns)), shape=shape).tocsr()


def _facts(technosphere: Matrix) -> str:
    """Say how large a system is."""
    labels: NDArray[np.int32] = sparse.csgraph.connected_components(
        technosphere, connection="strong"
    )[1]
    loop = int(np.bincount(labels).max())
    loops = f"largest loop {loop:,}" if loop > 1 else "no loop"
    inputs = technosphere.nnz - technosphere.shape[0]
    return f"{technosphere.shape[0]:,} activities, {inputs:,} inputs, {loops}"
