"""What a reader must know of the machine to judge the figures."""

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.uncertain_systems import database
from footprint.engine.arrays import Floats, Integers
from footprint.engine.distributions import Distributions, Kind
from footprint.engine.draws import LANES, Stream, as_arrays
from footprint.kernels.instruction_sets import INSTRUCTION_SETS, kernel

_SYNCS = 25
_BLOCK = bytes(4096)
_REPETITIONS = 5
#: Elements of each array of the triad; three of them leave any cache.
_TRIAD = 2**24
#: Elements that stay in the second-level cache between the two calls of the triad.
_PIECE = 2**15
#: Sweeps that are timed.
_SWEEPS = 40
#: Lognormal amounts that are drawn, by samples.
_DRAWS = (4_096, 512)


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine.

    Attributes
    ----------
    memory_gib
        Of the whole machine [GiB].
    sync_s
        What it takes to write a block of 4 KiB durably, where temporary files are [s]: each commit
        waits for that once at least.
    instruction_sets
        For which the kernels of many samples are built and this processor is able, best first.
    triad_bytes_per_s
        STREAM triad ``a = b + 3 c`` by NumPy on all processors, 24 bytes an element [byte/s].
    draw_ns, numpy_draw_ns
        One lognormal amount on one processor, by the engine and by NumPy (SFC64) [ns].
    sweep_bytes_per_s
        What the sweeps of whole-system Monte Carlo read and write on all processors: amounts and
        indices of inputs, direct impacts and scores [byte/s].
    """

    processor: str
    processors: int
    memory_gib: float
    python: str
    sync_s: float
    instruction_sets: tuple[str, ...]
    triad_bytes_per_s: float
    draw_ns: float
    numpy_draw_ns: float
    sweep_bytes_per_s: float

    def __str__(self) -> str:
        sweeps = self.sweep_bytes_per_s / self.triad_bytes_per_s
        return (
            f"{self.processor}, {self.processors} processors, {self.memory_gib:.0f} GiB, "
            f"Python {self.python}, durable write {self.sync_s * 1e3:.2g} ms, "
            f"{self.instruction_sets[0]}; "
            f"triad {self.triad_bytes_per_s / 1e9:.3g} GB/s, "
            f"sweeps {self.sweep_bytes_per_s / 1e9:.3g} GB/s ({sweeps:.0%} of it), "
            f"one lognormal amount {self.draw_ns:.2g} ns (NumPy {self.numpy_draw_ns:.2g} ns)"
        )


def this_machine(size: int) -> Machine:
    """Look at the machine; `size` is the number of activities that are swept over."""
    return Machine(
        processor=_processor(),
        processors=os.cpu_count() or 1,
        memory_gib=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30,
        python=platform.python_version(),
        sync_s=_sync_s(),
        instruction_sets=INSTRUCTION_SETS,
        triad_bytes_per_s=_triad_bytes_per_s(),
        draw_ns=draw_ns(),
        numpy_draw_ns=_numpy_draw_ns(),
        sweep_bytes_per_s=sweep_bytes_per_s(size),
    )


def _processor() -> str:
    """Return the processor's name, if the system tells, and its architecture."""
    described = Path("/proc/cpuinfo")
    lines = described.read_text(encoding="utf-8").splitlines() if described.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return " ".join([*names[:1], platform.machine()])


def _sync_s() -> float:
    took = []
    with tempfile.TemporaryFile(buffering=0) as file:
        for _ in range(_SYNCS):
            begin = time.perf_counter()
            file.write(_BLOCK)
            os.fdatasync(file.fileno())
            took.append(time.perf_counter() - begin)
    return statistics.median(took)


def _shortest(work: Callable[[], object]) -> float:
    """Give the shortest duration of a few calls [s], as STREAM does."""
    work()
    took = []
    for _ in range(_REPETITIONS):
        begin = time.perf_counter()
        work()
        took.append(time.perf_counter() - begin)
    return min(took)


