"""How time and memory grow with the size of a system, with threads and with samples."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figures import Panel, figure

ROOT = Path(__file__).parents[1]
FIGURE = Path(__file__).with_name("growth.svg")
#: Peak memory that is allowed [byte], by activities and samples.
LIMITS = {(20_000, 10_000): 10**9}


@dataclass(frozen=True, slots=True)
class GrowthSizes:
    """Where it is measured.

    Attributes
    ----------
    activities
        Sizes of systems, at `few` samples on all processors.
    size
        Of the system at which threads and samples are varied.
    few
        Samples where they are not varied.
    samples
        Numbers of samples, on all processors.
    """

    activities: tuple[int, ...]
    size: int
    few: int
    samples: tuple[int, ...]


FULL = GrowthSizes((1_000, 2_000, 5_000, 10_000, 20_000, 50_000), 20_000, 256, (100, 1_000, 10_000))
QUICK = GrowthSizes((1_000, 5_000, 20_000), 5_000, 128, (100, 1_000))


@dataclass(frozen=True, slots=True)
class Point:
    """One measurement.

    Attributes
    ----------
    varied
        ``size``, ``threads`` or ``samples``.
    solve_s
        Scores of all products of the deterministic system, nothing factorized before [s].
    sample_s
        One sample of whole-system Monte Carlo, with its share in what is made ready once [s].
    system_bytes, peak_bytes
        Largest resident memory of the process before and after the calculation [byte].
    limit_bytes
        What `peak_bytes` may be at most, None: no limit is set here.
    """

    varied: str
    size: int
    samples: int
    threads: int
    solve_s: float
    sample_s: float
    system_bytes: int
    peak_bytes: int
    limit_bytes: int | None


def measure_growth(sizes: GrowthSizes) -> list[Point]:
    """Measure all points, each in a process of its own, one after the other."""
    processors = os.cpu_count() or 1
    return [
        *(_point("size", size, sizes.few, processors) for size in sizes.activities),
        *(
            _point("threads", sizes.size, sizes.few, threads)
            for threads in sorted({1, 2, processors})
        ),
        *(_point("samples", sizes.size, samples, processors) for samples in sizes.samples),
    ]


def growth_table(points: Sequence[Point]) -> Iterator[str]:
    """Write points as Markdown."""
    yield (
        "| growth with | activities | samples | threads | one solve | one sample | peak memory "
        "| allowed |"
    )
    yield "|---|---|---|---|---|---|---|---|"
    for point in points:
        cells = (
            point.varied,
            f"{point.size:,}",
            f"{point.samples:,}",
            str(point.threads),
            f"{point.solve_s * 1e3:.3g} ms",
            f"{point.sample_s * 1e3:.3g} ms",
            f"{point.peak_bytes / 1e6:,.0f} MB",
            "" if point.limit_bytes is None else f"{point.limit_bytes / 1e6:,.0f} MB",
        )
        yield f"| {' | '.join(cells)} |"


def write_figure(points: Sequence[Point]) -> None:
    """Draw the points beside results.json."""
    by = {name: [point for point in points if point.varied == name] for name in NAMES}
    panels = [
        Panel(
            "Time against activities",
            "activities",
            "ms",
            {
                "one sample": [(point.size, point.sample_s * 1e3) for point in by["size"]],
                "one solve": [(point.size, point.solve_s * 1e3) for point in by["size"]],
            },
        ),
        Panel(
            "Memory against activities",
            "activities",
            "MB",
            {"peak": [(point.size, point.peak_bytes / 1e6) for point in by["size"]]},
        ),
        Panel(
            f"Time against threads ({by['threads'][0].size:,} activities)",
            "threads",
            "ms",
            {"one sample": [(point.threads, point.sample_s * 1e3) for point in by["threads"]]},
        ),
        Panel(
            f"Memory against samples ({by['samples'][0].size:,} activities)",
            "samples",
            "MB",
            {"peak": [(point.samples, point.peak_bytes / 1e6) for point in by["samples"]]},
        ),
    ]
    FIGURE.write_text(
        figure(
            "How the cost of whole-system Monte Carlo grows",
            "Time of a sample and peak memory against activities, threads and samples.",
            panels,
        ),
        encoding="utf-8",
    )


NAMES = ("size", "threads", "samples")


def _point(varied: str, size: int, samples: int, threads: int) -> Point:
    found = subprocess.run(
        [sys.executable, "-m", "benchmarks.growth_process", *map(str, (size, samples, threads))],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return Point(varied, **json.loads(found.stdout), limit_bytes=LIMITS.get((size, samples)))
