"""The ports of the supplier's application in memory, and the people of the tests."""

import copy
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Self

from chassis.identity import Principal, Role
from supplier.application.ports import Position, Receipt
from supplier.domain.activity import ActivityKind, ActivityRecord
from supplier.domain.data_request import DataRequest, ReceivedRequest
from supplier.domain.declaration import Declaration
from supplier.domain.events import DomainEvent
from supplier.domain.grant import GrantUse, ReceivedGrant, ShareGrant
from supplier.domain.period import Period
from supplier.domain.transitions import DataRequestState


@dataclass
class HeldRecords:
    receipts: dict[int, Receipt] = field(default_factory=dict)
    records: dict[str, ActivityRecord] = field(default_factory=dict)

    def receipt(self, sequence: int) -> Receipt | None:
        return self.receipts.get(sequence)

    def add(self, receipt: Receipt, records: Sequence[ActivityRecord]) -> None:
        self.receipts[receipt.sequence] = receipt
        self.records |= {record.record_id: record for record in records}

    def remove_all(self) -> None:
        self.receipts.clear()
        self.records.clear()

    def all(self) -> list[ActivityRecord]:
        return [self.records[key] for key in sorted(self.records)]

    def held_ids(self, record_ids: Collection[str]) -> set[str]:
        return set(record_ids) & set(self.records)

    def overlapping(
        self, items: Collection[tuple[ActivityKind, str]], span: Period
    ) -> list[ActivityRecord]:
        return [
            record
            for record in self.records.values()
            if (record.kind, record.item_id) in items and record.period.overlaps(span)
        ]

    def first_outside(self, period: Period) -> ActivityRecord | None:
        return next((r for r in self.all() if not period.covers(r.period)), None)


@dataclass
class Rows:
    """Everything that one tenant owns."""

    requests: dict[str, DataRequest] = field(default_factory=dict)
    received_requests: dict[str, ReceivedRequest] = field(default_factory=dict)
    declarations: dict[str, Declaration] = field(default_factory=dict)
    records: dict[tuple[str, int], HeldRecords] = field(
        default_factory=lambda: defaultdict(HeldRecords)
    )
    grants: dict[str, ShareGrant] = field(default_factory=dict)
    received_grants: dict[str, ReceivedGrant] = field(default_factory=dict)
    uses: list[GrantUse] = field(default_factory=list)


class _Requests:
    def __init__(self, rows: dict[str, DataRequest]) -> None:
        self._rows = rows

    def get(self, data_request_id: str) -> DataRequest | None:
        return self._rows.get(data_request_id)

    def proposed_for(self, activity_id: str) -> DataRequest | None:
        proposed = (r for r in self._rows.values() if r.state is DataRequestState.PROPOSED)
        return next((r for r in proposed if r.part.activity_id == activity_id), None)

    def save(self, request: DataRequest) -> None:
        self._rows[request.id] = request

    def page(self, limit: int, after: Position | None) -> list[DataRequest]:
        ordered = sorted(self._rows.values(), key=lambda r: (r.created_at, r.id))
        if after is not None:
            ordered = [r for r in ordered if (r.created_at, r.id) > (after.created_at, after.id)]
        return ordered[:limit]


class _ReceivedRequests:
    def __init__(self, rows: dict[str, ReceivedRequest]) -> None:
        self._rows = rows

    def get(self, data_request_id: str) -> ReceivedRequest | None:
        return self._rows.get(data_request_id)

    def save(self, request: ReceivedRequest) -> None:
        self._rows[request.data_request_id] = request

    def page(self, limit: int, after: Position | None) -> list[ReceivedRequest]:
        ordered = sorted(self._rows.values(), key=lambda r: (r.created_at, r.data_request_id))
        if after is not None:
            mark = (after.created_at, after.id)
            ordered = [r for r in ordered if (r.created_at, r.data_request_id) > mark]
        return ordered[:limit]


class _Declarations:
    def __init__(self, rows: dict[str, Declaration]) -> None:
        self._rows = rows

    def get(self, declaration_id: str) -> Declaration | None:
        return self._rows.get(declaration_id)

    def by_request(self, data_request_id: str) -> Declaration | None:
        return next((d for d in self._rows.values() if d.data_request_id == data_request_id), None)

    def save(self, declaration: Declaration) -> None:
        self._rows[declaration.id] = declaration

    def remove_version(self, declaration_id: str, version: int) -> None:
        held = self._rows[declaration_id]
        others = tuple(each for each in held.versions if each.version != version)
        self._rows[declaration_id] = replace(held, versions=others)

    def remove(self, declaration_id: str) -> None:
        assert not self._rows[declaration_id].versions
        del self._rows[declaration_id]


