"""The unit of work of this service: the chassis' one, with this service's repositories."""

from pathlib import Path

from chassis.clock import Clock
from chassis.database import Database
from chassis.unit_of_work import SqlUnitOfWork
from footprint.adapters.repositories import (
    SqlCitations,
    SqlFootprints,
    SqlProductModels,
    SqlSupplierFootprints,
)

MIGRATIONS = Path(__file__).parent / "migrations"


class FootprintUnitOfWork(SqlUnitOfWork):
    """One transaction of one tenant over product models, footprints and citations."""

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


class SqlUnitOfWorkFor:
    """Opens units of work on the service's database."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def __call__(self, tenant_id: str, *, read_only: bool = False) -> FootprintUnitOfWork:
        return FootprintUnitOfWork(
            self._database, tenant_id, read_only=read_only, clock=self._clock
        )
