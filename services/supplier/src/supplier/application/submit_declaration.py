"""A supplier submits a draft."""

from dataclasses import replace
from datetime import datetime

from chassis.errors import NotFound, Violation
from chassis.identity import Principal
from supplier.application.ports import Context, UnitOfWork
from supplier.domain.content import check_corrects, content_hash
from supplier.domain.declaration import Declaration, DeclarationVersion
from supplier.domain.errors import DraftNotSubmitted
from supplier.domain.events import (
    CalculationRequested,
    DeclarationCorrected,
    DeclarationSubmitted,
    GrantGiven,
)
from supplier.domain.grant import FOOTPRINT_SERVICE, GrantPurpose, ReceivedGrant, ShareGrant, give
from supplier.domain.record_checks import check_completeness
from supplier.domain.transitions import DeclarationState, require_role_for


def submit_declaration(
    context: Context, principal: Principal, declaration_id: str, version: int
) -> tuple[Declaration, DeclarationVersion]:
    """Check the draft as a whole, fix its content, share it and ask for the calculation.

    Submitting means to share with who asked: grants that do not stand (never given, expired or
    revoked before) are given in the same transaction. A version that was submitted before is
    answered as it stands, without a second event.
    """
    require_role_for(principal, DeclarationState.SUBMITTED)
    with context.open(principal.tenant_id) as uow:
        held = uow.declarations.get(declaration_id)
        if held is None or version < 1:
            raise NotFound(what="declaration", id=f"{declaration_id} version {version}")
        draft = held.at(version)
        if draft.sha256 is not None:
            return held, draft
        now = context.clock.now()
        submitted = _submitted(uow, held, draft, principal.subject, now)
        declaration = replace(held.with_version(submitted), event_count=held.event_count + 1)
        uow.declarations.save(declaration)
        _tell(uow, declaration, submitted)
        _give_grants(context, uow, declaration, now)
        _answer_request(uow, declaration)
        uow.commit()
    return declaration, submitted


def _submitted(
    uow: UnitOfWork,
    declaration: Declaration,
    draft: DeclarationVersion,
    subject: str,
    now: datetime,
) -> DeclarationVersion:
    records = uow.records(declaration.id, draft.version).all()
    violations: list[Violation] = []
    check_completeness(records, declaration.frame(draft), violations)
    if violations:
        raise DraftNotSubmitted(violations=tuple(violations))
    check_corrects(declaration, draft, records)
    return replace(
        declaration.moved(draft, DeclarationState.SUBMITTED),
        sha256=content_hash(declaration, draft, records),
        submitted_at=now,
        stated_by=draft.stated_by | {subject},
    )


def _tell(uow: UnitOfWork, declaration: Declaration, version: DeclarationVersion) -> None:
    reference = declaration.reference(version)
    corrected = declaration.corrected_by(version)
    tenant_id, count = declaration.tenant_id, declaration.event_count
    if corrected is None:
        uow.publish(DeclarationSubmitted(tenant_id, count, reference))
    else:
        uow.publish(DeclarationCorrected(tenant_id, count, reference, corrected))
    uow.publish(CalculationRequested(tenant_id, reference))


def _give_grants(
    context: Context, uow: UnitOfWork, declaration: Declaration, now: datetime
) -> None:
    held = uow.grants.of_declaration(declaration.id)
    for grantee, purpose in (
        (FOOTPRINT_SERVICE, GrantPurpose.OWN_CALCULATION),
        (declaration.lead_firm_tenant_id, GrantPurpose.PRODUCT_FOOTPRINT),
    ):
        if any(grant.permits(grantee, purpose, now) for grant in held):
            continue
        grant = give(context.new_id(), declaration.id, grantee, purpose, now)
        uow.grants.save(grant)
        uow.publish(GrantGiven(declaration.tenant_id, grant.id, declaration.id))
        if purpose is GrantPurpose.PRODUCT_FOOTPRINT:
            _index(uow, declaration, grant)


def _index(uow: UnitOfWork, declaration: Declaration, grant: ShareGrant) -> None:
    with uow.as_tenant(grant.grantee):
        uow.received_grants.save(
            ReceivedGrant(
                grant_id=grant.id,
                owner_tenant_id=declaration.tenant_id,
                declaration_id=declaration.id,
                data_request_id=declaration.data_request_id,
            )
        )


def _answer_request(uow: UnitOfWork, declaration: Declaration) -> None:
    received = uow.received_requests.get(declaration.data_request_id)
    with uow.as_tenant(declaration.lead_firm_tenant_id):
        request = uow.data_requests.get(declaration.data_request_id)
        if received is None or request is None:
            raise NotFound(what="data request", id=declaration.data_request_id)
        answered = request.answered()
        uow.data_requests.save(answered)
    uow.received_requests.save(replace(received, state=answered.state))
