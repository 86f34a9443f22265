"""The shapes of the platform in which delivery is proved."""

import pytest
from tests.databases import PostgresDatabases, SqliteDatabases
from tests.delivery.world import Shape

from greenchain_kafka.broker import Broker
from greenchain_postgres.server import PostgresServer


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Shape:
    """Give SQLite with the local event log."""
    databases = SqliteDatabases(tmp_path_factory.mktemp("embedded"))
    return Shape(databases, "local:{directory}/events.db")


@pytest.fixture(scope="session")
def production(postgres: PostgresServer, kafka: Broker) -> Shape:
    """Give PostgreSQL with Apache Kafka."""
    return Shape(PostgresDatabases(postgres), f"kafka:{kafka.address}")


@pytest.fixture(params=["embedded", pytest.param("production", marks=pytest.mark.needs("kafka"))])
def shape(request: pytest.FixtureRequest) -> Shape:
    """Give each shape in turn."""
    chosen: Shape = request.getfixturevalue(request.param)
    return chosen
