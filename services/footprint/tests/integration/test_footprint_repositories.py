import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

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
from sqlalchemy import CheckConstraint, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import select
from tests.databases import SqliteDatabases

from chassis.clock import FixedClock
from chassis.database import Database, schema_differences
from chassis.errors import NotFound
from chassis.messaging import MessagingBase, OutboxRow
from footprint.adapters.rows import FootprintBase, FootprintRow, ProductModelRow
from footprint.adapters.unit_of_work import MIGRATIONS, SqlUnitOfWorkFor
from footprint.application.calculate_footprint import calculate_footprint
from footprint.application.flag_stale import flag_stale
from footprint.application.freeze_footprint import freeze_footprint
from footprint.application.recompute_footprints import recompute_footprints
from footprint.domain.declaration import DeclarationReference
from footprint.domain.product_footprint import FootprintState, ProductFootprint


@pytest.fixture
def open_uow(database: Database) -> SqlUnitOfWorkFor:
    return SqlUnitOfWorkFor(database, clock())


def calculate(
    open_uow: SqlUnitOfWorkFor, *, supplier: bool = True, at: FixedClock | None = None
) -> ProductFootprint:
    return calculate_footprint(
        import_example(open_uow, clock()).id,
        METHOD,
        supplier_data=FakeSupplierService(granted=(granted(),)) if supplier else None,
        caller=EXPORTER,
        methodology=shipped(),
        open_uow=open_uow,
        clock=at or clock(),
    )


def freeze(open_uow: SqlUnitOfWorkFor, footprint: ProductFootprint) -> ProductFootprint:
    return freeze_footprint(
        footprint.id, caller=EXPORTER, rules=shipped().rules, open_uow=open_uow, clock=clock()
    )


def test_the_migrated_schema_is_that_of_the_models(database: Database) -> None:
    assert schema_differences(database, FootprintBase.metadata, MessagingBase.metadata) == []


def test_the_migrated_checks_are_those_of_the_models(tmp_path: Path) -> None:
    # SQLite tells conditions as they were written.
    fresh = SqliteDatabases(tmp_path).make(MIGRATIONS)
    with fresh.database.system_transaction(read_only=True) as session:
        rows = session.connection().execute(text("SELECT sql FROM sqlite_master"))
        statements = " ".join(sql for (sql,) in rows if sql)
    fresh.close()
    migrated = {
        (name, " ".join(rule.split()))
        for name, rule in re.findall(r"CONSTRAINT (ck_\w+) CHECK \((.*)\)", statements)
    }
    declared = {
        (str(check.name), str(check.sqltext))
        for table in FootprintBase.metadata.tables.values()
        for check in table.constraints
        if isinstance(check, CheckConstraint)
    }
    assert migrated == declared


def test_a_product_model_comes_back_as_it_was(open_uow: SqlUnitOfWorkFor) -> None:
    stored = import_example(open_uow, clock())
    with open_uow(OWNER, read_only=True) as uow:
        assert uow.product_models.get(stored.id) == stored


def test_a_footprint_comes_back_as_it_was(open_uow: SqlUnitOfWorkFor) -> None:
    footprint = freeze(open_uow, calculate(open_uow))
    with open_uow(OWNER, read_only=True) as uow:
        assert uow.footprints.get(footprint.id) == footprint


def test_the_frozen_event_is_written_in_the_same_transaction(
    database: Database, open_uow: SqlUnitOfWorkFor
) -> None:
    footprint = freeze(open_uow, calculate(open_uow))
    with database.system_transaction(read_only=True) as session:
        (row,) = session.exec(select(OutboxRow)).all()
    assert (row.topic, row.key, row.tenant_id) == ("footprint.footprint", footprint.id, OWNER)


def test_a_correction_reaches_the_footprint_of_another_tenant(open_uow: SqlUnitOfWorkFor) -> None:
    footprint = freeze(open_uow, calculate(open_uow))
    with open_uow(SUPPLIER) as uow:
        corrected = DeclarationReference("declaration-1", 2, sha("2"))
        flag_stale(corrected, corrected_at=clock().now(), now=clock().now(), uow=uow)
        uow.commit()
    with open_uow(OWNER, read_only=True) as uow:
        held = uow.footprints.get(footprint.id)
    assert [flag.code for flag in held.flags] == ["stale"]
    assert held.event_count == 2


