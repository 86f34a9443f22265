import pytest
from joserfc.jwk import OKPKey
from tests.databases import FreshDatabase, MakeDatabase

from certification.adapters.unit_of_work import MIGRATIONS
from chassis.database import Database


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


@pytest.fixture(scope="session")
def signing_key() -> OKPKey:
    """Give a signing key of this test run."""
    return OKPKey.generate_key("Ed25519", private=True)
