"""The service on a real socket, and clients with the tokens of the tests' people."""

from collections.abc import Callable

import grpc

from chassis.identity import Principal
from chassis.rpc import RpcServer, connect
from chassis.settings import RpcSettings
from chassis.tokens import StaticKeys, TokenIssuer, TokenVerifier, new_signing_key
from supplier.application.ports import Context
from supplier.entrypoints.grpc import register

ISSUER = "https://issuer.example"


class Served:
    """A gRPC server of the service, and its token issuer."""

    def __init__(self, context: Context, port: int = 0, key: str | None = None) -> None:
        self.key = key or new_signing_key()
        self._issuer = TokenIssuer(ISSUER, self.key)
        verifier = TokenVerifier(StaticKeys(self._issuer.jwks()), ISSUER)
        self.server = RpcServer(
            verifier,
            [lambda server: register(context, server)],
            RpcSettings(port=port, stop_grace_s=0.0),
        )
        self.server.start()
        self.target = self.server.target

    def token_of(self, principal: Principal) -> Callable[[], str]:
        return lambda: self._issuer.issue(principal.subject, principal.tenant_id, principal.roles)

    def channel(self, principal: Principal) -> grpc.Channel:
        return connect(self.target, self.token_of(principal))

    def stop(self) -> None:
        self.server.stop()
