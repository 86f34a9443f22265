"""The samples of one question, cut into tasks and spread over threads."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import Any, TypeAlias

import numpy as np
from scipy import sparse

from footprint.engine.arrays import Floats, Integers
from footprint.engine.draws import LANES, Stream, draw, in_blocks
from footprint.engine.errors import SingularSampleError, SingularSystemError
from footprint.engine.needed_part import Outside
from footprint.engine.sampling_plan import DrawnEntries, SamplingPlan
from footprint.engine.system import Exchanges
from footprint.kernels.instruction_sets import kernel

Given: TypeAlias = Callable[[int, int], Floats]
Progress: TypeAlias = Callable[[int, int], None]

#: Sweeps after which a sample is solved directly instead.
MOST_SWEEPS = 200
#: Estimated relative error of a score above which its sample is solved directly [-]. What is
#: compared with other engines is compared to 1e-9.
TRUSTED = 1e-10
#: Amounts that one task draws: long enough that starting it does not weigh, short enough that
#: progress is seen and all threads end at about the same time.
DRAWS_PER_TASK = 2_000_000


class SamplingRun:
    """The samples of one call: whole blocks of lanes around them, cut into tasks.

    Attributes
    ----------
    scores
        Unit scores (samples, products, methods).
    resolved
        Samples that were solved directly, ascending once all are done.
    """

    def __init__(
        self,
        plan: SamplingPlan,
        outside: Outside,
        given: Given | None,
        *,
        seed: int,
        first: int,
        samples: int,
        tables: int,
        instruction_set: str,
    ) -> None:
        self._plan, self._outside, self._given = plan, outside, given
        self._seed, self._first, self._samples = seed, first, samples
        self._tables, self._set = tables, instruction_set
        self._kernel = _kernel_plan(plan, len(outside.products), tables, instruction_set)
        self.scores = np.empty((samples, len(plan.targets), plan.methods))
        self.resolved: list[int] = []
        self._blocks_per_task = max(1, DRAWS_PER_TASK // (LANES * max(plan.draws, 1)))
        self._local = threading.local()

    def run(self, threads: int, progress: Progress | None) -> None:
        """Run all tasks, a few ahead of those that are done."""
        tasks = self._tasks()
        done = 0
        executor = ThreadPoolExecutor(threads, thread_name_prefix="monte-carlo")
        try:
            running: set[Future[int]] = {
                executor.submit(self._task, *task) for task in islice(tasks, 2 * threads)
            }
            while running:
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                for future in ended:
                    done += future.result()
                    if progress is not None:
                        progress(done, self._samples)
                more = islice(tasks, len(ended))
                running |= {executor.submit(self._task, *task) for task in more}
        finally:
            executor.shutdown(cancel_futures=True)
        self.resolved.sort()

    def _tasks(self) -> Iterator[tuple[int, int]]:
        """Give first block and number of blocks."""
        begin, end = self._first // LANES, -(-(self._first + self._samples) // LANES)
        for block in range(begin, end, self._blocks_per_task):
            yield block, min(self._blocks_per_task, end - block)

    def _task(self, block: int, blocks: int) -> int:
        """Compute some blocks; return how many samples of them were asked for."""
        if not hasattr(self._local, "workspace"):
            self._local.workspace = self._kernel.workspace()
        low, high = LANES * block, LANES * (block + blocks)
        table = self._given_values(low, high - low)
        outside = self._from_outside(low, high)
        scores = np.empty((high - low, *self.scores.shape[1:]))
        error = np.empty(high - low)
        self._kernel.solve(
            self._seed,
            block,
            blocks,
            in_blocks(table),
            outside,
            self._plan.tolerance,
            MOST_SWEEPS,
            self._local.workspace,
            scores,
            error,
        )
        begin, end = max(low, self._first), min(high, self._first + self._samples)
        for lane in range(begin - low, end - low):
            if not error[lane] <= TRUSTED:
                scores[lane] = self._direct(
                    low + lane, table[:, lane], outside[lane % len(outside)]
                )
                self.resolved.append(low + lane)
        self.scores[begin - self._first : end - self._first] = scores[begin - low : end - low]
        return end - begin

    def _given_values(self, first: int, count: int) -> Floats:
        """Give the table for whole blocks, so that it does not depend on where a run begins."""
        if self._given is None:
            return np.zeros((0, count))
        return np.ascontiguousarray(self._given(first, count), dtype=np.float64)

    def _from_outside(self, low: int, high: int) -> Floats:
        """Give unit scores from outside; samples beside the run get the deterministic ones."""
        scores = self._outside.scores
        if len(scores) == 1:
            return scores
        padded = np.broadcast_to(
            self._outside.deterministic, (high - low, *scores.shape[1:])
        ).copy()
        begin, end = max(low, self._first), min(high, self._first + self._samples)
        padded[begin - low : end - low] = scores[begin - self._first : end - self._first]
        return padded

    def _direct(self, sample: int, given: Floats, outside: Floats) -> Floats:
        """Solve one sample as a system of its own (products, methods)."""
        part, system = self._plan.part, self._plan.part.system
        emitted = np.flatnonzero(part.node_of_activity[system.biosphere.column] >= 0)
        table = given[:, None]
        inputs = self._drawn(system.technosphere, Stream.TECHNOSPHERE, sample, table, part.inputs)
        flows = self._drawn(system.biosphere, Stream.BIOSPHERE, sample, table, emitted)
        factors = self._drawn(system.characterization, Stream.CHARACTERIZATION, sample, table, None)
        biosphere = sparse.coo_array(
            (
                flows,
                (
                    system.biosphere.row[emitted],
                    part.node_of_activity[system.biosphere.column[emitted]],
                ),
            ),
            shape=(system.flows, len(part.kept)),
        )
        characterization = Exchanges.fixed(
            system.characterization.row, system.characterization.column, factors
        ).matrix((system.flows, system.methods))
        direct = (biosphere.T @ characterization).toarray()
        try:
            solver = part.solver(inputs, len(outside))
            found = solver.adjoint_scores(np.concatenate([direct, outside]))
        except SingularSystemError as error:
            members = tuple(part.kept[list(error.indices)].tolist())
            raise SingularSampleError(sample, SingularSystemError(members, error.cause)) from error
        return found[part.node_of_product[self._plan.products]]

    def _drawn(
        self,
        exchanges: Exchanges,
        stream: Stream,
        sample: int,
        given: Floats,
        subset: Integers | None,
    ) -> Floats:
        return draw(
            exchanges.distribution,
            seed=self._seed,
            stream=stream,
            first=sample,
            count=1,
            given=given,
            subset=subset,
            instruction_set=self._set,
        )[:, 0]


def _kernel_plan(plan: SamplingPlan, outside: int, tables: int, instruction_set: str) -> Any:
    kernels = kernel("monte_carlo", instruction_set)

    def drawn(entries: DrawnEntries) -> Any:
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

    return kernels.Plan(
        plan.block_ptr,
        plan.row_ptr,
        drawn(plan.inputs),
        drawn(plan.pivots),
        plan.pivot_of.astype(np.int32),
        drawn(plan.emissions),
        drawn(plan.factors),
        plan.flows,
        plan.methods,
        tables,
        plan.start,
        plan.weight,
        plan.targets.astype(np.int32),
        plan.scale,
        outside,
    )
