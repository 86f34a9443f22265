"""Where services that run apart listen, and how they are told of each other."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Self

from chassis.http_server import bind
from greenchain_local.environment import SERVICES

HOST = "127.0.0.1"
ISSUER = "issuer"
_WITH_GRPC = ("supplier", "footprint")


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports of the issuer and the services, by name."""

    http: Mapping[str, int]
    grpc: Mapping[str, int]

    @classmethod
    def free(cls) -> Self:
        """Take ports that nobody uses now; the services have to be told before they bind."""
        with ExitStack() as held:

            def port() -> int:
                found: int = held.enter_context(bind(HOST, 0)).getsockname()[1]
                return found

            return cls(
                http={name: port() for name in (ISSUER, *SERVICES)},
                grpc={name: port() for name in _WITH_GRPC},
            )

    def url(self, name: str) -> str:
        """Return the HTTP address of a service."""
        return f"http://{HOST}:{self.http[name]}"

    def target(self, name: str) -> str:
        """Return the gRPC address of a service."""
        return f"{HOST}:{self.grpc[name]}"

    def options(self, name: str) -> list[str]:
        """Return the options with which a service is served there."""
        grpc = ["--grpc-port", str(self.grpc[name])] if name in self.grpc else []
        return ["--http-port", str(self.http[name]), *grpc]

    def variables(self) -> dict[str, str]:
        """Return what each service must know of the others."""
        issuer = f"{self.url(ISSUER)}/issuer"
        return {
            "GREENCHAIN_ISSUER": issuer,
            "GREENCHAIN_TOKEN_URL": f"{issuer}/oauth/token",
            "GREENCHAIN_JWKS_URL": f"{issuer}/.well-known/jwks.json",
            "GREENCHAIN_SUPPLIER_TARGET": self.target("supplier"),
            "GREENCHAIN_FOOTPRINT_TARGET": self.target("footprint"),
            "GREENCHAIN_CERTIFICATION_PUBLIC_URL": self.url("certification"),
        }
