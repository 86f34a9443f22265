"""Flag the footprints that rest on a declaration which its supplier has corrected."""

from datetime import datetime

from footprint.application import footprint_events
from footprint.application.ports import Citation, Transaction
from footprint.domain.declaration import DeclarationReference
from footprint.domain.product_footprint import (
    DECLARATION_CORRECTED,
    STALE,
    Flag,
    FootprintState,
)


def flag_stale(
    corrected_by: DeclarationReference, *, corrected_at: datetime, now: datetime, uow: Transaction
) -> None:
    """Flag every footprint that cites an earlier version, at once and in one transaction.

    Parameters
    ----------
    corrected_by
        The version that was submitted in place of earlier ones.
    uow
        Open for the supplier's tenant; the caller commits.
    """
    uow.citations.note_correction(corrected_by, corrected_at)
    flag = Flag(STALE, DECLARATION_CORRECTED, corrected_by.id, corrected_at)
    for citation in uow.citations.of_earlier_versions(corrected_by.id, corrected_by.version):
        with uow.as_tenant(citation.owner_tenant_id):
            _flag(citation, flag, now, uow)


def _flag(citation: Citation, flag: Flag, now: datetime, uow: Transaction) -> None:
    footprint = uow.footprints.get(citation.footprint_id)
    if footprint.state is FootprintState.DEPRECATED or not footprint.flag(flag):
        return
    if footprint.state is FootprintState.FROZEN:
        # A footprint that is merely calculated is nobody else's business; it cannot be frozen now.
        event = footprint_events.flagged(footprint, flag, citation.owner_tenant_id, now)
        uow.publish(event)
    uow.footprints.save(footprint)
