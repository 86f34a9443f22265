"""Values and fakes that the tests of this service share."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from types import TracebackType
from typing import Any, Self

from certification.application.ports import Signature
from certification.domain.facts import Fact
from certification.domain.footprint import (
    DeclaredUnit,
    Evidence,
    Footprint,
    FootprintReading,
    FootprintState,
    StageScore,
)
from certification.domain.record import Actor, Record
from certification.domain.scheme import Scheme, StatementType
from certification.domain.statement import Conclusion, Statement
from certification.domain.states import Words
from chassis.errors import NotFound
from chassis.identity import Principal, Role

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
OWNER, VERIFIER, BODY = "pack-maker", "verifier", "certification-body"

EXPORTER_LI = Principal("li", OWNER, frozenset({Role.EXPORTER}))
VERIFIER_WANG = Principal("wang", VERIFIER, frozenset({Role.VERIFIER}))
DECIDER_ZHAO = Principal("zhao", BODY, frozenset({Role.CERTIFICATION_BODY}))

APPLICANT = Actor("li", OWNER, Role.EXPORTER)
STATER = Actor("wang", VERIFIER, Role.VERIFIER)
DECIDER = Actor("zhao", BODY, Role.CERTIFICATION_BODY)

FOOTPRINT = Footprint(
    id="footprint-1",
    sha256="f" * 64,
    product_id="lfp_battery_pack",
    product_name_en="LFP battery pack",
    product_name_zh="磷酸铁锂电池包",
    declared_unit=DeclaredUnit(1.0, "kwh_capacity"),
    boundary="cradle_to_gate",
    kg_co2e=90.5,
    stages=(StageScore("raw_materials", 70.25), StageScore("manufacturing", 20.25)),
    primary_data_share_percent=0.4,
    primary_activity_share_percent=21.0,
    method_id="ipcc_2021_gwp100",
    frozen_at=datetime(2026, 2, 27, 9, 30, tzinfo=UTC),
    evidence=(
        Evidence("product_model", "lfp_battery_pack", "1", "a" * 64),
        Evidence("declaration", "declaration-1", "1", "b" * 64),
    ),
)

SCHEME = Scheme(
    id="demonstration",
    name=Words("Demonstration", "演示方案"),
    is_not=Words("No certificate.", "不是证书。"),
    validity_years=1,
    validity_source="test",
    validity_confidence="assumption",
    statement_types=(StatementType("pcf_verification", Words("Verification", "核查")),),
)

STATEMENT = Statement(
    type="pcf_verification",
    footprint_sha256=FOOTPRINT.sha256,
    verifier_name="Green Verification Ltd",
    lead_verifier="Wang Fang",
    objective="Whether the footprint follows ISO 14067:2018.",
    conclusion=Conclusion.COMPLIANT,
    limitations="Suppliers' meters were not visited.",
    method_id=FOOTPRINT.method_id,
    no_conflict_of_interest=True,
    date=date(2026, 3, 1),
)


def reading(
    state: FootprintState = FootprintState.FROZEN, stale_reason: str | None = None
) -> FootprintReading:
    """Say where the sample footprint stands."""
    content = None if state is FootprintState.CALCULATED else FOOTPRINT
    return FootprintReading(FOOTPRINT.id, state, stale_reason, content)


@dataclass
class FakeStore:
    """What a database would hold: per tenant, and what was published."""

    records: dict[tuple[str, str], Record] = field(default_factory=dict)
    access: dict[tuple[str, str, Role], str] = field(default_factory=dict)
    audit: list[tuple[str, str, str, str, Role, str]] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)

    def __call__(self, tenant_id: str) -> "FakeUnitOfWork":
        return FakeUnitOfWork(self, tenant_id)


class FakeUnitOfWork:
    """A unit of work on a copy, which `commit` puts in place of the store's content."""

    def __init__(self, store: FakeStore, tenant_id: str) -> None:
        self.store, self.tenant_id = store, tenant_id
        self.copy = deepcopy(store)
        self.records = FakeRecords(self)
        self.access = FakeAccess(self)
        self.audit = FakeAudit(self)

    def __enter__(self) -> Self:
        self.copy = deepcopy(self.store)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.copy = deepcopy(self.store)

    @contextmanager
    def as_tenant(self, tenant_id: str) -> Iterator[None]:
        home, self.tenant_id = self.tenant_id, tenant_id
        try:
            yield
        finally:
            self.tenant_id = home

    def announce(self, record: Record, fact: Fact) -> None:
        assert record.id == fact.record_id
        self.copy.facts.append(fact)

    def commit(self) -> None:
        committed = deepcopy(self.copy)
        self.store.records, self.store.access = committed.records, committed.access
        self.store.audit, self.store.facts = committed.audit, committed.facts


