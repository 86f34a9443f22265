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

from chassis.eventlog.local import LocalEventLog
from chassis.logging import configure_logging
from chassis.service import Service
from chassis.settings import PlatformSettings
from chassis.topics import TOPICS
from footprint.bootstrap import build
from footprint.settings import FootprintSettings


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
def settings(
    tmp_path: Path, identity: Identity, supplier: SupplierServer
) -> Iterator[FootprintSettings]:
    """Give settings that point at the served neighbours."""
    with serve_supplier(supplier, identity.verifier) as target:
        yield FootprintSettings(
            database_url=f"sqlite:///{tmp_path}/footprint.db",
            client_secret=SecretStr(SECRET),
            supplier_target=target,
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
