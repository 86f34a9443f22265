"""From what the application returns to what leaves over HTTP."""

from collections.abc import Mapping

from footprint.application.background_ports import FoundActivity
from footprint.application.ports import (
    FootprintSummary,
    ProposedDataRequest,
    StoredProductModel,
)
from footprint.domain.dataset import Dataset
from footprint.domain.declaration import CitedDeclaration
from footprint.domain.product_content import canonical
from footprint.domain.product_footprint import FootprintContent, ProductFootprint
from footprint.domain.result import FootprintResult
from footprint.entrypoints.http_impacts import data_quality_out, equivalents_out, impacts_out
from footprint.entrypoints.http_models import (
    CitedDeclarationOut,
    DataRequestOut,
    EnginesOut,
    EvidenceOut,
    FlagOut,
    FootprintOut,
    FootprintSummaryOut,
    LineOut,
    ProcessOut,
    ProductModelOut,
    Quantity,
    SiteOut,
    Text,
    WarningOut,
)

_Names = Mapping[str, Text]
_NOTHING: Mapping[str, FoundActivity] = {}


def product_model_out(stored: StoredProductModel, *, created: bool = False) -> ProductModelOut:
    """Show an imported product model."""
    return ProductModelOut(
        id=stored.id,
        version=stored.version,
        sha256=stored.sha256,
        created_at=stored.created_at,
        created=created,
        content=canonical(stored.model),
    )


def footprint_out(
    footprint: ProductFootprint, dataset: Dataset, bought: Mapping[str, FoundActivity] = _NOTHING
) -> FootprintOut:
    """Show a footprint, its inputs by the names that the dataset gives them.

    Parameters
    ----------
    bought
        What it takes from backgrounds of its tenant's own, by id of the input.
    """
    content, result = footprint.content, footprint.content.result
    names = {id_: Text(en=each.name, zh=each.name_zh or each.name) for id_, each in bought.items()}
    by_site = sorted(result.by_site().items(), key=lambda item: -abs(item[1]))
    return FootprintOut(
        id=footprint.id,
        state=footprint.state,
        sha256=footprint.sha256 or None,
        product_model_id=footprint.product_model_id,
        product_id=content.product_id,
        name=Text(en=content.name_en, zh=content.name_zh),
        declared_unit=Quantity(
            amount=content.declared_unit.amount, unit=content.declared_unit.unit
        ),
        boundary=content.boundary,
        method_id=result.method_id,
        kg_co2e=result.pcf_kg_co2e,
        stages=dict(result.stages),
        beyond_boundary=dict(result.beyond_boundary),
        primary_data_share_percent=result.primary_data_share_percent,
        primary_activity_share_percent=result.primary_activity_share_percent,
        equivalents=equivalents_out(content.equivalents),
        data_quality=data_quality_out(content.data_quality) if content.data_quality else None,
        impacts=impacts_out(content.impacts, dataset),
        engines=_engines(result),
        warnings=_warnings(result),
        lines=_lines(content, dataset, names),
        processes=_processes(content, dataset, names),
        sites=[SiteOut(region=region, kg_co2e=impact) for region, impact in by_site],
        declarations=[_declaration(cited) for cited in content.declarations],
        evidence=[
            EvidenceOut(role=item.role, id=item.id, version=item.version, sha256=item.sha256)
            for item in content.evidence
        ],
        flags=[
            FlagOut(code=flag.code, reason=flag.reason, subject=flag.subject, since=flag.since)
            for flag in footprint.flags
        ],
        preceding_footprint_id=footprint.preceding_id or None,
        successor_footprint_id=footprint.successor_id or None,
        created_at=footprint.created_at,
        frozen_at=footprint.frozen_at,
    )


def summary_out(summary: FootprintSummary) -> FootprintSummaryOut:
    """Show a line in the list of footprints."""
    return FootprintSummaryOut(
        id=summary.id,
        product_model_id=summary.product_model_id,
        product_id=summary.product_id,
        state=summary.state,
        method_id=summary.method_id,
        kg_co2e=summary.kg_co2e,
        created_at=summary.created_at,
    )


def data_request_out(request: ProposedDataRequest) -> DataRequestOut:
    """Show a data request."""
    return DataRequestOut(
        id=request.id,
        state=request.state,
        activity_id=request.part.activity_id,
        unit=request.part.unit,
        share_of_footprint_percent=request.part.share_of_footprint_percent,
    )


def _engines(result: FootprintResult) -> EnginesOut:
    engines = result.engines
    return EnginesOut(
        brightway=engines.brightway,
        greenchain=engines.greenchain,
        relative_difference=engines.relative_difference,
        tolerance=engines.tolerance,
        condition=engines.condition,
        agree=engines.agree,
    )


def _warnings(result: FootprintResult) -> list[WarningOut]:
    if not result.engines.ill_conditioned:
        return []
    condition = f"{result.engines.condition:.2g}"
    return [
        WarningOut(
            code="ill_conditioned",
            message=Text(
                en=f"The system is ill-conditioned (κ ≈ {condition}): small changes of its "
                "amounts change the result much. Check its loops.",
                zh=f"系统病态（κ ≈ {condition}）：数量的微小变化会显著改变结果。请检查其中的循环。",
            ),
        )
    ]


def _name(id: str, content: FootprintContent, dataset: Dataset, names: _Names) -> Text:
    if id in names:
        return names[id]
    if id in dataset.activities:
        activity = dataset.activities[id]
        return Text(en=activity.name_en, zh=activity.name_zh)
    if id in dataset.flows:
        return Text(en=dataset.flows[id].name_en, zh=dataset.flows[id].name_zh)
    if id == content.product_id:
        return Text(en=content.name_en, zh=content.name_zh)
    # A part that the maker makes itself, or what a later dataset dropped.
    return Text(en=id, zh=id)


def _lines(content: FootprintContent, dataset: Dataset, names: _Names) -> list[LineOut]:
    return [
        LineOut(
            line_id=line.line_id,
            input_id=line.input_id,
            process=line.input_key,
            name=_name(line.input_id, content, dataset, names),
            kg_co2e=line.kg_co2e,
            share_percent=line.share_percent,
            primary_data_percent=line.primary_data_percent,
            primary_activity_percent=line.primary_activity_percent,
        )
        for line in content.result.lines
    ]


def _processes(content: FootprintContent, dataset: Dataset, names: _Names) -> list[ProcessOut]:
    return [
        ProcessOut(
            stage=item.stage,
            process=item.process_key,
            activity_id=item.activity_id,
            name=_name(item.activity_id, content, dataset, names),
            region=item.region,
            amount=item.supply,
            unit=item.unit,
            kg_co2e=item.kg_co2e,
        )
        for item in content.result.processes
    ]


def _declaration(cited: CitedDeclaration) -> CitedDeclarationOut:
    return CitedDeclarationOut(
        id=cited.reference.id,
        version=cited.reference.version,
        sha256=cited.reference.sha256,
        supplier_tenant_id=cited.supplier_tenant_id,
        activity_id=cited.activity_id,
        region=cited.region,
        period_start=cited.period_start,
        period_end=cited.period_end,
        kg_co2e_per_unit=cited.kg_co2e_per_unit,
        unit=cited.unit,
        primary_data_share_percent=cited.primary_data_share_percent,
        primary_activity_share_percent=cited.primary_activity_share_percent,
    )
