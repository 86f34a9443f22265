"""Monte Carlo beside closed forms, SciPy's distributions and bw2calc's own.

Seeds are fixed, so that a test that passes will pass again. With other seeds each comparison would
raise a false alarm with a chance of `ALARM`, all some 100 together with one of 1e-4.
"""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats
from services.footprint.tests.oracles import brightway
from services.footprint.tests.oracles.random_systems import RandomSystem, Trait, random_system

from footprint.engine.distributions import Distributions, Kind
from footprint.engine.draws import Stream, draw
from footprint.engine.monte_carlo import monte_carlo
from footprint.engine.sampling_plan import Uncertain
from footprint.engine.system import Exchanges, System
from footprint.kernels.instruction_sets import INSTRUCTION_SETS

Floats = NDArray[np.float64]

#: Chance that a right result is called wrong, of one comparison [-].
ALARM = 1e-6
#: The same as standard deviations of a normal estimate.
DEVIATIONS = float(stats.norm.isf(ALARM / 2.0))
SEEDS = range(5)
EVERYTHING = Uncertain(technosphere=True, biosphere=True, characterization=True)

DISTRIBUTIONS: dict[str, tuple[Kind, tuple[float, float, float], Callable[..., Any]]] = {
    "lognormal": (Kind.LOGNORMAL, (2.0, 0.3, 0.0), stats.lognorm(0.3, scale=2.0).cdf),
    "wide lognormal": (Kind.LOGNORMAL, (5.0, 2.0, 0.0), stats.lognorm(2.0, scale=5.0).cdf),
    "negative lognormal": (
        Kind.LOGNORMAL,
        (-2.0, 0.3, 0.0),
        lambda x: stats.lognorm(0.3, scale=2.0).sf(-x),
    ),
    "normal": (Kind.NORMAL, (-1.0, 0.5, 0.0), stats.norm(-1.0, 0.5).cdf),
    "uniform": (Kind.UNIFORM, (-1.0, 3.0, 0.0), stats.uniform(-1.0, 4.0).cdf),
    "triangular": (Kind.TRIANGULAR, (1.0, 2.0, 5.0), stats.triang(0.25, 1.0, 4.0).cdf),
    "triangular, mode first": (Kind.TRIANGULAR, (1.0, 1.0, 5.0), stats.triang(0.0, 1.0, 4.0).cdf),
    "triangular, mode last": (Kind.TRIANGULAR, (1.0, 5.0, 5.0), stats.triang(1.0, 1.0, 4.0).cdf),
}


def alike(kind: Kind, parameters: tuple[float, float, float], count: int) -> Distributions:
    """Repeat one distribution."""
    first, second, third = (np.full(count, value) for value in parameters)
    kinds = np.full(count, kind, dtype=np.int64)
    return Distributions(kinds, first, second, third, np.full(count, -1, dtype=np.int64))


def joined(parts: list[Distributions]) -> Distributions:
    fields = ("kind", "first", "second", "third", "given")
    return Distributions(*(np.concatenate([getattr(p, f) for p in parts]) for f in fields))


def of_one_method(
    technosphere: list[tuple[int, int, float]],
    varying: list[tuple[int, int, Distributions]],
    emissions: list[tuple[int, Distributions]],
) -> System:
    """Return a system of fixed and varying exchanges; each flow is its own, with factor 1."""
    fixed = Distributions.fixed(np.array([amount for _, _, amount in technosphere]))
    part = joined([fixed, *(distribution for _, _, distribution in varying)])
    row, column = np.array([entry[:2] for entry in [*technosphere, *varying]], dtype=np.int64).T
    size = int(row.max()) + 1
    flows = np.arange(len(emissions))
    emitted = joined([distribution for _, distribution in emissions])
    activity = np.array([activity for activity, _ in emissions], dtype=np.int64)
    return System(
        size=size,
        flows=len(emissions),
        methods=1,
        technosphere=Exchanges(row, column, part.mean(), part),
        biosphere=Exchanges(flows, activity, emitted.mean(), emitted),
        characterization=Exchanges.fixed(flows, np.zeros_like(flows), np.ones(len(flows))),
        reference=np.arange(size),
    )


