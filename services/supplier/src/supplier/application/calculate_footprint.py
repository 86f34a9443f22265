"""The footprint service pulls the activity data to calculate, and puts its result back or refuses.

All calls act under the supplier's own tenant and stand on the supplier's grant for its own
calculation.
"""

from collections.abc import Sequence

from chassis.errors import NotFound
from chassis.identity import Principal, Role
from supplier.application.granted_access import record_use
from supplier.application.ports import Context, UnitOfWork
from supplier.domain.activity import ActivityRecord
from supplier.domain.calculated_footprint import CalculatedFootprint, check_footprint
from supplier.domain.declaration import Declaration, DeclarationVersion, VersionReference
from supplier.domain.grant import FOOTPRINT_SERVICE, GrantPurpose, ShareGrant
from supplier.domain.refusal import Reason, check_reasons
from supplier.domain.transitions import DeclarationState, require_role_for


def get_activity_data(
    context: Context, principal: Principal, named: VersionReference
) -> tuple[Declaration, DeclarationVersion, list[ActivityRecord]]:
    """Return the named version and its records, ordered by their ids."""
    principal.require(Role.FOOTPRINT_SERVICE)
    with context.open(principal.tenant_id) as uow:
        declaration, grant = _granted(context, uow, named.id)
        version = declaration.submitted_version(named)
        records = uow.records(declaration.id, version.version).all()
        record_use(context, uow, principal, grant, version)
        uow.commit()
    return declaration, version, records


def put_calculated_footprint(
    context: Context,
    principal: Principal,
    named: VersionReference,
    footprint: CalculatedFootprint,
) -> tuple[Declaration, DeclarationVersion]:
    """Hold the result; the same result again changes nothing, another one is refused."""
    require_role_for(principal, DeclarationState.CALCULATED)
    with context.open(principal.tenant_id) as uow:
        held, _ = _granted(context, uow, named.id)
        version = held.submitted_version(named)
        check_footprint(footprint, held.unit)
        declaration = held.calculated(version, footprint)
        if declaration != held:
            uow.declarations.save(declaration)
            uow.commit()
    return declaration, declaration.at(version.version)


def refuse_calculation(
    context: Context,
    principal: Principal,
    named: VersionReference,
    reasons: Sequence[Reason],
) -> tuple[Declaration, DeclarationVersion]:
    """Hold why the content cannot be calculated; refusing it again changes nothing."""
    require_role_for(principal, DeclarationState.REFUSED)
    check_reasons(reasons)
    with context.open(principal.tenant_id) as uow:
        held, _ = _granted(context, uow, named.id)
        version = held.submitted_version(named)
        declaration = held.refused(version, tuple(reasons))
        if declaration != held:
            uow.declarations.save(declaration)
            uow.commit()
    return declaration, declaration.at(version.version)


def _granted(
    context: Context, uow: UnitOfWork, declaration_id: str
) -> tuple[Declaration, ShareGrant]:
    now = context.clock.now()
    for grant in uow.grants.of_declaration(declaration_id):
        if grant.permits(FOOTPRINT_SERVICE, GrantPurpose.OWN_CALCULATION, now):
            declaration = uow.declarations.get(declaration_id)
            if declaration is not None:
                return declaration, grant
    raise NotFound(what="declaration", id=declaration_id)
