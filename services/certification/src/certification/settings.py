"""Settings of the certification service, from the environment."""

from typing import Annotated

from pydantic import AfterValidator, AliasChoices, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from chassis.settings import HttpSettings, MigrationSettings, PlatformSettings, ServiceSettings

DATABASE_URL = "sqlite:///.greenchain/certification.db"


class CertificationSettings(ServiceSettings):
    """What the certification service must be told.

    Attributes
    ----------
    database_url
        ``GREENCHAIN_CERTIFICATION_DATABASE_URL``.
    client_id, client_secret
        The service's own client, by which it reads a footprint for its owner when a record is
        issued. The secret is without default.
    signing_key
        Private JWK (kty OKP, crv Ed25519) that signs records, in JSON. Without default. Another
        one may take its place: the public keys of all are kept in the database and served.
    public_url
        Where anybody reaches this service; it is the issuer in every record, so it must stay.
        Without default.
    footprint_target
        ``host:port`` of the footprint service's gRPC; ``GREENCHAIN_FOOTPRINT_TARGET``.
    platform, http
        What all services share, and limits of the HTTP side.
    """

    model_config = SettingsConfigDict(
        env_prefix="GREENCHAIN_CERTIFICATION_",
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        hide_input_in_errors=True,
    )

    database_url: str = DATABASE_URL
    client_id: str = "certification"
    client_secret: SecretStr = Field(min_length=1)
    signing_key: SecretStr
    public_url: Annotated[str, AfterValidator(lambda url: url.rstrip("/"))] = Field(
        pattern="^https?://[^/]"
    )
    footprint_target: str = Field(
        default="127.0.0.1:8702",
        validation_alias=AliasChoices("footprint_target", "GREENCHAIN_FOOTPRINT_TARGET"),
    )
    platform: PlatformSettings = Field(default_factory=PlatformSettings)
    http: HttpSettings = Field(default_factory=HttpSettings)


class CertificationMigrationSettings(MigrationSettings):
    """What the migration of the certification service's database must be told."""

    model_config = SettingsConfigDict(env_prefix="GREENCHAIN_CERTIFICATION_")

    database_url: str = DATABASE_URL
