"""The three services of one process, each built from its own settings."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

import certification.bootstrap
import footprint.bootstrap
import supplier.bootstrap
from certification.settings import CertificationSettings
from chassis.eventlog.opening import open_event_log
from chassis.service import Service
from chassis.settings import PlatformSettings
from footprint.settings import BackgroundSettings, FootprintSettings
from greenchain_local.secrets import Secrets
from greenchain_local.state import StateFiles
from supplier.settings import SupplierSettings


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the services are told about each other and the issuer: addresses and credentials.

    Attributes
    ----------
    target
        ``host:port`` of the one gRPC server.
    certification_url
        Public address of `certification`.
    """

    files: StateFiles
    secrets: Secrets
    target: str
    issuer_url: str
    token_url: str
    jwks_url: str
    certification_url: str
    development: bool

    def platform(self) -> PlatformSettings:
        """Return what all services share."""
        return PlatformSettings(
            development=self.development,
            event_log=self.files.event_log,
            issuer=self.issuer_url,
            token_url=self.token_url,
            jwks_url=self.jwks_url,
        )

    def secret_of(self, client_id: str) -> SecretStr:
        """Return the secret of a service's own client."""
        return SecretStr(self.secrets.credentials[client_id].secret)


def build_services(around: Surroundings, stack: ExitStack) -> list[Service]:
    """Build the services on databases and an event log in the state directory.

    Parameters
    ----------
    stack
        Closes the event log.
    """
    event_log = stack.enter_context(open_event_log(around.files.event_log))
    platform = around.platform()
    return [
        supplier.bootstrap.build(
            SupplierSettings(database_url=around.files.database_url("supplier"), platform=platform),
            event_log=event_log,
        ),
        footprint.bootstrap.build(
            FootprintSettings(
                database_url=around.files.database_url("footprint"),
                client_id="footprint",
                client_secret=around.secret_of("footprint"),
                supplier_target=around.target,
                lock_file=lock_file_of_checkout(),
                backgrounds=BackgroundSettings(
                    directory=around.files.directory.absolute() / "backgrounds"
                ),
                platform=platform,
            ),
            event_log=event_log,
        ),
        certification.bootstrap.build(
            CertificationSettings(
                database_url=around.files.database_url("certification"),
                client_id="certification",
                client_secret=around.secret_of("certification"),
                signing_key=SecretStr(around.secrets.certification_key),
                public_url=around.certification_url,
                footprint_target=around.target,
                platform=platform,
            ),
            event_log=event_log,
        ),
    ]


def lock_file_of_checkout() -> Path | None:
    """Return the lock file that a checkout's environment was installed from, if this is one."""
    path = Path(__file__).parents[4] / "requirements.lock"
    return path if path.is_file() else None
