"""Settings of the footprint service, from the environment."""

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from chassis.settings import HttpSettings, MigrationSettings, PlatformSettings, ServiceSettings

DATABASE_URL = "sqlite:///.greenchain/footprint.db"


class AnalysisSettings(BaseSettings):
    """What the service takes on of analyses.

    Attributes
    ----------
    at_once
        Analyses that one instance computes at the same time [1]; 0 leaves them to others. The
        kernels use all processors for one: a second one only keeps short ones from waiting for long
        ones.
    tenant_at_once
        Analyses of one tenant that all instances compute at the same time [1]: the rest stays free
        for others.
    max_seconds
        How long one analysis may be computed [s]; a million samples of a large model take minutes.
    max_memory_bytes
        What the process of one analysis may ask for [bytes]; some 1 GB is enough for most.
    max_open
        Analyses of one tenant that wait or run [1].
    max_exchanges
        Exchanges of one model [1]; half of what fits in a request. To read them takes a few seconds
        of it.
    max_scores
        Scores that one analysis samples [1], samples × methods; 8 bytes each.
    max_reading
        Amounts that reading the scenarios of one model looks at [1], at a microsecond or so each.
    max_entries
        Entries of one result that is told entry by entry [1], such as nodes × methods; a node takes
        2.5 kB while it is computed.
    max_result_bytes
        Size of one result [bytes]; enough for the largest number of scores as text.
    """

    model_config = SettingsConfigDict(
        env_prefix="GREENCHAIN_ANALYSES_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    at_once: int = Field(default=2, ge=0)
    tenant_at_once: int = Field(default=1, gt=0)
    max_seconds: int = Field(default=1800, gt=0)
    max_memory_bytes: int = Field(default=4 * 1024**3, ge=1024**3)
    max_open: int = Field(default=20, gt=0)
    max_exchanges: int = Field(default=50_000, gt=0)
    max_scores: int = Field(default=1_000_000, gt=0)
    max_reading: int = Field(default=2_000_000, gt=0)
    max_entries: int = Field(default=100_000, gt=0)
    max_result_bytes: int = Field(default=32 * 1024 * 1024, gt=0)


class BackgroundSettings(BaseSettings):
    """What the service takes on of tenants' own backgrounds.

    Attributes
    ----------
    directory
        Where their files are kept, each tenant's in a folder of its own; all instances of the
        service share it.
    max_upload_bytes
        Size of one uploaded file [bytes]; ecoinvent has some tens of megabytes.
    max_unpacked_bytes
        What it may unpack to [bytes].
    max_versions
        Versions of backgrounds that a tenant may have [1].
    """

    model_config = SettingsConfigDict(
        env_prefix="GREENCHAIN_BACKGROUNDS_", frozen=True, extra="ignore", hide_input_in_errors=True
    )

    directory: Path = Path(".greenchain/backgrounds")
    max_upload_bytes: int = Field(default=256 * 1024 * 1024, gt=0)
    max_unpacked_bytes: int = Field(default=2 * 1024**3, gt=0)
    max_versions: int = Field(default=50, gt=0)


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
    analyses, backgrounds
        What it takes on of analyses, and of backgrounds of tenants' own.
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
    analyses: AnalysisSettings = Field(default_factory=AnalysisSettings)
    backgrounds: BackgroundSettings = Field(default_factory=BackgroundSettings)
    platform: PlatformSettings = Field(default_factory=PlatformSettings)
    http: HttpSettings = Field(default_factory=HttpSettings)


class FootprintMigrationSettings(MigrationSettings):
    """What the migration of the footprint service's database must be told."""

    model_config = SettingsConfigDict(env_prefix="GREENCHAIN_FOOTPRINT_")

    database_url: str = DATABASE_URL