@dataclass
class FakeRecords:
    """Records of the unit of work's tenant."""

    uow: FakeUnitOfWork

    def add(self, record: Record) -> None:
        assert record.tenant_id == self.uow.tenant_id
        self.uow.copy.records[record.tenant_id, record.id] = record

    def get(self, record_id: str) -> Record | None:
        return self.uow.copy.records.get((self.uow.tenant_id, record_id))

    def save(self, record: Record) -> None:
        self.add(record)

    def standing(self, footprint_id: str) -> list[Record]:
        return [
            record
            for (tenant, _), record in self.uow.copy.records.items()
            if tenant == self.uow.tenant_id
            and record.footprint.id == footprint_id
            and not record.is_final
        ]


@dataclass
class FakeAccess:
    """Access index of the unit of work's tenant."""

    uow: FakeUnitOfWork

    def add(self, record_id: str, owner_tenant_id: str, role: Role) -> None:
        self.uow.copy.access[self.uow.tenant_id, record_id, role] = owner_tenant_id

    def owner_of(self, record_id: str, role: Role) -> str | None:
        return self.uow.copy.access.get((self.uow.tenant_id, record_id, role))


@dataclass
class FakeAudit:
    """Audit of the unit of work's tenant."""

    uow: FakeUnitOfWork

    def note(self, record_id: str, reader: Principal, role: Role, operation: str) -> None:
        self.uow.copy.audit.append(
            (self.uow.tenant_id, record_id, reader.subject, reader.tenant_id, role, operation)
        )


@dataclass
class FakeFootprints:
    """The footprint service, which knows one footprint."""

    present: FootprintReading = field(default_factory=reading)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def for_caller(self, footprint_id: str, token: str) -> FootprintReading:
        return self._read(footprint_id, f"caller {token}")

    def for_tenant(self, footprint_id: str, tenant_id: str) -> FootprintReading:
        return self._read(footprint_id, f"tenant {tenant_id}")

    def _read(self, footprint_id: str, how: str) -> FootprintReading:
        self.asked.append((footprint_id, how))
        if footprint_id == self.present.footprint_id:
            return self.present
        if footprint_id.startswith("footprint-"):
            # Other footprints of the same product, so that several records can exist.
            content = replace(FOOTPRINT, id=footprint_id)
            return FootprintReading(footprint_id, FootprintState.FROZEN, None, content)
        raise NotFound(what="footprint", id=footprint_id)


class FakeSigner:
    """Remembers what it signed."""

    def __init__(self) -> None:
        self.signed: list[Mapping[str, Any]] = []

    def sign(self, content: Mapping[str, Any]) -> Signature:
        self.signed.append(content)
        return Signature(jws="e30.e30.c2ln", sha256="c" * 64, key_id="key-1")


class FakeSchemes:
    """Knows the sample scheme."""

    def get(self, scheme_id: str) -> Scheme | None:
        return SCHEME if scheme_id == SCHEME.id else None

    def ids(self) -> tuple[str, ...]:
        return (SCHEME.id,)
