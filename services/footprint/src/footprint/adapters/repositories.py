"""Repositories over the session of one unit of work; the session filters by tenant."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlmodel import and_, col, func, or_, select

from chassis.errors import NotFound
from chassis.tenancy import TenantSession
from footprint.adapters.rows import (
    CitationRow,
    CorrectionRow,
    FlagRow,
    FootprintRow,
    ProductModelRow,
    SupplierFootprintRow,
)
from footprint.application.ports import (
    Citation,
    FootprintSummary,
    StoredProductModel,
    SupplierFootprint,
)
from footprint.domain.declaration import CalculatedPcf, DatasetReference, DeclarationReference
from footprint.domain.product import ProductModel
from footprint.domain.product_footprint import (
    Evidence,
    Flag,
    FootprintContent,
    FootprintState,
    ProductFootprint,
)
from footprint.domain.result import FootprintResult

_PRODUCT_MODEL = TypeAdapter(ProductModel)
_CONTENT = TypeAdapter(FootprintContent)
_RESULT = TypeAdapter(FootprintResult)
_EVIDENCE = TypeAdapter(tuple[Evidence, ...])


def _json(adapter: TypeAdapter[Any], value: object) -> Any:
    """Return a domain value as JSON values; `adapter.validate_python` reads them back."""
    return adapter.dump_python(value, mode="json")


class SqlProductModels:
    """Imported product models of the session's tenant."""

    def __init__(self, session: TenantSession) -> None:
        self._session = session

    def add(self, stored: StoredProductModel) -> None:
        self._session.add(
            ProductModelRow(
                id=stored.id,
                product_id=stored.model.product_id,
                version=stored.version,
                sha256=stored.sha256,
                content=_json(_PRODUCT_MODEL, stored.model),
                created_at=stored.created_at,
                created_by=stored.created_by,
            )
        )
        self._session.flush()

    def get(self, product_model_id: str) -> StoredProductModel:
        statement = select(ProductModelRow).where(ProductModelRow.id == product_model_id)
        row = self._session.exec(statement).one_or_none()
        if row is None:
            raise NotFound("product model", product_model_id)
        return _stored(row)

    def with_sha256(self, sha256: str) -> StoredProductModel | None:
        statement = select(ProductModelRow).where(ProductModelRow.sha256 == sha256)
        row = self._session.exec(statement).one_or_none()
        return None if row is None else _stored(row)

    def latest_version(self, product_id: str) -> int:
        statement = select(func.max(col(ProductModelRow.version))).where(
            ProductModelRow.product_id == product_id
        )
        return self._session.exec(statement).one() or 0


def _stored(row: ProductModelRow) -> StoredProductModel:
    return StoredProductModel(
        id=row.id,
        version=row.version,
        sha256=row.sha256,
        model=_PRODUCT_MODEL.validate_python(row.content),
        created_at=row.created_at,
        created_by=row.created_by,
    )


class SqlFootprints:
    """Footprints of the session's tenant."""

    def __init__(self, session: TenantSession) -> None:
        self._session = session

    def add(self, footprint: ProductFootprint) -> None:
        content = footprint.content
        row = FootprintRow(
            id=footprint.id,
            product_model_id=footprint.product_model_id,
            product_id=content.product_id,
            method_id=content.result.method_id,
            kg_co2e=content.result.pcf_kg_co2e,
            content=_json(_CONTENT, content),
            created_at=footprint.created_at,
            state=footprint.state,
        )
        self._write_life(row, footprint)

    def get(self, footprint_id: str) -> ProductFootprint:
        row = self._row(footprint_id)
        return ProductFootprint(
            id=row.id,
            product_model_id=row.product_model_id,
            content=_CONTENT.validate_python(row.content),
            created_at=row.created_at,
            state=FootprintState(row.state),
            sha256=row.sha256 or "",
            frozen_at=row.frozen_at,
            preceding_id=row.preceding_id or "",
            successor_id=row.successor_id or "",
            flags=tuple(
                Flag(flag.code, flag.reason, flag.subject, flag.since)
                for flag in self._flags(footprint_id)
            ),
            event_count=row.event_count,
        )

    def save(self, footprint: ProductFootprint) -> None:
        self._write_life(self._row(footprint.id), footprint)

    def page(self, *, after: str, limit: int) -> tuple[FootprintSummary, ...]:
        statement = select(FootprintRow)
        if after:
            last = self._row(after)
            statement = statement.where(
                or_(
                    col(FootprintRow.created_at) < last.created_at,
                    and_(
                        col(FootprintRow.created_at) == last.created_at,
                        col(FootprintRow.id) < last.id,
                    ),
                )
            )
        statement = statement.order_by(
            col(FootprintRow.created_at).desc(), col(FootprintRow.id).desc()
        )
        return tuple(
            FootprintSummary(
                id=row.id,
                product_model_id=row.product_model_id,
                product_id=row.product_id,
                state=row.state,
                method_id=row.method_id,
                kg_co2e=row.kg_co2e,
                created_at=row.created_at,
            )
            for row in self._session.exec(statement.limit(limit))
        )

    def _row(self, footprint_id: str) -> FootprintRow:
        statement = select(FootprintRow).where(FootprintRow.id == footprint_id)
        row = self._session.exec(statement).one_or_none()
        if row is None:
            raise NotFound("footprint", footprint_id)
        return row

    def _flags(self, footprint_id: str) -> list[FlagRow]:
        statement = (
            select(FlagRow).where(FlagRow.footprint_id == footprint_id).order_by(col(FlagRow.id))
        )
        return list(self._session.exec(statement))

    def _write_life(self, row: FootprintRow, footprint: ProductFootprint) -> None:
        row.state = footprint.state
        row.sha256 = footprint.sha256 or None
        row.frozen_at = footprint.frozen_at
        row.preceding_id = footprint.preceding_id or None
        row.successor_id = footprint.successor_id or None
        row.event_count = footprint.event_count
        self._session.add(row)
        # Before the flags, which refer to the row.
        self._session.flush()
        held = len(self._flags(footprint.id))
        for flag in footprint.flags[held:]:
            self._session.add(FlagRow(footprint_id=footprint.id, **asdict(flag)))
        self._session.flush()


