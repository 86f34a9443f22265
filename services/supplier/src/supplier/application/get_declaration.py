"""A supplier reads its own declaration."""

from chassis.errors import NotFound
from chassis.identity import Principal, Role
from supplier.application.ports import Context
from supplier.domain.declaration import Declaration, DeclarationVersion


def get_declaration(
    context: Context, principal: Principal, declaration_id: str, version: int
) -> tuple[Declaration, DeclarationVersion]:
    """Return a version of the caller's own declaration, 0 for the newest."""
    principal.require(Role.SUPPLIER)
    with context.open(principal.tenant_id, read_only=True) as uow:
        declaration = uow.declarations.get(declaration_id)
    if declaration is None:
        raise NotFound(what="declaration", id=declaration_id)
    return declaration, declaration.at(version)
