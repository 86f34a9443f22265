"""Something became known about a footprint: its records carry a flag from then on."""

from certification.application.ports import UnitOfWork
from certification.domain.facts import Flagged
from certification.domain.record import Flag


def flag_records(uow: UnitOfWork, footprint_id: str, flag: Flag) -> None:
    """Flag all records and open applications of the footprint that are not in a final state.

    Their states stay. A record that has the flag already keeps it as it is, and nothing is said
    again; a footprint that nobody certified is no matter. The caller commits, with the event's
    place in the inbox.
    """
    for record in uow.records.standing(footprint_id):
        flagged = record.flag(flag)
        if flagged == record:
            continue
        uow.records.save(flagged)
        uow.announce(flagged, Flagged(record.id, flag.code, flag.reason, flag.since))
