"""Explanations as they leave over HTTP: from the headline down to every exchange."""

from pydantic import BaseModel, Field

from footprint.application.explain_footprint import ExplainedProduct
from footprint.domain.dataset import Source, Uncertainty
from footprint.domain.explanation import ExplainedExchange, ExplainedProcess
from footprint.domain.inventory_model import ModelSource
from footprint.domain.product import CitedParameter
from footprint.entrypoints.http_impacts import data_quality_out, equivalents_out, impacts_out
from footprint.entrypoints.http_models import (
    DataQualityOut,
    EquivalentOut,
    ImpactOut,
    Quantity,
    Text,
)


class DatasetOut(BaseModel):
    """A version of the dataset, pinned by content."""

    id: str
    version: str
    sha256: str


class SourceOut(BaseModel):
    """Where a row comes from, and under which terms."""

    title: str
    locator: str = Field(description="Page, table or row within the source.")
    doi_or_url: str
    licence: str
    year: int | None = Field(description="Of publication, where it is known.")


class UncertaintyOut(BaseModel):
    """How an amount varies."""

    type: str = Field(description="`lognormal`, `triangular` or `none`.")
    gsd: float | None = Field(description="Geometric standard deviation at one sigma [-]")
    min: float | None
    max: float | None


class PedigreeOut(BaseModel):
    """Scores of an activity, 1 (best) to 5."""

    reliability: int
    completeness: int
    time: int
    geography: int
    technology: int


class ParameterOut(BaseModel):
    """A number that a computed amount rests on."""

    id: str
    name: Text | None
    value: float = Field(description="[unit]")
    unit: str
    confidence: str
    source: SourceOut | None


class ExchangeOut(BaseModel):
    """What a process takes from another, or emits."""

    line_id: str = Field(
        description="The row that states the amount; empty where nobody states one, e.g. that a "
        "product has stages."
    )
    kind: str = Field(description="`input` from another process, or `emission`.")
    input: str = Field(description="`process` that it takes from, or flow that it emits.")
    name: Text
    amount: float = Field(description="[unit / unit of the process]")
    unit: str
    total: float = Field(description="For one declared unit of the product [unit]")
    kg_co2e: float = Field(
        description="What goes through it, all upstream included [kg CO2e / declared unit]"
    )
    share_percent: float = Field(description="The same as a share of the headline [%]")
    provenance: str | None = Field(
        description="`primary`: the maker's or a supplier's own record; `secondary`: read in a "
        "named document; `derived`: computed from cited numbers; `assumed`: nobody's number."
    )
    confidence: str | None = Field(description="In the words of whoever wrote the row.")
    source: SourceOut | None = Field(
        description="Null for a supplier's declaration, which is its own source."
    )
    uncertainty: UncertaintyOut | None
    parameters: list[ParameterOut] = Field(
        description="Numbers that a computed amount rests on; empty where the amount is stated."
    )


class ExplainedProcessOut(BaseModel):
    """A process with all that it takes and emits, largest first."""

    process: str
    activity_id: str
    kind: str
    name: Text
    region: str
    unit: str
    amount: float = Field(description="What one declared unit needs of it [unit]")
    kg_co2e_per_unit: float = Field(description="All upstream included [kg CO2e / unit]")
    own_kg_co2e: float = Field(description="Emitted by itself [kg CO2e / declared unit]")
    kg_co2e: float = Field(description="All upstream included [kg CO2e / declared unit]")
    share_percent: float = Field(
        description="The same as a share of the headline [%]. Shares of processes do not sum to "
        "100: what is upstream of several counts in each."
    )
    valid_year: int | None = Field(description="Of the activity; null for the maker's own nodes.")
    confidence: str | None
    pedigree: PedigreeOut | None
    exchanges: list[ExchangeOut]


class ExplanationOut(BaseModel):
    """A footprint with all rows that it rests on, each with its weight."""

    footprint_id: str | None = Field(description="Null for a product that is not stored.")
    product_id: str
    name: Text
    declared_unit: Quantity
    boundary: str
    method_id: str
    dataset: DatasetOut
    kg_co2e: float = Field(description="Inside the boundary [kg CO2e / declared unit]")
    stages: dict[str, float] = Field(description="They sum to `kg_co2e`.")
    beyond_boundary: dict[str, float] = Field(description="Stages that `kg_co2e` leaves out.")
    equivalents: list[EquivalentOut]
    data_quality: DataQualityOut
    impacts: list[ImpactOut]
    processes: list[ExplainedProcessOut] = Field(
        description="The product first, then what it needs, largest first. Each stands once, "
        "however many consume it; `input` of an exchange leads from one to the next."
    )


