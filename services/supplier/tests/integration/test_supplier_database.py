"""The use cases on the real database: the same story as on the fakes, and what only SQL can do."""

import json
from dataclasses import replace
from datetime import date

import pytest
from services.supplier.tests.examples import (
    FOOTPRINT_OF_CATHODE,
    OUTPUT,
    PLANT,
    POWER,
    RECORDS,
    YEAR,
    batches,
    monthly,
)
from services.supplier.tests.fakes import (
    BUYER,
    EXPORTER,
    FOOTPRINT,
    OTHER_BUYER,
    OTHER_SUPPLIER,
    SUPPLIER,
    Memory,
)
from services.supplier.tests.scenario import CATHODE, Scenario
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from chassis.clock import FixedClock
from chassis.database import Database
from chassis.errors import GreenchainError, InvalidInput, NotFound
from chassis.messaging import OutboxRow
from supplier.adapters.tables import (
    ActivityRecordRow,
    DeclarationRow,
    DeclarationVersionRow,
    GrantUseRow,
    RecordBatchRow,
)
from supplier.application.add_records import add_batch, get_draft
from supplier.application.calculate_footprint import get_activity_data
from supplier.application.discard_draft import discard_draft
from supplier.application.get_declaration import get_declaration
from supplier.application.list_data_requests import list_data_requests, list_received_data_requests
from supplier.application.open_declaration import open_declaration
from supplier.application.ports import Context
from supplier.application.propose_data_requests import propose_data_requests
from supplier.application.share_grants import list_grants
from supplier.domain.data_request import Part
from supplier.domain.grant import VALIDITY, GrantPurpose
from supplier.domain.period import Period, StatedPeriod
from supplier.domain.transitions import DeclarationState


def told(everything: Database) -> list[dict[str, object]]:
    with Session(everything.engine) as session:
        rows = session.exec(select(OutboxRow).order_by(col(OutboxRow.sequence)))
        return [{"topic": row.topic, **json.loads(row.value)} for row in rows]


def test_the_whole_story_ends_with_the_corrected_version_accepted(
    scenario: Scenario, everything: Database
) -> None:
    first = scenario.accepted()
    second = scenario.next_version((OUTPUT, POWER))
    assert scenario.accept(second).calculated_footprint == FOOTPRINT_OF_CATHODE
    assert scenario.state(1) is DeclarationState.SUPERSEDED
    assert scenario.request_state() == "fulfilled"
    events = told(everything)
    assert [(event["topic"], event["type"], event["aggregateversion"]) for event in events] == [
        ("supplier.declaration", "greenchain.declaration.submitted.v1", 1),
        ("supplier.calculation", "greenchain.calculation.requested.v1", 1),
        ("supplier.grant", "greenchain.grant.given.v1", 1),
        ("supplier.grant", "greenchain.grant.given.v1", 1),
        ("supplier.declaration", "greenchain.declaration.accepted.v1", 2),
        ("supplier.declaration", "greenchain.declaration.corrected.v1", 3),
        ("supplier.calculation", "greenchain.calculation.requested.v1", 2),
        ("supplier.declaration", "greenchain.declaration.accepted.v1", 4),
    ]
    assert {event["tenantid"] for event in events} == {SUPPLIER.tenant_id}
    assert events[5]["data"] == {
        "declaration": {"id": second.id, "version": 2, "sha256": second.sha256},
        "corrected": {"id": first.id, "version": 1, "sha256": first.sha256},
    }


def test_records_come_back_as_they_were_sent(scenario: Scenario) -> None:
    scenario.request()
    scenario.draft(())
    stated = monthly(*RECORDS)
    for sequence, batch in enumerate(batches(stated, 7), start=1):
        add_batch(scenario.context, SUPPLIER, scenario.declaration_id, 1, sequence, batch)
    _, version, records = get_activity_data(scenario.context, FOOTPRINT, scenario.submit())
    assert version.record_count == 36
    assert {record.record_id: record.amount for record in records} == {
        record.record_id: record.amount for record in stated
    }


