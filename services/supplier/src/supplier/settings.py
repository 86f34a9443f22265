"""Settings of the supplier service, from the environment."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from chassis.settings import PlatformSettings, ServiceSettings


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

    database_url: str = "sqlite:///.greenchain/supplier.db"
    platform: PlatformSettings = Field(default_factory=PlatformSettings)
