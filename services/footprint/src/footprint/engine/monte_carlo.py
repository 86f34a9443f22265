"""Monte Carlo over a whole system, or over its foreground against a background.

Samples are numbered, and each is a pure function of its number and the seed: any number of threads,
any cut into runs gives the same bits on one instruction set, and 1e-12 across instruction sets.
"""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

import numpy as np

from footprint.engine.distributions import Distributions, Floats, Integers
from footprint.engine.draws import LANES, Stream, draw
from footprint.engine.errors import MalformedSystemError, SingularSampleError, SingularSystemError
from footprint.engine.needed_part import Outside
from footprint.engine.sampling_plan import (
    Bools,
    DrawnEntries,
    SamplingPlan,
    Uncertain,
    sampling_plan,
)
from footprint.engine.system import Exchanges, System
from footprint.engine.technosphere import Technosphere
from footprint.kernels.instruction_sets import INSTRUCTION_SETS, kernel

Given: TypeAlias = Callable[[int, int], Floats]
Progress: TypeAlias = Callable[[int, int], None]

#: Estimated relative error of a score below which the sweeps of a loop end [-]; what remains after
#: the last sweep is smaller still, so that results agree to 1e-12 across instruction sets.
TOLERANCE = 1e-12
#: Sweeps after which a sample is solved directly instead.
MOST_SWEEPS = 200
#: Amounts that one task draws: long enough that starting it does not weigh, short enough that
#: progress is seen and all threads end at about the same time.
DRAWS_PER_TASK = 2_000_000


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
    uncertain: Uncertain = Uncertain(),  # noqa: B008 (frozen)
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
        (rows, samples); called on several threads.
    outside
        Products whose unit scores are not solved for.
    threads
        All processors without it.
    progress
        Told how many samples of how many are done; what it raises ends the work.

    Raises
    ------
    MalformedSystemError, SingularSystemError
        If the deterministic system has no solution.
    SingularSampleError
        If a sample has none.
    """
    outside = outside or Outside.nothing(system.methods)
    varying = uncertain.applied_to(system)
    plan = sampling_plan(varying, np.asarray(products, np.int64), outside)
    run = _Run(varying, plan, seed, given, outside, first, samples, instruction_set)
    run.all(threads or os.cpu_count() or 1, progress)
    return MonteCarloResult(
        scores=run.scores, resolved=run.resolve(products), instruction_set=instruction_set
    )


def foreground_monte_carlo(
    system: System,
    products: Integers,
    *,
    background: Bools,
    sampled_background: bool,
    samples: int,
    seed: int,
    uncertain: Uncertain = Uncertain(),  # noqa: B008 (frozen)
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
    A sampled background gives the very scores of `monte_carlo`.
    """
    linked = linked_background(system, background)
    if sampled_background:
        behind = monte_carlo(
            system,
            linked,
            samples=samples,
            seed=seed,
            uncertain=uncertain,
            given=given,
            threads=threads,
            instruction_set=instruction_set,
            first=first,
        )
        scores = np.ascontiguousarray(behind.scores.transpose(1, 2, 0))
    else:
        solver = Technosphere(system.technosphere_matrix())
        scores = solver.adjoint_scores(system.intensities())[linked][:, :, None]
    return monte_carlo(
        system,
        products,
        samples=samples,
        seed=seed,
        uncertain=uncertain,
        given=given,
        outside=Outside(linked, scores),
        threads=threads,
        progress=progress,
        instruction_set=instruction_set,
        first=first,
    )


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


