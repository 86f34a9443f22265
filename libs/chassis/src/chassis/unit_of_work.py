"""One transaction of one tenant: rows and the events that tell of them, together or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from sqlalchemy import insert

from chassis.clock import Clock, SystemClock
from chassis.cloudevent import to_json
from chassis.database import Database
from chassis.events import Event
from chassis.messaging import OutboxRow
from chassis.tenancy import ForeignTenant, NoTenant, ReadOnlySession, TenantSession

# Built once: each event goes through it.
_PUBLISH = insert(OutboxRow).inline()


class SqlUnitOfWork:
    """A unit of work over a service's database.

    >>> with SqlUnitOfWork(database, principal.tenant_id) as uow:  # doctest: +SKIP
    ...     uow.session.add(row)
    ...     uow.publish(event)
    ...     uow.commit()

    Leaving the block without `commit` rolls back. A unit of work that writes takes a lock with its
    first statement, on SQLite the file's, on PostgreSQL the tenant's: call no other service while
    it is open.

    Parameters
    ----------
    database
        The service's database.
    tenant_id
        Whose rows it sees.
    read_only
        Opens a transaction that takes no write lock; writing raises.
    """

    def __init__(
        self,
        database: Database,
        tenant_id: str,
        *,
        read_only: bool = False,
        clock: Clock | None = None,
    ) -> None:
        if not tenant_id:
            raise NoTenant
        self._database = database
        self._home = tenant_id
        self._read_only = read_only
        self._clock = clock or SystemClock()
        self._session: TenantSession | None = None
        self._acted_for: set[str] = set()
        self._published = False

    def __enter__(self) -> Self:
        if self._session is not None:
            raise RuntimeError("this unit of work is already open")
        self._session = self._database.tenant_session(self._home, read_only=self._read_only)
        self._acted_for = {self._home}
        self._published = False
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        session, self._session = self.session, None
        session.close()

    @property
    def session(self) -> TenantSession:
        """The open session, filtered by tenant."""
        if self._session is None:
            raise RuntimeError("open the unit of work first: `with uow:`")
        return self._session

    @property
    def tenant_id(self) -> str:
        """Whose rows are seen now."""
        return self.session.tenant_id

    @contextmanager
    def as_tenant(self, tenant_id: str) -> Iterator[Self]:
        """See another tenant's rows for the length of the block (see `TenantSession.as_tenant`)."""
        with self.session.as_tenant(tenant_id):
            self._acted_for.add(tenant_id)
            yield self

    def publish(self, event: Event) -> None:
        """Write an event to the outbox; the relay sends it once this transaction is committed."""
        if self._read_only:
            raise ReadOnlySession
        if event.tenant_id not in self._acted_for:
            raise ForeignTenant
        # At once, so that the outbox keeps the order of publishing; with the lock of the event's
        # tenant, so that its order per key is that of the commits.
        self.session.bare(event.tenant_id).execute(
            _PUBLISH,
            {
                "event_id": event.id,
                "tenant_id": event.tenant_id,
                "topic": event.topic,
                "key": event.key,
                "value": to_json(event),
                "written_at": self._clock.now(),
                "attempts": 0,
            },
        )
        self._published = True

    def commit(self) -> None:
        """Make everything durable and wake the relay."""
        self.session.commit()
        if self._published:
            self._published = False
            self._database.outbox_written.set()
