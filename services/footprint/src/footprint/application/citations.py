"""Writing down, for each cited supplier, which footprint rests on which declaration."""

from footprint.application.ports import Citation, Transaction
from footprint.domain.product_footprint import (
    DECLARATION_CORRECTED,
    STALE,
    Flag,
    ProductFootprint,
)


def add_with_citations(uow: Transaction, owner_tenant_id: str, footprint: ProductFootprint) -> None:
    """Store a new footprint, and an index row in the tenant of each supplier that it cites.

    By the index a supplier's event finds the footprints of other tenants. A declaration that was
    corrected while the calculation ran makes the footprint stale from the start.
    """
    for cited in footprint.content.declarations:
        with uow.as_tenant(cited.supplier_tenant_id):
            uow.citations.add(Citation(cited.reference, owner_tenant_id, footprint.id))
            corrected_at = uow.citations.corrected_at(cited.reference)
        if corrected_at is not None:
            footprint.flag(Flag(STALE, DECLARATION_CORRECTED, cited.reference.id, corrected_at))
    uow.footprints.add(footprint)
