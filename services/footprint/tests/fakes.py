"""The world around the use cases, in memory."""

import copy
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, Self

from chassis.clock import FixedClock
from chassis.errors import NotFound, Unavailable
from chassis.events import Event
from chassis.identity import Principal, Role
from footprint.application.ports import (
    Citation,
    DeclaredActivity,
    FootprintSummary,
    ProposedDataRequest,
    ProposedPart,
    RefusalReason,
    StoredProductModel,
    SupplierFootprint,
)
from footprint.data.shipped import load_dataset
from footprint.domain.declaration import (
    CalculatedPcf,
    DatasetReference,
    DeclarationReference,
    GrantedDeclaration,
)
from footprint.domain.product_footprint import ProductFootprint

OWNER = "pack-maker"
SUPPLIER = "cathode-maker"
METHOD = "ipcc_ar6_gwp100_v2"


def clock() -> FixedClock:
    """Give a clock that stands in 2026."""
    return FixedClock(datetime(2026, 3, 1, 12, 0, tzinfo=UTC))


def person(*roles: Role, tenant_id: str = OWNER) -> Principal:
    """Give a caller."""
    return Principal("someone", tenant_id, frozenset(roles))


EXPORTER = person(Role.EXPORTER)


def sha(letter: str) -> str:
    """Give something that looks like a hash."""
    return letter * 64


@dataclass(slots=True)
class Memory:
    """Committed rows by (tenant, id), and published events."""

    product_models: dict[tuple[str, str], StoredProductModel] = field(default_factory=dict)
    footprints: dict[tuple[str, str], ProductFootprint] = field(default_factory=dict)
    citations: list[tuple[str, Citation]] = field(default_factory=list)
    corrections: dict[tuple[str, str, int], datetime] = field(default_factory=dict)
    supplier_footprints: dict[tuple[str, DeclarationReference], SupplierFootprint] = field(
        default_factory=dict
    )
    events: list[Event] = field(default_factory=list)

    def __call__(self, tenant_id: str, *, read_only: bool = False) -> "MemoryUnitOfWork":
        return MemoryUnitOfWork(self, tenant_id, read_only)

    def event_types(self) -> list[str]:
        """Return the verbs of the published events, in order."""
        return [event.type.split(".")[2] for event in self.events]


class MemoryUnitOfWork:
    """Works on a copy, which `commit` puts in place of the original."""

    def __init__(self, committed: Memory, tenant_id: str, read_only: bool) -> None:
        self._committed, self.read_only = committed, read_only
        self.rows = copy.deepcopy(committed)
        self.tenant_id = tenant_id

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    @contextmanager
    def as_tenant(self, tenant_id: str) -> Iterator[Self]:
        outer, self.tenant_id = self.tenant_id, tenant_id
        try:
            yield self
        finally:
            self.tenant_id = outer

    def publish(self, event: Event) -> None:
        self.rows.events.append(event)

    def commit(self) -> None:
        assert not self.read_only
        for name in self.rows.__slots__:
            setattr(self._committed, name, copy.deepcopy(getattr(self.rows, name)))

    @property
    def product_models(self) -> "_ProductModels":
        return _ProductModels(self)

    @property
    def footprints(self) -> "_Footprints":
        return _Footprints(self)

    @property
    def citations(self) -> "_Citations":
        return _Citations(self)

    @property
    def supplier_footprints(self) -> "_SupplierFootprints":
        return _SupplierFootprints(self)


class _Rows:
    def __init__(self, uow: MemoryUnitOfWork) -> None:
        self.rows, self.tenant_id = uow.rows, uow.tenant_id


class _ProductModels(_Rows):
    def add(self, stored: StoredProductModel) -> None:
        self.rows.product_models[self.tenant_id, stored.id] = stored

    def get(self, product_model_id: str) -> StoredProductModel:
        try:
            return self.rows.product_models[self.tenant_id, product_model_id]
        except KeyError:
            raise NotFound("product model", product_model_id) from None

    def _own(self) -> list[StoredProductModel]:
        return [
            row for (tenant, _), row in self.rows.product_models.items() if tenant == self.tenant_id
        ]

    def with_sha256(self, sha256: str) -> StoredProductModel | None:
        return next((row for row in self._own() if row.sha256 == sha256), None)

    def latest_version(self, product_id: str) -> int:
        versions = [row.version for row in self._own() if row.model.product_id == product_id]
        return max(versions, default=0)


class _Footprints(_Rows):
    def add(self, footprint: ProductFootprint) -> None:
        self.rows.footprints[self.tenant_id, footprint.id] = footprint

    def get(self, footprint_id: str) -> ProductFootprint:
        try:
            return copy.deepcopy(self.rows.footprints[self.tenant_id, footprint_id])
        except KeyError:
            raise NotFound("footprint", footprint_id) from None

    def save(self, footprint: ProductFootprint) -> None:
        self.rows.footprints[self.tenant_id, footprint.id] = footprint

    def page(self, *, after: str, limit: int) -> tuple[FootprintSummary, ...]:
        raise NotImplementedError


