"""Wires the footprint service together; nothing else knows all its parts."""

from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version

from fastapi import FastAPI

from chassis.clock import Clock, SystemClock
from chassis.consumer import EventConsumer, Handler
from chassis.database import Database, migrate_at, prepare
from chassis.eventlog import EventLog
from chassis.outbox import Relay
from chassis.service import Service
from chassis.tokens import ClientCredentials, RemoteKeys, TokenVerifier
from chassis.topics import dead_letter_topic
from chassis.web import create_app
from footprint.adapters.analysis_process import AnalysisProcess
from footprint.adapters.analysis_queue import AnalysisQueue
from footprint.adapters.analysis_run import run_analysis
from footprint.adapters.analysis_worker import AnalysisWorker
from footprint.adapters.backgrounds.stored import StoredBackgrounds, StoredFiles
from footprint.adapters.brightway import BrightwayEngine
from footprint.adapters.database_clock import DatabaseClock
from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.adapters.lock_file import lock_file_evidence
from footprint.adapters.rule_packs import RULE_PACK, load_rule_pack
from footprint.adapters.supplier_service import SupplierService
from footprint.adapters.unit_of_work import MIGRATIONS, SqlUnitOfWorkFor
from footprint.application.analysis_limits import ReadingTurns
from footprint.application.analysis_ports import Limits
from footprint.application.ports import Methodology
from footprint.data.shipped import load_dataset
from footprint.entrypoints.consumer import (
    CALCULATIONS,
    CALCULATIONS_GROUP,
    DECLARATIONS,
    DECLARATIONS_GROUP,
    SupplierEventHandlers,
)
from footprint.entrypoints.grpc import FootprintServicer
from footprint.entrypoints.http import Wiring, footprint_router
from footprint.entrypoints.http_analyses import AnalysisWiring, analysis_router
from footprint.entrypoints.http_backgrounds import (
    PATH,
    BackgroundWiring,
    background_router,
)
from footprint.entrypoints.server_sent_events import EventStreams
from footprint.settings import AnalysisSettings, FootprintSettings
from greenchain.footprint.v1 import footprint_pb2_grpc

__all__ = [
    "NAME",
    "build",
    "load_methodology",
    "migrate_database",
    "run_analysis",
]

NAME = "footprint"
DESCRIPTION = "Import products, calculate and freeze footprints. 导入产品，计算并冻结碳足迹。"


def build(
    settings: FootprintSettings, *, event_log: EventLog, clock: Clock | None = None
) -> Service:
    """Make the database ready and wire the service; nothing is started.

    Parameters
    ----------
    event_log
        Where events are read and written; the caller closes it.
    """
    clock = clock or SystemClock()
    database = Database(settings.database_url)
    prepare(database, MIGRATIONS)
    open_uow = SqlUnitOfWorkFor(database, clock)
    platform = settings.platform
    supplier_service = SupplierService(
        settings.supplier_target,
        ClientCredentials(
            platform.token_url, settings.client_id, settings.client_secret.get_secret_value()
        ),
    )
    files = StoredFiles(settings.backgrounds.directory, settings.backgrounds.max_unpacked_bytes)
    backgrounds = BackgroundWiring(files, settings.backgrounds.max_versions, open_uow, clock)
    wiring = Wiring(
        methodology=replace(
            load_methodology(settings), backgrounds=StoredBackgrounds(open_uow, files)
        ),
        open_uow=open_uow,
        supplier_service=supplier_service,
        clock=clock,
    )
    limits = Limits(
        exchanges=settings.analyses.max_exchanges,
        scores=settings.analyses.max_scores,
        open=settings.analyses.max_open,
        reading=settings.analyses.max_reading,
        entries=settings.analyses.max_entries,
    )
    streams = EventStreams()
    jobs = AnalysisWiring(limits, open_uow, ReadingTurns(), streams, clock)
    servicer = FootprintServicer(open_uow)
    handlers = SupplierEventHandlers(
        wiring.methodology, open_uow, supplier_service.acting_for, clock
    )

    def consumer(group: str, topic: str, handled: Mapping[str, Handler]) -> EventConsumer:
        dead_letters = dead_letter_topic(NAME)
        return EventConsumer(
            event_log, group, [topic], handled, database, dead_letters, clock=clock
        )

    def close() -> None:
        supplier_service.close()
        database.close()

    return Service(
        name=NAME,
        http=_http(settings, wiring, jobs, backgrounds),
        grpc=lambda server: footprint_pb2_grpc.add_FootprintServiceServicer_to_server(
            servicer, server
        ),
        workers=(
            Relay(NAME, database, event_log, clock=clock),
            consumer(CALCULATIONS_GROUP, CALCULATIONS, handlers.calculations()),
            consumer(DECLARATIONS_GROUP, DECLARATIONS, handlers.declarations()),
            *_analysis_workers(settings.analyses, database, open_uow),
            streams,
        ),
        close=close,
    )


def migrate_database(url: str) -> str:
    """Bring a database to the schema of this release, as the owner of its tables; return which."""
    return migrate_at(url, MIGRATIONS)


def load_methodology(settings: FootprintSettings) -> Methodology:
    """Load what all calculations rest on."""
    return Methodology(
        dataset=load_dataset(),
        rules=load_rule_pack(RULE_PACK),
        record_engine=BrightwayEngine(),
        explaining_engine=GreenchainEngine(),
        lock_file=lock_file_evidence(settings.lock_file),
        released=load_dataset,
    )


def _analysis_workers(
    settings: AnalysisSettings, database: Database, open_uow: SqlUnitOfWorkFor
) -> list[AnalysisWorker]:
    queue = AnalysisQueue(
        database, open_uow, DatabaseClock(database), tenant_at_once=settings.tenant_at_once
    )
    limits = (settings.max_result_bytes, settings.max_memory_bytes)
    return [
        AnalysisWorker(
            number,
            queue,
            AnalysisProcess(run_analysis, *limits),
            max_seconds=settings.max_seconds,
        )
        for number in range(settings.at_once)
    ]


def _http(
    settings: FootprintSettings,
    wiring: Wiring,
    jobs: AnalysisWiring,
    backgrounds: BackgroundWiring,
) -> FastAPI:
    platform = settings.platform
    app = create_app(
        "greenchain footprint",
        version("greenchain-footprint"),
        TokenVerifier(RemoteKeys(platform.jwks_url), platform.issuer, clock=wiring.clock),
        description=DESCRIPTION,
        max_body_bytes=settings.http.max_body_bytes,
        streamed={PATH: settings.backgrounds.max_upload_bytes},
    )
    app.include_router(footprint_router(wiring))
    app.include_router(analysis_router(jobs))
    app.include_router(background_router(backgrounds))
    return app
