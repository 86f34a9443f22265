"""The supplier service over gRPC."""

import threading
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

import grpc

from chassis.errors import GreenchainError, Kind
from chassis.rpc import connect, current_token, translated_errors
from chassis.tokens import ClientCredentials
from footprint.application.ports import (
    DeclaredActivity,
    ProposedDataRequest,
    ProposedPart,
    RefusalReason,
)
from footprint.domain.declaration import (
    CalculatedPcf,
    DatasetReference,
    DeclarationReference,
    GrantedDeclaration,
)
from greenchain.common.v1 import common_pb2
from greenchain.supplier.v1 import declaration_pb2, supplier_pb2, supplier_pb2_grpc

SERVICE = "supplier"


@dataclass(eq=False)
class IncompleteGrant(GreenchainError):
    """A grant does not show what a calculation needs."""

    code: ClassVar[str] = "footprint.declaration.incomplete_grant"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Grant {grant_id} of {supplier_tenant_id} for {activity_id} does not show {fields}. "
        "Ask the supplier to grant them, or calculate without supplier data."
    )
    zh: ClassVar[str] = (
        "{supplier_tenant_id} 对 {activity_id} 的授权 {grant_id} 未包含 {fields}。"
        "请供应商补充授权，或不使用供应商数据。"
    )

    grant_id: str
    supplier_tenant_id: str
    activity_id: str
    fields: tuple[str, ...]


@dataclass(eq=False)
class UnreadableAnswer(GreenchainError):
    """The supplier service answered something that its contract does not allow."""

    code: ClassVar[str] = "footprint.supplier_service.unreadable_answer"
    kind: ClassVar[Kind] = Kind.INTERNAL
    en: ClassVar[str] = "The supplier service answered without {field}. Nothing was stored."
    zh: ClassVar[str] = "供应商服务的应答缺少 {field}，未保存任何内容。"

    field: str


class SupplierService:
    """Channels to the supplier service, one per identity in whose name it is called."""

    def __init__(self, target: str, credentials: ClientCredentials) -> None:
        self._target, self._credentials = target, credentials
        self._caller = connect(target, current_token)
        self._by_tenant: dict[str, grpc.Channel] = {}
        self._lock = threading.Lock()

    def for_caller(self) -> "GrpcSupplierData":
        """Call in the name of whoever makes the present request."""
        return GrpcSupplierData(self._caller)

    def acting_for(self, tenant_id: str) -> "GrpcSupplierData":
        """Call with this service's own token, acting for a tenant."""
        with self._lock:
            if tenant_id not in self._by_tenant:
                token = self._credentials.acting_for(tenant_id).token
                self._by_tenant[tenant_id] = connect(self._target, token)
            return GrpcSupplierData(self._by_tenant[tenant_id])

    def close(self) -> None:
        """Close all channels."""
        with self._lock:
            for channel in (self._caller, *self._by_tenant.values()):
                channel.close()
            self._by_tenant.clear()


