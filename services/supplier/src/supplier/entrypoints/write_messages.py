"""The application's answers as messages."""

from collections.abc import Sequence
from datetime import datetime

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.errors import Location, Violation
from greenchain.common.v1 import common_pb2
from greenchain.supplier.v1 import declaration_pb2, supplier_pb2
from supplier.application.granted_access import GrantedView
from supplier.domain.activity import ActivityKind, ActivityRecord
from supplier.domain.calculated_footprint import CalculatedFootprint
from supplier.domain.data_request import DataRequest, ReceivedRequest
from supplier.domain.declaration import Declaration, DeclarationVersion, VersionReference
from supplier.domain.grant import GrantPurpose, ShareGrant
from supplier.domain.period import Period
from supplier.domain.transitions import DataRequestState, DeclarationState
from supplier.entrypoints.errors import MoreViolations

#: Bound on the reasons of one refusal, below the limit of a message [bytes].
MAX_VIOLATIONS_BYTES = 3 * 1024 * 1024

_REQUEST_STATES = {
    DataRequestState.PROPOSED: declaration_pb2.DATA_REQUEST_STATE_PROPOSED,
    DataRequestState.SENT: declaration_pb2.DATA_REQUEST_STATE_SENT,
    DataRequestState.ANSWERED: declaration_pb2.DATA_REQUEST_STATE_ANSWERED,
    DataRequestState.FULFILLED: declaration_pb2.DATA_REQUEST_STATE_FULFILLED,
}
_STATES = {
    DeclarationState.DRAFT: declaration_pb2.DECLARATION_STATE_DRAFT,
    DeclarationState.SUBMITTED: declaration_pb2.DECLARATION_STATE_SUBMITTED,
    DeclarationState.CALCULATED: declaration_pb2.DECLARATION_STATE_CALCULATED,
    DeclarationState.ACCEPTED: declaration_pb2.DECLARATION_STATE_ACCEPTED,
    DeclarationState.RETURNED: declaration_pb2.DECLARATION_STATE_RETURNED,
    DeclarationState.SUPERSEDED: declaration_pb2.DECLARATION_STATE_SUPERSEDED,
    DeclarationState.REFUSED: declaration_pb2.DECLARATION_STATE_REFUSED,
}
_KINDS = {
    ActivityKind.ELECTRICITY: declaration_pb2.ACTIVITY_KIND_ELECTRICITY,
    ActivityKind.FUEL: declaration_pb2.ACTIVITY_KIND_FUEL,
    ActivityKind.MATERIAL: declaration_pb2.ACTIVITY_KIND_MATERIAL,
    ActivityKind.DIRECT_EMISSION: declaration_pb2.ACTIVITY_KIND_DIRECT_EMISSION,
    ActivityKind.OUTPUT: declaration_pb2.ACTIVITY_KIND_OUTPUT,
}
_PURPOSES = {
    GrantPurpose.OWN_CALCULATION: supplier_pb2.GRANT_PURPOSE_OWN_CALCULATION,
    GrantPurpose.PRODUCT_FOOTPRINT: supplier_pb2.GRANT_PURPOSE_PRODUCT_FOOTPRINT,
}


def _period(value: Period | None) -> common_pb2.Period | None:
    if value is None:
        return None
    return common_pb2.Period(start=value.start.isoformat(), end=value.end.isoformat())


def _timestamp(value: datetime | None) -> Timestamp | None:
    if value is None:
        return None
    message = Timestamp()
    message.FromDatetime(value)
    return message


def data_request(request: DataRequest) -> declaration_pb2.DataRequest:
    return declaration_pb2.DataRequest(
        id=request.id,
        state=_REQUEST_STATES[request.state],
        lead_firm_tenant_id=request.lead_firm_tenant_id,
        supplier_tenant_id=request.supplier_tenant_id or "",
        activity_id=request.part.activity_id,
        unit=request.part.unit,
        share_of_footprint_percent=request.part.share_of_footprint_percent,
        reference_period=_period(request.reference_period),
        created_at=_timestamp(request.created_at),
    )


def received_request(request: ReceivedRequest) -> declaration_pb2.DataRequest:
    """Write the supplier's view, which has no share of the buyer's footprint."""
    return declaration_pb2.DataRequest(
        id=request.data_request_id,
        state=_REQUEST_STATES[request.state],
        lead_firm_tenant_id=request.lead_firm_tenant_id,
        supplier_tenant_id=request.supplier_tenant_id,
        activity_id=request.activity_id,
        unit=request.unit,
        reference_period=_period(request.reference_period),
        created_at=_timestamp(request.created_at),
    )


