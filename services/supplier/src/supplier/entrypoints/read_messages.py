"""Messages into the terms of the application. Nothing is checked here."""

from collections.abc import Iterable

from chassis.errors import InvalidInput, Location
from greenchain.common.v1 import common_pb2
from greenchain.supplier.v1 import declaration_pb2, supplier_pb2
from supplier.domain.activity import ActivityKind, StatedRecord
from supplier.domain.calculated_footprint import CalculatedFootprint, DatasetReference
from supplier.domain.data_request import Part
from supplier.domain.declaration import VersionReference
from supplier.domain.period import StatedPeriod
from supplier.domain.refusal import Reason
from supplier.domain.transitions import DeclarationState
from supplier.entrypoints.errors import UnknownState

#: An unknown or unspecified kind becomes an empty text, which the domain refuses with its row.
_KINDS = {
    declaration_pb2.ACTIVITY_KIND_ELECTRICITY: ActivityKind.ELECTRICITY.value,
    declaration_pb2.ACTIVITY_KIND_FUEL: ActivityKind.FUEL.value,
    declaration_pb2.ACTIVITY_KIND_MATERIAL: ActivityKind.MATERIAL.value,
    declaration_pb2.ACTIVITY_KIND_DIRECT_EMISSION: ActivityKind.DIRECT_EMISSION.value,
    declaration_pb2.ACTIVITY_KIND_OUTPUT: ActivityKind.OUTPUT.value,
}
_STATES = {
    declaration_pb2.DECLARATION_STATE_DRAFT: DeclarationState.DRAFT,
    declaration_pb2.DECLARATION_STATE_SUBMITTED: DeclarationState.SUBMITTED,
    declaration_pb2.DECLARATION_STATE_CALCULATED: DeclarationState.CALCULATED,
    declaration_pb2.DECLARATION_STATE_ACCEPTED: DeclarationState.ACCEPTED,
    declaration_pb2.DECLARATION_STATE_RETURNED: DeclarationState.RETURNED,
    declaration_pb2.DECLARATION_STATE_SUPERSEDED: DeclarationState.SUPERSEDED,
    declaration_pb2.DECLARATION_STATE_REFUSED: DeclarationState.REFUSED,
}


def stated_period(message: common_pb2.Period) -> StatedPeriod:
    return StatedPeriod(message.start, message.end)


def part(message: supplier_pb2.ProposedPart) -> Part:
    return Part(message.activity_id, message.unit, message.share_of_footprint_percent)


def stated_records(
    messages: Iterable[declaration_pb2.ActivityRecord],
) -> list[StatedRecord]:
    return [
        StatedRecord(
            record_id=message.record_id,
            period=stated_period(message.period),
            kind=_KINDS.get(message.kind, ""),
            item_id=message.item_id,
            amount=message.quantity.amount,
            unit=message.quantity.unit,
            evidence=message.evidence,
        )
        for message in messages
    ]


def version_reference(message: common_pb2.VersionReference) -> VersionReference:
    return VersionReference(message.id, message.version, message.sha256)


def state_filter(number: int) -> DeclarationState | None:
    """Return the state asked for; unspecified means all."""
    if number == declaration_pb2.DECLARATION_STATE_UNSPECIFIED:
        return None
    for known, state in _STATES.items():
        if known == number:
            return state
    raise InvalidInput(violations=(UnknownState(location=Location("state"), number=number),))


def calculated_footprint(message: declaration_pb2.CalculatedFootprint) -> CalculatedFootprint:
    return CalculatedFootprint(
        footprint_id=message.footprint_id,
        kg_co2e_per_unit=message.kg_co2e_per_unit,
        unit=message.unit,
        primary_data_share_percent=message.primary_data_share_percent,
        primary_activity_share_percent=message.primary_activity_share_percent,
        method_id=message.method_id,
        dataset=DatasetReference(
            message.dataset.id, message.dataset.version, message.dataset.sha256
        ),
        sha256=message.sha256,
    )


def reasons(messages: Iterable[common_pb2.Violation]) -> list[Reason]:
    return [
        Reason(
            code=message.code,
            record_id=message.row_id,
            field=message.field,
            en=message.message_en,
            zh=message.message_zh,
        )
        for message in messages
    ]
