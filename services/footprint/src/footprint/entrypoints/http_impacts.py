"""What tells beside the headline of a footprint: other impacts, data quality, other units."""

from collections.abc import Iterable, Mapping

from footprint.domain.data_quality import DataQualityStatement
from footprint.domain.dataset import Dataset
from footprint.domain.equivalents import EquivalentFootprint
from footprint.domain.impacts import Impact
from footprint.domain.provenance import Ground
from footprint.entrypoints.http_models import (
    CoverageOut,
    DataQualityOut,
    EquivalentOut,
    ImpactOut,
    Text,
)


def impacts_out(impacts: Iterable[Impact], dataset: Dataset) -> list[ImpactOut]:
    """Show impacts, their methods by the names that the dataset gives them."""
    return [_impact_out(impact, dataset) for impact in impacts]


def _impact_out(impact: Impact, dataset: Dataset) -> ImpactOut:
    method = dataset.methods.get(impact.method_id)
    id_ = impact.method_id
    coverage = impact.coverage
    return ImpactOut(
        method_id=id_,
        name=Text(en=method.name_en, zh=method.name_zh) if method else Text(en=id_, zh=id_),
        category=method.category if method else "",
        unit=impact.unit,
        verdict=impact.verdict.value,
        amount=impact.amount,
        stages=dict(impact.stages),
        beyond_boundary=dict(impact.beyond_boundary),
        not_separable_kg_co2e=impact.not_separable_kg_co2e,
        coverage=CoverageOut(
            inputs_percent=coverage.inputs_percent,
            climate_percent=coverage.climate_percent,
            threshold_percent=coverage.threshold_percent,
        ),
        note=Text(en=method.note_en, zh=method.note_zh) if method else Text(en="", zh=""),
    )


def data_quality_out(quality: DataQualityStatement) -> DataQualityOut:
    """Show a data-quality statement."""
    return DataQualityOut(
        by_emission=_by_class(quality.by_emission), by_weakest=_by_class(quality.by_weakest)
    )


def _by_class(shares: Mapping[Ground, float]) -> dict[str, float]:
    return {ground.value: share for ground, share in shares.items()}


def equivalents_out(equivalents: Iterable[EquivalentFootprint]) -> list[EquivalentOut]:
    """Show a footprint in other units."""
    return [
        EquivalentOut(
            id=each.id,
            name=Text(en=each.name_en, zh=each.name_zh),
            unit=each.unit,
            declared_units=each.declared_units,
            kg_co2e=each.kg_co2e,
        )
        for each in equivalents
    ]
