"""A supplier discards a draft, to begin it anew or to leave it."""

from chassis.errors import NotFound
from chassis.identity import Principal, Role
from supplier.application.ports import Context


def discard_draft(
    context: Context, principal: Principal, declaration_id: str, version: int
) -> None:
    """Delete a draft and its records; nobody but its owner has ever seen them.

    Its number becomes free again, and a declaration that has no other version is gone. Discarding
    twice finds nothing the second time.

    Raises
    ------
    NotDiscardable
        If the version was submitted.
    """
    principal.require(Role.SUPPLIER)
    with context.open(principal.tenant_id) as uow:
        declaration = uow.declarations.get(declaration_id)
        if declaration is None or version < 1:
            raise NotFound(what="declaration", id=f"{declaration_id} version {version}")
        draft = declaration.at(version)
        remaining = declaration.without_draft(draft)
        uow.records(declaration.id, draft.version).remove_all()
        uow.declarations.remove_version(declaration.id, draft.version)
        if remaining is None:
            uow.declarations.remove(declaration.id)
        uow.commit()
