"""The relay: sends what transactions have written to the outbox to the event log.

A row is marked as sent only after the log has acknowledged it. A crash in between sends it again:
at-least-once, never lost. Unsent rows are found by their empty `sent_at`, never by "number greater
than the last one seen": a transaction may commit a lower number later.
"""

from dataclasses import dataclass, field

from sqlmodel import col, select, update

from chassis.clock import Clock, SystemClock
from chassis.database import Database
from chassis.eventlog import EventLog, Position
from chassis.leases import Lease
from chassis.logging import get_logger
from chassis.messaging import OutboxRow
from chassis.workers import LoopWorker

log = get_logger(__name__)

_BATCH = 100
_ERROR_TEXT = 500


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
        self._database = database
        self._event_log = event_log
        self._clock = clock or SystemClock()
        self._lease = Lease(database, "outbox-relay", self._clock, duration_s=lease_s)
        self._poll_s = poll_s

    def step(self) -> None:
        """Send what there is; wait if there was nothing."""
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

    def wake(self) -> None:
        """End the wait for new rows."""
        self._database.outbox_written.set()

    def finish(self) -> None:
        """Let another relay take over at once."""
        self._lease.release()

    def send_unsent(self) -> _Round:
        """Send all unsent rows, but those behind a row of the same key that fails."""
        done = _Round()
        after = 0
        while rows := self._unsent(after):
            after = rows[-1].sequence or after
            acknowledged: list[tuple[OutboxRow, Position]] = []
            try:
                for row in rows:
                    if self.stopping or not self._lease.hold():
                        return done
                    if (row.topic, row.key) not in done.blocked:
                        position = self._send(row, done)
                        if position is not None:
                            acknowledged.append((row, position))
            finally:
                self._mark(acknowledged)
                done.sent += len(acknowledged)
        return done

    def _unsent(self, after: int) -> list[OutboxRow]:
        with self._database.system_transaction(read_only=True) as session:
            return list(
                session.exec(
                    select(OutboxRow)
                    .where(col(OutboxRow.sent_at).is_(None), col(OutboxRow.sequence) > after)
                    .order_by(col(OutboxRow.sequence))
                    .limit(_BATCH)
                )
            )

    def _send(self, row: OutboxRow, done: _Round) -> Position | None:
        try:
            return self._event_log.append(row.topic, row.key, row.value)
        except Exception as error:  # noqa: BLE001 - whatever it was: it waits, others go on
            done.blocked.add((row.topic, row.key))
            code = getattr(error, "code", type(error).__name__)
            log.warning("event not sent", event_id=row.event_id, error=f"{code}: {error}")
            with self._database.system_transaction() as session:
                session.exec(
                    update(OutboxRow)
                    .where(col(OutboxRow.sequence) == row.sequence)
                    .values(
                        attempts=col(OutboxRow.attempts) + 1,
                        last_error=f"{code}: {error}"[:_ERROR_TEXT],
                    )
                )
            return None

    def _mark(self, acknowledged: list[tuple[OutboxRow, Position]]) -> None:
        if not acknowledged:
            return
        now = self._clock.now()
        with self._database.system_transaction() as session:
            for row, position in acknowledged:
                session.exec(
                    update(OutboxRow)
                    .where(col(OutboxRow.sequence) == row.sequence)
                    .values(sent_at=now, partition=position.partition, position=position.offset)
                )
