"""Secrets of one state directory: made on first start, kept in a file that only its owner reads."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from chassis.identity import Role
from chassis.tokens import new_signing_key
from greenchain_local.identities import SERVICE_IDENTITIES, Identity

FILE_NAME = "secrets.json"
_PRIVATE = 0o600
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Credential:
    """An identity and its secret."""

    identity: Identity
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the embedded platform must keep to itself.

    Attributes
    ----------
    issuer_key, certification_key
        Private Ed25519 keys (JWK, as JSON) that sign tokens and green-product records.
    credentials
        Identities with their secrets, by client id.
    """

    issuer_key: str = field(repr=False)
    certification_key: str = field(repr=False)
    credentials: Mapping[str, Credential]

    def with_identities(self, identities: Iterable[Identity]) -> "Secrets":
        """Return these secrets with a new secret for every identity that has none yet."""
        added = {
            identity.client_id: Credential(identity, secrets.token_urlsafe(_SECRET_BYTES))
            for identity in identities
            if identity.client_id not in self.credentials
        }
        if not added:
            return self
        return Secrets(self.issuer_key, self.certification_key, {**self.credentials, **added})


def make() -> Secrets:
    """Make new secrets for the services themselves."""
    empty = Secrets(new_signing_key(), new_signing_key(), {})
    return empty.with_identities(SERVICE_IDENTITIES)


def read(path: Path) -> Secrets:
    """Read the secrets of a state directory."""
    content = json.loads(path.read_text(encoding="utf-8"))
    credentials = {}
    for row in content["credentials"]:
        secret = row.pop("secret")
        roles = tuple(Role(role) for role in row.pop("roles"))
        credentials[row["client_id"]] = Credential(Identity(**row, roles=roles), secret)
    return Secrets(content["issuer_key"], content["certification_key"], credentials)


def write(path: Path, content: Secrets) -> None:
    """Write the secrets, whole or not at all, readable by their owner alone."""
    rows = [
        {**asdict(credential.identity), "secret": credential.secret}
        for credential in content.credentials.values()
    ]
    text = json.dumps(
        {
            "issuer_key": content.issuer_key,
            "certification_key": content.certification_key,
            "credentials": rows,
        },
        indent=1,
    )
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def read_or_make(state: Path, identities: Iterable[Identity] = ()) -> Secrets:
    """Read the secrets of a state directory; make those that are missing."""
    path = state / FILE_NAME
    with _one_at_a_time(state):
        known = read(path) if path.exists() else make()
        content = known.with_identities(identities)
        if content is not known or not path.exists():
            write(path, content)
    return content


@contextmanager
def _one_at_a_time(state: Path) -> Iterator[None]:
    """Keep other processes from adding secrets meanwhile: one of the two would lose its own."""
    directory = os.open(state, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        yield
    finally:
        os.close(directory)