class GrpcSupplierData:
    """`SupplierData` over a channel that carries the identity."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._requests = supplier_pb2_grpc.DataRequestServiceStub(channel)
        self._declarations = supplier_pb2_grpc.DeclarationServiceStub(channel)
        self._calculations = supplier_pb2_grpc.CalculationServiceStub(channel)

    def propose(self, parts: Sequence[ProposedPart]) -> tuple[ProposedDataRequest, ...]:
        """Propose a data request for each part."""
        request = supplier_pb2.ProposeDataRequestsRequest(
            parts=[
                supplier_pb2.ProposedPart(
                    activity_id=part.activity_id,
                    unit=part.unit,
                    share_of_footprint_percent=part.share_of_footprint_percent,
                )
                for part in parts
            ]
        )
        with translated_errors(SERVICE):
            answer = self._requests.ProposeDataRequests(request)
        return tuple(_data_request(each) for each in answer.data_requests)

    def accepted_declarations(self, activity_ids: Set[str]) -> tuple[GrantedDeclaration, ...]:
        """Return the accepted declarations of these products that the identity was granted."""
        request = supplier_pb2.ListGrantedDeclarationsRequest(
            state=declaration_pb2.DECLARATION_STATE_ACCEPTED
        )
        with translated_errors(SERVICE):
            answer = self._declarations.ListGrantedDeclarations(request)
        return tuple(
            _granted(each) for each in answer.declarations if each.activity_id in activity_ids
        )

    def activity_data(self, reference: DeclarationReference) -> DeclaredActivity:
        """Pull the activity data of a requested calculation."""
        request = supplier_pb2.GetActivityDataRequest(declaration=_reference(reference))
        with translated_errors(SERVICE):
            return _declared(self._calculations.GetActivityData(request))

    def put_calculated(self, reference: DeclarationReference, calculated: CalculatedPcf) -> None:
        """Put a calculated footprint back."""
        request = supplier_pb2.PutCalculatedFootprintRequest(
            declaration=_reference(reference),
            calculated_footprint=declaration_pb2.CalculatedFootprint(
                footprint_id=calculated.footprint_id,
                kg_co2e_per_unit=calculated.kg_co2e_per_unit,
                unit=calculated.unit,
                primary_data_share_percent=calculated.primary_data_share_percent,
                primary_activity_share_percent=calculated.primary_activity_share_percent,
                method_id=calculated.method_id,
                dataset=declaration_pb2.DatasetReference(
                    id=calculated.dataset.id,
                    version=calculated.dataset.version,
                    sha256=calculated.dataset.sha256,
                ),
                sha256=calculated.sha256,
            ),
        )
        with translated_errors(SERVICE):
            self._calculations.PutCalculatedFootprint(request)

    def refuse(self, reference: DeclarationReference, reasons: Sequence[RefusalReason]) -> None:
        """Say that a declaration cannot be calculated, and why."""
        request = supplier_pb2.RefuseCalculationRequest(
            declaration=_reference(reference),
            violations=[
                common_pb2.Violation(
                    code=reason.code,
                    row_id=reason.record_id,
                    field=reason.field,
                    message_en=reason.en,
                    message_zh=reason.zh,
                )
                for reason in reasons
            ],
        )
        with translated_errors(SERVICE):
            self._calculations.RefuseCalculation(request)


def _reference(reference: DeclarationReference) -> common_pb2.VersionReference:
    return common_pb2.VersionReference(
        id=reference.id, version=reference.version, sha256=reference.sha256
    )


def _name_of(value: int, enum: Any, prefix: str) -> str:
    """Return ``ACCEPTED`` of ``DECLARATION_STATE_ACCEPTED`` as ``accepted``; empty if unknown."""
    known = enum.DESCRIPTOR.values_by_number.get(value)
    return "" if known is None or value == 0 else str(known.name.removeprefix(prefix).lower())


def _data_request(message: declaration_pb2.DataRequest) -> ProposedDataRequest:
    return ProposedDataRequest(
        id=message.id,
        state=_name_of(message.state, declaration_pb2.DataRequestState, "DATA_REQUEST_STATE_"),
        part=ProposedPart(message.activity_id, message.unit, message.share_of_footprint_percent),
    )


def _granted(message: declaration_pb2.GrantedDeclaration) -> GrantedDeclaration:
    hidden = [name for name in ("declaration", "reference_period") if not message.HasField(name)]
    hidden += [] if message.plant_region else ["plant_region"]
    if hidden:
        raise IncompleteGrant(
            message.grant_id, message.supplier_tenant_id, message.activity_id, tuple(hidden)
        )
    calculated = None
    if message.HasField("calculated_footprint"):
        calculated = _calculated(message.calculated_footprint)
    start, end = _period(message.reference_period)
    return GrantedDeclaration(
        reference=_read_reference(message.declaration),
        data_request_id=message.data_request_id,
        supplier_tenant_id=message.supplier_tenant_id,
        activity_id=message.activity_id,
        region=message.plant_region,
        period_start=start,
        period_end=end,
        calculated=calculated,
        grant_id=message.grant_id,
    )


def _calculated(message: declaration_pb2.CalculatedFootprint) -> CalculatedPcf:
    dataset = message.dataset
    return CalculatedPcf(
        footprint_id=message.footprint_id,
        kg_co2e_per_unit=message.kg_co2e_per_unit,
        unit=message.unit,
        primary_data_share_percent=message.primary_data_share_percent,
        primary_activity_share_percent=message.primary_activity_share_percent,
        method_id=message.method_id,
        dataset=DatasetReference(dataset.id, dataset.version, dataset.sha256),
        sha256=message.sha256,
    )


def _declared(messages: Iterable[supplier_pb2.GetActivityDataResponse]) -> DeclaredActivity:
    declaration: declaration_pb2.Declaration | None = None
    rows: list[dict[str, object]] = []
    for message in messages:
        if message.HasField("declaration"):
            declaration = message.declaration
        else:
            rows.extend(_row(record) for record in message.batch.records)
    if declaration is None:
        raise UnreadableAnswer("declaration")
    start, end = _period(declaration.reference_period)
    return DeclaredActivity(
        reference=DeclarationReference(declaration.id, declaration.version, declaration.sha256),
        activity_id=declaration.activity_id,
        region=declaration.plant_region,
        period_start=start,
        period_end=end,
        rows=rows,
    )


def _row(record: declaration_pb2.ActivityRecord) -> dict[str, object]:
    """Return a record as an untrusted row: the domain checks it, whoever checked it before."""
    return {
        "record_id": record.record_id,
        "period_start": record.period.start,
        "period_end": record.period.end,
        "kind": _name_of(record.kind, declaration_pb2.ActivityKind, "ACTIVITY_KIND_"),
        "item_id": record.item_id,
        "amount": record.quantity.amount,
        "unit": record.quantity.unit,
        "evidence": record.evidence,
    }


def _read_reference(message: common_pb2.VersionReference) -> DeclarationReference:
    return DeclarationReference(message.id, message.version, message.sha256)


def _period(message: common_pb2.Period) -> tuple[date, date]:
    try:
        return date.fromisoformat(message.start), date.fromisoformat(message.end)
    except ValueError as error:
        raise UnreadableAnswer("reference_period") from error
