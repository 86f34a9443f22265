"""The published client against the real service: the story, and lines that break."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from services.supplier.tests.examples import FOOTPRINT_OF_CATHODE, REASON
from services.supplier.tests.fakes import BUYER, SUPPLIER
from services.supplier.tests.integration.cut_line import CutLine
from services.supplier.tests.integration.served import Served
from services.supplier.tests.scenario import Scenario

from chassis.errors import InvalidInput, Kind, NotFound, Unavailable
from chassis.rpc import RemoteError
from greenchain.common.v1 import common_pb2
from greenchain.supplier.v1 import declaration_pb2 as pb
from supplier.application.ports import Context
from supplier.domain.declaration import VersionReference
from supplier_client import (
    CalculationPending,
    CalculationRefused,
    DraftHoldsOtherRecords,
    LeadFirmClient,
    Progress,
    SupplierClient,
)
from supplier_client.record_stream import RecordSender

YEAR = ("2025-01-01", "2025-12-31")
ITEMS = (
    (pb.ACTIVITY_KIND_OUTPUT, "lfp_cathode", "t"),
    (pb.ACTIVITY_KIND_ELECTRICITY, "electricity_grid", "kWh"),
)


def daily_records(offset: float = 0.1) -> list[pb.ActivityRecord]:
    """Return a year of days, two items each: 730 records."""
    days = [date(2025, 1, 1) + timedelta(days=number) for number in range(365)]
    return [
        pb.ActivityRecord(
            record_id=f"{item_id}.{day.isoformat()}",
            period=common_pb2.Period(start=day.isoformat(), end=day.isoformat()),
            kind=kind,
            item_id=item_id,
            quantity=common_pb2.Quantity(amount=number + offset, unit=unit),
            evidence="meter",
        )
        for number, day in enumerate(days)
        for kind, item_id, unit in ITEMS
    ]


@pytest.fixture
def line(served: Served) -> Iterator[CutLine]:
    cut_line = CutLine(served.server.port)
    yield cut_line
    cut_line.close()


@pytest.fixture
def client(served: Served, line: CutLine) -> Iterator[SupplierClient]:
    with SupplierClient.connect(line.target, served.token_of(SUPPLIER)) as connected:
        yield connected


@pytest.fixture
def draft(scenario: Scenario, client: SupplierClient) -> pb.Declaration:
    scenario.request()
    (request,) = client.received_requests()
    opened = client.open_declaration(request.id, "Suining plant", "CN-SC", YEAR)
    scenario.declaration_id = opened.id
    return opened


def at(counts: set[int], act: Callable[[], None]) -> Callable[[Progress], None]:
    """Return a listener that acts once as each of these counts of records is acknowledged."""

    def listen(progress: Progress) -> None:
        reached = {count for count in counts if count <= progress.acknowledged}
        if reached:
            counts.difference_update(reached)
            act()

    return listen


def test_a_refusal_is_told_in_the_language_that_was_asked_for(
    scenario: Scenario, served: Served
) -> None:
    scenario.request()
    token = served.token_of(SUPPLIER)
    with SupplierClient.connect(served.target, token, language="zh") as client:
        (request,) = client.received_requests()
        with pytest.raises(RemoteError) as raised:
            client.open_declaration(request.id, "厂", "CN-SC", ("2025-01-01", "2025-06-30"))
    (violation,) = raised.value.violations
    assert "2025-12-31" in violation.message("zh")
    assert "period" not in violation.message("zh")


def test_a_supplier_and_a_lead_firm_meet_over_the_service(
    scenario: Scenario, served: Served, client: SupplierClient, draft: pb.Declaration
) -> None:
    client.send_records(draft, daily_records())
    submitted = client.submit(draft)
    with pytest.raises(CalculationPending):
        client.wait_until_calculated(submitted, timeout_s=0.1)
    scenario.put(VersionReference(submitted.id, 1, submitted.sha256))
    assert client.wait_until_calculated(submitted).calculated_footprint.kg_co2e_per_unit == 8.5
    with LeadFirmClient.connect(served.target, served.token_of(BUYER)) as lead_firm:
        (granted,) = lead_firm.granted_declarations()
        returned = lead_firm.give_back(granted.declaration, "June looks too low.")
        assert returned.state == pb.DECLARATION_STATE_RETURNED
        assert client.declaration(draft.id).return_reason == "June looks too low."
        second = client.open_declaration(draft.data_request_id, "Suining plant", "CN-SC", YEAR)
        client.send_records(second, daily_records(13.0), batch_size=500)
        corrected = client.submit(second)
        scenario.put(VersionReference(corrected.id, 2, corrected.sha256), FOOTPRINT_OF_CATHODE)
        newest, _ = lead_firm.granted_declarations([draft.data_request_id])
        assert lead_firm.accept(newest.declaration).state == pb.DECLARATION_STATE_ACCEPTED
        (request,) = lead_firm.requests()
        assert request.state == pb.DATA_REQUEST_STATE_FULFILLED


def test_a_refused_calculation_names_the_rows_that_were_sent(
    scenario: Scenario, client: SupplierClient, draft: pb.Declaration
) -> None:
    records = daily_records()
    client.send_records(draft, records)
    submitted = client.submit(draft)
    wrong = replace(REASON, record_id=records[7].record_id)
    whole = replace(REASON, record_id="", field="region")
    scenario.refuse(VersionReference(submitted.id, 1, submitted.sha256), wrong, whole)
    with pytest.raises(CalculationRefused) as caught:
        client.wait_until_calculated(submitted, records=records)
    assert caught.value.kind is Kind.INVALID
    assert [(v.location.row, v.location.id, v.code) for v in caught.value.violations] == [
        (8, records[7].record_id, REASON.code),
        (None, None, REASON.code),
    ]
    assert REASON.en in caught.value.message("en")
    assert REASON.zh in caught.value.message("zh")


def test_mended_records_are_the_next_version_after_a_refusal(
    scenario: Scenario, client: SupplierClient, draft: pb.Declaration
) -> None:
    client.send_records(draft, daily_records())
    submitted = client.submit(draft)
    scenario.refuse(VersionReference(submitted.id, 1, submitted.sha256))
    second = client.open_declaration(draft.data_request_id, "Suining plant", "CN-SC", YEAR)
    assert (second.version, second.record_count, list(second.violations)) == (2, 0, [])


def test_a_stream_that_breaks_goes_on_after_the_last_acknowledged_batch(
    client: SupplierClient, draft: pb.Declaration, line: CutLine
) -> None:
    seen: list[Progress] = []
    # Far enough apart, and from the end: up to eight more batches may be answered at each cut.
    cutting = at({100, 300, 500}, line.cut)

    def listen(progress: Progress) -> None:
        seen.append(progress)
        cutting(progress)

    client.send_records(draft, daily_records(), batch_size=20, on_progress=listen)
    assert seen[-1].acknowledged == 730
    assert seen[-1].reconnections >= 3
    assert line.connections >= 4
    held = client.declaration(draft.id)
    assert held.record_count == 730
    assert client.submit(draft).sha256


def test_a_stream_survives_a_restart_of_the_service(
    context: Context, served: Served, client: SupplierClient, draft: pb.Declaration
) -> None:
    restarted: list[Served] = []

    def restart() -> None:
        port = served.server.port
        served.stop()
        restarted.append(Served(context, port, served.key))

    client.send_records(draft, daily_records(), batch_size=20, on_progress=at({200}, restart))
    assert client.declaration(draft.id).record_count == 730
    restarted[0].stop()


def test_a_process_that_crashed_goes_on_where_it_ended(
    client: SupplierClient, draft: pb.Declaration
) -> None:
    class Crash(Exception):
        pass

    def crash() -> None:
        raise Crash

    with pytest.raises(Crash):
        client.send_records(draft, daily_records(), batch_size=20, on_progress=at({100}, crash))
    client.send_records(draft, daily_records(), batch_size=20)
    assert client.declaration(draft.id).record_count == 730


@pytest.mark.parametrize("row", [0, 20, 99])
def test_a_record_changed_since_an_earlier_run_is_noticed_wherever_it_stands(
    client: SupplierClient, draft: pb.Declaration, row: int
) -> None:
    records = daily_records()
    client.send_records(draft, records[:100], batch_size=20)
    records[row].quantity.amount += 1.0
    with pytest.raises(DraftHoldsOtherRecords):
        client.send_records(draft, records, batch_size=20)
    assert client.declaration(draft.id).record_count == 100


@pytest.mark.parametrize(("batch_size", "window"), [(0, 8), (1001, 8), (200, 0)])
def test_a_batch_that_cannot_be_sent_is_refused_before_anything_is(
    client: SupplierClient, draft: pb.Declaration, batch_size: int, window: int
) -> None:
    with pytest.raises(ValueError, match="batch_size must be 1 to 1000"):
        client.send_records(draft, daily_records(), batch_size=batch_size, window=window)


@pytest.mark.parametrize("batch_size", [10, 40])
def test_a_draft_filled_in_other_batches_is_not_filled_further(
    client: SupplierClient, draft: pb.Declaration, batch_size: int
) -> None:
    records = daily_records()
    client.send_records(draft, records[:100], batch_size=20)
    with pytest.raises(DraftHoldsOtherRecords):
        client.send_records(draft, records, batch_size=batch_size)
    assert client.declaration(draft.id).record_count == 100


def test_every_bad_record_is_reported_by_its_row_in_the_file(
    client: SupplierClient, draft: pb.Declaration
) -> None:
    records = daily_records()
    records[30].quantity.unit = "kilo"
    records[500].quantity.amount = -1.0
    records[501].evidence = ""
    with pytest.raises(InvalidInput) as caught:
        client.send_records(draft, records, batch_size=20)
    assert [
        (violation.location.row, violation.location.field, violation.code)
        for violation in caught.value.violations
    ] == [
        (31, "unit", "supplier.record.unknown_unit"),
        (501, "amount", "supplier.amount.negative"),
        (502, "evidence", "supplier.text.missing"),
    ]
    assert "数量 -1.0 为负数" in caught.value.message("zh")


def test_mended_records_go_on_under_the_same_draft(
    client: SupplierClient, draft: pb.Declaration
) -> None:
    records = daily_records()
    records[30].quantity.unit = "kilo"
    with pytest.raises(InvalidInput):
        client.send_records(draft, records, batch_size=20)
    client.send_records(draft, daily_records(), batch_size=20)
    assert client.declaration(draft.id).record_count == 730


def test_a_draft_opened_afresh_takes_other_records(
    client: SupplierClient, draft: pb.Declaration
) -> None:
    wrong = daily_records()
    for record in wrong:
        record.quantity.amount = 0.0
    client.send_records(draft, wrong)
    with pytest.raises(RemoteError, match="--afresh"):
        client.submit(draft)
    with pytest.raises(DraftHoldsOtherRecords, match="--afresh"):
        client.send_records(draft, daily_records())
    fresh = client.open_declaration(draft.data_request_id, "Plant", "CN-SC", YEAR, afresh=True)
    assert (fresh.version, fresh.record_count) == (1, 0)
    client.send_records(fresh, daily_records())
    assert client.submit(fresh).sha256


def test_a_draft_is_opened_afresh_for_a_period_that_its_records_do_not_fit(
    client: SupplierClient, draft: pb.Declaration
) -> None:
    again = (draft.data_request_id, "Plant", "CN-SC")
    wide = client.open_declaration(*again, ("2024-12-01", "2025-12-31"))
    record = daily_records()[0]
    record.period.start = record.period.end = "2024-12-01"
    client.send_records(wide, [record])
    with pytest.raises(RemoteError, match="--afresh"):
        client.open_declaration(*again, YEAR)
    fresh = client.open_declaration(*again, YEAR, afresh=True)
    assert (fresh.record_count, fresh.reference_period.start) == (0, YEAR[0])


def test_opening_afresh_without_an_open_draft_opens_the_next_version(
    scenario: Scenario, client: SupplierClient
) -> None:
    scenario.accepted()
    opened = client.open_declaration(scenario.request_id, "Plant", "CN-SC", YEAR, afresh=True)
    assert (opened.version, opened.record_count) == (2, 0)


def test_a_discarded_draft_is_gone(client: SupplierClient, draft: pb.Declaration) -> None:
    client.discard_draft(draft)
    with pytest.raises(RemoteError) as caught:
        client.discard_draft(draft)
    assert caught.value.code == NotFound.code


def test_a_line_that_stays_dead_is_given_up(
    served: Served, draft: pb.Declaration, line: CutLine
) -> None:
    pauses: list[float] = []
    line.close()
    with SupplierClient.connect(line.target, served.token_of(SUPPLIER)) as client:
        sender = RecordSender(client._declarations, draft, daily_records(), pause=pauses.append)
        with pytest.raises(Unavailable):
            sender.send()
    assert len(pauses) == 6
    assert pauses[0] <= 0.2
    assert 2.5 <= pauses[-1] <= 5.0


def test_errors_of_the_service_come_with_their_code(
    client: SupplierClient, draft: pb.Declaration
) -> None:
    with pytest.raises(RemoteError) as caught:
        client.submit(draft)
    assert caught.value.violations[0].code == "supplier.declaration.empty"
    with pytest.raises(RemoteError) as caught:
        client.declaration("unknown")
    assert caught.value.code == NotFound.code
    with pytest.raises(RemoteError) as caught:
        client.send_records(pb.Declaration(id="unknown", version=1), daily_records())
    assert caught.value.code == NotFound.code


def test_a_revoked_grant_is_gone_for_the_lead_firm(
    scenario: Scenario, served: Served, client: SupplierClient
) -> None:
    scenario.calculated()
    for grant in client.grants(scenario.declaration_id):
        client.revoke_grant(grant.id)
    with LeadFirmClient.connect(served.target, served.token_of(BUYER)) as lead_firm:
        assert lead_firm.granted_declarations() == []
