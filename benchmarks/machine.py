"""What a reader must know of the machine to judge the figures."""

import os
import platform
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

_SYNCS = 25
_BLOCK = bytes(4096)


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
    """

    processor: str
    processors: int
    memory_gib: float
    python: str
    sync_s: float

    def __str__(self) -> str:
        return (
            f"{self.processor}, {self.processors} processors, {self.memory_gib:.0f} GiB, "
            f"Python {self.python}, durable write {self.sync_s * 1e3:.2g} ms"
        )


def this_machine() -> Machine:
    """Look at the machine."""
    return Machine(
        processor=_processor(),
        processors=os.cpu_count() or 1,
        memory_gib=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30,
        python=platform.python_version(),
        sync_s=_sync_s(),
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
