import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.databases import FreshDatabase, MakeDatabase

from chassis.clock import new_id
from chassis.database import Database
from chassis.events import Event
from chassis.logging import configure_logging

HERE = Path(__file__).parent
# What several test modules share; test modules themselves are imported by path.
sys.path.insert(0, str(HERE / "support"))


@pytest.fixture(scope="session", autouse=True)
def logs() -> None:
    """Log as the services do: structlog's own default prints local variables, and slowly."""
    configure_logging(development=True, level="ERROR")


@pytest.fixture
def fresh(make_database: MakeDatabase) -> FreshDatabase:
    """Give the migrated database of a small service with plants and their meters."""
    return make_database(HERE / "sample_migrations")


@pytest.fixture
def database(fresh: FreshDatabase) -> Database:
    """Give it as the service opens it."""
    return fresh.database


@pytest.fixture
def everything(fresh: FreshDatabase) -> Database:
    """Give it so that the rows of all tenants are seen."""
    return fresh.everything


@pytest.fixture
def make_event() -> Callable[..., Event]:
    """Make events that differ in what a test names."""

    def make(**fields: Any) -> Event:
        return Event(
            **{
                "id": new_id(),
                "type": "greenchain.grant.given.v1",
                "topic": "supplier.grant",
                "source": "/services/supplier",
                "aggregate_id": "g-1",
                "aggregate_version": 1,
                "tenant_id": "t-1",
                "time": datetime(2026, 3, 1, tzinfo=UTC),
                "data": {},
                **fields,
            }
        )

    return make
