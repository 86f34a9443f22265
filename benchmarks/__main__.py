"""Run every benchmark: Markdown tables on stdout, all of it in benchmarks/results.json.

Usage: python -m benchmarks [name part …]; QUICK=1 takes smaller systems and fewer repetitions.
Among the names are `delivery` and `growth`.
"""

import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from benchmarks import growth, monte_carlo
from benchmarks.analyses import all_scores, scenarios, traversal
from benchmarks.comparison import Comparison, Row, measure
from benchmarks.delivery import DeliveryRow, delivery_table, measure_delivery, shapes
from benchmarks.growth import Point, growth_table, measure_growth, write_figure
from benchmarks.kernels import kernel_comparisons
from benchmarks.machine import this_machine
from benchmarks.monte_carlo import MonteCarloWork, monte_carlo_comparisons
from benchmarks.peer_process import LCA_ALGEBRAIC_ENVIRONMENT, PEERS_ENVIRONMENT
from benchmarks.solves import solve_comparisons
from greenchain_kafka.jars import ProgramMissing

RESULTS = Path(__file__).with_name("results.json")
#: Numbers of events, and how often they are sent.
DELIVERY = {"backlog": 5_000, "steady": 10_000, "repetitions": 3}
QUICK_DELIVERY = {"backlog": 1_000, "steady": 2_500, "repetitions": 1}


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the systems are [activities], and how much is computed."""

    medium: int
    large: int
    scenarios: int
    monte_carlo: MonteCarloWork


SIZES = Sizes(2_000, 20_000, 1_000, monte_carlo.FULL)
#: Beginnings of names.
SMALLER_WHEN_QUICK = (
    "foreground_mc_vs_lca_algebraic",
    "system_mc",
    "all_scores",
    "traversal_vs",
    "scenarios",
)
QUICK_SIZES = Sizes(500, 5_000, 200, monte_carlo.QUICK)


def comparisons(sizes: Sizes) -> Iterator[Comparison]:
    """Give every benchmark."""
    yield from monte_carlo_comparisons(sizes.monte_carlo)
    yield all_scores(sizes.large)
    yield traversal(sizes.large)
    yield from scenarios(sizes.large, sizes.scenarios)
    yield from solve_comparisons(sizes.medium, sizes.large)
    yield from kernel_comparisons(sizes.large)


def duration(seconds: float) -> str:
    """Write a duration with three digits."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def table(rows: Iterable[Row]) -> Iterator[str]:
    """Write rows as Markdown."""
    yield (
        "| name | work | ours | peer | peer takes | ratio (range) | floor | aim "
        "| differ by | note |"
    )
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for row in rows:
        ratio = f"{row.ratio_median:.3g} ({row.ratio_min:.3g} to {row.ratio_max:.3g})"
        cells = (
            row.name,
            row.work,
            duration(row.ours_s),
            f"{row.peer} {row.peer_version}, {row.peer_configuration}",
            duration(row.peer_s),
            ratio,
            _times(row.floor),
            _times(row.aim),
            f"{row.agreement:.0e}",
            row.note,
        )
        yield f"| {' | '.join(cells)} |"


def _times(ratio: float | None) -> str:
    return "as measured" if ratio is None else f"{ratio:,.0f}×"


def main() -> int:
    """Measure what the arguments name, or everything."""
    if sys.argv[1:] != ["delivery"] and not PEERS_ENVIRONMENT.exists():
        print("The peers' environment is missing: run `make bench`.", file=sys.stderr)
        return 2
    quick = os.environ.get("QUICK") == "1"
    compared = list(_compared(quick))
    grown = _grown(quick) if _is_wanted("growth") else []
    delivered = _delivered(quick) if _is_wanted("delivery") else []
    machine = this_machine((QUICK_SIZES if quick else SIZES).large)
    print(f"{machine}\n")
    if compared:
        print("\n".join([*table(compared), ""]))
    if delivered:
        print("\n".join(delivery_table(delivered)))
    if grown:
        print("\n".join(["", *growth_table(grown)]))
    results = {
        "quick": quick,
        "machine": asdict(machine),
        "comparisons": [asdict(row) for row in compared],
        "growth": [asdict(point) for point in grown],
        "delivery": [asdict(row) for row in delivered],
    }
    RESULTS.write_text(
        json.dumps(results, indent=2, ensure_ascii=False) + "\n",
        encoding="utf-8",
    )
    return 0


def _is_wanted(name: str) -> bool:
    return not sys.argv[1:] or any(part in name for part in sys.argv[1:])


def _is_installed(name: str) -> bool:
    """Say whether the peer is there: lca_algebraic is not to be had for every Python."""
    if name.endswith("_vs_lca_algebraic") and not LCA_ALGEBRAIC_ENVIRONMENT.exists():
        print(f"{name} left out: {LCA_ALGEBRAIC_ENVIRONMENT} is missing", file=sys.stderr)
        return False
    return True


def _compared(quick: bool) -> Iterator[Row]:
    for comparison in comparisons(QUICK_SIZES if quick else SIZES):
        if _is_wanted(comparison.name) and _is_installed(comparison.name):
            print(comparison.name, end=": ", file=sys.stderr, flush=True)
            begin = time.perf_counter()
            row = measure(comparison, repetitions=5 if quick else 11)
            print(f"{time.perf_counter() - begin:.0f} s", file=sys.stderr, flush=True)
            if quick and comparison.name.startswith(SMALLER_WHEN_QUICK):
                row = replace(row, note=f"Smaller than what floor and aim are for. {row.note}")
            yield row


def _grown(quick: bool) -> list[Point]:
    print("growth", file=sys.stderr, flush=True)
    points = measure_growth(growth.QUICK if quick else growth.FULL)
    write_figure(points)
    return points


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
