"""Settings of the supplier service, from the environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import MigrationSettings, PlatformSettings, ServiceSettings

DATABASE_URL = "sqlite:///.greenchain/supplier.db"


class SupplierSettings(ServiceSettings):
    """What the supplier service must be told.

    Attributes
    ----------
    database_url
        ``GREENCHAIN_SUPPLIER_DATABASE_URL``.
    client_id, client_secret
        Not used: the service calls no other.
    platform
        What all services share.
    """

    model_config = SettingsConfigDict(
        env_prefix="GREENCHAIN_SUPPLIER_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    database_url: str = DATABASE_URL
    platform: PlatformSettings = Field(default_factory=PlatformSettings)


class SupplierMigrationSettings(MigrationSettings):
    """What the migration of the supplier service's database must be told."""

    model_config = SettingsConfigDict(env_prefix="GREENCHAIN_SUPPLIER_")

    database_url: str = DATABASE_URL
