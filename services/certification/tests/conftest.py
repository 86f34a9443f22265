from collections.abc import Iterator
from pathlib import Path

import pytest
from joserfc.jwk import OKPKey

from certification.adapters.unit_of_work import MIGRATIONS
from chassis.database import Database, migrate


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Give the service's migrated database."""
    opened = Database(f"sqlite:///{tmp_path}/certification.db")
    migrate(opened, MIGRATIONS)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def signing_key() -> OKPKey:
    """Give a signing key of this test run."""
    return OKPKey.generate_key("Ed25519", private=True)
