"""A supplier looks at the grants that it gave, and takes them back."""

from chassis.errors import NotFound
from chassis.identity import Principal, Role
from supplier.application.ports import Context
from supplier.domain.events import GrantRevoked
from supplier.domain.grant import ShareGrant


def list_grants(context: Context, principal: Principal, declaration_id: str) -> list[ShareGrant]:
    """Return the caller's grants, oldest first; of one declaration if it is named."""
    principal.require(Role.SUPPLIER)
    with context.open(principal.tenant_id, read_only=True) as uow:
        if declaration_id:
            return uow.grants.of_declaration(declaration_id)
        return uow.grants.all()


def revoke_grant(context: Context, principal: Principal, grant_id: str) -> ShareGrant:
    """Take a grant back at once; taking it back again changes nothing."""
    principal.require(Role.SUPPLIER)
    with context.open(principal.tenant_id) as uow:
        held = uow.grants.get(grant_id)
        if held is None:
            raise NotFound(what="grant", id=grant_id)
        grant = held.revoked(context.clock.now())
        if grant != held:
            uow.grants.save(grant)
            uow.publish(GrantRevoked(principal.tenant_id, grant.id, grant.declaration_id))
            uow.commit()
    return grant
