"""Run every benchmark: Markdown tables on stdout, all of it in benchmarks/results.json.

Usage: python -m benchmarks [name part …]; QUICK=1 takes smaller systems and fewer repetitions.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path

from benchmarks.comparison import Comparison, Row, measure
from benchmarks.delivery import DeliveryRow, delivery_table, measure_delivery, shapes
from benchmarks.kernels import kernel_comparisons
from benchmarks.machine import this_machine
from benchmarks.peer_process import PEERS_ENVIRONMENT
from benchmarks.solves import solve_comparisons
from greenchain_kafka.jars import ProgramMissing

RESULTS = Path(__file__).with_name("results.json")
SIZES = {"medium": 2_000, "large": 20_000}
QUICK_SIZES = {"medium": 500, "large": 5_000}
#: Numbers of events, and how often they are sent.
DELIVERY = {"backlog": 5_000, "steady": 10_000, "repetitions": 3}
QUICK_DELIVERY = {"backlog": 1_000, "steady": 2_500, "repetitions": 1}


def comparisons(medium: int, large: int) -> Iterator[Comparison]:
    """Give every benchmark; `medium` and `large` are numbers of activities."""
    yield from kernel_comparisons(large)
    yield from solve_comparisons(medium, large)


def duration(seconds: float) -> str:
    """Write a duration with three digits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def table(rows: Iterable[Row]) -> Iterator[str]:
    """Write rows as Markdown."""
    yield "| name | work | ours | peer | peer takes | ratio (range) | differ by | note |"
    yield "|---|---|---|---|---|---|---|---|"
    for row in rows:
        ratio = f"{row.ratio_median:.3g} ({row.ratio_min:.3g} to {row.ratio_max:.3g})"
        cells = (
            row.name,
            row.work,
            duration(row.ours_s),
            f"{row.peer} {row.peer_version}, {row.peer_configuration}",
            duration(row.peer_s),
            ratio,
            f"{row.agreement:.0e}",
            row.note,
        )
        yield f"| {' | '.join(cells)} |"


def main() -> int:
    """Measure what the arguments name, or everything."""
    if sys.argv[1:] != ["delivery"] and not PEERS_ENVIRONMENT.exists():
        print("The peers' environment is missing: run `make bench`.", file=sys.stderr)
        return 2
    quick = os.environ.get("QUICK") == "1"
    compared = list(_compared(quick))
    delivered = _delivered(quick) if _is_wanted("delivery") else []
    machine = this_machine()
    print(f"{machine}\n")
    if compared:
        print("\n".join([*table(compared), ""]))
    if delivered:
        print("\n".join(delivery_table(delivered)))
    results = {
        "machine": asdict(machine),
        "comparisons": [asdict(row) for row in compared],
        "delivery": [asdict(row) for row in delivered],
    }
    RESULTS.write_text(
        json.dumps(results, indent=2, ensure_ascii=False) + "\n",
        encoding="utf-8",
    )
    return 0


def _is_wanted(name: str) -> bool:
    return not sys.argv[1:] or any(part in name for part in sys.argv[1:])


def _compared(quick: bool) -> Iterator[Row]:
    for comparison in comparisons(**(QUICK_SIZES if quick else SIZES)):
        if _is_wanted(comparison.name):
            print(comparison.name, file=sys.stderr, flush=True)
            yield measure(comparison, repetitions=5 if quick else 11)


def _delivered(quick: bool) -> list[DeliveryRow]:
    print("delivery", file=sys.stderr, flush=True)
    try:
        with shapes() as measured:
            return measure_delivery(measured, **(QUICK_DELIVERY if quick else DELIVERY))
    except ProgramMissing as error:
        print(f"left out: {error.message('en')}", file=sys.stderr)
        return []


if __name__ == "__main__":
    sys.exit(main())
