"""The service's unit of work: the chassis' one with the repositories on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from certification.adapters.events import event_of, restated
from certification.adapters.repositories import SqlAccess, SqlAudit, SqlRecords
from certification.application.ports import UnitsOfWork
from certification.domain.facts import Fact
from certification.domain.record import Record
from chassis.clock import Clock
from chassis.database import Database
from chassis.unit_of_work import SqlUnitOfWork

MIGRATIONS = Path(__file__).parent / "migrations"


class CertificationUnitOfWork:
    """One transaction.

    Parameters
    ----------
    chassis
        The chassis' unit of work, opened by entering this one (or open already, as the consumer
        hands it over).
    """

    def __init__(self, chassis: SqlUnitOfWork, clock: Clock) -> None:
        self._chassis = chassis
        self._clock = clock

    @property
    def records(self) -> SqlRecords:
        """Records of the present tenant."""
        return SqlRecords(self._chassis.session)

    @property
    def access(self) -> SqlAccess:
        """Access index of the present tenant."""
        return SqlAccess(self._chassis.session)

    @property
    def audit(self) -> SqlAudit:
        """Audit of the present tenant."""
        return SqlAudit(self._chassis.session, self._clock)

    def __enter__(self) -> Self:
        self._chassis.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._chassis.__exit__(kind, error, trace)

    @contextmanager
    def as_tenant(self, tenant_id: str) -> Iterator[None]:
        """See another tenant's rows for the length of the block."""
        with self._chassis.as_tenant(tenant_id):
            yield

    def announce(self, record: Record, fact: Fact) -> None:
        """Publish a fact about a stored record, and where it stands now, with this transaction."""
        version, now = self.records.next_version(record.id), self._clock.now()
        self._chassis.publish(event_of(fact, record.tenant_id, version, now))
        if record.document is not None:
            self._chassis.publish(restated(record, record.document, version, now))

    def commit(self) -> None:
        """Make everything so far durable."""
        self._chassis.commit()


def units_of_work(database: Database, clock: Clock) -> UnitsOfWork:
    """Return what opens units of work on a database."""
    return partial(_open, database, clock)


def _open(database: Database, clock: Clock, tenant_id: str) -> CertificationUnitOfWork:
    return CertificationUnitOfWork(SqlUnitOfWork(database, tenant_id, clock=clock), clock)
