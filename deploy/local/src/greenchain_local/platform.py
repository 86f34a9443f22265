"""The whole platform in one process: issuer and three services, one HTTP port, one gRPC port.

The services meet only as they would apart: each gets addresses and its own credentials as settings,
and its own database.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from chassis.http_server import HttpServer, bind, free_port
from chassis.metrics import served
from chassis.rpc import RpcServer
from chassis.service import Service
from chassis.settings import MetricsSettings, RpcSettings
from chassis.tokens import RemoteKeys, TokenVerifier
from chassis.workers import WorkerGroup
from greenchain_local import composition, secrets
from greenchain_local.identities import Identity
from greenchain_local.issuer import build_issuer
from greenchain_local.root import root_app
from greenchain_local.secrets import Secrets
from greenchain_local.state import StateFiles, exclusive


@dataclass(frozen=True, slots=True)
class LocalSettings:
    """Where the platform keeps its state and listens.

    Attributes
    ----------
    http_port, rpc_port
        0 takes a free one.
    """

    state: Path
    host: str = "127.0.0.1"
    http_port: int = 0
    rpc_port: int = 0
    development: bool = False
    stop_grace_s: float = 5.0


class Platform:
    """The running platform; a context manager.

    Parameters
    ----------
    identities
        Identities that get a secret beside those that the state directory knows.
    """

    def __init__(self, settings: LocalSettings, identities: Iterable[Identity] = ()) -> None:
        self._settings = settings
        self._identities = tuple(identities)
        self._running = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as starting:
            self._start(starting)
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    def _start(self, stack: ExitStack) -> None:
        host = self._settings.host
        self.files: StateFiles = stack.enter_context(exclusive(self._settings.state))
        self.secrets: Secrets = secrets.read_or_make(self._settings.state, self._identities)
        listener = bind(host, self._settings.http_port)
        stack.callback(listener.close)
        self.url = f"http://{host}:{listener.getsockname()[1]}"
        rpc = RpcSettings(
            host=host,
            port=free_port(host, self._settings.rpc_port),
            stop_grace_s=self._settings.stop_grace_s,
            reflection=self._settings.development,
        )
        self.target = f"{host}:{rpc.port}"
        services = [build_issuer(self.issuer_url, self._settings.state), *self._build(stack)]
        verifier = TokenVerifier(RemoteKeys(self.jwks_url), self.issuer_url)
        of_services = [worker for each in services for worker in each.workers]
        workers = WorkerGroup(
            [
                HttpServer(root_app(services), listener, grace_s=self._settings.stop_grace_s),
                RpcServer(verifier, [each.grpc for each in services if each.grpc], rpc),
                *of_services,
                *served(MetricsSettings(), of_services),
            ]
        )
        workers.start()
        stack.callback(workers.stop)

    def _build(self, stack: ExitStack) -> list[Service]:
        services = composition.build_services(
            composition.Surroundings(
                files=self.files,
                secrets=self.secrets,
                target=self.target,
                issuer_url=self.issuer_url,
                token_url=self.token_url,
                jwks_url=self.jwks_url,
                certification_url=self.certification_url,
                development=self._settings.development,
            ),
            stack,
        )
        for service in services:
            stack.callback(service.close)
        return services

    @property
    def issuer_url(self) -> str:
        """Where tokens come from; their `iss`."""
        return f"{self.url}/issuer"

    @property
    def token_url(self) -> str:
        """The issuer's token endpoint."""
        return f"{self.issuer_url}/oauth/token"

    @property
    def jwks_url(self) -> str:
        """The issuer's public keys."""
        return f"{self.issuer_url}/.well-known/jwks.json"

    @property
    def footprint_url(self) -> str:
        """The HTTP of `footprint`."""
        return f"{self.url}/footprint"

    @property
    def certification_url(self) -> str:
        """The HTTP of `certification`; names the issuer of records."""
        return f"{self.url}/certification"
