"""A lead firm accepts a calculated version, or returns it to its supplier."""

from collections.abc import Callable
from dataclasses import replace

from chassis.errors import NotFound
from chassis.identity import Principal
from supplier.application.granted_access import (
    GrantedView,
    find_received_grant,
    granted_view,
    record_use,
)
from supplier.application.ports import Context, UnitOfWork
from supplier.domain.declaration import (
    Declaration,
    DeclarationVersion,
    VersionReference,
    check_reason,
)
from supplier.domain.events import DeclarationAccepted, DeclarationReturned
from supplier.domain.transitions import DeclarationState, require_role_for

Decision = Callable[[Declaration, DeclarationVersion], Declaration]


def accept_declaration(
    context: Context, principal: Principal, named: VersionReference
) -> GrantedView:
    """Accept the version in place of all earlier ones; accepting it again changes nothing."""
    require_role_for(principal, DeclarationState.ACCEPTED)

    def accept(declaration: Declaration, version: DeclarationVersion) -> Declaration:
        if version.state is DeclarationState.ACCEPTED:
            return declaration
        return declaration.accepted(version)

    return _decide(context, principal, named, accept)


def return_declaration(
    context: Context, principal: Principal, named: VersionReference, reason: str
) -> GrantedView:
    """Return the version with a reason; returning it again with the same one changes nothing."""
    require_role_for(principal, DeclarationState.RETURNED)
    check_reason(reason)

    def return_(declaration: Declaration, version: DeclarationVersion) -> Declaration:
        if version.state is DeclarationState.RETURNED and version.return_reason == reason:
            return declaration
        return declaration.returned(version, reason)

    return _decide(context, principal, named, return_)


def _decide(
    context: Context, principal: Principal, named: VersionReference, decision: Decision
) -> GrantedView:
    with context.open(principal.tenant_id) as uow:
        index, grant = find_received_grant(uow, named.id, principal.tenant_id, context.clock.now())
        with uow.as_tenant(index.owner_tenant_id):
            held = uow.declarations.get(named.id)
            if held is None:
                raise NotFound(what="declaration", id=named.id)
            version = held.submitted_version(named)
            held.refuse_who_stated(principal)
            declaration = decision(held, version)
            decided = declaration.at(version.version)
            if declaration != held:
                declaration = replace(declaration, event_count=held.event_count + 1)
                uow.declarations.save(declaration)
                _tell(uow, declaration, decided)
            record_use(context, uow, principal, grant, decided)
        if decided.state is DeclarationState.ACCEPTED:
            _fulfil_request(uow, declaration)
        uow.commit()
    return granted_view(grant, declaration, decided)


def _tell(uow: UnitOfWork, declaration: Declaration, decided: DeclarationVersion) -> None:
    event = (
        DeclarationAccepted if decided.state is DeclarationState.ACCEPTED else DeclarationReturned
    )
    reference = declaration.reference(decided)
    uow.publish(event(declaration.tenant_id, declaration.event_count, reference))


def _fulfil_request(uow: UnitOfWork, declaration: Declaration) -> None:
    request = uow.data_requests.get(declaration.data_request_id)
    if request is None:
        raise NotFound(what="data request", id=declaration.data_request_id)
    fulfilled = request.fulfilled()
    uow.data_requests.save(fulfilled)
    with uow.as_tenant(declaration.tenant_id):
        received = uow.received_requests.get(declaration.data_request_id)
        if received is None:
            raise NotFound(what="data request", id=declaration.data_request_id)
        uow.received_requests.save(replace(received, state=fulfilled.state))
