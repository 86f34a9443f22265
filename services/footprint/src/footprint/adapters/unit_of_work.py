"""The unit of work of this service: the chassis' one, with this service's repositories."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from chassis.clock import Clock
from chassis.database import Database
from chassis.events import Event
from chassis.tenancy import TenantSession
from chassis.unit_of_work import SqlUnitOfWork
from footprint.adapters.analysis_repository import SqlAnalyses
from footprint.adapters.background_repository import SqlBackgrounds
from footprint.adapters.repositories import (
    SqlCitations,
    SqlFootprints,
    SqlProductModels,
    SqlSupplierFootprints,
)

MIGRATIONS = Path(__file__).parent / "migrations"


class _Repositories:
    """The repositories over an open session."""

    @property
    def session(self) -> TenantSession:
        """The open session, filtered by tenant."""
        raise NotImplementedError

    @property
    def product_models(self) -> SqlProductModels:
        return SqlProductModels(self.session)

    @property
    def footprints(self) -> SqlFootprints:
        return SqlFootprints(self.session)

    @property
    def citations(self) -> SqlCitations:
        return SqlCitations(self.session)

    @property
    def supplier_footprints(self) -> SqlSupplierFootprints:
        return SqlSupplierFootprints(self.session)

    @property
    def analyses(self) -> SqlAnalyses:
        return SqlAnalyses(self.session)

    @property
    def backgrounds(self) -> SqlBackgrounds:
        return SqlBackgrounds(self.session)


class FootprintUnitOfWork(SqlUnitOfWork, _Repositories):
    """One transaction of one tenant over product models, footprints, citations and analyses."""


class FootprintTransaction(_Repositories):
    """A unit of work that is open already: the event consumer opens and commits it."""

    def __init__(self, uow: SqlUnitOfWork) -> None:
        self._uow = uow

    @property
    def session(self) -> TenantSession:
        """The open session, filtered by tenant."""
        return self._uow.session

    def as_tenant(self, tenant_id: str) -> AbstractContextManager[Any]:
        """See another tenant's rows for the length of the block."""
        return self._uow.as_tenant(tenant_id)

    def publish(self, event: Event) -> None:
        """Announce an event with this transaction."""
        self._uow.publish(event)


class SqlUnitOfWorkFor:
    """Opens units of work on the service's database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def __call__(self, tenant_id: str, *, read_only: bool = False) -> FootprintUnitOfWork:
        return FootprintUnitOfWork(
            self._database, tenant_id, read_only=read_only, clock=self._clock
        )
