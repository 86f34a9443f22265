"""Where the story plays: a running platform, as its users reach it."""

from collections.abc import Mapping
from dataclasses import dataclass

from greenchain_local.secrets import Credential


@dataclass(frozen=True, slots=True)
class Venue:
    """Addresses and credentials of a running platform, whatever its shape.

    Attributes
    ----------
    footprint_url, certification_url
        Base addresses of the services' HTTP.
    target
        ``host:port`` of the gRPC of `supplier`.
    token_url
        The issuer's token endpoint.
    event_log
        Setting of the event log, for consumers.
    credentials
        Of the users, by client id.
    described
        What runs where, for the reader of the story.
    """

    footprint_url: str
    certification_url: str
    target: str
    token_url: str
    event_log: str
    credentials: Mapping[str, Credential]
    described: str

    def variables_of(self, identity: str) -> Mapping[str, str]:
        """Return what the commands of one user find in their environment."""
        return {
            "GREENCHAIN_FOOTPRINT_URL": self.footprint_url,
            "GREENCHAIN_CERTIFICATION_URL": self.certification_url,
            "GREENCHAIN_TARGET": self.target,
            "GREENCHAIN_TOKEN_URL": self.token_url,
            "GREENCHAIN_CLIENT_ID": identity,
            "GREENCHAIN_CLIENT_SECRET": self.credentials[identity].secret,
        }
