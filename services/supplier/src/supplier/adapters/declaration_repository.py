"""Declarations on the database: the aggregate, with its versions and their footprints."""

from dataclasses import asdict

from sqlmodel import col, delete, select

from chassis.tenancy import TenantSession
from supplier.adapters.tables import (
    CalculatedFootprintRow,
    DeclarationRow,
    DeclarationVersionRow,
)
from supplier.domain.calculated_footprint import CalculatedFootprint, DatasetReference
from supplier.domain.declaration import Declaration, DeclarationVersion, Plant
from supplier.domain.period import Period
from supplier.domain.refusal import Reason
from supplier.domain.transitions import DeclarationState


class SqlDeclarations:
    """The declarations of the current tenant as a supplier."""

    def __init__(self, session: TenantSession) -> None:
        self._session = session

    def get(self, declaration_id: str) -> Declaration | None:
        row = self._session.get(DeclarationRow, (self._session.tenant_id, declaration_id))
        return None if row is None else self._whole(row)

    def by_request(self, data_request_id: str) -> Declaration | None:
        statement = select(DeclarationRow).where(DeclarationRow.data_request_id == data_request_id)
        row = self._session.exec(statement).one_or_none()
        return None if row is None else self._whole(row)

    def save(self, declaration: Declaration) -> None:
        self._session.merge(
            DeclarationRow(
                tenant_id=declaration.tenant_id,
                id=declaration.id,
                data_request_id=declaration.data_request_id,
                lead_firm_tenant_id=declaration.lead_firm_tenant_id,
                activity_id=declaration.activity_id,
                unit=declaration.unit,
                requested_start=declaration.requested_period.start,
                requested_end=declaration.requested_period.end,
                event_count=declaration.event_count,
            )
        )
        # The models state no relationships: what others refer to has to be there first.
        self._session.flush()
        for version in declaration.versions:
            self._session.merge(_version_row(declaration, version))
        self._session.flush()
        for version in declaration.versions:
            if version.footprint is not None:
                self._session.merge(_footprint_row(declaration, version, version.footprint))

    def remove_version(self, declaration_id: str, version: int) -> None:
        self._session.exec(
            delete(DeclarationVersionRow).where(
                col(DeclarationVersionRow.declaration_id) == declaration_id,
                col(DeclarationVersionRow.version) == version,
            )
        )

    def remove(self, declaration_id: str) -> None:
        self._session.exec(delete(DeclarationRow).where(col(DeclarationRow.id) == declaration_id))

    def _whole(self, row: DeclarationRow) -> Declaration:
        footprints = {
            footprint.version: _footprint(footprint)
            for footprint in self._session.exec(
                select(CalculatedFootprintRow).where(
                    CalculatedFootprintRow.declaration_id == row.id
                )
            )
        }
        versions = self._session.exec(
            select(DeclarationVersionRow)
            .where(DeclarationVersionRow.declaration_id == row.id)
            .order_by(col(DeclarationVersionRow.version))
        )
        return Declaration(
            id=row.id,
            tenant_id=row.tenant_id,
            data_request_id=row.data_request_id,
            lead_firm_tenant_id=row.lead_firm_tenant_id,
            activity_id=row.activity_id,
            unit=row.unit,
            requested_period=Period(row.requested_start, row.requested_end),
            event_count=row.event_count,
            versions=tuple(_version(held, footprints.get(held.version)) for held in versions),
        )


def _version_row(declaration: Declaration, version: DeclarationVersion) -> DeclarationVersionRow:
    return DeclarationVersionRow(
        tenant_id=declaration.tenant_id,
        declaration_id=declaration.id,
        version=version.version,
        state=version.state.value,
        plant_name=version.plant.name,
        plant_region=version.plant.region,
        period_start=version.reference_period.start,
        period_end=version.reference_period.end,
        stated_by=sorted(version.stated_by),
        opened_at=version.opened_at,
        last_sequence=version.last_sequence,
        record_count=version.record_count,
        sha256=version.sha256,
        submitted_at=version.submitted_at,
        return_reason=version.return_reason,
        refused_for=[asdict(reason) for reason in version.refused_for] or None,
    )


def _version(
    row: DeclarationVersionRow, footprint: CalculatedFootprint | None
) -> DeclarationVersion:
    return DeclarationVersion(
        version=row.version,
        state=DeclarationState(row.state),
        plant=Plant(row.plant_name, row.plant_region),
        reference_period=Period(row.period_start, row.period_end),
        stated_by=frozenset(row.stated_by),
        opened_at=row.opened_at,
        last_sequence=row.last_sequence,
        record_count=row.record_count,
        sha256=row.sha256,
        submitted_at=row.submitted_at,
        footprint=footprint,
        return_reason=row.return_reason,
        refused_for=tuple(Reason(**reason) for reason in row.refused_for or ()),
    )


def _footprint_row(
    declaration: Declaration, version: DeclarationVersion, footprint: CalculatedFootprint
) -> CalculatedFootprintRow:
    return CalculatedFootprintRow(
        tenant_id=declaration.tenant_id,
        declaration_id=declaration.id,
        version=version.version,
        footprint_id=footprint.footprint_id,
        kg_co2e_per_unit=footprint.kg_co2e_per_unit,
        unit=footprint.unit,
        primary_data_share_percent=footprint.primary_data_share_percent,
        primary_activity_share_percent=footprint.primary_activity_share_percent,
        method_id=footprint.method_id,
        dataset_id=footprint.dataset.id,
        dataset_version=footprint.dataset.version,
        dataset_sha256=footprint.dataset.sha256,
        sha256=footprint.sha256,
    )


def _footprint(row: CalculatedFootprintRow) -> CalculatedFootprint:
    return CalculatedFootprint(
        footprint_id=row.footprint_id,
        kg_co2e_per_unit=row.kg_co2e_per_unit,
        unit=row.unit,
        primary_data_share_percent=row.primary_data_share_percent,
        primary_activity_share_percent=row.primary_activity_share_percent,
        method_id=row.method_id,
        dataset=DatasetReference(row.dataset_id, row.dataset_version, row.dataset_sha256),
        sha256=row.sha256,
    )
