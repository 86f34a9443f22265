"""What the use cases need of the outside."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self

from certification.domain.facts import Fact
from certification.domain.footprint import FootprintReading
from certification.domain.record import Flag, Record
from certification.domain.scheme import Scheme
from certification.domain.states import Action, State
from chassis.identity import Principal, Role


@dataclass(frozen=True, slots=True)
class PublishedTransition:
    """A transition as the public sees it: the role that acted, never the person."""

    action: Action
    from_state: State | None
    to_state: State
    role: Role
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PublishedRecord:
    """What anybody may know about a record once it has been issued."""

    record_id: str
    scheme_id: str
    state: State
    issued_at: datetime
    valid_until: datetime
    key_id: str
    sha256: str
    jws: str
    flags: tuple[Flag, ...]
    history: tuple[PublishedTransition, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """A signed document: the compact JWS, the SHA-256 of its characters, the signing key."""

    jws: str
    sha256: str
    key_id: str


class Records(Protocol):
    """Records of the tenant whose rows are seen now."""

    def add(self, record: Record) -> None:
        """Store a new record."""
        ...

    def get(self, record_id: str) -> Record | None:
        """Return a record, held against other writers until the unit of work ends."""
        ...

    def save(self, record: Record) -> None:
        """Store a changed record; from its issue on, renew its published projection too."""
        ...

    def standing(self, footprint_id: str) -> Sequence[Record]:
        """Return the footprint's records and applications that are not in a final state."""
        ...


class Access(Protocol):
    """Index of the records that an organisation was named on, kept in its own tenant."""

    def add(self, record_id: str, owner_tenant_id: str, role: Role) -> None:
        """Name the tenant whose rows are seen now."""
        ...

    def owner_of(self, record_id: str, role: Role) -> str | None:
        """Return whose record it is, if this tenant was named on it in `role`."""
        ...


class Audit(Protocol):
    """Who of another organisation came to a record, in the owner's tenant."""

    def note(self, record_id: str, reader: Principal, role: Role, operation: str) -> None:
        """Write down an access."""
        ...


class UnitOfWork(Protocol):
    """One transaction; leaving the block without `commit` undoes it."""

    @property
    def records(self) -> Records:
        """Records of the present tenant."""
        ...

    @property
    def access(self) -> Access:
        """Access index of the present tenant."""
        ...

    @property
    def audit(self) -> Audit:
        """Audit of the present tenant."""
        ...

    def __enter__(self) -> Self:
        """Open the transaction."""
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Undo what was not committed."""
        ...

    def as_tenant(self, tenant_id: str) -> AbstractContextManager[object]:
        """See another tenant's rows for the length of the block."""
        ...

    def announce(self, record: Record, fact: Fact) -> None:
        """Publish a fact about a stored record with this transaction."""
        ...

    def commit(self) -> None:
        """Make everything so far durable."""
        ...


class UnitsOfWork(Protocol):
    """Opens units of work."""

    def __call__(self, tenant_id: str) -> UnitOfWork:
        """Return one for a tenant, to be entered."""
        ...


class PublishedRecords(Protocol):
    """The projection that anybody may read."""

    def get(self, record_id: str) -> PublishedRecord | None:
        """Return a record that has been issued."""
        ...


class FootprintReader(Protocol):
    """Reads footprints where they live.

    Raises `NotFound` for an unknown footprint and `Unavailable` when there is no answer.
    """

    def for_caller(self, footprint_id: str, token: str) -> FootprintReading:
        """Read with the caller's own bearer token."""
        ...

    def for_tenant(self, footprint_id: str, tenant_id: str) -> FootprintReading:
        """Read as this service, acting for the footprint's owner."""
        ...


class Signer(Protocol):
    """Signs issued records."""

    def sign(self, content: Mapping[str, Any]) -> Signature:
        """Sign the content as a compact JWS."""
        ...


class Schemes(Protocol):
    """Certification schemes."""

    def get(self, scheme_id: str) -> Scheme | None:
        """Return a scheme."""
        ...

    def ids(self) -> tuple[str, ...]:
        """Return all known ids."""
        ...