class _Grants:
    def __init__(self, rows: dict[str, ShareGrant]) -> None:
        self._rows = rows

    def get(self, grant_id: str) -> ShareGrant | None:
        return self._rows.get(grant_id)

    def of_declaration(self, declaration_id: str) -> list[ShareGrant]:
        return [grant for grant in self._rows.values() if grant.declaration_id == declaration_id]

    def all(self) -> list[ShareGrant]:
        return list(self._rows.values())

    def save(self, grant: ShareGrant) -> None:
        self._rows[grant.id] = grant


class _ReceivedGrants:
    def __init__(self, rows: dict[str, ReceivedGrant]) -> None:
        self._rows = rows

    def of_declaration(self, declaration_id: str) -> list[ReceivedGrant]:
        return [grant for grant in self._rows.values() if grant.declaration_id == declaration_id]

    def of_requests(self, data_request_ids: Collection[str]) -> list[ReceivedGrant]:
        grants = self._rows.values()
        return [g for g in grants if not data_request_ids or g.data_request_id in data_request_ids]

    def save(self, grant: ReceivedGrant) -> None:
        self._rows[grant.grant_id] = grant


class _GrantUses:
    def __init__(self, rows: list[GrantUse]) -> None:
        self._rows = rows

    def add(self, use: GrantUse) -> None:
        self._rows.append(use)


@dataclass
class Memory:
    """A database in memory: rows by tenant, and the events that were published."""

    tenants: dict[str, Rows] = field(default_factory=lambda: defaultdict(Rows))
    events: list[DomainEvent] = field(default_factory=list)

    def open(self, tenant_id: str, *, read_only: bool = False) -> "MemoryUnitOfWork":
        return MemoryUnitOfWork(self, tenant_id, read_only)


class MemoryUnitOfWork:
    def __init__(self, memory: Memory, tenant_id: str, read_only: bool) -> None:
        self._memory, self._tenant_id, self._read_only = memory, tenant_id, read_only

    def __enter__(self) -> Self:
        self._tenants = copy.deepcopy(self._memory.tenants)
        self._events: list[DomainEvent] = []
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    @contextmanager
    def as_tenant(self, tenant_id: str) -> Iterator[Self]:
        outer, self._tenant_id = self._tenant_id, tenant_id
        try:
            yield self
        finally:
            self._tenant_id = outer

    def publish(self, event: DomainEvent) -> None:
        self._events.append(event)

    def commit(self) -> None:
        assert not self._read_only
        self._memory.tenants = self._tenants
        self._memory.events += self._events

    @property
    def _rows(self) -> Rows:
        return self._tenants[self._tenant_id]

    @property
    def data_requests(self) -> _Requests:
        return _Requests(self._rows.requests)

    @property
    def received_requests(self) -> _ReceivedRequests:
        return _ReceivedRequests(self._rows.received_requests)

    @property
    def declarations(self) -> _Declarations:
        return _Declarations(self._rows.declarations)

    def records(self, declaration_id: str, version: int) -> HeldRecords:
        return self._rows.records[(declaration_id, version)]

    @property
    def grants(self) -> _Grants:
        return _Grants(self._rows.grants)

    @property
    def received_grants(self) -> _ReceivedGrants:
        return _ReceivedGrants(self._rows.received_grants)

    @property
    def grant_uses(self) -> _GrantUses:
        return _GrantUses(self._rows.uses)


def person(subject: str, tenant_id: str, *roles: Role) -> Principal:
    return Principal(subject=subject, tenant_id=tenant_id, roles=frozenset(roles))


BUYER = person("pack-maker-purchasing", "pack-maker", Role.LEAD_FIRM)
EXPORTER = person("pack-maker-export", "pack-maker", Role.EXPORTER)
OTHER_BUYER = person("car-maker-purchasing", "car-maker", Role.LEAD_FIRM)
SUPPLIER = person("cathode-maker", "cathode-maker", Role.SUPPLIER)
OTHER_SUPPLIER = person("copper-foil-maker", "copper-foil-maker", Role.SUPPLIER)
FOOTPRINT = person("footprint", "cathode-maker", Role.FOOTPRINT_SERVICE)
