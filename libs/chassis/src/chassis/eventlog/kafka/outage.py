"""Tells once that a Kafka cluster does not answer, and once that it does again.

The library tells of every connection that breaks, every request, every heartbeat and every try,
in each of its clients, some with tracebacks. Here its warnings are held back while the cluster is
asked whether it answers. If it does, they are passed on, each sort once in a while. If it does not,
one line says so in their place; what is said until the outage is over, and a little longer, is
taken for its echo and dropped. What is more than that is said again. At level DEBUG everything is
passed on.
"""

import logging
import math
import threading
import time
from collections.abc import Callable

from chassis.errors import GreenchainError
from chassis.logging import get_logger

log = get_logger(__name__)

#: How often a doubted cluster is asked [s].
ASK_S = 0.5
#: For how long a warning is held [s]: a cluster that shuts down in order answers for a while.
DOUBT_S = 4.0
#: For how long the library still speaks of an outage that is over [s].
ECHO_S = 15.0
#: After how long a warning of the same sort is passed on again [s].
AGAIN_S = 600.0
#: Said whenever a member joins before it has looked up its topics, which it then does.
_IDLE_TALK = "No partition metadata for topic"

Sort = tuple[str, int]


class Outages(logging.Handler):
    """Hears what the library says and tells of the clusters that this process uses.

    Parameters
    ----------
    now
        What time it is [s], from any moment on.
    """

    def __init__(self, library: logging.Logger, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._library = library
        self._now = now
        self._asking: dict[tuple[str, ...], list[Callable[[], None]]] = {}
        self._since: dict[tuple[str, ...], float] = {}
        self._held: dict[Sort, tuple[float, logging.LogRecord]] = {}
        self._passed: dict[Sort, float] = {}
        self._doubted_until = self._quiet_until = -math.inf
        self._thread: threading.Thread | None = None
        self._nobody = threading.Event()
        self._guard = threading.RLock()

    def watch(self, servers: tuple[str, ...], ask: Callable[[], None]) -> None:
        """Tell of this cluster; `ask` raises if it does not answer."""
        with self._guard:
            self._library.propagate = False
            # Twice does no harm.
            self._library.addHandler(self)
            self._asking.setdefault(servers, []).append(ask)
            self._nobody.clear()

    def forget(self, servers: tuple[str, ...], ask: Callable[[], None]) -> None:
        """Tell of this cluster no more, once for each `watch`."""
        with self._guard:
            self._asking[servers].remove(ask)
            if not self._asking[servers]:
                del self._asking[servers]
                self._since.pop(servers, None)
            if not self._asking:
                self._nobody.set()

    def emit(self, record: logging.LogRecord) -> None:
        """Take what the library says."""
        if self._library.isEnabledFor(logging.DEBUG):
            _pass_on(_without_login(record))
            return
        if record.levelno < logging.WARNING or record.getMessage().startswith(_IDLE_TALK):
            return
        with self._guard:
            if not self._since and self._now() > self._quiet_until:
                self._held.setdefault(_sort(record), (self._now(), record))
        self.doubt()

    def doubt(self) -> None:
        """Ask the clusters for a while."""
        with self._guard:
            self._doubted_until = self._now() + DOUBT_S
            if not self._asking:
                self._release(math.inf)
            elif self._thread is None:
                self._thread = threading.Thread(
                    target=self._ask, name="event-log-outages", daemon=True
                )
                self._thread.start()

    def _ask(self) -> None:
        while True:
            with self._guard:
                asking = {servers: asks[0] for servers, asks in self._asking.items()}
                asked_at = self._now()
            for servers, ask in asking.items():
                self._note(servers, _refusal(ask))
            with self._guard:
                if self._nobody.is_set():
                    self._release(math.inf)
                elif not self._since:
                    self._release(asked_at - DOUBT_S)
                if self._nobody.is_set() or self._over(asked_at):
                    self._thread = None
                    return
            self._nobody.wait(ASK_S)

    def _over(self, asked_at: float) -> bool:
        return not self._since and asked_at > self._doubted_until

    def _note(self, servers: tuple[str, ...], refusal: str | None) -> None:
        now, named = self._now(), ",".join(servers)
        with self._guard:
            if servers not in self._asking:
                return
            if refusal is not None and servers not in self._since:
                self._since[servers] = now
                self._held.clear()
                log.warning("event log does not answer", servers=named, reason=refusal)
            elif refusal is None and servers in self._since:
                lasted_s = round(now - self._since.pop(servers), 1)
                self._quiet_until = now + ECHO_S
                log.info("event log answers again", servers=named, after_s=lasted_s)

    def _release(self, until: float) -> None:
        """Pass on what was heard until then."""
        now = self._now()
        due = {sort: record for sort, (heard, record) in self._held.items() if heard <= until}
        for sort, record in due.items():
            del self._held[sort]
            if now - self._passed.get(sort, -math.inf) >= AGAIN_S:
                self._passed[sort] = now
                _pass_on(record)


def _refusal(ask: Callable[[], None]) -> str | None:
    try:
        ask()
    except GreenchainError as error:
        return error.code
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and the asking goes on
        return repr(error)
    return None


def _sort(record: logging.LogRecord) -> Sort:
    # The place in the library: the text differs by connection and time.
    return record.pathname, record.lineno


def _pass_on(record: logging.LogRecord) -> None:
    logging.getLogger().handle(record)


def _without_login(record: logging.LogRecord) -> logging.LogRecord:
    """Hide what logs in: with PLAIN it is the password."""
    if "auth_bytes" in record.getMessage():
        record.msg, record.args = "login", ()
    return record


#: Those of this process.
OUTAGES = Outages(logging.getLogger("kafka"))
# It prints the bytes that it sends, the password among them, and they are of no use to anybody.
logging.getLogger("kafka.protocol.parser").setLevel(logging.INFO)
