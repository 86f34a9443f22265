"""Settings of the footprint service, from the environment."""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from chassis.settings import HttpSettings, MigrationSettings, PlatformSettings, ServiceSettings

DATABASE_URL = "sqlite:///.greenchain/footprint.db"


class FootprintSettings(ServiceSettings):
    """What the footprint service must be told.

    Attributes
    ----------
    database_url
        ``GREENCHAIN_FOOTPRINT_DATABASE_URL``.
    client_id, client_secret
        The service's own client, by which it acts for tenants when events drive it. The secret is
        without default.
    supplier_target
        ``host:port`` of the supplier service's gRPC; ``GREENCHAIN_SUPPLIER_TARGET``.
    lock_file
        The lock file that the running environment was installed from; its hash is pinned by every
        footprint. Without it a footprint says that the lock file is not at hand.
    platform, http
        What all services share, and limits of the HTTP side.
    """

    model_config = SettingsConfigDict(
        env_prefix="GREENCHAIN_FOOTPRINT_",
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    database_url: str = DATABASE_URL
    client_id: str = "footprint"
    client_secret: SecretStr = Field(min_length=1)
    supplier_target: str = Field(
        default="127.0.0.1:8701",
        validation_alias=AliasChoices("supplier_target", "GREENCHAIN_SUPPLIER_TARGET"),
    )
    lock_file: Path | None = None
    platform: PlatformSettings = Field(default_factory=PlatformSettings)
    http: HttpSettings = Field(default_factory=HttpSettings)


class FootprintMigrationSettings(MigrationSettings):
    """What the migration of the footprint service's database must be told."""

    model_config = SettingsConfigDict(env_prefix="GREENCHAIN_FOOTPRINT_")

    database_url: str = DATABASE_URL
