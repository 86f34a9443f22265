"""The kernels of many samples and of the traversal beside their twins."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from services.footprint.tests.kernels import twins

from benchmarks.comparison import Comparison, InProcess, largest_difference
from benchmarks.uncertain_systems import database
from footprint.engine.arrays import Floats
from footprint.engine.distributions import Distributions
from footprint.engine.draws import Stream, draw
from footprint.engine.monte_carlo import monte_carlo
from footprint.engine.technosphere import Technosphere
from footprint.kernels.traversal import traverse

SEED = 1
_SAMPLES = 64


def sample_kernel_comparisons(size: int) -> Iterator[Comparison]:
    """Give the comparisons; names begin with the kernel's module."""
    yield draws(size)
    yield sampled_system(min(size, 200))
    yield traversal(size)


def draws(size: int) -> Comparison:
    """Lognormal amounts of many samples."""
    random = np.random.default_rng(1)
    amounts = Distributions.lognormal(random.lognormal(size=size), random.uniform(0.05, 0.5, size))
    kind, identity = amounts.kind.astype(np.int32), np.arange(size)

    def twin() -> Floats:
        return twins.draw_amounts(
            kind,
            amounts.first,
            amounts.second,
            amounts.third,
            identity,
            SEED,
            int(Stream.TECHNOSPHERE),
            np.arange(_SAMPLES),
        )

    return Comparison(
        name="draws_vs_numpy",
        work=f"{size:,} lognormal amounts in {_SAMPLES} samples",
        ours=partial(draw, amounts, seed=SEED, stream=Stream.TECHNOSPHERE, first=0, count=_SAMPLES),
        peer=partial(
            InProcess,
            "NumPy",
            np.__version__,
            "the same counters, Philox and Box-Muller on whole arrays",
            twin,
        ),
        difference=largest_difference,
        tolerance=1e-12,
    )


def sampled_system(size: int) -> Comparison:
    """Solve many samples of a small system for the score of one product."""
    model = database(size)
    system = model.system
    product = np.array([model.product])
    cells = system.technosphere
    technosphere = draw(
        cells.distribution, seed=SEED, stream=Stream.TECHNOSPHERE, first=0, count=_SAMPLES
    )
    adjoint = np.zeros((_SAMPLES, size, size))
    adjoint[:, cells.column, cells.row] = technosphere.T  # each cell has one entry
    inputs = np.eye(size) - adjoint
    emissions = system.biosphere
    biosphere = draw(
        emissions.distribution, seed=SEED, stream=Stream.BIOSPHERE, first=0, count=_SAMPLES
    )
    factors = system.characterization_matrix().toarray()[:, 0]
    impacts = factors[emissions.row, None] * biosphere
    direct = np.zeros((_SAMPLES, size))
    for sample, each in enumerate(impacts.T):
        direct[sample] = np.bincount(emissions.column, each, size)

    def ours() -> Floats:
        return monte_carlo(system, product, samples=_SAMPLES, seed=SEED, threads=1).scores[:, 0, 0]

    return Comparison(
        name="monte_carlo_vs_numpy",
        work=f"score of one product in {_SAMPLES} samples; {model.label}",
        ours=ours,
        peer=partial(
            InProcess,
            "NumPy",
            np.__version__,
            "numpy.linalg.solve of all samples at once, their amounts drawn before",
            lambda: twins.sampled_scores(inputs, direct)[:, model.product],
        ),
        difference=largest_difference,
        note="Ours draws and makes its plan in this time, too.",
    )


def traversal(size: int) -> Comparison:
    """Unfold a supply chain whose scores are known."""
    model = database(size)
    columns = model.system.technosphere_matrix().tocsc()
    intensity = model.system.intensities()[:, 0]
    scores = Technosphere(model.system.technosphere_matrix()).adjoint_scores(intensity)
    arguments = (
        columns.indptr.astype(np.int64),
        columns.indices.astype(np.int64),
        columns.data,
        np.arange(size),
        scores,
        intensity,
        model.product,
        1.0,
        0.005 * float(scores[model.product]),
        10_000,
    )
    return Comparison(
        name="traversal_kernel_vs_python",
        work=f"cut-off 0.5 %, scores known; {model.label}",
        ours=lambda: traverse(*arguments)[0]["cumulative"],
        peer=partial(
            InProcess,
            "Python",
            "heapq",
            "a queue of the standard library",
            lambda: [node["cumulative"] for node in twins.traverse(*arguments)[0]],
        ),
        difference=largest_difference,
    )
