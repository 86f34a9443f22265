"""Wires the certification service together; nothing else knows all its parts."""

from importlib.metadata import version

from fastapi import FastAPI

from certification.adapters.events import FOOTPRINT_TOPIC
from certification.adapters.footprints import GrpcFootprints
from certification.adapters.repositories import SqlPublishedRecords, SqlVerificationKeys
from certification.adapters.schemes import ShippedSchemes
from certification.adapters.signer import Ed25519Signer
from certification.adapters.unit_of_work import MIGRATIONS, units_of_work
from certification.application.apply import Apply
from certification.application.file_statement import FileStatement
from certification.application.issue import Issue
from certification.application.move_record import MoveRecord
from certification.application.ports import FootprintReader
from certification.application.read_application import ReadApplication
from certification.application.read_record import ReadRecord
from certification.entrypoints.consumer import handlers
from certification.entrypoints.http import UseCases, keys_router, router
from certification.settings import CertificationSettings
from chassis.clock import Clock, SystemClock
from chassis.consumer import EventConsumer
from chassis.database import Database, migrate_at, prepare
from chassis.eventlog import EventLog
from chassis.outbox import Relay
from chassis.service import Service
from chassis.settings import HttpSettings
from chassis.tokens import ClientCredentials, RemoteKeys, TokenVerifier
from chassis.topics import dead_letter_topic
from chassis.web import create_app

NAME = "certification"
DESCRIPTION = (
    "Applications, verification statements, decisions and the green-product records that come of "
    "them. A record's signature says that it is genuine, never that it is valid: its state does. "
    "申请、核查声明、决定及由此产生的绿色产品记录。签名只说明记录真实，是否有效以状态为准。"
)


def build(
    settings: CertificationSettings, *, event_log: EventLog, clock: Clock | None = None
) -> Service:
    """Make the database ready and wire the service; nothing is started.

    Parameters
    ----------
    event_log
        Where events are read and written; the caller closes it.

    Raises
    ------
    UnusableKey
        The signing key of the settings cannot sign.
    """
    clock = clock or SystemClock()
    signer = Ed25519Signer(settings.signing_key.get_secret_value())
    database = Database(settings.database_url)
    prepare(database, MIGRATIONS)
    platform = settings.platform
    footprints = GrpcFootprints(
        settings.footprint_target,
        ClientCredentials(
            platform.token_url, settings.client_id, settings.client_secret.get_secret_value()
        ),
    )

    def close() -> None:
        footprints.close()
        database.close()

    return Service(
        name=NAME,
        http=build_app(
            database=database,
            footprints=footprints,
            signer=signer,
            verifier=TokenVerifier(RemoteKeys(platform.jwks_url), platform.issuer, clock=clock),
            clock=clock,
            public_url=settings.public_url,
            http=settings.http,
        ),
        workers=(
            Relay(NAME, database, event_log, clock=clock),
            EventConsumer(
                event_log,
                NAME,
                [FOOTPRINT_TOPIC],
                handlers(clock),
                database,
                dead_letter_topic(NAME),
                clock=clock,
            ),
        ),
        close=close,
    )


def migrate_database(url: str) -> str:
    """Bring a database to the schema of this release, as the owner of its tables; return which."""
    return migrate_at(url, MIGRATIONS)


def build_app(
    *,
    database: Database,
    footprints: FootprintReader,
    signer: Ed25519Signer,
    verifier: TokenVerifier,
    clock: Clock,
    public_url: str,
    http: HttpSettings,
) -> FastAPI:
    """Wire the HTTP side on a migrated database."""
    open_uow = units_of_work(database, clock)
    keys = SqlVerificationKeys(database)
    keys.keep(signer.public_key, clock.now())
    schemes = ShippedSchemes()
    use_cases = UseCases(
        apply=Apply(open_uow, footprints, schemes, clock),
        read_application=ReadApplication(open_uow),
        file_statement=FileStatement(open_uow, schemes, clock),
        issue=Issue(open_uow, footprints, schemes, signer, clock, public_url),
        move_record=MoveRecord(open_uow, clock),
        read_record=ReadRecord(SqlPublishedRecords(database), schemes, clock),
    )
    app = create_app(
        "greenchain certification",
        version("greenchain-certification"),
        verifier,
        description=DESCRIPTION,
        max_body_bytes=http.max_body_bytes,
    )
    app.include_router(keys_router(keys.jwks))
    app.include_router(router(use_cases))
    return app