class _Citations(_Rows):
    def add(self, citation: Citation) -> None:
        self.rows.citations.append((self.tenant_id, citation))

    def of_earlier_versions(self, declaration_id: str, version: int) -> tuple[Citation, ...]:
        return tuple(
            citation
            for tenant, citation in self.rows.citations
            if tenant == self.tenant_id
            and citation.declaration.id == declaration_id
            and citation.declaration.version < version
        )

    def note_correction(self, declaration: DeclarationReference, at: datetime) -> None:
        key = (self.tenant_id, declaration.id, declaration.version)
        self.rows.corrections.setdefault(key, at)

    def corrected_at(self, declaration: DeclarationReference) -> datetime | None:
        return next(
            (
                at
                for (tenant, id_, version), at in self.rows.corrections.items()
                if tenant == self.tenant_id
                and id_ == declaration.id
                and version > declaration.version
            ),
            None,
        )


class _SupplierFootprints(_Rows):
    def of(self, declaration: DeclarationReference) -> SupplierFootprint | None:
        return self.rows.supplier_footprints.get((self.tenant_id, declaration))

    def add(self, footprint: SupplierFootprint) -> None:
        self.rows.supplier_footprints[self.tenant_id, footprint.declaration] = footprint

    def mark_put_back(self, declaration: DeclarationReference, at: datetime) -> None:
        held = self.rows.supplier_footprints[self.tenant_id, declaration]
        self.rows.supplier_footprints[self.tenant_id, declaration] = replace(held, put_back_at=at)


@dataclass(slots=True)
class FakeSupplierService:
    """The supplier service.

    `down` makes every call fail, `down_after_put` the answer to a put; `before_answer` is what
    others do before grants are listed.
    """

    granted: tuple[GrantedDeclaration, ...] = ()
    declared: dict[DeclarationReference, DeclaredActivity] = field(default_factory=dict)
    proposed: list[ProposedPart] = field(default_factory=list)
    put: list[tuple[DeclarationReference, CalculatedPcf]] = field(default_factory=list)
    refused: list[tuple[DeclarationReference, tuple[RefusalReason, ...]]] = field(
        default_factory=list
    )
    asked_for: list[str] = field(default_factory=list)
    down: bool = False
    down_after_put: bool = False
    before_answer: Callable[[], object] = lambda: None

    def __call__(self, tenant_id: str) -> Self:
        self.asked_for.append(tenant_id)
        return self

    def _answer(self) -> None:
        if self.down:
            raise Unavailable("supplier")

    def propose(self, parts: Sequence[ProposedPart]) -> tuple[ProposedDataRequest, ...]:
        self._answer()
        self.proposed.extend(parts)
        return tuple(
            ProposedDataRequest(f"request-{part.activity_id}", "proposed", part) for part in parts
        )

    def accepted_declarations(self, activity_ids: Set[str]) -> tuple[GrantedDeclaration, ...]:
        self._answer()
        self.before_answer()
        return tuple(each for each in self.granted if each.activity_id in activity_ids)

    def activity_data(self, reference: DeclarationReference) -> DeclaredActivity:
        self._answer()
        if reference not in self.declared:
            raise NotFound("declaration", reference.id)
        return self.declared[reference]

    def put_calculated(self, reference: DeclarationReference, calculated: CalculatedPcf) -> None:
        self._answer()
        self.put.append((reference, calculated))
        if self.down_after_put:
            raise Unavailable("supplier")

    def refuse(self, reference: DeclarationReference, reasons: Sequence[RefusalReason]) -> None:
        self._answer()
        self.refused.append((reference, tuple(reasons)))
        if self.down_after_put:
            raise Unavailable("supplier")


def granted(version: int = 1, **changes: Any) -> GrantedDeclaration:
    """Give an accepted declaration of cathode at 10 kg CO2e / kg, with changes by field name."""
    calculated = CalculatedPcf(
        footprint_id=f"supplier-footprint-{version}",
        kg_co2e_per_unit=changes.pop("kg_co2e_per_unit", 10.0),
        unit=changes.pop("unit", "kg"),
        primary_data_share_percent=1.0,
        primary_activity_share_percent=40.0,
        method_id=changes.pop("method_id", METHOD),
        dataset=changes.pop("dataset", DatasetReference.of(load_dataset())),
        sha256=sha("f"),
    )
    return replace(
        GrantedDeclaration(
            reference=DeclarationReference("declaration-1", version, sha(str(version))),
            data_request_id="request-1",
            supplier_tenant_id=SUPPLIER,
            activity_id="lfp_cathode",
            region="CN-SC",
            period_start=date(2025, 1, 1),
            period_end=date(2025, 12, 31),
            calculated=calculated,
            grant_id="grant-1",
        ),
        **changes,
    )
