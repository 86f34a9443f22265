"""Wires the supplier service together; nothing else knows all its parts."""

from chassis.clock import Clock, SystemClock, new_id
from chassis.database import Database, migrate_at, prepare
from chassis.eventlog import EventLog
from chassis.outbox import Relay
from chassis.service import Service
from supplier.adapters.migrations import LOCATION
from supplier.adapters.unit_of_work import UnitsOfWork
from supplier.application.ports import Context
from supplier.entrypoints.grpc import register
from supplier.settings import SupplierSettings

NAME = "supplier"


def build(
    settings: SupplierSettings, *, event_log: EventLog, clock: Clock | None = None
) -> Service:
    """Make the database ready and wire the service; nothing is started.

    It has no HTTP side and consumes no events; its one worker sends its own.

    Parameters
    ----------
    event_log
        Where events are written; the caller closes it.
    """
    clock = clock or SystemClock()
    database = Database(settings.database_url)
    prepare(database, LOCATION)
    context = Context(UnitsOfWork(database, clock), clock, new_id)
    return Service(
        name=NAME,
        grpc=lambda server: register(context, server),
        workers=(Relay(NAME, database, event_log, clock=clock),),
        close=database.close,
    )


def migrate_database(url: str) -> str:
    """Bring a database to the schema of this release, as the owner of its tables; return which."""
    return migrate_at(url, LOCATION)
