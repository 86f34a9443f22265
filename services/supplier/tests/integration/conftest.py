from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from services.supplier.tests.integration.served import Served
from services.supplier.tests.scenario import Scenario
from tests.databases import FreshDatabase, MakeDatabase

from chassis.clock import FixedClock, new_id
from chassis.database import Database
from supplier.adapters.migrations import LOCATION
from supplier.adapters.unit_of_work import UnitsOfWork
from supplier.application.ports import Context


@pytest.fixture
def fresh(make_database: MakeDatabase) -> FreshDatabase:
    """Give the supplier's database, migrated and empty."""
    return make_database(LOCATION)


@pytest.fixture
def database(fresh: FreshDatabase) -> Database:
    """Give it as the service opens it."""
    return fresh.database


@pytest.fixture
def everything(fresh: FreshDatabase) -> Database:
    """Give it so that the rows of all tenants are seen."""
    return fresh.everything


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(datetime(2026, 1, 5, 8, tzinfo=UTC))


@pytest.fixture
def context(database: Database, clock: FixedClock) -> Context:
    return Context(UnitsOfWork(database, clock), clock, new_id)


@pytest.fixture
def scenario(context: Context) -> Scenario:
    return Scenario(context)


@pytest.fixture
def served(context: Context) -> Iterator[Served]:
    """Serve the use cases on a free port of this machine."""
    server = Served(context)
    yield server
    server.stop()
