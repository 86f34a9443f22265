"""The issuer and the three services, each served alone, as a process of its own."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.conftest import environment
from tests.e2e.processes import Server

from chassis.tokens import ClientCredentials
from greenchain_cli.demo.ports import ISSUER, Ports
from greenchain_local import secrets
from greenchain_local.environment import SERVICES, environment_of
from greenchain_local.identities import DEMO_IDENTITIES

NAMES = (ISSUER, *SERVICES)


@dataclass(frozen=True)
class Servers:
    """What the services keep their rows in and meet on.

    Attributes
    ----------
    databases
        URL by service.
    event_log
        As the setting names it.
    """

    databases: Mapping[str, str]
    event_log: str


class Apart:
    """Four processes that share nothing but addresses, credentials and the event log."""

    def __init__(self, running: ExitStack, state: Path, servers: Servers) -> None:
        self._running = running
        self._state = state
        self._kept = secrets.read_or_make(state, DEMO_IDENTITIES)
        self._ports = Ports.free()
        common = {**self._ports.variables(), "GREENCHAIN_EVENT_LOG": servers.event_log}
        self.token_url = common["GREENCHAIN_TOKEN_URL"]
        self._environments = {ISSUER: environment(**common, GREENCHAIN_STATE_DIR=str(state))}
        for name, url in servers.databases.items():
            own = {**environment_of(name, state), f"GREENCHAIN_{name.upper()}_DATABASE_URL": url}
            self._environments[name] = environment(**{**own, **common})
        self.processes: dict[str, Server] = {}
        for name in NAMES:
            self.start(name)

    def start(self, name: str) -> None:
        """Serve a service, for the first time or again."""
        arguments = [name, "serve", *self._ports.options(name)]
        log = self._state / f"{name}.log"
        self.processes[name] = self._running.enter_context(
            Server(arguments, self._environments[name], log)
        )

    def http(self, name: str) -> str:
        return self._ports.url(name)

    def target(self, name: str) -> str:
        return self._ports.target(name)

    def secret(self, client_id: str) -> str:
        return self._kept.credentials[client_id].secret

    def identity(self, client_id: str) -> ClientCredentials:
        return ClientCredentials(self.token_url, client_id, self.secret(client_id))


@contextmanager
def services_apart(state: Path, servers: Servers) -> Iterator[Apart]:
    """Serve all four until the block ends."""
    with ExitStack() as running:
        yield Apart(running, state, servers)


def files_of(state: Path) -> Servers:
    """Return SQLite files and a local event log in a state directory."""
    databases = {name: f"sqlite:///{state / name}.db" for name in SERVICES}
    return Servers(databases, f"local:{state / 'events.db'}")
