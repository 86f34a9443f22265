"""A lease as a row: one process at a time does a job, and a dead one holds nobody up for long."""

import time
from datetime import timedelta

from sqlmodel import col, update

from chassis.backend import insert_new
from chassis.clock import Clock, new_id
from chassis.database import Database
from chassis.messaging import LeaseRow


class Lease:
    """A named lease in a service's database.

    Parameters
    ----------
    name
        The job.
    duration_s
        How long it is held without being renewed [s].
    """

    def __init__(self, database: Database, name: str, clock: Clock, *, duration_s: float) -> None:
        self._database = database
        self._name = name
        self._clock = clock
        self._duration_s = duration_s
        self._holder = new_id()
        self._renew_at = float("-inf")
        self._held_until = float("-inf")

    def hold(self) -> bool:
        """Take or renew the lease; tells whether it is held. Cheap while it is fresh."""
        # Reckoned from before the row is written, and by a clock that nobody sets: this side
        # believes to hold the lease for a shorter time than the others do.
        asked = time.monotonic()
        if asked < self._renew_at:
            return True
        if self._write():
            self._renew_at = asked + self._duration_s / 3
            self._held_until = asked + self._duration_s
            return True
        self._renew_at = self._held_until = float("-inf")
        return False

    def release(self) -> None:
        """Let another process have it at once."""
        self._renew_at = self._held_until = float("-inf")
        with self._database.system_transaction() as session:
            session.exec(
                update(LeaseRow)
                .where(col(LeaseRow.name) == self._name, col(LeaseRow.holder) == self._holder)
                .values(expires_at=self._clock.now())
            )

    def _write(self) -> bool:
        now, duration = self._clock.now(), timedelta(seconds=self._duration_s)
        expires_at = now + duration
        with self._database.system_transaction() as session:
            ours = LeaseRow(name=self._name, holder=self._holder, expires_at=expires_at)
            if insert_new(self._database.backend, session.connection(), ours):
                return True
            row = session.get_one(LeaseRow, self._name, with_for_update=True)
            if row.holder != self._holder and now < row.expires_at < now + 2 * duration:
                # An end farther away was written before the clock was set back: it would hold
                # everybody up, and its writer may be long dead.
                return False
            row.holder, row.expires_at = self._holder, expires_at
        return True
