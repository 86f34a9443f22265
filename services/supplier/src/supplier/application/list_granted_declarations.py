"""A lead firm lists what suppliers granted to it."""

from collections.abc import Collection
from itertools import groupby

from chassis.errors import InvalidInput, Location
from chassis.identity import Principal, Role
from supplier.application.granted_access import GrantedView, granted_view, record_use
from supplier.application.ports import Context, UnitOfWork
from supplier.domain.grant import GrantPurpose, ReceivedGrant
from supplier.domain.transitions import DeclarationState
from supplier.domain.violations import TooManyIds

MOST_IDS = 1000


def list_granted_declarations(
    context: Context,
    principal: Principal,
    data_request_ids: Collection[str],
    state: DeclarationState | None,
) -> list[GrantedView]:
    """Return the granted versions, the newest of each declaration first; drafts are never seen.

    The footprint service asks for a tenant whose footprint it recomputes.
    """
    principal.require(Role.LEAD_FIRM, Role.EXPORTER, Role.FOOTPRINT_SERVICE)
    if len(data_request_ids) > MOST_IDS:
        violation = TooManyIds(
            location=Location("data_request_ids"), count=len(data_request_ids), most=MOST_IDS
        )
        raise InvalidInput(violations=(violation,))
    with context.open(principal.tenant_id, read_only=True) as uow:
        received = uow.received_grants.of_requests(data_request_ids)
    views: dict[str, list[GrantedView]] = {}
    # One transaction an owner: the reading is written down with each, and none waits for another.
    by_owner = sorted(received, key=_owner)
    for owner, grants in groupby(by_owner, _owner):
        with context.open(principal.tenant_id) as uow:
            with uow.as_tenant(owner):
                for index in grants:
                    views[index.grant_id] = _read(context, uow, principal, index, state)
            uow.commit()
    return [view for index in received for view in views[index.grant_id]]


def _owner(received: ReceivedGrant) -> str:
    return received.owner_tenant_id


def _read(
    context: Context,
    uow: UnitOfWork,
    principal: Principal,
    index: ReceivedGrant,
    state: DeclarationState | None,
) -> list[GrantedView]:
    grant = uow.grants.get(index.grant_id)
    declaration = uow.declarations.get(index.declaration_id)
    purpose, now = GrantPurpose.PRODUCT_FOOTPRINT, context.clock.now()
    if grant is None or declaration is None:
        return []
    if not grant.permits(principal.tenant_id, purpose, now):
        return []
    views: list[GrantedView] = []
    for version in reversed(declaration.versions):
        if version.sha256 is None or (state is not None and version.state is not state):
            continue
        record_use(context, uow, principal, grant, version)
        views.append(granted_view(grant, declaration, version))
    return views