def explanation_out(found: ExplainedProduct, least_percent: float = 0.0) -> ExplanationOut:
    """Show an explanation, without what has a smaller share of the headline than `least_percent`.

    The product itself is always shown.
    """
    model, dataset, stages = found.model, found.dataset, found.scores.stages
    product, *others = found.explanation.processes
    shown = [each for each in others if abs(each.share_percent) >= least_percent]
    return ExplanationOut(
        footprint_id=found.footprint_id or None,
        product_id=model.product_id,
        name=Text(en=model.name_en, zh=model.name_zh),
        declared_unit=Quantity(amount=model.declared_unit.amount, unit=model.declared_unit.unit),
        boundary=model.boundary.name,
        method_id=found.explanation.method_id,
        dataset=DatasetOut(id=dataset.id, version=dataset.version, sha256=dataset.sha256),
        kg_co2e=found.explanation.kg_co2e,
        stages={stage: stages[stage] for stage in model.boundary.stages},
        beyond_boundary={stage: stages[stage] for stage in model.boundary.beyond},
        equivalents=equivalents_out(found.equivalents),
        data_quality=data_quality_out(found.explanation.data_quality),
        impacts=impacts_out(found.impacts, dataset),
        processes=[_process(each, least_percent) for each in (product, *shown)],
    )


def _process(explained: ExplainedProcess, least_percent: float) -> ExplainedProcessOut:
    process = explained.process
    return ExplainedProcessOut(
        process=process.key,
        activity_id=process.activity_id,
        kind=process.kind.value,
        name=Text(en=process.name_en, zh=process.name_zh),
        region=process.region,
        unit=process.unit,
        amount=explained.supply,
        kg_co2e_per_unit=explained.unit_score,
        own_kg_co2e=explained.own_kg_co2e,
        kg_co2e=explained.kg_co2e,
        share_percent=explained.share_percent,
        valid_year=explained.valid_year,
        confidence=explained.confidence or None,
        pedigree=_pedigree(explained.pedigree),
        exchanges=[
            _exchange(each)
            for each in explained.exchanges
            if abs(each.share_percent) >= least_percent
        ],
    )


def _pedigree(scores: tuple[int, ...]) -> PedigreeOut | None:
    if not scores:
        return None
    reliability, completeness, time, geography, technology = scores
    return PedigreeOut(
        reliability=reliability,
        completeness=completeness,
        time=time,
        geography=geography,
        technology=technology,
    )


def _exchange(explained: ExplainedExchange) -> ExchangeOut:
    row = explained.row
    return ExchangeOut(
        line_id=row.line_id if row else "",
        kind="emission" if explained.is_emission else "input",
        input=explained.input_key,
        name=Text(en=explained.name_en, zh=explained.name_zh),
        amount=explained.amount,
        unit=explained.unit,
        total=explained.total,
        kg_co2e=explained.kg_co2e,
        share_percent=explained.share_percent,
        provenance=row.ground.provenance.value if row else None,
        confidence=row.confidence if row else None,
        source=_source(row.source) if row and row.source else None,
        uncertainty=_uncertainty(row.uncertainty) if row else None,
        parameters=[_parameter(each) for each in row.parameters] if row else [],
    )


def _parameter(cited: CitedParameter) -> ParameterOut:
    return ParameterOut(
        id=cited.id,
        name=Text(en=cited.name.en, zh=cited.name.zh) if cited.name.en else None,
        value=cited.value,
        unit=cited.unit,
        confidence=cited.confidence,
        source=_source(cited.source) if cited.source else None,
    )


def _source(source: Source | ModelSource) -> SourceOut:
    return SourceOut(
        title=source.title,
        locator=source.locator,
        doi_or_url=source.doi_or_url,
        licence=source.licence,
        year=source.year,
    )


def _uncertainty(uncertainty: Uncertainty) -> UncertaintyOut:
    return UncertaintyOut(
        type=uncertainty.distribution,
        gsd=uncertainty.gsd,
        min=uncertainty.minimum,
        max=uncertainty.maximum,
    )
