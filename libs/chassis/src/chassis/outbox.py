"""The relay: sends what transactions have written to the outbox to the event log.

A row is marked as sent only after the log has acknowledged it. A crash in between sends it again:
at-least-once, never lost. Unsent rows are found by their empty `sent_at`, never by "number greater
than the last one seen": a transaction may commit a lower number later.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import bindparam
from sqlmodel import col, func, select, update

from chassis import metrics
from chassis.clock import Clock, SystemClock
from chassis.database import Database
from chassis.errors import Unavailable
from chassis.eventlog import EventLog, NewRecord, Position
from chassis.leases import Lease
from chassis.logging import get_logger
from chassis.messaging import OutboxRow
from chassis.workers import LoopWorker

log = get_logger(__name__)

_BATCH = 100
#: How long rows gather between two rounds [s]: a round costs the same for one row as for ten.
_GATHER_S = 0.01
_ERROR_TEXT = 500
_MARK = (
    update(OutboxRow)
    .where(col(OutboxRow.sequence) == bindparam("row"))
    .values(sent_at=bindparam("at"), partition=bindparam("in"), position=bindparam("offset"))
)
_NOTE = (
    update(OutboxRow)
    .where(col(OutboxRow.sequence) == bindparam("row"))
    .values(attempts=col(OutboxRow.attempts) + 1, last_error=bindparam("why"))
)


@dataclass(slots=True)
class _Round:
    """One pass over the unsent rows.

    Attributes
    ----------
    blocked
        Keys with a row that could not be sent: later rows of theirs have to wait.
    """

    sent: int = 0
    blocked: set[tuple[str, str]] = field(default_factory=set)


class Relay(LoopWorker):
    """Sends one service's outbox, in order per key; one relay at a time does, by a lease.

    Parameters
    ----------
    service
        The service's name; names the lease and the thread.
    poll_s
        How often it looks for rows that other processes have written [s]. Those of this process
        wake it at once.
    """

    def __init__(
        self,
        service: str,
        database: Database,
        event_log: EventLog,
        *,
        clock: Clock | None = None,
        lease_s: float = 10.0,
        poll_s: float = 0.25,
    ) -> None:
        super().__init__(f"{service}-relay")
        self._service = service
        self._database = database
        self._event_log = event_log
        self._clock = clock or SystemClock()
        self._lease = Lease(database, "outbox-relay", self._clock, duration_s=lease_s)
        self._poll_s = poll_s

    def step(self) -> None:
        """Send what there is; wait if there was nothing, rest a little if there was not much."""
        # Cleared before looking: a commit from here on sets it again.
        self._database.outbox_written.clear()
        if not self._lease.hold():
            self.pause(self._poll_s)
            return
        done = self.send_unsent()
        if done.blocked:
            self.pause(self.PAUSE_AFTER_ERROR_S)
        elif not done.sent:
            self._database.outbox_written.wait(self._poll_s)
        elif done.sent < _BATCH:
            self.pause(_GATHER_S)

    def wake(self) -> None:
        """End the wait for new rows."""
        self._database.outbox_written.set()

    def measure(self) -> None:
        """Count the rows that wait."""
        metrics.OUTBOX_UNSENT.labels(self._service).set(metrics.known(self._count_unsent))

    def finish(self) -> None:
        """Let another relay take over at once."""
        self._lease.release()

    def send_unsent(self) -> _Round:
        """Send all unsent rows, but those behind a row of the same key that fails.

        Raises
        ------
        GreenchainError
            If the event log does not answer or does not let us in, which is the fault of no row.
        """
        done = _Round()
        after, last = 0, self._last_unsent()
        while after < last:
            rows = self._unsent(after, last)
            # A page that is not full is the last one.
            after = (rows[-1].sequence or last) if len(rows) == _BATCH else last
            for wave in _waves(rows):
                if self.stopping or not self._lease.hold():
                    return done
                self._send([row for row in wave if _key(row) not in done.blocked], done)
        return done

    def _last_unsent(self) -> int:
        """Return the number at which a round ends.

        A row behind it can follow one of its key that this round has passed by because it was
        committed late. Such a row was committed before the next one of its key took its number.
        """
        with self._database.system_transaction(read_only=True) as session:
            unsent = select(func.max(OutboxRow.sequence)).where(col(OutboxRow.sent_at).is_(None))
            return session.exec(unsent).one() or 0

    def _unsent(self, after: int, last: int) -> list[OutboxRow]:
        with self._database.system_transaction(read_only=True) as session:
            return list(
                session.exec(
                    select(OutboxRow)
                    .where(
                        col(OutboxRow.sent_at).is_(None),
                        col(OutboxRow.sequence) > after,
                        col(OutboxRow.sequence) <= last,
                    )
                    .order_by(col(OutboxRow.sequence))
                    .limit(_BATCH)
                )
            )

    def _count_unsent(self) -> int:
        with self._database.system_transaction(read_only=True) as session:
            return session.exec(select(func.count()).where(col(OutboxRow.sent_at).is_(None))).one()

    def _send(self, wave: Sequence[OutboxRow], done: _Round) -> None:
        outcomes = self._event_log.append_each(
            [NewRecord(row.topic, row.key, row.value) for row in wave]
        )
        sent: list[tuple[OutboxRow, Position]] = []
        failed: list[tuple[OutboxRow, Exception]] = []
        for row, outcome in zip(wave, outcomes, strict=True):
            if isinstance(outcome, Position):
                sent.append((row, outcome))
            elif not isinstance(outcome, Unavailable):
                failed.append((row, outcome))
        self._mark(sent, failed)
        done.sent += len(sent)
        metrics.EVENTS_SENT.labels(self._service).inc(len(sent))
        done.blocked |= {_key(row) for row, _ in failed}
        for outcome in outcomes:
            if isinstance(outcome, Unavailable):
                raise outcome

    def _mark(
        self,
        sent: Sequence[tuple[OutboxRow, Position]],
        failed: Sequence[tuple[OutboxRow, Exception]],
    ) -> None:
        now = self._clock.now()
        marks = [
            {"row": row.sequence, "at": now, "in": to.partition, "offset": to.offset}
            for row, to in sent
        ]
        notes = [{"row": row.sequence, "why": _told(row, error)} for row, error in failed]
        with self._database.system_transaction() as session:
            for statement, rows in ((_MARK, marks), (_NOTE, notes)):
                if rows:
                    session.connection().execute(statement, rows)


def _key(row: OutboxRow) -> tuple[str, str]:
    return row.topic, row.key


def _waves(rows: Sequence[OutboxRow]) -> Iterator[list[OutboxRow]]:
    """Divide rows: the first of each key, the second of each key, and so on.

    Within a wave the order is of no account, and no row is sent before the one in front of it was
    acknowledged: whatever the log repeats or gives up, the order of a key does not depend on it.
    """
    turns: Counter[tuple[str, str]] = Counter()
    waves: dict[int, list[OutboxRow]] = {}
    for row in rows:
        turns[_key(row)] += 1
        waves.setdefault(turns[_key(row)], []).append(row)
    yield from waves.values()


def _told(row: OutboxRow, error: Exception) -> str:
    """Tell of the first failure of a row; all of them stand in the row itself."""
    text = f"{getattr(error, 'code', type(error).__name__)}: {error}"
    if row.attempts == 0:
        log.warning("event not sent", event_id=row.event_id, error=text)
    return text[:_ERROR_TEXT]
