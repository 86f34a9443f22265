"""What an operator watches: events on their way, served for Prometheus.

Counters are kept by who counts; what has to be looked up (rows that wait, how far a group lags) is
measured now and then, in a thread of its own. What cannot be measured now is NaN, which is not 0.
"""

import math
from collections.abc import Callable, Sequence
from typing import Protocol, runtime_checkable

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from chassis.errors import GreenchainError
from chassis.http_server import free_port
from chassis.logging import get_logger
from chassis.settings import MetricsSettings
from chassis.workers import LoopWorker, Worker

log = get_logger(__name__)

REGISTRY = CollectorRegistry()
EVENTS_SENT = Counter(
    "greenchain_events_sent",
    "Events that the event log has acknowledged [1]",
    ["service"],
    registry=REGISTRY,
)
EVENTS_HANDLED = Counter(
    "greenchain_events_handled",
    "Events that a consumer has handled, repetitions among them [1]",
    ["group", "type"],
    registry=REGISTRY,
)
DEAD_LETTERS = Counter(
    "greenchain_dead_letters",
    "Events that a consumer could not handle and has put aside [1]",
    ["group"],
    registry=REGISTRY,
)
OUTBOX_UNSENT = Gauge(
    "greenchain_outbox_unsent",
    "Events that are committed but not sent yet [1]",
    ["service"],
    registry=REGISTRY,
)
CONSUMER_LAG = Gauge(
    "greenchain_consumer_lag",
    "Records of a topic that a group has not committed [1]",
    ["group", "topic"],
    registry=REGISTRY,
)

#: How often is measured [s].
MEASURE_S = 15.0

_told: set[type[Exception]] = set()


@runtime_checkable
class Measured(Protocol):
    """A worker that knows something that has to be looked up."""

    def measure(self) -> None:
        """Set its gauges; ends soon whatever is down."""
        ...


class Metrics(LoopWorker):
    """Serves the metrics of this process under ``/metrics``, and measures.

    Parameters
    ----------
    workers
        Those among them that are `Measured` are measured.
    """

    def __init__(self, settings: MetricsSettings, workers: Sequence[Worker]) -> None:
        super().__init__("metrics")
        self._host, self._port = settings.host, settings.port
        self._measured = [worker for worker in workers if isinstance(worker, Measured)]

    def start(self) -> None:
        """Serve, then measure.

        Raises
        ------
        PortInUse
            If another process listens there.
        """
        port = free_port(self._host, self._port)
        self._server, self._serving = start_http_server(port, self._host, REGISTRY)
        super().start()

    def step(self) -> None:
        """Measure all; wait."""
        for worker in self._measured:
            if not self.stopping:
                worker.measure()
        self.pause(MEASURE_S)

    def stop(self) -> None:
        """End both."""
        super().stop()
        self._server.shutdown()
        self._server.server_close()
        self._serving.join()


def served(settings: MetricsSettings, workers: Sequence[Worker]) -> list[Worker]:
    """Return the worker that serves the metrics of these workers, if they are wanted."""
    return [Metrics(settings, workers)] if settings.port else []


def known(ask: Callable[[], float]) -> float:
    """Return what `ask` returns, or NaN if it cannot tell.

    Why it cannot is told by who works with what was asked; a failure that nobody foresaw is told
    here, each sort once.
    """
    try:
        return ask()
    except GreenchainError:
        return math.nan
    except Exception as error:
        if type(error) not in _told:
            _told.add(type(error))
            log.exception("not measured")
        return math.nan