def scores_of(system: System, product: int, samples: int, seed: int) -> Floats:
    found = monte_carlo(system, np.array([product]), samples=samples, seed=seed)
    return found.scores[:, 0, 0]


def uncertain(drawn: RandomSystem, seed: int = 0) -> System:
    """Let every amount but the reference outputs vary, by all kinds of distributions."""
    random = np.random.default_rng(seed)
    system = drawn.system

    def varied(exchanges: Exchanges, is_fixed: NDArray[np.bool_]) -> Exchanges:
        amount, size = exchanges.amount, np.abs(exchanges.amount)
        kind = np.where(is_fixed, Kind.FIXED, random.integers(0, 5, len(amount)))
        zeros = np.zeros(len(amount))
        first = np.choose(kind, [amount, amount, amount, amount - 0.2 * size, amount - 0.3 * size])
        second = np.choose(kind, [zeros, zeros + 0.15, 0.1 * size, amount + 0.1 * size, amount])
        third = np.where(kind == Kind.TRIANGULAR, amount + 0.1 * size, 0.0)
        given = np.full(len(amount), -1, dtype=np.int64)
        distribution = Distributions(kind.astype(np.int64), first, second, third, given)
        return Exchanges(exchanges.row, exchanges.column, distribution.mean(), distribution)

    entries, factors = system.technosphere, system.characterization
    only = factors.column == 0
    factors = Exchanges.fixed(factors.row[only], factors.column[only], factors.amount[only])
    return replace(
        system,
        methods=1,
        technosphere=varied(entries, system.reference[entries.column] == entries.row),
        biosphere=varied(system.biosphere, np.zeros(system.biosphere.size, dtype=np.bool_)),
        characterization=varied(factors, np.zeros(factors.size, dtype=np.bool_)),
    )


def tame_systems(count: int, smallest: int, largest: int) -> list[RandomSystem]:
    """Return systems that stay regular when their amounts vary."""
    wild = {Trait.ARBITRARY, Trait.NEAR_ONE, Trait.TIGHT, Trait.SPLIT, Trait.UPTAKE}
    wild |= {Trait.BAD_UNITS, Trait.CO_PRODUCTS}
    found: list[RandomSystem] = []
    seed = 0
    while len(found) < count:
        drawn = random_system(seed, largest)
        seed += 1
        wanted = drawn.system.size >= smallest and Trait.LOOPS in drawn.traits
        if wanted and not drawn.traits & wild:
            found.append(drawn)
    return found


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_draws_follow_their_distribution(name: str, seed: int) -> None:
    kind, parameters, cdf = DISTRIBUTIONS[name]
    # Over samples, over positions, and over both.
    for positions, count in ((1, 20_000), (20_000, 1), (150, 150)):
        drawn = draw(
            alike(kind, parameters, positions),
            seed=seed,
            stream=Stream.BIOSPHERE,
            first=0,
            count=count,
        )
        assert stats.kstest(drawn.ravel(), cdf).pvalue > ALARM