def declaration(of: Declaration, version: DeclarationVersion) -> declaration_pb2.Declaration:
    """Write a version as its owner sees it."""
    return declaration_pb2.Declaration(
        id=of.id,
        version=version.version,
        sha256=version.sha256 or "",
        state=_STATES[version.state],
        data_request_id=of.data_request_id,
        activity_id=of.activity_id,
        plant_name=version.plant.name,
        plant_region=version.plant.region,
        reference_period=_period(version.reference_period),
        record_count=version.record_count,
        calculated_footprint=_footprint_or_none(version.footprint),
        return_reason=version.return_reason or "",
        violations=[
            common_pb2.Violation(
                code=reason.code,
                row_id=reason.record_id,
                field=reason.field,
                message_en=reason.en,
                message_zh=reason.zh,
            )
            for reason in version.refused_for
        ],
    )


def granted_declaration(view: GrantedView) -> declaration_pb2.GrantedDeclaration:
    """Write what a grantee sees; what is not granted stays unset."""
    return declaration_pb2.GrantedDeclaration(
        declaration=None if view.declaration is None else _reference(view.declaration),
        state=(
            declaration_pb2.DECLARATION_STATE_UNSPECIFIED
            if view.state is None
            else _STATES[view.state]
        ),
        data_request_id=view.data_request_id,
        supplier_tenant_id=view.supplier_tenant_id,
        activity_id=view.activity_id,
        plant_region=view.plant_region or "",
        reference_period=_period(view.reference_period),
        calculated_footprint=_footprint_or_none(view.calculated_footprint),
        grant_id=view.grant_id,
    )


def _reference(value: VersionReference) -> common_pb2.VersionReference:
    return common_pb2.VersionReference(id=value.id, version=value.version, sha256=value.sha256)


def _footprint_or_none(
    footprint: CalculatedFootprint | None,
) -> declaration_pb2.CalculatedFootprint | None:
    return None if footprint is None else calculated_footprint(footprint)


def calculated_footprint(footprint: CalculatedFootprint) -> declaration_pb2.CalculatedFootprint:
    return declaration_pb2.CalculatedFootprint(
        footprint_id=footprint.footprint_id,
        kg_co2e_per_unit=footprint.kg_co2e_per_unit,
        unit=footprint.unit,
        primary_data_share_percent=footprint.primary_data_share_percent,
        primary_activity_share_percent=footprint.primary_activity_share_percent,
        method_id=footprint.method_id,
        dataset=declaration_pb2.DatasetReference(
            id=footprint.dataset.id,
            version=footprint.dataset.version,
            sha256=footprint.dataset.sha256,
        ),
        sha256=footprint.sha256,
    )


def record_batch(sequence: int, records: Sequence[ActivityRecord]) -> supplier_pb2.RecordBatch:
    return supplier_pb2.RecordBatch(
        sequence=sequence,
        records=[
            declaration_pb2.ActivityRecord(
                record_id=record.record_id,
                period=_period(record.period),
                kind=_KINDS[record.kind],
                item_id=record.item_id,
                quantity=common_pb2.Quantity(amount=record.amount, unit=record.unit),
                evidence=record.evidence,
            )
            for record in records
        ],
    )


def batch_refused(sequence: int, violations: Sequence[Violation]) -> supplier_pb2.BatchRefused:
    """Write every reason of a refusal, or as many as fit and how many there are besides."""
    message = supplier_pb2.BatchRefused(sequence=sequence)
    room = MAX_VIOLATIONS_BYTES
    for number, each in enumerate(violations):
        written = _violation(each)
        room -= written.ByteSize()
        if room < 0:
            left = MoreViolations(location=Location(""), count=len(violations) - number)
            message.violations.append(_violation(left))
            break
        message.violations.append(written)
    return message


def _violation(violation: Violation) -> common_pb2.Violation:
    return common_pb2.Violation(
        code=violation.code,
        row=violation.location.row or 0,
        row_id=violation.location.id or "",
        field=violation.location.field,
        message_en=violation.message("en"),
        message_zh=violation.message("zh"),
    )


def grant(value: ShareGrant) -> supplier_pb2.Grant:
    return supplier_pb2.Grant(
        id=value.id,
        declaration_id=value.declaration_id,
        grantee=value.grantee,
        purpose=_PURPOSES[value.purpose],
        fields=sorted(value.fields),
        valid_from=_timestamp(value.valid_from),
        valid_until=_timestamp(value.valid_until),
        revoked_at=_timestamp(value.revoked_at),
    )
