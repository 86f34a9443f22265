from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, inspect

from chassis.database import Database, migrate, schema_differences
from chassis.messaging import MessagingBase
from supplier.adapters.migrations import LOCATION
from supplier.adapters.tables import Base

TABLES = sorted(Base.metadata.tables)


@pytest.fixture
def migrated(tmp_path: Path) -> Iterator[Engine]:
    """Give the migrated schema on SQLite, which tells conditions as they were written."""
    opened = Database(f"sqlite:///{tmp_path}/supplier.db")
    migrate(opened, LOCATION)
    yield opened.engine
    opened.close()


def constraints(engine: Engine, table: str) -> dict[str, Any]:
    """Return what Alembic's comparison does not look at."""
    inspector = inspect(engine)
    return {
        "key": inspector.get_pk_constraint(table)["constrained_columns"],
        "checks": {c["name"]: c["sqltext"] for c in inspector.get_check_constraints(table)},
        "unique": {u["name"]: u["column_names"] for u in inspector.get_unique_constraints(table)},
        "unique indexes": {
            index["name"]: (index["column_names"], str(index["dialect_options"]["sqlite_where"]))
            for index in inspector.get_indexes(table)
            if index["unique"]
        },
        "foreign": sorted(
            (key["referred_table"], *key["constrained_columns"], *key["referred_columns"])
            for key in inspector.get_foreign_keys(table)
        ),
    }


def test_the_migrated_schema_is_the_models_schema(database: Database) -> None:
    assert schema_differences(database, Base.metadata, MessagingBase.metadata) == []


@pytest.mark.parametrize("table", TABLES)
def test_the_migrated_constraints_are_the_models_constraints(
    migrated: Engine, tmp_path: Path, table: str
) -> None:
    models = create_engine(f"sqlite:///{tmp_path}/models.db")
    Base.metadata.create_all(models)
    assert constraints(migrated, table) == constraints(models, table)
    models.dispose()


@pytest.mark.parametrize("table", TABLES)
def test_every_key_and_every_unique_constraint_begins_with_the_tenant(
    migrated: Engine, table: str
) -> None:
    found = constraints(migrated, table)
    indexed = [columns for columns, _ in found["unique indexes"].values()]
    for columns in (found["key"], *found["unique"].values(), *indexed):
        assert columns[0] == "tenant_id"
