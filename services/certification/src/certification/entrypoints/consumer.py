"""Events of the footprint service: what they change here."""

from collections.abc import Callable, Mapping

from certification.adapters.events import FOOTPRINT_DEPRECATED, FOOTPRINT_FLAGGED, flag_of
from certification.adapters.unit_of_work import CertificationUnitOfWork
from certification.application.flag_records import flag_records
from chassis.clock import Clock
from chassis.events import Event
from chassis.unit_of_work import SqlUnitOfWork

GROUP = "certification"

Handler = Callable[[Event, SqlUnitOfWork], None]


def handlers(clock: Clock) -> Mapping[str, Handler]:
    """Return what handles each type of event; other types of the topic are no business of ours.

    The unit of work is open for the event's tenant, which owns the footprint and its records, and
    is committed by the consumer together with the event's place in the inbox.
    """

    def flag(event: Event, uow: SqlUnitOfWork) -> None:
        footprint_id, found = flag_of(event)
        flag_records(CertificationUnitOfWork(uow, clock), footprint_id, found)

    return {FOOTPRINT_FLAGGED: flag, FOOTPRINT_DEPRECATED: flag}
