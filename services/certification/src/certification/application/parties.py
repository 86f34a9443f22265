"""How a caller reaches a record: as its owner, or named on it by the owner."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from certification.application.ports import UnitOfWork
from certification.domain.record import Actor, Record
from chassis.errors import NotFound
from chassis.identity import Principal, Role


@contextmanager
def reach(
    uow: UnitOfWork,
    principal: Principal,
    record_id: str,
    roles: Collection[Role],
    operation: str,
) -> Iterator[tuple[Record, Actor]]:
    """Find the record for the length of the block, in one of the roles that the caller holds.

    A verifier or certification body was named in an index row of its own tenant; through it the
    unit of work turns to the owner's tenant. That access is audited, durably, before anything is
    read, so that one that ends in a refusal is in the audit too.

    Raises
    ------
    Forbidden
        The caller holds none of the roles; asked before the record is looked up.
    NotFound
        There is no such record, or the caller was not named on it: both look the same.
    """
    principal.require(*roles)
    for role in (Role.EXPORTER, Role.VERIFIER, Role.CERTIFICATION_BODY):
        if role not in roles or role not in principal.roles:
            continue
        actor = Actor(principal.subject, principal.tenant_id, role)
        if role is Role.EXPORTER:
            record = uow.records.get(record_id)
            if record is not None:
                yield record, actor
                return
            continue
        owner = uow.access.owner_of(record_id, role)
        if owner is None:
            continue
        with uow.as_tenant(owner):
            uow.audit.note(record_id, principal, role, operation)
            uow.commit()
            record = uow.records.get(record_id)
            if record is None or record.tenant_of(role) != principal.tenant_id:
                break
            yield record, actor
            return
    raise NotFound(what="record", id=record_id)