class SqlCitations:
    """Which footprints rest on declarations of the session's tenant, as a supplier."""

    def __init__(self, session: TenantSession) -> None:
        self._session = session

    def add(self, citation: Citation) -> None:
        self._session.add(
            CitationRow(
                declaration_id=citation.declaration.id,
                version=citation.declaration.version,
                sha256=citation.declaration.sha256,
                owner_tenant_id=citation.owner_tenant_id,
                footprint_id=citation.footprint_id,
            )
        )
        self._session.flush()

    def of_earlier_versions(self, declaration_id: str, version: int) -> tuple[Citation, ...]:
        statement = (
            select(CitationRow)
            .where(CitationRow.declaration_id == declaration_id)
            .where(col(CitationRow.version) < version)
            .order_by(col(CitationRow.id))
        )
        return tuple(
            Citation(
                DeclarationReference(row.declaration_id, row.version, row.sha256),
                row.owner_tenant_id,
                row.footprint_id,
            )
            for row in self._session.exec(statement)
        )

    def note_correction(self, declaration: DeclarationReference, at: datetime) -> None:
        statement = select(CorrectionRow).where(
            CorrectionRow.declaration_id == declaration.id,
            CorrectionRow.version == declaration.version,
        )
        if self._session.exec(statement).one_or_none() is None:
            self._session.add(
                CorrectionRow(
                    declaration_id=declaration.id,
                    version=declaration.version,
                    sha256=declaration.sha256,
                    corrected_at=at,
                )
            )
            self._session.flush()

    def corrected_at(self, declaration: DeclarationReference) -> datetime | None:
        statement = (
            select(CorrectionRow)
            .where(CorrectionRow.declaration_id == declaration.id)
            .where(col(CorrectionRow.version) > declaration.version)
            .order_by(col(CorrectionRow.version))
        )
        row = self._session.exec(statement.limit(1)).one_or_none()
        return None if row is None else row.corrected_at


class SqlSupplierFootprints:
    """Footprints calculated for the session's tenant as a supplier."""

    def __init__(self, session: TenantSession) -> None:
        self._session = session

    def of(self, declaration: DeclarationReference) -> SupplierFootprint | None:
        row = self._row(declaration)
        return None if row is None else _supplier_footprint(row)

    def add(self, footprint: SupplierFootprint) -> None:
        calculated, dataset = footprint.calculated, footprint.calculated.dataset
        self._session.add(
            SupplierFootprintRow(
                id=calculated.footprint_id,
                declaration_id=footprint.declaration.id,
                version=footprint.declaration.version,
                declaration_sha256=footprint.declaration.sha256,
                activity_id=footprint.activity_id,
                region=footprint.region,
                period_start=footprint.period_start,
                period_end=footprint.period_end,
                kg_co2e_per_unit=calculated.kg_co2e_per_unit,
                unit=calculated.unit,
                primary_data_share_percent=calculated.primary_data_share_percent,
                primary_activity_share_percent=calculated.primary_activity_share_percent,
                method_id=calculated.method_id,
                dataset_id=dataset.id,
                dataset_version=dataset.version,
                dataset_sha256=dataset.sha256,
                sha256=calculated.sha256,
                result=_json(_RESULT, footprint.result),
                evidence=_json(_EVIDENCE, footprint.evidence),
                created_at=footprint.created_at,
                put_back_at=footprint.put_back_at,
            )
        )
        self._session.flush()

    def mark_put_back(self, declaration: DeclarationReference, at: datetime) -> None:
        row = self._row(declaration)
        if row is None:
            raise NotFound("declaration", declaration.id)
        row.put_back_at = at
        self._session.add(row)
        self._session.flush()

    def _row(self, declaration: DeclarationReference) -> SupplierFootprintRow | None:
        statement = select(SupplierFootprintRow).where(
            SupplierFootprintRow.declaration_id == declaration.id,
            SupplierFootprintRow.version == declaration.version,
            SupplierFootprintRow.declaration_sha256 == declaration.sha256,
        )
        return self._session.exec(statement).one_or_none()


def _supplier_footprint(row: SupplierFootprintRow) -> SupplierFootprint:
    return SupplierFootprint(
        declaration=DeclarationReference(row.declaration_id, row.version, row.declaration_sha256),
        activity_id=row.activity_id,
        region=row.region,
        period_start=row.period_start,
        period_end=row.period_end,
        calculated=CalculatedPcf(
            footprint_id=row.id,
            kg_co2e_per_unit=row.kg_co2e_per_unit,
            unit=row.unit,
            primary_data_share_percent=row.primary_data_share_percent,
            primary_activity_share_percent=row.primary_activity_share_percent,
            method_id=row.method_id,
            dataset=DatasetReference(row.dataset_id, row.dataset_version, row.dataset_sha256),
            sha256=row.sha256,
        ),
        result=_RESULT.validate_python(row.result),
        evidence=_EVIDENCE.validate_python(row.evidence),
        created_at=row.created_at,
        put_back_at=row.put_back_at,
    )
