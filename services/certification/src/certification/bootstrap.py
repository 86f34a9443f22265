"""Wires the service: the one place that knows all its parts."""

from fastapi import FastAPI

from certification.adapters.repositories import SqlPublishedRecords
from certification.adapters.schemes import ShippedSchemes
from certification.adapters.signer import Ed25519Signer
from certification.adapters.unit_of_work import units_of_work
from certification.application.apply import Apply
from certification.application.file_statement import FileStatement
from certification.application.issue import Issue
from certification.application.move_record import MoveRecord
from certification.application.ports import FootprintReader
from certification.application.read_application import ReadApplication
from certification.application.read_record import ReadRecord
from certification.entrypoints.http import UseCases, keys_router, router
from chassis.clock import Clock
from chassis.database import Database
from chassis.settings import HttpSettings
from chassis.tokens import TokenVerifier
from chassis.web import create_app

VERSION = "0.1.0"
DESCRIPTION = (
    "Applications, verification statements, decisions and the green-product records that come of "
    "them. A record's signature says that it is genuine, never that it is valid: its state does."
)


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
        VERSION,
        verifier,
        description=DESCRIPTION,
        max_body_bytes=http.max_body_bytes,
    )
    app.include_router(keys_router(signer.jwks()))
    app.include_router(router(use_cases))
    return app
