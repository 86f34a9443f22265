"""Settings from the environment.

Each setting is a field; its environment variable is the prefix and the field's name in capitals,
e.g. ``GREENCHAIN_DEVELOPMENT=1``. Secrets come from the environment (or the constructor) only.
"""

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class PlatformSettings(BaseSettings):
    """What all services of one installation share.

    Attributes
    ----------
    development
        Readable logs and gRPC reflection.
    event_log
        Where the event log is: ``local:<path of its SQLite file>``.
    issuer
        URL that names the token issuer in its tokens.
    token_url, jwks_url
        The issuer's token endpoint and public key set.
    """

    model_config = SettingsConfigDict(
        env_prefix="GREENCHAIN_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    development: bool = False
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    event_log: str = "local:.greenchain/events.db"
    issuer: str = "http://127.0.0.1:8080/issuer"
    token_url: str = "http://127.0.0.1:8080/issuer/oauth/token"
    jwks_url: str = "http://127.0.0.1:8080/issuer/.well-known/jwks.json"


class HttpSettings(BaseSettings):
    """The HTTP side of a service.

    Attributes
    ----------
    max_body_bytes
        Larger request bodies are refused [bytes].
    """

    model_config = SettingsConfigDict(
        env_prefix="GREENCHAIN_HTTP_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    max_body_bytes: int = Field(default=10 * 1024 * 1024, gt=0)


class RpcSettings(BaseSettings):
    """The gRPC side of a service.

    Attributes
    ----------
    port
        0 takes a free one.
    max_message_bytes
        Larger messages are refused, after decompression [bytes].
    blocking_threads
        Threads for database work [1]; streams hold none.
    reflection
        Lets tools list the services; for development.
    """

    model_config = SettingsConfigDict(
        env_prefix="GREENCHAIN_RPC_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)
    max_message_bytes: int = Field(default=4 * 1024 * 1024, gt=0)
    blocking_threads: int = Field(default=8, gt=0)
    stop_grace_s: float = Field(default=5.0, ge=0)
    reflection: bool = False


class ServiceSettings(BaseSettings):
    """Base of one service's own settings; a service sets its prefix, ``GREENCHAIN_SUPPLIER_``."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    database_url: str
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")


class MigrationSettings(BaseSettings):
    """Base of what the migration of one service's database must be told.

    Attributes
    ----------
    owner_database_url
        The database as the owner of its tables opens it. An embedded one has no owner.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    database_url: str
    owner_database_url: str | None = None
