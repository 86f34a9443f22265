"""Monte Carlo over a whole system, or over its foreground against a background.

Samples are numbered, and each is a pure function of its number and the seed: any number of threads,
any cut into runs gives the same bits on one instruction set, and 1e-12 across instruction sets.
"""

import os
from dataclasses import dataclass

import numpy as np

from footprint.engine.arrays import Bools, Floats, Integers
from footprint.engine.errors import MalformedSystemError
from footprint.engine.needed_part import Outside
from footprint.engine.sampling_plan import Uncertain, sampling_plan
from footprint.engine.sampling_run import Given, Progress, SamplingRun
from footprint.engine.system import System
from footprint.engine.technosphere import Technosphere
from footprint.kernels.instruction_sets import INSTRUCTION_SETS

BIOSPHERE_AND_TECHNOSPHERE = Uncertain()


@dataclass(frozen=True, slots=True)
class MonteCarloResult:
    """What was computed.

    Attributes
    ----------
    scores
        Unit scores (samples, products, methods) [unit of the method / unit of the product].
    resolved
        Samples that were solved directly, since the sweeps were not sure of them; ascending.
    instruction_set
        Which build of the kernels was used.
    """

    scores: Floats
    resolved: Integers
    instruction_set: str


def monte_carlo(
    system: System,
    products: Integers,
    *,
    samples: int,
    seed: int,
    uncertain: Uncertain = BIOSPHERE_AND_TECHNOSPHERE,
    given: Given | None = None,
    outside: Outside | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    instruction_set: str = INSTRUCTION_SETS[0],
    first: int = 0,
) -> MonteCarloResult:
    """Score products in many samples of a system.

    Parameters
    ----------
    products
        Products asked for (t,).
    samples, first
        Samples ``first … first + samples − 1``.
    seed
        In [0, 2^64).
    uncertain
        Which matrices vary.
    given
        Gives, for a first sample and a number of samples, the table of given values
        (rows, samples): a pure function of the numbers of the samples, called on several threads
        and for a few samples before and after those asked for.
    outside
        Products whose unit scores are not solved for.
    threads
        All processors without it.
    progress
        Told how many samples of how many are done; what it raises ends the work.

    Raises
    ------
    MalformedSystemError
        If products or given values are named that are not there.
    SingularSystemError
        If the deterministic system has no solution.
    SingularSampleError
        If a sample has none.
    """
    products = np.asarray(products, dtype=np.int64)
    if samples < 0 or first < 0 or (threads is not None and threads < 1):
        raise MalformedSystemError("samples count from 0, threads from 1")
    if not len(products) or not samples:
        nothing = np.zeros((samples, len(products), system.methods))
        return MonteCarloResult(nothing, np.zeros(0, dtype=np.int64), instruction_set)
    outside = outside or Outside.nothing(system.methods)
    tables = 0 if given is None else len(given(first, 1))
    plan = sampling_plan(uncertain.applied_to(system), products, outside, tables)
    run = SamplingRun(
        plan,
        outside,
        given,
        seed=seed,
        first=first,
        samples=samples,
        tables=tables,
        instruction_set=instruction_set,
    )
    run.run(threads or os.cpu_count() or 1, progress)
    return MonteCarloResult(run.scores, np.array(run.resolved, dtype=np.int64), instruction_set)


def foreground_monte_carlo(
    system: System,
    products: Integers,
    *,
    background: Bools,
    sampled_background: bool,
    samples: int,
    seed: int,
    uncertain: Uncertain = BIOSPHERE_AND_TECHNOSPHERE,
    given: Given | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    instruction_set: str = INSTRUCTION_SETS[0],
    first: int = 0,
) -> MonteCarloResult:
    """Score products in many samples of the foreground, against the background's unit scores.

    Parameters
    ----------
    background
        Which activities belong to the background (n,); none of them takes from the foreground.
    sampled_background
        Draw the background too, all its scores of one sample from the same draws; else its unit
        scores are the deterministic ones.

    Notes
    -----
    A sampled background gives the scores of `monte_carlo`.
    """
    linked = linked_background(system, background)
    solver = Technosphere(system.technosphere_matrix())
    outside = Outside.fixed(linked, solver.adjoint_scores(system.intensities())[linked])
    behind = None
    if sampled_background and len(linked):
        behind = monte_carlo(
            system,
            linked,
            samples=samples,
            seed=seed,
            uncertain=uncertain,
            given=given,
            threads=threads,
            progress=_half(progress, samples, 0),
            instruction_set=instruction_set,
            first=first,
        )
        outside = Outside(linked, behind.scores, outside.deterministic)
    found = monte_carlo(
        system,
        products,
        samples=samples,
        seed=seed,
        uncertain=uncertain,
        given=given,
        outside=outside,
        threads=threads,
        progress=progress if behind is None else _half(progress, samples, 1),
        instruction_set=instruction_set,
        first=first,
    )
    if behind is None:
        return found
    resolved = np.union1d(found.resolved, behind.resolved)
    return MonteCarloResult(found.scores, resolved, instruction_set)


def linked_background(system: System, background: Bools) -> Integers:
    """Return the products of the background that the foreground takes, ascending.

    Raises
    ------
    MalformedSystemError
        If an activity of the background takes from the foreground.
    """
    technosphere = system.technosphere
    made_behind = np.zeros(system.size, dtype=bool)
    made_behind[system.reference[background]] = True
    taking_back = background[technosphere.column] & ~made_behind[technosphere.row]
    if taking_back.any():
        activities = np.unique(technosphere.column[taking_back]).tolist()
        raise MalformedSystemError(
            f"activities of the background take from the foreground: {activities}"
        )
    return np.unique(
        technosphere.row[~background[technosphere.column] & made_behind[technosphere.row]]
    )


def _half(progress: Progress | None, samples: int, half: int) -> Progress | None:
    """Tell the progress of one of two phases as that of both."""
    if progress is None:
        return None

    def tell(done: int, of: int) -> None:
        progress((half * samples + done) // 2, samples)

    return tell
