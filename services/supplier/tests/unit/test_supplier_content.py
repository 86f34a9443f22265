from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.supplier.tests.examples import CO2, OUTPUT, PLANT, POWER, RECORDS, batches, monthly
from services.supplier.tests.fakes import SUPPLIER, Memory
from services.supplier.tests.scenario import Scenario

from chassis.clock import FixedClock
from supplier.application.add_records import add_batch
from supplier.application.ports import Context
from supplier.domain.activity import ActivityKind, ActivityRecord, StatedRecord
from supplier.domain.content import batch_hash, content_hash
from supplier.domain.declaration import Declaration, DeclarationVersion, Plant
from supplier.domain.period import Period
from supplier.domain.record_checks import read_records
from supplier.domain.transitions import DeclarationState

YEAR = monthly(*RECORDS)


def submitted_hash(batched: Sequence[Sequence[StatedRecord]]) -> str:
    counter = iter(range(1000))
    context = Context(
        open=Memory().open,
        clock=FixedClock(datetime(2026, 1, 5, tzinfo=UTC)),
        new_id=lambda: f"id-{next(counter)}",
    )
    scenario = Scenario(context)
    scenario.request()
    scenario.draft(())
    for sequence, batch in enumerate(batched, start=1):
        add_batch(context, SUPPLIER, scenario.declaration_id, 1, sequence, batch)
    return scenario.submit().sha256


@given(st.permutations(YEAR), st.integers(1, 40))
def test_the_hash_does_not_depend_on_batches_or_order(order: list[StatedRecord], size: int) -> None:
    assert submitted_hash(batches(order, size)) == submitted_hash([YEAR])


def declared() -> Declaration:
    version = DeclarationVersion(
        version=1,
        state=DeclarationState.DRAFT,
        plant=PLANT,
        reference_period=Period(date(2025, 1, 1), date(2025, 12, 31)),
        stated_by=frozenset(),
        opened_at=datetime(2026, 1, 5, tzinfo=UTC),
    )
    return Declaration(
        id="d-1",
        tenant_id="cathode-maker",
        data_request_id="r-1",
        lead_firm_tenant_id="pack-maker",
        activity_id="lfp_cathode",
        unit="kg",
        requested_period=version.reference_period,
        event_count=0,
        versions=(version,),
    )


def checked(stated: Sequence[StatedRecord]) -> list[ActivityRecord]:
    declaration = declared()
    rows = read_records(stated, declaration.frame(declaration.newest), [])
    return [row.record for row in rows]


@given(st.permutations(YEAR[:6]))
def test_the_hash_does_not_depend_on_how_the_records_are_stored(
    order: list[StatedRecord],
) -> None:
    declaration = declared()
    expected = content_hash(declaration, declaration.newest, checked(YEAR[:6]))
    assert content_hash(declaration, declaration.newest, checked(order)) == expected


@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"plant": Plant("Another plant", "CN-SC")},
        {"plant": Plant(PLANT.name, "CN-JX")},
        {"reference_period": Period(date(2024, 1, 1), date(2025, 12, 31))},
    ],
)
def test_the_hash_depends_on_the_header(change: dict[str, Any]) -> None:
    declaration, records = declared(), checked(YEAR)
    changed = replace(declaration.newest, **change)
    assert content_hash(declaration, changed, records) != content_hash(
        declaration, declaration.newest, records
    )


def test_the_hash_depends_on_every_record() -> None:
    assert submitted_hash([[OUTPUT, POWER]]) != submitted_hash([[OUTPUT, POWER, CO2]])


RECORD = checked([OUTPUT])[0]
CHANGES: dict[str, Any] = {
    "record_id": "another",
    "period": Period(date(2025, 1, 1), date(2025, 1, 30)),
    "kind": ActivityKind.MATERIAL,
    "item_id": "another",
    "amount": RECORD.amount * (1 + 1e-15),
    "unit": "kg",
    "evidence": "another",
}


@pytest.mark.parametrize("field", [field.name for field in fields(ActivityRecord)])
def test_the_hashes_of_version_and_batch_depend_on_every_field_of_a_record(field: str) -> None:
    declaration, changed = declared(), replace(RECORD, **{field: CHANGES[field]})
    assert batch_hash([changed]) != batch_hash([RECORD])
    assert content_hash(declaration, declaration.newest, [changed]) != content_hash(
        declaration, declaration.newest, [RECORD]
    )


@pytest.mark.parametrize("field", ["id", "data_request_id", "activity_id", "unit"])
def test_the_hash_depends_on_what_was_asked_for(field: str) -> None:
    declaration, change = declared(), dict[str, Any]({field: "another"})
    other = replace(declaration, **change)
    assert content_hash(other, other.newest, [RECORD]) != content_hash(
        declaration, declaration.newest, [RECORD]
    )
