import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chassis.clock import new_id
from chassis.database import Database, migrate
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
def database(tmp_path: Path) -> Iterator[Database]:
    """Give the migrated database of a small service with plants and their meters."""
    opened = Database(f"sqlite:///{tmp_path}/sample.db")
    migrate(opened, HERE / "sample_migrations")
    yield opened
    opened.close()


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
