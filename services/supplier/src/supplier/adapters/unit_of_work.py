"""The application's unit of work on the database."""

from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Self

from chassis.clock import Clock, new_id
from chassis.database import Database
from chassis.unit_of_work import SqlUnitOfWork
from supplier.adapters.declaration_repository import SqlDeclarations
from supplier.adapters.events import to_event
from supplier.adapters.grant_repositories import SqlGrants, SqlGrantUses, SqlReceivedGrants
from supplier.adapters.record_repository import SqlRecords
from supplier.adapters.request_repositories import SqlDataRequests, SqlReceivedRequests
from supplier.domain.events import DomainEvent


class SupplierUnitOfWork:
    """Repositories and events over one transaction."""

    def __init__(self, transaction: SqlUnitOfWork, clock: Clock) -> None:
        self._transaction = transaction
        self._clock = clock

    def __enter__(self) -> Self:
        self._transaction.__enter__()
        session = self._transaction.session
        self.data_requests = SqlDataRequests(session)
        self.received_requests = SqlReceivedRequests(session)
        self.declarations = SqlDeclarations(session)
        self.grants = SqlGrants(session)
        self.received_grants = SqlReceivedGrants(session)
        self.grant_uses = SqlGrantUses(session)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._transaction.__exit__(kind, error, trace)

    def records(self, declaration_id: str, version: int) -> SqlRecords:
        """Return the records of one version."""
        return SqlRecords(self._transaction.session, declaration_id, version)

    def as_tenant(self, tenant_id: str) -> AbstractContextManager[Any]:
        """Act on another tenant's rows for the length of the block, in the same transaction."""
        return self._transaction.as_tenant(tenant_id)

    def publish(self, event: DomainEvent) -> None:
        """Put the event into the outbox."""
        self._transaction.publish(to_event(event, new_id(), self._clock.now()))

    def commit(self) -> None:
        """Make everything durable."""
        self._transaction.commit()


class UnitsOfWork:
    """Opens units of work on a database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def __call__(self, tenant_id: str, *, read_only: bool = False) -> SupplierUnitOfWork:
        """Open one for a tenant."""
        transaction = SqlUnitOfWork(
            self._database, tenant_id, read_only=read_only, clock=self._clock
        )
        return SupplierUnitOfWork(transaction, self._clock)
