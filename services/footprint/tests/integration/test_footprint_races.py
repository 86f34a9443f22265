"""Two transactions at once, in the order that would hurt."""

import threading
from datetime import datetime

import pytest
from services.footprint.tests.fakes import (
    EXPORTER,
    METHOD,
    OWNER,
    SUPPLIER,
    FakeSupplierService,
    clock,
    granted,
    sha,
)
from services.footprint.tests.methodology import import_example, shipped

from chassis.database import Database
from footprint.adapters.repositories import SqlCitations
from footprint.adapters.unit_of_work import SqlUnitOfWorkFor
from footprint.application.calculate_footprint import calculate_footprint
from footprint.application.flag_stale import flag_stale
from footprint.domain.declaration import DeclarationReference

CORRECTED = DeclarationReference("declaration-1", 2, sha("2"))
#: Long enough for the other transaction to come in between, if nothing keeps it out [s].
WINDOW_S = 1.0


@pytest.fixture
def open_uow(database: Database) -> SqlUnitOfWorkFor:
    return SqlUnitOfWorkFor(database, clock())


class Correction:
    """A correction of the cited declaration, heard while a calculation cites it."""

    def __init__(self, open_uow: SqlUnitOfWorkFor) -> None:
        self._open_uow = open_uow
        self._thread = threading.Thread(target=self._hear)

    def come_in_between(self) -> None:
        self._thread.start()
        self._thread.join(WINDOW_S)

    def end(self) -> None:
        self._thread.join()

    def _hear(self) -> None:
        with self._open_uow(SUPPLIER) as uow:
            flag_stale(CORRECTED, corrected_at=clock().now(), now=clock().now(), uow=uow)
            uow.commit()


@pytest.fixture
def correction(open_uow: SqlUnitOfWorkFor, monkeypatch: pytest.MonkeyPatch) -> Correction:
    """Let it come after the calculation has looked for corrections and before it has committed."""
    coming = Correction(open_uow)
    look = SqlCitations.corrected_at

    def look_early(citations: SqlCitations, declaration: DeclarationReference) -> datetime | None:
        found = look(citations, declaration)
        coming.come_in_between()
        return found

    monkeypatch.setattr(SqlCitations, "corrected_at", look_early)
    return coming


def test_no_correction_is_missed_that_comes_while_a_calculation_cites(
    open_uow: SqlUnitOfWorkFor, correction: Correction
) -> None:
    footprint = calculate_footprint(
        import_example(open_uow, clock()).id,
        METHOD,
        supplier_data=FakeSupplierService(granted=(granted(),)),
        caller=EXPORTER,
        methodology=shipped(),
        open_uow=open_uow,
        clock=clock(),
    )
    correction.end()
    with open_uow(OWNER, read_only=True) as uow:
        assert [flag.code for flag in uow.footprints.get(footprint.id).flags] == ["stale"]
