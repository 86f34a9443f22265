"""What the use cases need from the outside."""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self

from chassis.clock import Clock
from supplier.domain.activity import ActivityKind, ActivityRecord
from supplier.domain.data_request import DataRequest, ReceivedRequest
from supplier.domain.declaration import Declaration
from supplier.domain.events import DomainEvent
from supplier.domain.grant import GrantUse, ReceivedGrant, ShareGrant
from supplier.domain.period import Period


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page ended: requests are listed by the time of their making, then by id."""

    created_at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """A batch that is held."""

    sequence: int
    sha256: str


class DataRequests(Protocol):
    """The requests of the current tenant as a lead firm."""

    def get(self, data_request_id: str) -> DataRequest | None: ...

    def proposed_for(self, activity_id: str) -> DataRequest | None:
        """Return the request for a product that was not sent yet, if there is one."""

    def save(self, request: DataRequest) -> None: ...

    def page(self, limit: int, after: Position | None) -> list[DataRequest]: ...


class ReceivedRequests(Protocol):
    """The requests that were sent to the current tenant as a supplier."""

    def get(self, data_request_id: str) -> ReceivedRequest | None: ...

    def save(self, request: ReceivedRequest) -> None: ...

    def page(self, limit: int, after: Position | None) -> list[ReceivedRequest]: ...


class Declarations(Protocol):
    """The declarations of the current tenant as a supplier."""

    def get(self, declaration_id: str) -> Declaration | None: ...

    def by_request(self, data_request_id: str) -> Declaration | None: ...

    def save(self, declaration: Declaration) -> None: ...

    def remove_version(self, declaration_id: str, version: int) -> None:
        """Remove a version that holds no records."""

    def remove(self, declaration_id: str) -> None:
        """Remove a declaration that has no versions."""


class Records(Protocol):
    """The activity records of one version of a declaration."""

    def receipt(self, sequence: int) -> Receipt | None:
        """Return what is known of a batch that is held."""

    def add(self, receipt: Receipt, records: Sequence[ActivityRecord]) -> None: ...

    def remove_all(self) -> None:
        """Remove all records and batches of the version."""

    def all(self) -> list[ActivityRecord]:
        """Return all records, ordered by their ids."""

    def held_ids(self, record_ids: Collection[str]) -> set[str]:
        """Return those of the ids that are held."""

    def overlapping(
        self, items: Collection[tuple[ActivityKind, str]], span: Period
    ) -> list[ActivityRecord]:
        """Return the held records of these items that share a day with `span`."""

    def first_outside(self, period: Period) -> ActivityRecord | None:
        """Return a record that does not lie within the period, if there is one."""


class Grants(Protocol):
    """The grants that the current tenant gave."""

    def get(self, grant_id: str) -> ShareGrant | None: ...

    def of_declaration(self, declaration_id: str) -> list[ShareGrant]: ...

    def all(self) -> list[ShareGrant]:
        """Return all grants, oldest first."""

    def save(self, grant: ShareGrant) -> None: ...


class ReceivedGrants(Protocol):
    """Index of the grants that the current tenant received."""

    def of_declaration(self, declaration_id: str) -> list[ReceivedGrant]: ...

    def of_requests(self, data_request_ids: Collection[str]) -> list[ReceivedGrant]:
        """Return the grants for these requests, or all if none is named, by request."""

    def save(self, grant: ReceivedGrant) -> None: ...


class GrantUses(Protocol):
    """Who read what under the current tenant's grants."""

    def add(self, use: GrantUse) -> None: ...


class UnitOfWork(Protocol):
    """One transaction of one tenant; leaving it without `commit` undoes everything."""

    @property
    def data_requests(self) -> DataRequests: ...

    @property
    def received_requests(self) -> ReceivedRequests: ...

    @property
    def declarations(self) -> Declarations: ...

    def records(self, declaration_id: str, version: int) -> Records: ...

    @property
    def grants(self) -> Grants: ...

    @property
    def received_grants(self) -> ReceivedGrants: ...

    @property
    def grant_uses(self) -> GrantUses: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def as_tenant(self, tenant_id: str) -> AbstractContextManager[Any]:
        """Act on another tenant's rows for the length of the block, in the same transaction."""

    def publish(self, event: DomainEvent) -> None:
        """Tell the others, if and when this transaction is committed."""

    def commit(self) -> None: ...


class OpenUnitOfWork(Protocol):
    """Opens a unit of work for a tenant."""

    def __call__(self, tenant_id: str, *, read_only: bool = False) -> UnitOfWork: ...


@dataclass(frozen=True, slots=True)
class Context:
    """What every use case works with."""

    open: OpenUnitOfWork
    clock: Clock
    new_id: Callable[[], str]