def test_a_correction_spares_what_rests_on_the_corrected_version(
    open_uow: SqlUnitOfWorkFor,
) -> None:
    # Accepted and used before the service hears that it is a correction.
    footprint = freeze(open_uow, calculate(open_uow))
    first = DeclarationReference("declaration-1", 1, sha("1"))
    with open_uow(SUPPLIER, read_only=True) as uow:
        assert uow.citations.of_earlier_versions(first.id, first.version) == ()
        assert [each.footprint_id for each in uow.citations.of_earlier_versions(first.id, 2)] == [
            footprint.id
        ]


def test_a_recomputation_links_both_footprints(
    database: Database, open_uow: SqlUnitOfWorkFor
) -> None:
    old = freeze(open_uow, calculate(open_uow))
    (new,) = recompute_footprints(
        DeclarationReference("declaration-1", 2, sha("2")),
        supplier_tenant_id=SUPPLIER,
        supplier_data_for=FakeSupplierService(granted=(granted(2),)),
        methodology=shipped(),
        open_uow=open_uow,
        clock=clock(),
    )
    with open_uow(OWNER, read_only=True) as uow:
        held = [uow.footprints.get(footprint.id) for footprint in (old, new)]
    assert [(item.state, item.preceding_id, item.successor_id) for item in held] == [
        (FootprintState.DEPRECATED, "", new.id),
        (FootprintState.FROZEN, old.id, ""),
    ]
    with database.system_transaction(read_only=True) as session:
        assert len(session.exec(select(OutboxRow)).all()) == 4


def test_another_tenant_sees_nothing(open_uow: SqlUnitOfWorkFor) -> None:
    footprint = calculate(open_uow)
    with open_uow("other", read_only=True) as uow:
        with pytest.raises(NotFound):
            uow.footprints.get(footprint.id)
        with pytest.raises(NotFound):
            uow.product_models.get(footprint.product_model_id)
        assert uow.footprints.page(after="", limit=10) == ()
        assert uow.product_models.latest_version("lfp_battery_pack") == 0
        assert uow.citations.of_earlier_versions("declaration-1", 9) == ()


def test_two_tenants_may_import_the_same_content(open_uow: SqlUnitOfWorkFor) -> None:
    stored = import_example(open_uow, clock())
    with open_uow("other") as uow:
        assert uow.product_models.with_sha256(stored.sha256) is None
        uow.product_models.add(
            type(stored)(
                id="another",
                version=1,
                sha256=stored.sha256,
                model=stored.model,
                created_at=stored.created_at,
                created_by="somebody",
            )
        )
        uow.commit()


def test_the_same_content_sent_twice_at_once_is_one_version(open_uow: SqlUnitOfWorkFor) -> None:
    with ThreadPoolExecutor(4) as pool:
        stored = list(pool.map(lambda _: import_example(open_uow, clock()), range(4)))
    assert len({each.id for each in stored}) == 1
    assert {each.version for each in stored} == {1}


def test_pages_run_from_the_newest_without_gaps(open_uow: SqlUnitOfWorkFor) -> None:
    at = clock()
    made = []
    for _ in range(3):
        made.append(calculate(open_uow, supplier=False, at=at).id)
        at.advance(timedelta(seconds=1))
    with open_uow(OWNER, read_only=True) as uow:
        first = uow.footprints.page(after="", limit=2)
        second = uow.footprints.page(after=first[-1].id, limit=2)
    assert [item.id for item in (*first, *second)] == list(reversed(made))


class TestTheDatabaseRefuses:
    def test_a_frozen_footprint_without_hash(self, open_uow: SqlUnitOfWorkFor) -> None:
        footprint = calculate(open_uow, supplier=False)
        with open_uow(OWNER) as uow:
            row = uow.session.exec(
                select(FootprintRow).where(FootprintRow.id == footprint.id)
            ).one()
            row.state = "frozen"
            uow.session.add(row)
            with pytest.raises(IntegrityError, match="ck_footprint_frozen"):
                uow.commit()

    def test_the_same_version_of_a_product_twice(self, open_uow: SqlUnitOfWorkFor) -> None:
        stored = import_example(open_uow, clock())
        with open_uow(OWNER) as uow:
            uow.session.add(
                ProductModelRow(
                    id="another",
                    product_id=stored.model.product_id,
                    version=1,
                    sha256=sha("a"),
                    content={},
                    created_at=stored.created_at,
                    created_by="somebody",
                )
            )
            with pytest.raises(IntegrityError, match=r"(?i)unique"):
                uow.commit()
