"""Schema, repositories, tenancy and the outbox on both kinds of database."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from services.certification.tests.samples import (
    APPLICANT,
    BODY,
    DECIDER,
    FOOTPRINT,
    NOW,
    OWNER,
    SCHEME,
    STATEMENT,
    STATER,
    VERIFIER,
    VERIFIER_WANG,
)
from sqlalchemy import inspect
from sqlalchemy.exc import IntegrityError
from sqlmodel import select
from tests.databases import SqliteDatabases

from certification.adapters.repositories import SqlPublishedRecords
from certification.adapters.tables import AuditRow, CertificationBase, RecordRow
from certification.adapters.unit_of_work import MIGRATIONS, units_of_work
from certification.application.ports import UnitsOfWork
from certification.domain import facts
from certification.domain.record import Actor, Flag, FlagCode, Record, SignedDocument
from certification.domain.states import Action, State
from chassis.clock import FixedClock
from chassis.database import Database, schema_differences
from chassis.identity import Role
from chassis.messaging import MessagingBase, OutboxRow

DOCUMENT = SignedDocument("e30.e30.c2ln", "c" * 64, "key-1", NOW, NOW + timedelta(days=365))
STALE = Flag(FlagCode.FOOTPRINT_STALE, "declaration_corrected", NOW)


@pytest.fixture
def open_uow(database: Database) -> UnitsOfWork:
    return units_of_work(database, FixedClock(NOW))


def application(record_id: str = "record-1", applicant: Actor = APPLICANT) -> Record:
    return Record.apply_for(
        record_id=record_id,
        scheme=SCHEME,
        footprint=FOOTPRINT,
        verifier_tenant_id=VERIFIER,
        body_tenant_id=BODY,
        actor=applicant,
        at=NOW,
    )


def store(open_uow: UnitsOfWork, record: Record) -> None:
    with open_uow(record.tenant_id) as uow:
        uow.records.add(record)
        uow.commit()


def issued(open_uow: UnitsOfWork) -> Record:
    record = application()
    store(open_uow, record)
    for step in ("state", "issue"):
        record = (
            record.file_statement(STATEMENT, SCHEME, STATER, NOW)
            if step == "state"
            else record.issue(DOCUMENT, DECIDER, "All requirements are met.")
        )
        with open_uow(OWNER) as uow:
            uow.records.save(record)
            uow.commit()
    return record


def load(
    open_uow: UnitsOfWork, tenant_id: str = OWNER, record_id: str = "record-1"
) -> Record | None:
    with open_uow(tenant_id) as uow:
        return uow.records.get(record_id)


def test_the_migrated_schema_is_the_models(database: Database) -> None:
    assert schema_differences(database, CertificationBase.metadata, MessagingBase.metadata) == []


def test_the_migrated_checks_are_the_models(tmp_path: Path) -> None:
    # SQLite tells conditions as they were written.
    fresh = SqliteDatabases(tmp_path).make(MIGRATIONS)
    inspector = inspect(fresh.database.engine)
    for table in CertificationBase.metadata.tables.values():
        migrated = {
            (check["name"], check["sqltext"])
            for check in inspector.get_check_constraints(table.name)
        }
        modelled = {
            (check.name, str(check.sqltext))
            for check in table.constraints
            if hasattr(check, "sqltext")
        }
        assert migrated == modelled, table.name
    fresh.close()


def test_a_record_comes_back_as_it_was_stored_at_each_step(open_uow: UnitsOfWork) -> None:
    store(open_uow, application())
    assert load(open_uow) == application()
    record = application().file_statement(STATEMENT, SCHEME, STATER, NOW)
    for changed in (
        record,
        record := record.issue(DOCUMENT, DECIDER, "All requirements are met."),
        record := record.flag(STALE),
        record.move(Action.SUSPEND, DECIDER, "Under investigation.", NOW + timedelta(days=1)),
    ):
        with open_uow(OWNER) as uow:
            uow.records.save(changed)
            uow.commit()
        assert load(open_uow) == changed


def test_another_tenant_sees_no_row(open_uow: UnitsOfWork) -> None:
    issued(open_uow)
    for stranger in (VERIFIER, BODY, "other-maker"):
        assert load(open_uow, stranger) is None
        with open_uow(stranger) as uow:
            assert uow.records.standing(FOOTPRINT.id) == []


def test_a_record_of_another_tenant_cannot_be_changed(open_uow: UnitsOfWork) -> None:
    record = issued(open_uow)
    with open_uow("other-maker") as uow, pytest.raises(LookupError):
        uow.records.save(record)


def test_leaving_without_commit_stores_nothing(open_uow: UnitsOfWork) -> None:
    with open_uow(OWNER) as uow:
        uow.records.add(application())
    assert load(open_uow) is None


def test_two_open_applications_of_one_footprint_cannot_be_stored(open_uow: UnitsOfWork) -> None:
    store(open_uow, application())
    with pytest.raises(IntegrityError):
        store(open_uow, application("record-2"))


def test_another_tenant_may_use_the_same_footprint_id(open_uow: UnitsOfWork) -> None:
    store(open_uow, application())
    store(open_uow, application("record-2", replace(APPLICANT, tenant_id="other-maker")))


def test_after_its_end_a_footprint_may_be_applied_with_again(open_uow: UnitsOfWork) -> None:
    record = issued(open_uow)
    with open_uow(OWNER) as uow:
        uow.records.save(record.move(Action.REVOKE, DECIDER, "Fraud.", NOW))
        uow.commit()
    store(open_uow, application("record-2"))
    with open_uow(OWNER) as uow:
        assert [one.id for one in uow.records.standing(FOOTPRINT.id)] == ["record-2"]


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE record SET state = 'approved'",
        "UPDATE record SET jws = NULL",
        "UPDATE record SET state = 'submitted'",
        "UPDATE record SET verifier_tenant_id = tenant_id",
        "UPDATE transition SET reason = ''",
        "UPDATE transition SET tenant_id = 'other-maker'",
        "UPDATE statement SET no_conflict_of_interest = FALSE",
        "UPDATE statement SET conclusion = 'fine'",
        "UPDATE published_record SET state = 'submitted'",
    ],
)
def test_the_database_itself_refuses_what_cannot_be(
    open_uow: UnitsOfWork, everything: Database, change: str
) -> None:
    issued(open_uow)
    with (
        everything.engine.begin() as connection,
        pytest.raises(IntegrityError, match="constraint"),
    ):
        connection.exec_driver_sql(change)


def test_named_organisations_find_the_owner_in_their_own_tenant_only(
    open_uow: UnitsOfWork,
) -> None:
    store(open_uow, application())
    with open_uow(OWNER) as uow:
        with uow.as_tenant(VERIFIER):
            uow.access.add("record-1", OWNER, Role.VERIFIER)
        uow.commit()
    with open_uow(VERIFIER) as uow:
        assert uow.access.owner_of("record-1", Role.VERIFIER) == OWNER
        assert uow.access.owner_of("record-1", Role.CERTIFICATION_BODY) is None
    with open_uow(BODY) as uow:
        assert uow.access.owner_of("record-1", Role.VERIFIER) is None


def test_the_audit_is_kept_with_the_owner(open_uow: UnitsOfWork, everything: Database) -> None:
    store(open_uow, application())
    with open_uow(VERIFIER) as uow:
        with uow.as_tenant(OWNER):
            uow.audit.note("record-1", VERIFIER_WANG, Role.VERIFIER, "read_application")
        uow.commit()
    with everything.system_transaction(read_only=True) as session:
        (row,) = session.exec(select(AuditRow)).all()
    assert (row.tenant_id, row.reader_tenant_id, row.subject) == (OWNER, VERIFIER, "wang")


def test_events_wait_in_the_outbox_of_the_same_transaction(
    open_uow: UnitsOfWork, database: Database
) -> None:
    store(open_uow, application())
    record = application()
    with open_uow(OWNER) as uow:
        uow.announce(record, facts.Submitted(record.id, "demonstration"))
    with open_uow(OWNER) as uow:
        uow.announce(record, facts.Submitted(record.id, "demonstration"))
        uow.announce(record, facts.Rejected(record.id))
        uow.commit()
    with database.system_transaction(read_only=True) as session:
        events = [json.loads(row.value) for row in session.exec(select(OutboxRow)).all()]
    assert [(event["type"], event["aggregateversion"]) for event in events] == [
        ("greenchain.record.submitted.v1", 1),
        ("greenchain.record.rejected.v1", 2),
    ]
    assert events[0]["data"] == {"recordId": "record-1", "scheme": "demonstration"}


def test_an_application_is_not_published(open_uow: UnitsOfWork, database: Database) -> None:
    store(open_uow, application().file_statement(STATEMENT, SCHEME, STATER, NOW))
    assert SqlPublishedRecords(database).get("record-1") is None


def test_the_published_record_follows_each_change(
    open_uow: UnitsOfWork, database: Database
) -> None:
    record = issued(open_uow).flag(STALE).move(Action.SUSPEND, DECIDER, "A complaint.", NOW)
    with open_uow(OWNER) as uow:
        uow.records.save(record)
        uow.commit()
    published = SqlPublishedRecords(database).get("record-1")
    assert published is not None
    assert (published.state, published.flags) == (State.SUSPENDED, (STALE,))
    assert [entry.action for entry in published.history] == [
        Action.SUBMIT,
        Action.FILE_STATEMENT,
        Action.ISSUE,
        Action.SUSPEND,
    ]


def test_the_published_row_names_no_person(open_uow: UnitsOfWork, database: Database) -> None:
    issued(open_uow)
    with database.engine.begin() as connection:
        (row,) = connection.exec_driver_sql("SELECT * FROM published_record").fetchall()
    text = " ".join(str(value) for value in row)
    for person in ("li", "wang", "zhao", STATEMENT.lead_verifier, STATEMENT.verifier_name):
        assert f'"{person}"' not in text


def test_a_record_row_belongs_to_the_applicant(open_uow: UnitsOfWork, everything: Database) -> None:
    store(open_uow, application())
    with everything.system_transaction(read_only=True) as session:
        assert [row.tenant_id for row in session.exec(select(RecordRow)).all()] == [OWNER]
