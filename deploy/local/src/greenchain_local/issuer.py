"""The embedded token issuer as a service of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Lock

from chassis.issuer import Client, hash_secret, token_router
from chassis.service import Service
from chassis.tokens import StaticKeys, TokenIssuer, TokenVerifier
from chassis.web import create_app
from greenchain_local import secrets
from greenchain_local.root import root_app
from greenchain_local.secrets import Credential

VERSION = "1.0.0"


class StateClients(Mapping[str, Client]):
    """The identities of a state directory, read again whenever its file has changed."""

    def __init__(self, state: Path) -> None:
        self._path = state / secrets.FILE_NAME
        self._changed = 0
        self._clients: dict[str, Client] = {}
        self._lock = Lock()

    def __getitem__(self, client_id: str) -> Client:
        return self._read()[client_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def _read(self) -> dict[str, Client]:
        with self._lock:
            changed = self._path.stat().st_mtime_ns
            if changed != self._changed:
                credentials = secrets.read(self._path).credentials.values()
                self._clients = {each.identity.client_id: _client(each) for each in credentials}
                self._changed = changed
            return self._clients


def build_issuer(url: str, state: Path) -> Service:
    """Build the issuer that gives tokens to the identities of a state directory.

    Parameters
    ----------
    url
        Where it is reached; names it in its tokens.
    """
    issuer = TokenIssuer(url, secrets.read_or_make(state).issuer_key)
    app = create_app(
        "greenchain issuer",
        VERSION,
        TokenVerifier(StaticKeys(issuer.jwks()), url),
        description="Tokens for clients (OAuth 2.0 client credentials).",
    )
    app.include_router(token_router(issuer, StateClients(state)))
    return Service(name="issuer", http=app)


def build_issuer_alone(url: str, state: Path) -> Service:
    """Build the issuer as `build_issuer` does, under its path in the embedded shape, ``/issuer``.

    So the addresses by which services and commands look for it are the same in both shapes.
    """
    issuer = build_issuer(url, state)
    return replace(issuer, http=root_app([issuer]))


def _client(credential: Credential) -> Client:
    identity = credential.identity
    return Client(
        client_id=identity.client_id,
        secret_hash=hash_secret(credential.secret),
        tenant_id=identity.tenant_id,
        roles=frozenset(identity.roles),
        may_act_for_tenants=identity.acts_for_tenants,
    )