def _triad_bytes_per_s() -> float:
    a, b, c = np.zeros(_TRIAD), np.ones(_TRIAD), np.ones(_TRIAD)
    threads = os.cpu_count() or 1
    share = -(-_TRIAD // threads)

    def part(first: int) -> None:
        for begin in range(first, min(first + share, _TRIAD), _PIECE):
            piece = slice(begin, min(begin + _PIECE, first + share, _TRIAD))
            np.multiply(c[piece], 3.0, out=a[piece])
            np.add(a[piece], b[piece], out=a[piece])

    with ThreadPoolExecutor(threads) as executor:
        return 24 * _TRIAD / _shortest(lambda: list(executor.map(part, range(0, _TRIAD, share))))


def draw_ns() -> float:
    """Draw block by block, as the Monte Carlo kernel does, without the copy of `draw`."""
    amounts, samples = _DRAWS
    distributions = Distributions.lognormal(np.ones(amounts), np.full(amounts, 0.2))
    arrays = as_arrays(distributions, np.arange(amounts))
    draw_amounts = kernel("draws", INSTRUCTION_SETS[0]).draw_amounts
    none_given, drawn = np.zeros((1, 0, LANES)), np.empty((amounts, LANES))

    def work() -> None:
        for block in range(samples // LANES):
            draw_amounts(*arrays, none_given, 1, int(Stream.TECHNOSPHERE), block, drawn)

    return _shortest(work) / (amounts * samples) * 1e9


def _numpy_draw_ns() -> float:
    drawn = np.empty(_DRAWS[0])
    random = np.random.Generator(np.random.SFC64(1))

    def work() -> None:
        for _ in range(_DRAWS[1]):
            random.standard_normal(out=drawn)
            np.multiply(drawn, 0.2, out=drawn)
            np.exp(drawn, out=drawn)

    return _shortest(work) / (_DRAWS[0] * _DRAWS[1]) * 1e9


def sweep_bytes_per_s(size: int) -> float:
    """Sweep over a whole database as if it were one loop, on each processor over one of its own."""
    cells = database(size).system.technosphere
    inputs = np.flatnonzero(cells.row != cells.column)
    inputs = inputs[np.argsort(cells.column[inputs], kind="stable")]
    kernels = kernel("monte_carlo", INSTRUCTION_SETS[0])
    plan = kernels.Plan(
        np.array([0, size]),
        np.searchsorted(cells.column[inputs], np.arange(size + 1)),
        _fixed(kernels, -cells.amount[inputs], cells.column[inputs], cells.row[inputs]),
        _nothing(kernels),
        np.full(size, -1, dtype=np.int32),
        _nothing(kernels),
        _nothing(kernels),
        0,
        1,
        0,
        np.ones((1, size)),
        np.ones((1, size)),
        np.zeros(1, dtype=np.int32),
        np.ones((1, 1)),
        0,
    )
    threads = os.cpu_count() or 1
    work = [(plan.workspace(), np.empty((LANES, 1, 1)), np.empty(LANES)) for _ in range(threads)]

    def seconds(sweeps: int) -> float:
        def block(thread: int) -> None:
            plan.solve(
                1,
                thread,
                1,
                np.zeros((1, 0, LANES)),
                np.zeros((1, 0, 1)),
                np.full(1, -1.0),  # a tolerance that is never reached
                sweeps,
                *work[thread],
            )

        return _shortest(lambda: list(executor.map(block, range(threads))))

    with ThreadPoolExecutor(threads) as executor:
        one_sweep = (seconds(1 + _SWEEPS) - seconds(1)) / _SWEEPS
    # Amounts and indices; direct impact, score twice, weight, pointer and pivot of each row. The
    # scores that amounts are multiplied by are not counted: they stay in the cache.
    touched = len(inputs) * (8 * LANES + 4) + size * (3 * 8 * LANES + 20)
    return threads * touched / one_sweep


def _fixed(kernels: Any, amount: Floats, row: Integers, other: Integers) -> Any:
    zeros = np.zeros(len(amount))
    return kernels.Drawn(
        np.full(len(amount), int(Kind.FIXED), dtype=np.int32),
        amount,
        zeros,
        zeros,
        np.arange(len(amount), dtype=np.uint32),
        np.full(len(amount), -1, dtype=np.int32),
        row.astype(np.int32),
        other.astype(np.int32),
        int(Stream.TECHNOSPHERE),
    )


def _nothing(kernels: Any) -> Any:
    nowhere = np.zeros(0, dtype=np.int64)
    return _fixed(kernels, np.zeros(0), nowhere, nowhere)
