"""Settings from the environment.

Each setting is a field; its environment variable is the prefix and the field's name in capitals,
e.g. ``GREENCHAIN_DEVELOPMENT=1``. Secrets come from the environment (or the constructor) only.
"""

import re
from typing import Literal, TypeVar

from pydantic import Field, FilePath, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

T = TypeVar("T")


class PlatformSettings(BaseSettings):
    """What all services of one installation share.

    Attributes
    ----------
    development
        Readable logs and gRPC reflection.
    event_log
        Where the event log is: ``local:<path of its SQLite file>`` or
        ``kafka:<host:port>[,<host:port>…]``.
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


class KafkaSettings(BaseSettings):
    """How the event log's Kafka cluster is reached; of no use with a local event log.

    Attributes
    ----------
    ca_file
        Certificates of the authorities that sign the brokers' certificates, in PEM; the machine's
        own ones if not given.
    certificate_file, key_file
        What we show to brokers that ask for a certificate, and its key, in PEM; a file may hold
        both.
    session_s
        How long a silent consumer is waited for before its partitions go to others [s]; within
        what the brokers allow.
    """

    model_config = SettingsConfigDict(
        env_prefix="GREENCHAIN_KAFKA_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    ca_file: FilePath | None = None
    certificate_file: FilePath | None = None
    key_file: FilePath | None = Field(default=None, validate_default=True)
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] = "SCRAM-SHA-512"
    sasl_username: str = Field(default="", validate_default=True)
    sasl_password: SecretStr = Field(default=SecretStr(""), validate_default=True)
    session_s: float = Field(default=10.0, ge=0.5)

    @field_validator("key_file")
    @classmethod
    def _given_with_its_certificate(
        cls, value: FilePath | None, others: ValidationInfo
    ) -> FilePath | None:
        certificate = others.data.get("certificate_file", value)
        if (certificate is None) != (value is None):
            raise ValueError("certificate_file and key_file are given together")
        return value

    @field_validator("sasl_username", "sasl_password")
    @classmethod
    def _given_for_a_login(cls, value: T, others: ValidationInfo) -> T:
        if str(others.data.get("security_protocol")).startswith("SASL_") and not value:
            raise ValueError("it is needed to log in by SASL")
        return value


class MetricsSettings(BaseSettings):
    """Where metrics are served.

    Attributes
    ----------
    port
        0 serves none.
    """

    model_config = SettingsConfigDict(
        env_prefix="GREENCHAIN_METRICS_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65535)


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


def _supported(url: T) -> T:
    if url is not None and not re.match(r"(sqlite|postgresql)(\+\w+)?://", str(url)):
        raise ValueError("it begins neither with sqlite:/// nor with postgresql+psycopg://")
    return url


class ServiceSettings(BaseSettings):
    """Base of one service's own settings; a service sets its prefix, ``GREENCHAIN_SUPPLIER_``."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    database_url: str
    client_id: str = ""
    client_secret: SecretStr = SecretStr("")

    _is_supported = field_validator("database_url")(_supported)


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

    _are_supported = field_validator("database_url", "owner_database_url")(_supported)
