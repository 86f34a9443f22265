"""The queue of analyses, shared by the workers of all instances of the service.

A worker takes a job by a lease that it renews while it works; one that dies is followed by another,
which begins anew: an analysis is a function of its model and options alone. Every change of a
running analysis first makes sure, in the same transaction, that the worker still holds it. Who
cancels takes the job out of the queue, and the worker finds that out so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, func, or_, select, update

from chassis.clock import Clock, new_id
from chassis.database import Database
from footprint.adapters.analysis_rows import AnalysisQueueRow
from footprint.adapters.unit_of_work import FootprintUnitOfWork, SqlUnitOfWorkFor
from footprint.domain.analysis import Analysis, Failure

#: Analyses of one tenant that run at the same time, in all instances [1].
TENANT_AT_ONCE = 1
#: How long a job is held without being renewed [s]: that long a killed worker holds it up.
LEASE_S = 10.0


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that a worker has taken.

    Attributes
    ----------
    holder
        Names this one taking of the job.
    attempt
        Counts the takings from 1.
    deaths
        Processes that ended over it without a word [1].
    """

    analysis_id: str
    tenant_id: str
    holder: str
    attempt: int
    deaths: int


@dataclass(frozen=True, slots=True)
class Job:
    """What there is to do; the model is JSON."""

    analysis: Analysis
    model: str


class AnalysisQueue:
    """Gives out jobs and takes back what became of them.

    Every method that returns False says that the worker no longer holds the job: it was cancelled,
    or another worker has it.

    Parameters
    ----------
    clock
        The same for all instances, or leases end early where a clock is ahead: `DatabaseClock`.
    tenant_at_once
        Analyses of one tenant that run at the same time [1]. Two workers that look at the same
        moment may exceed it by one, until one of the jobs has ended.
    """

    def __init__(
        self,
        database: Database,
        open_uow: SqlUnitOfWorkFor,
        clock: Clock,
        *,
        lease_s: float = LEASE_S,
        tenant_at_once: int = TENANT_AT_ONCE,
    ) -> None:
        self._database, self._open_uow, self._clock = database, open_uow, clock
        self._lease, self._tenant_at_once = timedelta(seconds=lease_s), tenant_at_once

    def claim(self) -> Claim | None:
        """Take the next job: of the tenant with the fewest running ones, the oldest first."""
        if not self._any_free():
            return None
        row, now = AnalysisQueueRow, self._clock.now()
        other = aliased(AnalysisQueueRow)
        running = (
            select(func.count(col(other.analysis_id)))
            .where(other.tenant_id == col(row.tenant_id), col(other.expires_at) > now)
            .scalar_subquery()
        )
        with self._database.system_transaction() as session:
            found = session.exec(
                select(row)
                .where(self._free(now), running < self._tenant_at_once)
                .order_by(running, col(row.queued_at), col(row.analysis_id))
                .limit(1)
                # Another instance takes the next one instead of waiting for this.
                .with_for_update(skip_locked=True, of=row)
            ).one_or_none()
            if found is None:
                return None
            found.holder, found.expires_at = new_id(), now + self._lease
            found.attempts += 1
            session.add(found)
            return Claim(
                found.analysis_id, found.tenant_id, found.holder, found.attempts, found.deaths
            )

    def begin(self, claim: Claim) -> Job | None:
        """Say that the job runs, and return it; None if it was cancelled meanwhile."""
        with self._open_uow(claim.tenant_id) as uow:
            if not self._renew(uow, claim):
                return None
            analysis = uow.analyses.get(claim.analysis_id).started(self._clock.now())
            uow.analyses.save(analysis)
            job = Job(analysis, uow.analyses.model(claim.analysis_id))
            uow.commit()
        return job

    def progress(self, claim: Claim, done: int, total: int) -> bool:
        """Note how far it is, and hold it for longer."""
        with self._open_uow(claim.tenant_id) as uow:
            if not self._renew(uow, claim):
                return False
            found = uow.analyses.get(claim.analysis_id)
            if (found.done, found.total) != (done, total):
                uow.analyses.save(found.progressed(done, total))
            uow.commit()
        return True

    def finish(self, claim: Claim, result: str, total: int) -> bool:
        """Store the result, of `total` samples."""
        with self._open_uow(claim.tenant_id) as uow:
            if not self._renew(uow, claim):
                return False
            found = uow.analyses.get(claim.analysis_id)
            uow.analyses.add_result(claim.analysis_id, result)
            uow.analyses.end(found.finished(self._clock.now(), total))
            uow.commit()
        return True

    def fail(self, claim: Claim, failure: Failure) -> bool:
        """Store why there is no result."""
        with self._open_uow(claim.tenant_id) as uow:
            if not self._renew(uow, claim):
                return False
            found = uow.analyses.get(claim.analysis_id)
            uow.analyses.end(found.failed(failure, self._clock.now()))
            uow.commit()
        return True

    def release(self, claim: Claim, *, died: bool = False) -> None:
        """Put the job back, for any worker to begin anew.

        Parameters
        ----------
        died
            Whether its process ended without a word, which the job itself may be to blame for.
        """
        with self._open_uow(claim.tenant_id) as uow:
            deaths = claim.deaths + died
            values = {"holder": None, "expires_at": None, "deaths": deaths}
            if not self._change(uow, claim, values):
                return
            uow.analyses.save(uow.analyses.get(claim.analysis_id).requeued())
            uow.commit()

    def _any_free(self) -> bool:
        """Look without a lock: mostly there is nothing."""
        with self._database.system_transaction(read_only=True) as session:
            free = select(AnalysisQueueRow).where(self._free(self._clock.now())).limit(1)
            return session.exec(free).first() is not None

    def _free(self, now: datetime) -> ColumnElement[bool]:
        expires_at = col(AnalysisQueueRow.expires_at)
        # An end farther away was written before the clock was set back (see `chassis.leases`).
        held = and_(expires_at > now, expires_at < now + 2 * self._lease)
        return or_(expires_at.is_(None), ~held)

    def _renew(self, uow: FootprintUnitOfWork, claim: Claim) -> bool:
        return self._change(uow, claim, {"expires_at": self._clock.now() + self._lease})

    def _change(self, uow: FootprintUnitOfWork, claim: Claim, values: Mapping[str, object]) -> bool:
        changed = uow.session.exec(
            update(AnalysisQueueRow)
            .where(
                col(AnalysisQueueRow.analysis_id) == claim.analysis_id,
                col(AnalysisQueueRow.holder) == claim.holder,
            )
            .values(**values)
        )
        return changed.rowcount == 1