@pytest.mark.parametrize("seed", SEEDS)
def test_draws_are_independent_of_their_neighbours(seed: int) -> None:
    parts = alike(Kind.NORMAL, (0.0, 1.0, 0.0), 40)

    def drawn(seed: int, stream: Stream) -> Floats:
        return draw(parts, seed=seed, stream=stream, first=0, count=4_000)

    one = drawn(seed, Stream.TECHNOSPHERE)
    pairs = {
        "next sample": (one[:, :-1], one[:, 1:]),
        "fourth sample": (one[:, :-4], one[:, 4:]),
        "next position": (one[:-1], one[1:]),
        "other stream": (one, drawn(seed, Stream.BIOSPHERE)),
        "next seed": (one, drawn(seed + 1, Stream.TECHNOSPHERE)),
        "seed that differs in its upper word": (one, drawn(seed + 2**32, Stream.TECHNOSPHERE)),
    }
    for name, (left, right) in pairs.items():
        for power in (1, 2):
            a, b = left.ravel() ** power, right.ravel() ** power
            correlation = float(np.corrcoef(a, b)[0, 1])
            assert abs(correlation) < DEVIATIONS / np.sqrt(a.size), (name, power)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_chain_of_lognormal_inputs_is_lognormal(seed: int) -> None:
    # h = a₁ a₂ a₃ e: ln h is normal, its mean Σ ln median, its variance Σ σ².
    medians, sigmas = [0.5, 2.0, 0.1, 3.0], [0.1, 0.3, 0.2, 0.4]
    parts = [
        alike(Kind.LOGNORMAL, (sign * median, sigma, 0.0), 1)
        for sign, median, sigma in zip((-1, -1, -1, 1), medians, sigmas, strict=True)
    ]
    system = of_one_method(
        [(k, k, 1.0) for k in range(4)],
        [(k + 1, k, parts[k]) for k in range(3)],
        [(3, parts[3])],
    )
    expected = stats.lognorm(np.sqrt(np.square(sigmas).sum()), scale=np.prod(medians))
    assert stats.kstest(scores_of(system, 0, 20_000, seed), expected.cdf).pvalue > ALARM


@pytest.mark.parametrize("seed", SEEDS)
def test_a_sum_of_normal_emissions_is_normal(seed: int) -> None:
    # Two of what emits N(1, 0.3²) and N(−2, 0.4²), and N(5, 1²) of one's own:
    # mean 2 − 4 + 5 = 3, variance 4 · (0.09 + 0.16) + 1 = 2
    normal = [(1, (1.0, 0.3, 0.0)), (1, (-2.0, 0.4, 0.0)), (0, (5.0, 1.0, 0.0))]
    system = of_one_method(
        [(0, 0, 1.0), (1, 1, 1.0), (1, 0, -2.0)],
        [],
        [(activity, alike(Kind.NORMAL, parameters, 1)) for activity, parameters in normal],
    )
    found = scores_of(system, 0, 20_000, seed)
    assert stats.kstest(found, stats.norm(3.0, np.sqrt(2.0)).cdf).pvalue > ALARM


@pytest.mark.parametrize("seed", SEEDS)
def test_an_output_that_varies_divides(seed: int) -> None:
    # h = 1 / U(0.5, 2), so that P(h ≤ x) = (2 − 1 / x) / 1.5 for x in [0.5, 2]
    output = alike(Kind.UNIFORM, (0.5, 2.0, 0.0), 1)
    system = of_one_method([(1, 1, 1.0)], [(0, 0, output)], [(0, Distributions.fixed(np.ones(1)))])
    found = scores_of(system, 0, 20_000, seed)
    assert stats.kstest(found, lambda x: np.clip((2.0 - 1.0 / x) / 1.5, 0, 1)).pvalue > ALARM


@pytest.mark.parametrize("seed", SEEDS)
def test_a_loop_that_varies_keeps_its_closed_form(seed: int) -> None:
    # h = 1 / (1 − a) with a uniform in [0.1, 0.6]: P(h ≤ x) = (1 − 1 / x − 0.1) / 0.5
    back = alike(Kind.UNIFORM, (-0.6, -0.1, 0.0), 1)
    system = of_one_method(
        [(0, 0, 1.0), (1, 1, 1.0), (1, 0, -1.0)],
        [(0, 1, back)],
        [(0, Distributions.fixed(np.ones(1)))],
    )
    found = scores_of(system, 0, 20_000, seed)
    assert stats.kstest(found, lambda x: np.clip((0.9 - 1.0 / x) / 0.5, 0, 1)).pvalue > ALARM