def test_the_hash_is_the_same_on_every_database(scenario: Scenario, clock: FixedClock) -> None:
    ids = iter(("r", "d", "g1", "g2"))
    memory = Scenario(Context(Memory().open, clock, lambda: next(ids)))
    fixed = iter(("r", "d", "g1", "g2"))
    on_sql = Scenario(Context(scenario.context.open, clock, lambda: next(fixed)))
    assert on_sql.submitted() == memory.submitted()


def test_a_refused_batch_leaves_nothing_behind(scenario: Scenario) -> None:
    scenario.request()
    scenario.draft(())
    with pytest.raises(InvalidInput):
        add_batch(scenario.context, SUPPLIER, scenario.declaration_id, 1, 1, (OUTPUT, POWER, POWER))
    assert get_draft(scenario.context, SUPPLIER, scenario.declaration_id, 1).last_sequence == 0
    add_batch(scenario.context, SUPPLIER, scenario.declaration_id, 1, 1, (OUTPUT, POWER))


def test_a_discarded_draft_leaves_nothing_behind(scenario: Scenario, everything: Database) -> None:
    scenario.request()
    scenario.draft()
    discard_draft(scenario.context, SUPPLIER, scenario.declaration_id, 1)
    with Session(everything.engine) as session:
        for table in (DeclarationRow, DeclarationVersionRow, RecordBatchRow, ActivityRecordRow):
            assert session.exec(select(table)).all() == []


def test_discarding_a_correction_touches_no_other_version(
    scenario: Scenario, everything: Database
) -> None:
    first = scenario.accepted()
    scenario.draft(RECORDS[:2])
    discard_draft(scenario.context, SUPPLIER, scenario.declaration_id, 2)
    _, version, records = get_activity_data(scenario.context, FOOTPRINT, first)
    assert version.state is DeclarationState.ACCEPTED
    assert len(records) == len(RECORDS)
    second = scenario.next_version((OUTPUT, POWER))
    assert second.version == 2
    assert told(everything)[-1]["data"] == {
        "declaration": {"id": second.id, "version": 2, "sha256": second.sha256}
    }
    assert scenario.accept(second).state is DeclarationState.ACCEPTED


def test_one_supplier_answers_for_two_years_and_another_for_the_same_product(
    scenario: Scenario,
) -> None:
    first = scenario.accepted()
    second = scenario.accepted()
    assert first.id != second.id
    scenario.request(OTHER_SUPPLIER)
    requests, _ = list_data_requests(scenario.context, BUYER, 0, "")
    states = sorted(request.state.value for request in requests)
    assert states == ["fulfilled", "fulfilled", "sent"]
    accepted = [view.declaration for view in scenario.seen_by(BUYER)]
    assert sorted(accepted, key=str) == sorted([first, second], key=str)


def test_the_database_itself_holds_one_proposed_request_per_product(
    scenario: Scenario, everything: Database
) -> None:
    (proposed,) = propose_data_requests(scenario.context, EXPORTER, [CATHODE])
    with scenario.context.open(BUYER.tenant_id) as uow:
        uow.data_requests.save(replace(proposed, id="another"))
        with pytest.raises(IntegrityError):
            uow.commit()


def test_duplicates_and_overlaps_are_found_across_batches(scenario: Scenario) -> None:
    scenario.request()
    scenario.draft()
    twin = [*monthly(POWER)[:1], POWER]
    with pytest.raises(InvalidInput) as caught:
        add_batch(scenario.context, SUPPLIER, scenario.declaration_id, 1, 2, twin)
    assert [violation.code for violation in caught.value.violations] == [
        "supplier.record.duplicate",
        "supplier.record.overlapping_periods",
    ]


