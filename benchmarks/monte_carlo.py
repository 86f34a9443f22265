"""Monte Carlo beside bw2calc, NumPy and lca_algebraic; times are of one sample."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.comparison import (
    Agreement,
    Comparison,
    DisagreementError,
    InProcess,
    largest_difference,
)
from benchmarks.numpy_foreground import CHUNK, NumpyForeground
from benchmarks.parametrised import parametrised_model
from benchmarks.peer_process import (
    LCA_ALGEBRAIC_ENVIRONMENT,
    PARDISO,
    PARDISO_ON_ONE_THREAD,
    PEERS_ENVIRONMENT,
    WITHOUT_PARDISO,
    Arrays,
    PeerProcess,
    arrays_of_exchanges,
    bw2calc,
    fastest,
)
from benchmarks.uncertain_systems import UncertainSystem, database, foreground_on
from footprint.engine.arrays import Floats
from footprint.engine.draws import Stream, draw
from footprint.engine.monte_carlo import foreground_monte_carlo, monte_carlo

SEED = 1
#: Samples whose drawn amounts are handed to the peer.
GIVEN = 3
#: Samples of ours whose distribution is compared with the peer's.
COMPARED = 4_096
#: Differences less probable than this are none of chance.
LEAST_P = 1e-4
LARGEST_Z = 4.5
#: bw2calc's IterativeLCA accepts an error of this size.
ITERATIVE_TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class MonteCarloWork:
    """How much is computed.

    Attributes
    ----------
    size
        Activities of the whole system.
    parametrised_processes, lca_algebraic
        Processes of the parametrised model, and configurations of lca_algebraic, whose fastest
        counts: it takes long to compile a model.
    foreground_samples, system_samples
        Samples of one call of ours.
    peer_samples
        Samples by which a peer's distribution is known: of a foreground, of the whole system by
        iteration and directly.
    """

    size: int
    parametrised_processes: int
    lca_algebraic: tuple[str, ...]
    foreground_samples: int
    system_samples: int
    peer_samples: tuple[int, int, int]


FULL = MonteCarloWork(20_000, 200, ("compiled", "compiled_once"), 65_536, 1_024, (2_000, 100, 30))
QUICK = MonteCarloWork(5_000, 50, ("compiled_once",), 65_536, 512, (500, 50, 30))
#: For tests.
TINY = MonteCarloWork(100, 10, ("compiled_once",), 64, 16, (8, 8, 8))


def monte_carlo_comparisons(work: MonteCarloWork) -> Iterator[Comparison]:
    """Give the comparisons; systems are drawn when a comparison is asked for."""
    yield from foreground(work)
    yield parametrised(work)
    yield from whole_system(work)


def foreground(work: MonteCarloWork) -> Iterator[Comparison]:
    """200 processes against fixed scores of a background."""
    model = foreground_on(database(2_000))
    samples = work.foreground_samples

    def ours(count: int = samples) -> Floats:
        return foreground_monte_carlo(
            model.system,
            np.array([model.product]),
            background=model.background,
            sampled_background=False,
            samples=count,
            seed=SEED,
        ).scores[:, 0, 0]

    arrays = arrays_of_samples(model, work.peer_samples[0])
    ways = (PARDISO, PARDISO_ON_ONE_THREAD, WITHOUT_PARDISO)
    yield Comparison(
        name="foreground_mc_vs_partitioned",
        work=f"one sample of {samples:,}; {model.label}",
        ours=ours,
        compared=partial(ours, COMPARED),
        iterations=samples,
        peer=partial(fastest, [_peer("partitioned", arrays, way) for way in ways]),
        difference=difference_of_samples,
        floor=1_000,
        aim=3_000,
        note=(
            "All that is made ready once is in our time and in none of bw2calc's. It gets the "
            "background as one flow, the impact itself, and the faster of pypardiso and SuperLU."
        ),
    )
    numpy = NumpyForeground(model)
    yield Comparison(
        name="foreground_mc_vs_numpy",
        work=f"one sample of {samples:,}; {model.label}",
        ours=ours,
        compared=partial(ours, COMPARED),
        iterations=samples,
        peer=partial(
            InProcess,
            "NumPy",
            np.__version__,
            f"SFC64, level by level on {CHUNK} samples at once, chunks on all processors",
            partial(numpy.scores, samples, SEED),
            samples,
            lambda: {
                "given": numpy.given_scores(
                    arrays["technosphere_matrix_given"], arrays["biosphere_matrix_given"]
                ),
                "own": numpy.scores(COMPARED, SEED),
            },
        ),
        difference=difference_of_samples,
        floor=4,
        aim=10,
        note="Our normal deviates have 32 random bits, NumPy's 53.",
    )


def parametrised(work: MonteCarloWork) -> Comparison:
    """Amounts of the foreground that are formulas in parameters, as lca_algebraic takes them."""
    model = parametrised_model(work.parametrised_processes)
    uncertain = model.system()
    samples = work.foreground_samples

    def ours(count: int = samples) -> Floats:
        return foreground_monte_carlo(
            uncertain.system,
            np.array([uncertain.product]),
            background=uncertain.background,
            sampled_background=False,
            samples=count,
            seed=SEED,
            given=model.given(SEED),
        ).scores[:, 0, 0]

    arrays = {
        **model.arrays(model.given(SEED)(0, GIVEN)[: model.parameters.size]),
        # Its vectors stay in the second-level cache.
        "samples": 10_000,
    }
    return Comparison(
        name="foreground_mc_vs_lca_algebraic",
        work=f"one sample of {samples:,}; {model.label}",
        ours=ours,
        compared=partial(ours, COMPARED),
        iterations=samples,
        peer=partial(
            fastest,
            [
                partial(
                    PeerProcess,
                    "lca_algebraic",
                    LCA_ALGEBRAIC_ENVIRONMENT,
                    "benchmarks.lca_algebraic.peer",
                    configuration,
                    arrays,
                )
                for configuration in work.lca_algebraic
            ],
        ),
        difference=difference_of_samples,
        floor=30,
        aim=100,
        reason=(
            "The compiled expression is vectorised NumPy and takes about as long as ours; what "
            "ours saves is the handling of the parameters around it."
        ),
        note=(
            "lca_algebraic's model is compiled before, which takes it half a minute; most of its "
            "time goes into looking at each value of each parameter in Python."
        ),
    )


def whole_system(work: MonteCarloWork) -> Iterator[Comparison]:
    """Technosphere and biosphere of a whole database vary."""
    model = database(work.size)
    samples = work.system_samples

    def ours(count: int = samples) -> Floats:
        found = monte_carlo(model.system, np.array([model.product]), samples=count, seed=SEED)
        return found.scores[:, 0, 0]

    for name, configuration, peer_samples, tolerance, floor, aim in (
        ("iterative", "iterative", work.peer_samples[1], ITERATIVE_TOLERANCE, 30.0, 100.0),
        ("lca", "whole_system", work.peer_samples[2], 1e-9, 300.0, 1_000.0),
    ):
        arrays = arrays_of_samples(model, peer_samples)
        yield Comparison(
            name=f"system_mc_vs_{name}",
            work=f"one sample of {samples:,}; {model.label}; one product, one method",
            ours=ours,
            compared=partial(ours, max(4 * peer_samples, samples)),
            iterations=samples,
            peer=partial(
                fastest,
                [_peer(configuration, arrays, way) for way in (PARDISO, WITHOUT_PARDISO)],
            ),
            difference=difference_of_samples,
            tolerance=tolerance,
            floor=floor,
            aim=aim,
            note=(
                "All that is made ready once is in our time and in none of bw2calc's, which takes "
                "the faster of pypardiso and SuperLU. The method has a factor for every flow. "
                "Our normal deviates have 32 random bits, NumPy's 53."
            ),
        )


def difference_of_samples(ours: Floats, theirs: Mapping[str, Any]) -> Agreement:
    """Compare scores of the same amounts one by one, and those of own draws by distribution.

    Raises
    ------
    DisagreementError
        If the means or the distributions differ by more than chance allows.
    """
    given, own = np.asarray(theirs["given"]), np.asarray(theirs["own"])
    logs = np.log(ours), np.log(own)
    error = np.sqrt(sum(np.var(each, ddof=1) / len(each) for each in logs))
    z = float(abs(np.mean(logs[0]) - np.mean(logs[1])) / error)
    spread = float(np.std(logs[1], ddof=1) / np.std(logs[0], ddof=1))
    p = float(stats.ks_2samp(ours, own).pvalue)
    words = (
        f"Same amounts compared: {len(given)} samples. Own draws: mean of ln(score) differs by "
        f"{z:.1f} standard errors, its standard deviation by a factor of {spread:.3f}, "
        f"Kolmogorov-Smirnov p = {p:.2g} ({len(ours):,} and {len(own):,} samples)."
    )
    if not (z <= LARGEST_Z and p >= LEAST_P):  # true for NaN
        raise DisagreementError(words)
    return Agreement(largest_difference(ours[: len(given)], given), words)


def arrays_of_samples(model: UncertainSystem, compared: int) -> Arrays:
    """Write a system, with the amounts of our first samples."""
    system = model.system
    arrays: dict[str, Any] = {
        "product": model.product,
        "compared": compared,
        "background": int(model.background.sum()),
    }
    for name, exchanges, stream in (
        ("technosphere_matrix", system.technosphere, Stream.TECHNOSPHERE),
        ("biosphere_matrix", system.biosphere, Stream.BIOSPHERE),
    ):
        given = draw(exchanges.distribution, seed=SEED, stream=stream, first=0, count=GIVEN)
        arrays |= arrays_of_exchanges(name, exchanges, given)
    arrays |= arrays_of_exchanges("characterization_matrix", system.characterization)
    return arrays


def _peer(configuration: str, arrays: Arrays, way: Mapping[str, str]) -> Any:
    return partial(bw2calc, PEERS_ENVIRONMENT, configuration, arrays, way)