@pytest.mark.parametrize("seed", SEEDS)
def test_uniform_and_triangular_emissions_have_their_moments(seed: int) -> None:
    # Uniform in [1, 4]: 2.5 and 9 / 12. Triangular (0, 1, 5): 2 and (0 + 1 + 25 − 5) / 18 = 7 / 6.
    system = of_one_method(
        [(0, 0, 1.0)],
        [],
        [
            (0, alike(Kind.UNIFORM, (1.0, 4.0, 0.0), 1)),
            (0, alike(Kind.TRIANGULAR, (0.0, 1.0, 5.0), 1)),
        ],
    )
    count = 40_000
    found = scores_of(system, 0, count, seed)
    variance = 9.0 / 12.0 + 7.0 / 6.0
    assert abs(found.mean() - 4.5) < DEVIATIONS * np.sqrt(variance / count)
    fourth = np.mean((found - 4.5) ** 4)
    assert abs(found.var() - variance) < DEVIATIONS * np.sqrt((fourth - variance**2) / count)


@pytest.mark.parametrize("number", range(6))
def test_bw2calc_scores_our_samples_alike(number: int) -> None:
    drawn = tame_systems(6, 10, 60)[number]
    system, count, product = uncertain(drawn), 40, int(drawn.asked[0])
    parts = {
        "technosphere_matrix": (system.technosphere, Stream.TECHNOSPHERE),
        "biosphere_matrix": (system.biosphere, Stream.BIOSPHERE),
        "characterization_matrix": (system.characterization, Stream.CHARACTERIZATION),
    }
    amounts = {
        name: draw(part.distribution, seed=11, stream=stream, first=0, count=count)
        for name, (part, stream) in parts.items()
    }
    package = brightway.sampled_datapackage(system, amounts)
    expected = brightway.samples(package, product, count, use_arrays=True)
    found = monte_carlo(system, np.array([product]), samples=count, seed=11, uncertain=EVERYTHING)
    assert np.ptp(expected) > 0.01 * abs(expected.mean())
    np.testing.assert_allclose(found.scores[:, 0, 0], expected, rtol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_bw2calc_samples_the_same_distribution(seed: int) -> None:
    drawn = tame_systems(3, 20, 40)[seed]
    system, product, count = uncertain(drawn), int(drawn.asked[0]), 1_500
    package = brightway.uncertain_datapackage(system)
    theirs = brightway.samples(package, product, count, use_distributions=True, seed_override=seed)
    run = monte_carlo(
        system, np.array([product]), samples=4 * count, seed=seed, uncertain=EVERYTHING
    )
    ours = run.scores[:, 0, 0]
    assert stats.ks_2samp(ours, theirs).pvalue > ALARM
    for power in (1, 2):
        a, b = ((x - ours.mean()) ** power for x in (ours, theirs))
        error = np.sqrt(a.var() / a.size + b.var() / b.size)
        assert abs(a.mean() - b.mean()) < DEVIATIONS * error


@pytest.mark.parametrize("number", range(3))
def test_a_cut_into_runs_and_threads_changes_no_bit(number: int) -> None:
    drawn = tame_systems(3, 30, 100)[number]
    system = uncertain(drawn)
    whole = monte_carlo(system, drawn.asked, samples=200, seed=3, uncertain=EVERYTHING, threads=1)
    cuts = (0, 1, 9, 77, 200)
    parts = [
        monte_carlo(
            system,
            drawn.asked,
            samples=end - begin,
            first=begin,
            seed=3,
            uncertain=EVERYTHING,
            threads=threads,
        ).scores
        for threads, (begin, end) in enumerate(pairwise(cuts), start=1)
    ]
    np.testing.assert_array_equal(np.concatenate(parts), whole.scores)


@pytest.mark.parametrize("number", range(3))
def test_instruction_sets_agree(number: int) -> None:
    drawn = tame_systems(3, 30, 100)[number]
    system = uncertain(drawn)
    scores = [
        monte_carlo(
            system,
            drawn.asked,
            samples=200,
            seed=3,
            uncertain=EVERYTHING,
            instruction_set=instruction_set,
        ).scores
        for instruction_set in INSTRUCTION_SETS
    ]
    for other in scores[1:]:
        np.testing.assert_allclose(other, scores[0], rtol=1e-12)
