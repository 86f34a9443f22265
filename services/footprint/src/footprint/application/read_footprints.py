"""Read the caller's own footprints."""

from chassis.identity import Principal, Role
from footprint.application.ports import FootprintSummary, UnitOfWorkFor
from footprint.domain.product_footprint import ProductFootprint

READERS = (Role.EXPORTER, Role.LEAD_FIRM, Role.CERTIFICATION_SERVICE)


def get_footprint(
    footprint_id: str, *, caller: Principal, open_uow: UnitOfWorkFor
) -> ProductFootprint:
    """Return a footprint of the caller's tenant."""
    caller.require(*READERS)
    with open_uow(caller.tenant_id, read_only=True) as uow:
        return uow.footprints.get(footprint_id)


def list_footprints(
    *, after: str, limit: int, caller: Principal, open_uow: UnitOfWorkFor
) -> tuple[FootprintSummary, ...]:
    """Return a page of the caller's footprints, newest first.

    Parameters
    ----------
    after
        Id of the last footprint of the page before; empty for the first page.
    limit
        At most this many.
    """
    caller.require(*READERS)
    with open_uow(caller.tenant_id, read_only=True) as uow:
        return uow.footprints.page(after=after, limit=limit)
