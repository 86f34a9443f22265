"""Outbox, event log, inbox: how many events a second go through, and how late each one is."""

import multiprocessing
import statistics
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from tests.databases import PostgresDatabases, SqliteDatabases
from tests.delivery.world import Shape

from benchmarks.delivery_process import Instants, Work, receive, send
from chassis.settings import KafkaSettings
from chassis.topics import PARTITIONS
from greenchain_kafka.broker import Broker
from greenchain_postgres.server import PostgresServer

#: The steady load whose lag is measured [events/s].
STEADY_PER_S = 500.0
#: What comes first is left out: threads start, caches fill, the group gathers.
_WARM_UP = 0.2
_DEADLINE_S = 300.0

_processes = multiprocessing.get_context("forkserver")


@dataclass(frozen=True, slots=True)
class Spread:
    """Median and range over the repetitions."""

    median: float
    min: float
    max: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Take it of measured values."""
        return cls(statistics.median(values), min(values), max(values))


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """What was measured on one shape.

    Attributes
    ----------
    backlog_per_s
        Rate at which a backlog is worked off [events/s].
    steady_per_s
        Rate at which the steady load was really written [events/s].
    lag_p50_s, lag_p99_s
        From the commit of the outbox row to the commit of the effect, under the steady load [s].
    """

    name: str
    repetitions: int
    backlog_events: int
    backlog_per_s: Spread
    steady_events: int
    steady_per_s: Spread
    lag_p50_s: Spread
    lag_p99_s: Spread


@contextmanager
def shapes() -> Iterator[Mapping[str, Shape]]:
    """Give the shapes that are measured, on servers of their own."""
    with ExitStack() as stack:
        directory = Path(stack.enter_context(TemporaryDirectory(prefix="greenchain-bench-")))
        # The server runs as another user if this one is root.
        directory.chmod(0o711)
        (directory / "sqlite").mkdir()
        server = stack.enter_context(PostgresServer(directory / "postgres"))
        broker = stack.enter_context(Broker(directory / "kafka"))
        session_s = KafkaSettings().session_s
        yield {
            "PostgreSQL, Kafka": Shape(
                PostgresDatabases(server), f"kafka:{broker.address}", PARTITIONS, session_s
            ),
            "SQLite, local log": Shape(
                SqliteDatabases(directory / "sqlite"),
                "local:{directory}/events.db",
                PARTITIONS,
                session_s,
            ),
        }


def measure_delivery(
    shapes: Mapping[str, Shape], *, backlog: int, steady: int, repetitions: int
) -> list[DeliveryRow]:
    """Measure the shapes in turn; `backlog` and `steady` are numbers of events."""
    found: dict[str, list[tuple[float, float, float, float]]] = {name: [] for name in shapes}
    for _ in range(repetitions):
        for name, shape in shapes.items():
            found[name].append((_backlog(shape, backlog), *_steady(shape, steady)))
    return [
        DeliveryRow(
            name=name,
            repetitions=repetitions,
            backlog_events=backlog,
            steady_events=steady,
            backlog_per_s=Spread.of([run[0] for run in runs]),
            steady_per_s=Spread.of([run[1] for run in runs]),
            lag_p50_s=Spread.of([run[2] for run in runs]),
            lag_p99_s=Spread.of([run[3] for run in runs]),
        )
        for name, runs in found.items()
    ]


def delivery_table(rows: Sequence[DeliveryRow]) -> Iterator[str]:
    """Write rows as Markdown."""
    yield "| delivery | backlog [events/s] | steady [events/s] | lag p50 [ms] | lag p99 [ms] |"
    yield "|---|---|---|---|---|"
    for row in rows:
        cells = (
            row.name,
            _cell(row.backlog_per_s, 1.0),
            _cell(row.steady_per_s, 1.0),
            _cell(row.lag_p50_s, 1e3),
            _cell(row.lag_p99_s, 1e3),
        )
        yield f"| {' | '.join(cells)} |"


def _cell(spread: Spread, per: float) -> str:
    return f"{spread.median * per:.3g} ({spread.min * per:.3g} to {spread.max * per:.3g})"


def _backlog(shape: Shape, events: int) -> float:
    _, received = _run(shape, events, None)
    instants = np.sort(np.fromiter(received.values(), dtype=np.int64))
    measured = instants[int(events * _WARM_UP) :]
    return float((len(measured) - 1) / (measured[-1] - measured[0]) * 1e9)


def _steady(shape: Shape, events: int) -> tuple[float, float, float]:
    written, received = _run(shape, events, STEADY_PER_S)
    order = sorted(written, key=written.__getitem__)[int(events * _WARM_UP) :]
    begin = np.array([written[each] for each in order])
    lag_s = (np.array([received[each] for each in order]) - begin) / 1e9
    rate = float((len(order) - 1) / (begin[-1] - begin[0]) * 1e9)
    p50, p99 = np.percentile(lag_s, [50, 99])
    return rate, float(p50), float(p99)


def _run(shape: Shape, events: int, per_s: float | None) -> tuple[Instants, Instants]:
    """Run both services; return when events were committed and when their effects were."""
    with TemporaryDirectory() as directory, shape.world(Path(directory)) as world:
        work = Work(world, events, per_s)
        with _process(receive, work) as receiver, _process(send, work) as sender:
            _said(receiver), _said(sender)
            sender.send("go")
            written, received = _said(sender), _said(receiver)
            sender.send("end")
            receiver.send("end")
            return written, received


@contextmanager
def _process(role: Callable[[Work, Connection], None], work: Work) -> Iterator[Connection]:
    ours, theirs = _processes.Pipe()
    process = _processes.Process(target=role, args=(work, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        yield ours
        process.join(_DEADLINE_S)
    finally:
        process.kill()
        process.join()


def _said(process: Connection) -> Instants:
    """Wait for what a process says; it raises `EOFError` if the process has died."""
    if not process.poll(_DEADLINE_S):
        raise TimeoutError(f"no event came through in {_DEADLINE_S} s")
    said: Instants = process.recv()
    return said