@pytest.mark.parametrize(("start", "end"), [(1, 10), (20, 31), (12, 18), (1, 31)])
def test_one_day_in_common_with_a_held_record_is_an_overlap(
    scenario: Scenario, start: int, end: int
) -> None:
    scenario.request()
    held = replace(POWER, period=StatedPeriod("2025-01-10", "2025-01-20"))
    scenario.draft((OUTPUT, held))
    period = StatedPeriod(f"2025-01-{start:02}", f"2025-01-{end:02}")
    with pytest.raises(InvalidInput, match="overlaps 2025-01-10/2025-01-20"):
        add_batch(
            scenario.context,
            SUPPLIER,
            scenario.declaration_id,
            1,
            2,
            [replace(POWER, record_id="another", period=period)],
        )


@pytest.mark.parametrize("month", ["2024-12", "2026-01"])
def test_a_drafts_period_is_not_moved_away_from_under_its_records(
    scenario: Scenario, month: str
) -> None:
    request = scenario.request()
    wide = StatedPeriod("2024-12-01", "2026-01-31")
    declaration, _ = open_declaration(scenario.context, SUPPLIER, request.id, PLANT, wide)
    edge = replace(POWER, period=StatedPeriod(f"{month}-31", f"{month}-31"))
    add_batch(scenario.context, SUPPLIER, declaration.id, 1, 1, [edge])
    with pytest.raises(GreenchainError, match=f"for example '{edge.record_id}'"):
        open_declaration(scenario.context, SUPPLIER, request.id, PLANT, YEAR)
    scenario.declaration_id = declaration.id
    assert get_declaration(scenario.context, SUPPLIER, declaration.id, 1)[1].reference_period == (
        Period(date(2024, 12, 1), date(2026, 1, 31))
    )


def test_every_reading_by_another_is_written_down(scenario: Scenario, everything: Database) -> None:
    named = scenario.calculated()
    scenario.seen_by(EXPORTER)
    scenario.accept(named)
    get_activity_data(scenario.context, FOOTPRINT, named)
    with Session(everything.engine) as session:
        uses = session.exec(select(GrantUseRow).order_by(col(GrantUseRow.at))).all()
    assert sorted((use.subject, use.purpose, use.tenant_id) for use in uses) == [
        ("footprint", "own_calculation", SUPPLIER.tenant_id),
        ("pack-maker-export", "product_footprint", SUPPLIER.tenant_id),
        ("pack-maker-purchasing", "product_footprint", SUPPLIER.tenant_id),
    ]


def test_an_expired_grant_ends_the_access(scenario: Scenario, clock: FixedClock) -> None:
    named = scenario.calculated()
    clock.advance(VALIDITY)
    assert scenario.seen_by(BUYER) == []
    with pytest.raises(NotFound):
        scenario.accept(named)
    with pytest.raises(NotFound):
        get_activity_data(scenario.context, FOOTPRINT, named)


def test_grants_are_listed_with_their_end(scenario: Scenario) -> None:
    scenario.submitted()
    scenario.revoke(GrantPurpose.PRODUCT_FOOTPRINT)
    states = {
        grant.purpose: grant.revoked_at is None
        for grant in list_grants(scenario.context, SUPPLIER, "")
    }
    assert states == {GrantPurpose.OWN_CALCULATION: True, GrantPurpose.PRODUCT_FOOTPRINT: False}


def test_lists_are_paged_by_time_and_id_for_both_sides(
    scenario: Scenario, clock: FixedClock
) -> None:
    scenario.request()
    parts = [Part(f"part_{number}", "kg", 1.0) for number in range(4)]
    propose_data_requests(scenario.context, EXPORTER, parts)
    seen, token = list_data_requests(scenario.context, BUYER, 2, "")
    while token:
        page, token = list_data_requests(scenario.context, BUYER, 2, token)
        seen += page
    assert len({request.id for request in seen}) == 5
    assert list_data_requests(scenario.context, OTHER_BUYER, 2, "") == ([], "")
    received, token = list_received_data_requests(scenario.context, SUPPLIER, 1, "")
    assert [request.data_request_id for request in received] == [scenario.request_id]
    assert token == ""
