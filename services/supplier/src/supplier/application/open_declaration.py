"""A supplier opens a declaration, or its next version."""

from dataclasses import replace

from chassis.errors import NotFound
from chassis.identity import Principal
from supplier.application.ports import Context, UnitOfWork
from supplier.domain.data_request import ReceivedRequest
from supplier.domain.declaration import Declaration, DeclarationVersion, Plant, read_header
from supplier.domain.errors import DraftHasOtherRecords
from supplier.domain.period import Period, StatedPeriod
from supplier.domain.transitions import DeclarationState, require_role_for


def open_declaration(
    context: Context,
    principal: Principal,
    data_request_id: str,
    plant: Plant,
    reference_period: StatedPeriod,
) -> tuple[Declaration, DeclarationVersion]:
    """Open the first version, the next one, or the draft that is open already.

    An open draft takes over the plant and the period that are given now.
    """
    require_role_for(principal, DeclarationState.DRAFT)
    with context.open(principal.tenant_id) as uow:
        request = uow.received_requests.get(data_request_id)
        if request is None:
            raise NotFound(what="data request", id=data_request_id)
        period = read_header(plant, reference_period, request.reference_period)
        held = uow.declarations.by_request(data_request_id)
        if held is not None and held.newest.state is DeclarationState.DRAFT:
            version = _amended(uow, held, plant, period, principal.subject)
            declaration = held.with_version(version)
        else:
            version = DeclarationVersion(
                version=1 if held is None else held.newest.version + 1,
                state=DeclarationState.DRAFT,
                plant=plant,
                reference_period=period,
                stated_by=frozenset({principal.subject}),
                opened_at=context.clock.now(),
            )
            declaration = (
                _first(context.new_id(), request, version)
                if held is None
                else held.with_version(version)
            )
        if declaration != held:
            uow.declarations.save(declaration)
            uow.commit()
    return declaration, version


def _first(id: str, request: ReceivedRequest, version: DeclarationVersion) -> Declaration:
    return Declaration(
        id=id,
        tenant_id=request.supplier_tenant_id,
        data_request_id=request.data_request_id,
        lead_firm_tenant_id=request.lead_firm_tenant_id,
        activity_id=request.activity_id,
        unit=request.unit,
        requested_period=request.reference_period,
        event_count=0,
        versions=(version,),
    )


def _amended(
    uow: UnitOfWork, declaration: Declaration, plant: Plant, period: Period, subject: str
) -> DeclarationVersion:
    draft = declaration.newest
    if draft.reference_period != period:
        outside = uow.records(declaration.id, draft.version).first_outside(period)
        if outside is not None:
            raise DraftHasOtherRecords(
                declaration_id=declaration.id,
                version=draft.version,
                period=str(period),
                record_id=outside.record_id,
            )
    return replace(
        draft, plant=plant, reference_period=period, stated_by=draft.stated_by | {subject}
    )
