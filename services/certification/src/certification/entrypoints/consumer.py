"""Events of the footprint service: what they change here."""

from collections.abc import Mapping

from certification.adapters.events import FOOTPRINT_DEPRECATED, FOOTPRINT_FLAGGED, flag_of
from certification.adapters.unit_of_work import CertificationUnitOfWork
from certification.application.flag_records import flag_records
from chassis.clock import Clock
from chassis.consumer import SimpleHandler
from chassis.events import Event
from chassis.unit_of_work import SqlUnitOfWork


def handlers(clock: Clock) -> Mapping[str, SimpleHandler]:
    """Return what handles each type of event; other types of the topic are no business of ours.

    The unit of work is open for the event's tenant, which owns the footprint and its records, and
    is committed by the consumer together with the event's place in the inbox.
    """

    def flag(event: Event, uow: SqlUnitOfWork) -> None:
        footprint_id, found = flag_of(event)
        flag_records(CertificationUnitOfWork(uow, clock), footprint_id, found)

    return {FOOTPRINT_FLAGGED: flag, FOOTPRINT_DEPRECATED: flag}
