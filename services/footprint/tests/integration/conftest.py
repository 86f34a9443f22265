"""The footprint service with real neighbours."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from services.footprint.tests.world import (
    SECRET,
    Identity,
    SupplierServer,
    serve_identity,
    serve_supplier,
)
from tests.databases import FreshDatabase, MakeDatabase

from chassis.database import Database
from chassis.eventlog.local import LocalEventLog
from chassis.logging import configure_logging
from chassis.service import Service
from chassis.settings import PlatformSettings
from chassis.topics import TOPICS
from footprint.adapters.unit_of_work import MIGRATIONS
from footprint.bootstrap import build
from footprint.settings import BackgroundSettings, FootprintSettings


@pytest.fixture(scope="session", autouse=True)
def logging() -> None:
    """Log as in operation, but to nowhere."""
    configure_logging(development=False, stream=io.StringIO())


@pytest.fixture(scope="session")
def identity() -> Iterator[Identity]:
    """Give the served token issuer."""
    with serve_identity() as served:
        yield served


@pytest.fixture
def supplier() -> SupplierServer:
    """Give what the supplier service answers."""
    # It answers only what the footprint service asks.
    return SupplierServer()  # type: ignore[abstract]


@pytest.fixture
def fresh(make_database: MakeDatabase) -> FreshDatabase:
    """Give the service's database, migrated and empty."""
    return make_database(MIGRATIONS)


@pytest.fixture
def database(fresh: FreshDatabase) -> Database:
    """Give it as the service opens it."""
    return fresh.database


@pytest.fixture
def everything(fresh: FreshDatabase) -> Database:
    """Give it so that the rows of all tenants are seen."""
    return fresh.everything


@pytest.fixture
def settings(
    fresh: FreshDatabase, identity: Identity, supplier: SupplierServer, tmp_path: Path
) -> Iterator[FootprintSettings]:
    """Give settings that point at the served neighbours."""
    with serve_supplier(supplier, identity.verifier) as target:
        yield FootprintSettings(
            database_url=fresh.url,
            client_secret=SecretStr(SECRET),
            supplier_target=target,
            backgrounds=BackgroundSettings(directory=tmp_path / "backgrounds"),
            platform=PlatformSettings(
                issuer=identity.issuer.issuer,
                token_url=identity.token_url,
                jwks_url=identity.jwks_url,
            ),
        )


@pytest.fixture
def event_log(tmp_path: Path) -> Iterator[LocalEventLog]:
    """Give the event log."""
    opened = LocalEventLog(tmp_path / "events.db")
    opened.create_topics(TOPICS)
    yield opened
    opened.close()


@pytest.fixture
def service(settings: FootprintSettings, event_log: LocalEventLog) -> Iterator[Service]:
    """Give the wired service; its workers are not started."""
    built = build(settings, event_log=event_log)
    yield built
    built.close()


@pytest.fixture
def client(service: Service) -> Iterator[TestClient]:
    """Give a client of the service's HTTP side."""
    assert service.http is not None
    with TestClient(service.http, raise_server_exceptions=False) as opened:
        yield opened