class _Run:
    """The samples of one call: whole blocks of lanes around them, cut into tasks."""

    def __init__(
        self,
        system: System,
        plan: SamplingPlan,
        seed: int,
        given: Given | None,
        outside: Outside,
        first: int,
        samples: int,
        instruction_set: str,
    ) -> None:
        self._system, self._seed, self._given, self._outside = system, seed, given, outside
        self._first, self._samples, self._set = first, samples, instruction_set
        kernels = kernel("monte_carlo", instruction_set)
        self._tables = 0 if given is None else len(given(first, 1))
        self._plan = kernels.Plan(
            plan.block_ptr,
            plan.row_ptr,
            *(_drawn(kernels, entries) for entries in (plan.inputs, plan.pivots)),
            plan.pivot_of.astype(np.int32),
            *(_drawn(kernels, entries) for entries in (plan.emissions, plan.factors)),
            plan.flows,
            plan.methods,
            self._tables,
            plan.start,
            plan.weight,
            plan.targets.astype(np.int32),
            len(plan.outside),
        )
        self.scores = np.empty((samples, len(plan.targets), plan.methods))
        self._error = np.empty(samples)
        draws = LANES * (plan.inputs.kind.size + plan.emissions.kind.size + 1)
        self._blocks_per_task = max(1, DRAWS_PER_TASK // draws)
        self._local = threading.local()

    def all(self, threads: int, progress: Progress | None) -> None:
        """Run all tasks, a few ahead of those that are done."""
        tasks = self._tasks()
        done = 0
        executor = ThreadPoolExecutor(threads, thread_name_prefix="monte-carlo")
        try:
            running: set[Future[int]] = {
                executor.submit(self._run, *task) for task in islice(tasks, 2 * threads)
            }
            while running:
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                for future in ended:
                    done += future.result()
                    if progress is not None:
                        progress(done, self._samples)
                running |= {executor.submit(self._run, *task) for task in islice(tasks, len(ended))}
        finally:
            executor.shutdown(cancel_futures=True)

    def _tasks(self) -> Iterator[tuple[int, int]]:
        """Give first block and number of blocks."""
        begin, end = self._first // LANES, -(-(self._first + self._samples) // LANES)
        for block in range(begin, end, self._blocks_per_task):
            yield block, min(self._blocks_per_task, end - block)

    def _run(self, block: int, blocks: int) -> int:
        """Compute some blocks; return how many samples of them were asked for."""
        if not hasattr(self._local, "workspace"):
            self._local.workspace = self._plan.workspace()
        low, high = LANES * block, LANES * (block + blocks)
        begin, end = max(low, self._first), min(high, self._first + self._samples)
        asked = slice(begin - low, end - low)
        kept = slice(begin - self._first, end - self._first)
        table = np.zeros((self._tables, high - low))
        if self._given is not None:
            table[:, asked] = self._given(begin, end - begin)
        scores = np.empty((high - low, *self.scores.shape[1:]))
        error = np.empty(high - low)
        self._plan.solve(
            self._seed,
            block,
            blocks,
            table,
            self._from_outside(low, high, asked, kept),
            TOLERANCE,
            MOST_SWEEPS,
            self._local.workspace,
            scores,
            error,
        )
        self.scores[kept], self._error[kept] = scores[asked], error[asked]
        return end - begin

    def _from_outside(self, low: int, high: int, asked: slice, kept: slice) -> Floats:
        scores = self._outside.scores
        if scores.shape[2] == 1:
            return np.ascontiguousarray(np.broadcast_to(scores, (*scores.shape[:2], LANES)))
        padded = np.zeros((*scores.shape[:2], high - low))
        padded[:, :, asked] = scores[:, :, kept]
        return padded

    def resolve(self, products: Integers) -> Integers:
        """Solve the samples directly that the sweeps were not sure of; return which."""
        unsure = np.flatnonzero(~(self._error <= TOLERANCE))
        for index in unsure.tolist():
            self.scores[index] = self._direct(index)[products]
        return unsure + self._first

    def _direct(self, index: int) -> Floats:
        """Return the unit scores of all products in one sample (n, methods)."""
        sample = self._first + index
        table = None if self._given is None else self._given(sample, 1)

        def drawn(exchanges: Exchanges, stream: Stream) -> Exchanges:
            amount = draw(
                exchanges.distribution,
                seed=self._seed,
                stream=stream,
                first=sample,
                count=1,
                given=table,
                instruction_set=self._set,
            )[:, 0]
            return Exchanges(exchanges.row, exchanges.column, amount, Distributions.fixed(amount))

        system = self._system
        system = System(
            system.size,
            system.flows,
            system.methods,
            drawn(system.technosphere, Stream.TECHNOSPHERE),
            drawn(system.biosphere, Stream.BIOSPHERE),
            drawn(system.characterization, Stream.CHARACTERIZATION),
            system.reference,
        )
        try:
            return self._closed(system, index)
        except SingularSystemError as error:
            raise SingularSampleError(sample, error) from error

    def _closed(self, system: System, index: int) -> Floats:
        """Solve a drawn system; what is given from outside is made by activities that say so."""
        products = self._outside.products
        if not len(products):
            return Technosphere(system.technosphere_matrix()).adjoint_scores(system.intensities())
        maker = np.empty(system.size, dtype=np.int64)
        maker[system.reference] = np.arange(system.size)
        makers = maker[products]
        matrix = system.technosphere_matrix().tolil()
        matrix[:, makers] = 0.0
        matrix[products, makers] = 1.0
        intensities = system.intensities()
        column = 0 if self._outside.scores.shape[2] == 1 else index
        intensities[makers] = self._outside.scores[:, :, column]
        return Technosphere(matrix.tocsr()).adjoint_scores(intensities)


def _drawn(kernels: Any, entries: DrawnEntries) -> Any:
    return kernels.Drawn(
        entries.kind,
        entries.first,
        entries.second,
        entries.third,
        entries.identity,
        entries.given,
        entries.row,
        entries.other,
        int(entries.stream),
    )
