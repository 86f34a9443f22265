"""The calls on a real socket."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from queue import SimpleQueue

import grpc
import pytest
from services.supplier.tests.examples import (
    CO2,
    FOOTPRINT_OF_CATHODE,
    POWER,
    REASON,
    RECORDS,
    monthly,
)
from services.supplier.tests.fakes import (
    BUYER,
    EXPORTER,
    FOOTPRINT,
    OTHER_SUPPLIER,
    SUPPLIER,
)
from services.supplier.tests.integration.served import Served
from services.supplier.tests.scenario import Scenario

from chassis.errors import Kind
from chassis.rpc import RemoteError, translated_errors
from chassis.rpc_client import connect
from greenchain.common.v1 import common_pb2
from greenchain.supplier.v1 import declaration_pb2, supplier_pb2
from greenchain.supplier.v1.supplier_pb2_grpc import (
    CalculationServiceStub,
    DataRequestServiceStub,
    DeclarationServiceStub,
    GrantServiceStub,
)
from supplier.domain.activity import StatedRecord
from supplier.domain.declaration import VersionReference
from supplier.domain.refusal import LONGEST_REASON, MOST_REASONS
from supplier.domain.text import LONGEST_ID
from supplier.entrypoints import write_messages

KINDS = {
    "electricity": declaration_pb2.ACTIVITY_KIND_ELECTRICITY,
    "direct_emission": declaration_pb2.ACTIVITY_KIND_DIRECT_EMISSION,
    "output": declaration_pb2.ACTIVITY_KIND_OUTPUT,
}


def message(record: StatedRecord) -> declaration_pb2.ActivityRecord:
    return declaration_pb2.ActivityRecord(
        record_id=record.record_id,
        period=common_pb2.Period(start=record.period.start, end=record.period.end),
        kind=KINDS[record.kind],
        item_id=record.item_id,
        quantity=common_pb2.Quantity(amount=record.amount, unit=record.unit),
        evidence=record.evidence,
    )


def reference(named: VersionReference) -> common_pb2.VersionReference:
    return common_pb2.VersionReference(id=named.id, version=named.version, sha256=named.sha256)


def opening(declaration_id: str, version: int = 1) -> supplier_pb2.StreamActivityRecordsRequest:
    return supplier_pb2.StreamActivityRecordsRequest(
        opening=supplier_pb2.StreamOpening(declaration_id=declaration_id, version=version)
    )


def batch(
    sequence: int, records: Iterable[StatedRecord]
) -> supplier_pb2.StreamActivityRecordsRequest:
    return supplier_pb2.StreamActivityRecordsRequest(
        batch=supplier_pb2.RecordBatch(
            sequence=sequence, records=[message(record) for record in records]
        )
    )


@pytest.fixture
def supplier_channel(served: Served) -> Iterator[grpc.Channel]:
    with served.channel(SUPPLIER) as channel:
        yield channel


@pytest.fixture
def stub(supplier_channel: grpc.Channel) -> DeclarationServiceStub:
    return DeclarationServiceStub(supplier_channel)


def test_a_stream_answers_each_batch_in_its_order(
    scenario: Scenario, stub: DeclarationServiceStub
) -> None:
    scenario.request()
    scenario.draft(())
    power, co2 = monthly(POWER), monthly(CO2)
    answers = list(
        stub.StreamActivityRecords(
            iter(
                [
                    opening(scenario.declaration_id),
                    batch(1, power),
                    batch(2, [*co2[:2], replace(co2[2], amount=math.nan, unit="kwh")]),
                    batch(2, co2),
                    batch(1, power),
                    batch(1, co2),
                ]
            )
        )
    )
    assert [answer.WhichOneof("content") for answer in answers] == [
        "ready",
        "acknowledged",
        "refused",
        "acknowledged",
        "acknowledged",
        "refused",
    ]
    assert answers[3].acknowledged.record_count == 24
    first, second = answers[2].refused.violations
    assert (first.row, first.row_id, first.field) == (3, "co2.1.03", "amount")
    assert (second.code, second.field) == ("supplier.record.unknown_unit", "unit")
    assert "kwh" in second.message_en
    assert "未知单位" in second.message_zh
    assert answers[5].refused.violations[0].code == "supplier.batch.differs"


def test_a_batch_is_durable_once_it_is_acknowledged(
    scenario: Scenario, stub: DeclarationServiceStub
) -> None:
    scenario.request()
    scenario.draft(())
    outgoing: SimpleQueue[supplier_pb2.StreamActivityRecordsRequest | None] = SimpleQueue()
    outgoing.put(opening(scenario.declaration_id))
    outgoing.put(batch(1, RECORDS))
    call = stub.StreamActivityRecords(iter(outgoing.get, None))
    next(call)
    next(call)
    call.cancel()  # as if the line broke
    outgoing.put(None)
    again = stub.StreamActivityRecords(iter([opening(scenario.declaration_id)]))
    assert next(again).ready.last_sequence == 1


def test_a_stream_that_does_not_begin_with_its_opening_is_refused(
    stub: DeclarationServiceStub,
) -> None:
    with pytest.raises(RemoteError) as caught, translated_errors("supplier"):
        list(stub.StreamActivityRecords(iter([batch(1, RECORDS)])))
    assert caught.value.code == "supplier.stream.out_of_order"


def test_a_submission_is_refused_with_every_reason(
    scenario: Scenario, stub: DeclarationServiceStub
) -> None:
    scenario.request()
    scenario.draft((POWER,))
    asked = supplier_pb2.SubmitDeclarationRequest(declaration_id=scenario.declaration_id, version=1)
    with pytest.raises(RemoteError) as caught, translated_errors("supplier"):
        stub.SubmitDeclaration(asked)
    assert [violation.code for violation in caught.value.violations] == [
        "supplier.declaration.no_output"
    ]
    assert caught.value.code == "supplier.declaration.not_submitted"
    assert "--afresh" in caught.value.text


def test_a_draft_is_discarded_once(scenario: Scenario, stub: DeclarationServiceStub) -> None:
    scenario.request()
    scenario.draft((POWER,))
    asked = supplier_pb2.DiscardDraftRequest(declaration_id=scenario.declaration_id, version=1)
    stub.DiscardDraft(asked)
    with pytest.raises(RemoteError) as caught, translated_errors("supplier"):
        stub.DiscardDraft(asked)
    assert caught.value.kind is Kind.NOT_FOUND
    with pytest.raises(RemoteError) as caught, translated_errors("supplier"):
        list(stub.StreamActivityRecords(iter([opening(scenario.declaration_id)])))
    assert caught.value.kind is Kind.NOT_FOUND


def test_a_submitted_version_is_not_discarded(
    scenario: Scenario, stub: DeclarationServiceStub
) -> None:
    named = scenario.submitted()
    asked = supplier_pb2.DiscardDraftRequest(declaration_id=named.id, version=1)
    with pytest.raises(grpc.RpcError) as caught:
        stub.DiscardDraft(asked)
    assert caught.value.code() is grpc.StatusCode.FAILED_PRECONDITION


def test_the_footprint_service_pulls_the_data_and_puts_the_result_back(
    scenario: Scenario, served: Served, stub: DeclarationServiceStub
) -> None:
    named = scenario.submitted()
    with served.channel(FOOTPRINT) as channel:
        calculation = CalculationServiceStub(channel)
        first, *batches = calculation.GetActivityData(
            supplier_pb2.GetActivityDataRequest(declaration=reference(named))
        )
        assert first.declaration.sha256 == named.sha256
        assert [len(each.batch.records) for each in batches] == [3]
        footprint = write_messages.calculated_footprint(FOOTPRINT_OF_CATHODE)
        calculation.PutCalculatedFootprint(
            supplier_pb2.PutCalculatedFootprintRequest(
                declaration=reference(named), calculated_footprint=footprint
            )
        )
    found = stub.GetDeclaration(supplier_pb2.GetDeclarationRequest(declaration_id=named.id))
    assert found.declaration.state == declaration_pb2.DECLARATION_STATE_CALCULATED
    assert found.declaration.calculated_footprint == footprint


def test_the_owner_reads_why_its_version_was_refused_and_the_lead_firm_that_it_was(
    scenario: Scenario, served: Served, stub: DeclarationServiceStub
) -> None:
    named = scenario.submitted()
    violation = common_pb2.Violation(
        code=REASON.code,
        row_id=REASON.record_id,
        field=REASON.field,
        message_en=REASON.en,
        message_zh=REASON.zh,
    )
    with served.channel(FOOTPRINT) as channel:
        asked = supplier_pb2.RefuseCalculationRequest(
            declaration=reference(named), violations=[violation]
        )
        answer = CalculationServiceStub(channel).RefuseCalculation(asked)
    found = stub.GetDeclaration(supplier_pb2.GetDeclarationRequest(declaration_id=named.id))
    assert found.declaration == answer.declaration
    assert found.declaration.state == declaration_pb2.DECLARATION_STATE_REFUSED
    assert list(found.declaration.violations) == [violation]
    with served.channel(BUYER) as channel:
        (granted,) = (
            DeclarationServiceStub(channel)
            .ListGrantedDeclarations(
                supplier_pb2.ListGrantedDeclarationsRequest(
                    state=declaration_pb2.DECLARATION_STATE_REFUSED
                )
            )
            .declarations
        )
    assert granted.declaration == reference(named)
    assert REASON.record_id not in str(granted)


def test_the_worst_refusal_is_told_and_read_within_one_message(
    scenario: Scenario, served: Served, stub: DeclarationServiceStub
) -> None:
    named = scenario.submitted()
    worst = common_pb2.Violation(
        code="c" * LONGEST_ID,
        row_id="电" * LONGEST_ID,
        field="f" * LONGEST_ID,
        message_en="e" * LONGEST_REASON,
        message_zh="电" * LONGEST_REASON,
    )
    with served.channel(FOOTPRINT) as channel:
        CalculationServiceStub(channel).RefuseCalculation(
            supplier_pb2.RefuseCalculationRequest(
                declaration=reference(named), violations=[worst] * MOST_REASONS
            )
        )
    found = stub.GetDeclaration(supplier_pb2.GetDeclarationRequest(declaration_id=named.id))
    assert len(found.declaration.violations) == MOST_REASONS


def test_the_lead_firm_sees_what_was_granted_and_decides(
    scenario: Scenario, served: Served
) -> None:
    named = scenario.calculated()
    with served.channel(BUYER) as channel:
        lead_firm = DeclarationServiceStub(channel)
        (granted,) = lead_firm.ListGrantedDeclarations(
            supplier_pb2.ListGrantedDeclarationsRequest(
                data_request_ids=[scenario.request_id],
                state=declaration_pb2.DECLARATION_STATE_CALCULATED,
            )
        ).declarations
        assert granted.calculated_footprint.kg_co2e_per_unit == 8.5
        accepted = lead_firm.AcceptDeclaration(
            supplier_pb2.AcceptDeclarationRequest(declaration=granted.declaration)
        ).declaration
    assert accepted.declaration == reference(named)
    assert accepted.state == declaration_pb2.DECLARATION_STATE_ACCEPTED


def test_the_supplier_cannot_see_the_share_that_it_has_in_the_buyers_footprint(
    scenario: Scenario, supplier_channel: grpc.Channel
) -> None:
    scenario.request()
    (received,) = (
        DataRequestServiceStub(supplier_channel)
        .ListReceivedDataRequests(supplier_pb2.ListReceivedDataRequestsRequest())
        .data_requests
    )
    assert not received.HasField("share_of_footprint_percent")


def test_parts_are_proposed_sent_and_listed(served: Served) -> None:
    with served.channel(BUYER) as channel:
        requests = DataRequestServiceStub(channel)
        proposed = requests.ProposeDataRequests(
            supplier_pb2.ProposeDataRequestsRequest(
                parts=[
                    supplier_pb2.ProposedPart(
                        activity_id=activity_id, unit="kg", share_of_footprint_percent=12.5
                    )
                    for activity_id in ("lfp_cathode", "copper_foil")
                ]
            )
        ).data_requests
        assert [each.activity_id for each in proposed] == ["lfp_cathode", "copper_foil"]
        assert proposed[0].state == declaration_pb2.DATA_REQUEST_STATE_PROPOSED
        sent = requests.SendDataRequest(
            supplier_pb2.SendDataRequestRequest(
                data_request_id=proposed[0].id,
                supplier_tenant_id=SUPPLIER.tenant_id,
                reference_period=common_pb2.Period(start="2025-01-01", end="2025-12-31"),
            )
        ).data_request
        assert sent.state == declaration_pb2.DATA_REQUEST_STATE_SENT
        first = requests.ListDataRequests(supplier_pb2.ListDataRequestsRequest(page_size=1))
        second = requests.ListDataRequests(
            supplier_pb2.ListDataRequestsRequest(page_size=1, page_token=first.next_page_token)
        )
    listed = (*first.data_requests, *second.data_requests)
    assert {each.id for each in listed} == {each.id for each in proposed}
    assert all(each.share_of_footprint_percent == 12.5 for each in listed)
    assert second.next_page_token == ""


def test_an_unknown_state_is_no_filter(served: Served) -> None:
    asked = supplier_pb2.ListGrantedDeclarationsRequest(state=99)  # type: ignore[arg-type]
    with (
        served.channel(EXPORTER) as channel,
        pytest.raises(RemoteError) as caught,
        translated_errors("supplier"),
    ):
        DeclarationServiceStub(channel).ListGrantedDeclarations(asked)
    assert caught.value.violations[0].code == "supplier.filter.unknown_state"


def test_a_call_without_a_good_token_is_refused(served: Served) -> None:
    with (
        connect(served.target, lambda: "no.good.token") as channel,
        pytest.raises(RemoteError) as caught,
        translated_errors("supplier"),
    ):
        GrantServiceStub(channel).ListGrants(supplier_pb2.ListGrantsRequest())
    assert caught.value.kind is Kind.UNAUTHENTICATED


def test_a_message_beyond_the_limit_is_refused_before_it_is_read(
    scenario: Scenario, served: Served
) -> None:
    scenario.request()
    scenario.draft(())
    big = replace(POWER, evidence="x" * 5_000_000)
    with (
        connect(served.target, served.token_of(SUPPLIER), max_message_bytes=50_000_000) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        list(
            DeclarationServiceStub(channel).StreamActivityRecords(
                iter([opening(scenario.declaration_id), batch(1, [big])])
            )
        )
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


def test_the_worst_batch_is_refused_within_one_message(
    scenario: Scenario, stub: DeclarationServiceStub
) -> None:
    scenario.request()
    scenario.draft(())
    worst = supplier_pb2.RecordBatch(
        sequence=7, records=[declaration_pb2.ActivityRecord(record_id="料" * 128)] * 1000
    )
    *_, refused = stub.StreamActivityRecords(
        iter(
            [
                opening(scenario.declaration_id),
                supplier_pb2.StreamActivityRecordsRequest(batch=worst),
            ]
        )
    )
    assert refused.refused.violations[-1].code == "supplier.batch.more_violations"


def test_grants_are_listed_and_revoked_by_their_owner(
    scenario: Scenario, served: Served, supplier_channel: grpc.Channel
) -> None:
    scenario.submitted()
    grants = GrantServiceStub(supplier_channel)
    listed = grants.ListGrants(
        supplier_pb2.ListGrantsRequest(declaration_id=scenario.declaration_id)
    ).grants
    assert {grant.grantee for grant in listed} == {"footprint", BUYER.tenant_id}
    revoked = grants.RevokeGrant(supplier_pb2.RevokeGrantRequest(grant_id=listed[0].id)).grant
    assert revoked.HasField("revoked_at")
    with served.channel(OTHER_SUPPLIER) as channel:
        assert not GrantServiceStub(channel).ListGrants(supplier_pb2.ListGrantsRequest()).grants


def test_a_footprint_is_told_apart_from_none(
    scenario: Scenario, stub: DeclarationServiceStub
) -> None:
    named = scenario.submitted()
    asked = supplier_pb2.GetDeclarationRequest(declaration_id=named.id, version=1)
    assert not stub.GetDeclaration(asked).declaration.HasField("calculated_footprint")
    scenario.put(named, replace(FOOTPRINT_OF_CATHODE, kg_co2e_per_unit=0.0))
    assert stub.GetDeclaration(asked).declaration.HasField("calculated_footprint")
