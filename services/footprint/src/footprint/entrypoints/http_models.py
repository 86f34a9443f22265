"""What enters and leaves over HTTP."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, Field, JsonValue

from chassis.errors import InvalidInput, Location
from chassis.web import StrictModel
from footprint.domain.errors import TooMany
from footprint.domain.product_parts import MOST_NESTED, ProductDocument


class ProductModelIn(StrictModel):
    """A product model in the format `greenchain-product/1`.

    Header, lines and sites are checked by the domain, which names every bad row at once; here they
    are any JSON.
    """

    header: dict[str, JsonValue] = Field(description="Product, declared unit, plant, boundary.")
    lines: list[dict[str, JsonValue]] = Field(description="The bill of materials, row by row.")
    sites: list[dict[str, JsonValue]] = Field(
        default_factory=list, description="Where activities of the chain take place."
    )
    parts: dict[str, "ProductModelIn"] = Field(
        default_factory=dict,
        description="Product models that the header names as parts, by their product id.",
    )

    def document(self, depth: int = 0) -> ProductDocument:
        """Return it as the domain reads it.

        Raises
        ------
        InvalidInput
            If parts have parts deeper than anybody could follow.
        """
        if depth > MOST_NESTED:
            at = Location(field="parts")
            raise InvalidInput((TooMany(at, count=depth, most=MOST_NESTED),))
        parts = {name: part.document(depth + 1) for name, part in self.parts.items()}
        return ProductDocument(self.header, self.lines, self.sites, parts)


class CalculationIn(StrictModel):
    """What to calculate."""

    method_id: str = Field(description="Characterization method of the dataset.", max_length=100)
    use_supplier_data: bool = Field(
        default=False,
        description="Use the accepted declarations that suppliers granted, where they compare.",
    )


class ProposalIn(StrictModel):
    """Which footprint tells what the parts weigh."""

    footprint_id: str = Field(max_length=100)


class ProductModelOut(BaseModel):
    """An imported version of a product model."""

    id: str
    version: int
    sha256: str
    created_at: datetime
    created: bool = Field(description="False if the same content was there already.")
    content: dict[str, Any] = Field(description="The canonical content that the hash covers.")


class Text(BaseModel):
    """A text in both languages."""

    en: str
    zh: str


class Quantity(BaseModel):
    """An amount in a unit."""

    amount: float
    unit: str


class ProcessOut(BaseModel):
    """What one process emits itself for one stage."""

    stage: str
    process: str
    activity_id: str
    name: Text = Field(description="Of the activity.")
    region: str
    amount: float = Field(description="[unit / declared unit]")
    unit: str
    kg_co2e: float = Field(description="[kg CO2e / declared unit]")


class SiteOut(BaseModel):
    """What is emitted in a region, inside the boundary."""

    region: str
    kg_co2e: float = Field(description="[kg CO2e / declared unit]")


class LineOut(BaseModel):
    """What one line of the bill of materials causes, inside the boundary."""

    line_id: str
    input_id: str
    process: str
    name: Text = Field(description="Of the input.")
    kg_co2e: float = Field(description="[kg CO2e / declared unit]")
    share_percent: float
    primary_data_percent: float
    primary_activity_percent: float


class EnginesOut(BaseModel):
    """What both engines say of the total."""

    brightway: float = Field(description="[kg CO2e / declared unit]")
    greenchain: float = Field(description="[kg CO2e / declared unit]")
    relative_difference: float
    tolerance: float
    condition: float = Field(description="Condition number of the system, independent of units [-]")
    agree: bool


class CoverageOut(BaseModel):
    """How much of what a product needs has data of a category."""

    inputs_percent: float = Field(description="Share of the activities that it needs [%]")
    climate_percent: float = Field(
        description="The same, each weighing what it emits itself of greenhouse gases [%]"
    )
    threshold_percent: float = Field(
        description="Where the smaller of both is below it, there is no amount [%]"
    )


class ImpactOut(BaseModel):
    """The impact of one declared unit by one method of the dataset."""

    method_id: str
    name: Text
    category: str = Field(description="E.g. `climate_change`; empty if the method is gone.")
    unit: str
    verdict: str = Field(
        description="What amounts of the method may be used for: `supported`, `screening` or "
        "`not_supported`."
    )
    amount: float | None = Field(
        description="Inside the boundary [unit / declared unit]; null where the data do not "
        "support it: it is not small, it is not known."
    )
    stages: dict[str, float] = Field(description="They sum to `amount`; empty without one.")
    beyond_boundary: dict[str, float]
    not_separable_kg_co2e: float | None = Field(
        description="Published totals that the method cannot tell apart by gas, by the GWP100 of "
        "their sources; not in `amount` [kg CO2e / declared unit]. Null where there are none."
    )
    coverage: CoverageOut
    note: Text = Field(description="What the method counts and leaves out.")


class DataQualityOut(BaseModel):
    """Shares of the absolute result by how sure the rows are; each object sums to 100 [%].

    Classes, best first: `primary`, `verified in source text`, `verified in secondary copy`,
    `computed`, `assumption`.
    """

    by_emission: dict[str, float] = Field(description="By the row that states the emission [%]")
    by_weakest: dict[str, float] = Field(
        description="By the least sure row between emission and product [%]; empty where credits "
        "in loops leave none."
    )


class EquivalentOut(BaseModel):
    """The footprint of one of another unit, e.g. of a pack or a kilometre."""

    id: str
    name: Text
    unit: str
    declared_units: float = Field(description="Declared units in one of it.")
    kg_co2e: float = Field(description="[kg CO2e / one of it]")


class CitedDeclarationOut(BaseModel):
    """A supplier's declaration as granted to the buyer."""

    id: str
    version: int
    sha256: str
    supplier_tenant_id: str
    activity_id: str
    region: str
    period_start: date
    period_end: date
    kg_co2e_per_unit: float = Field(description="[kg CO2e / unit]")
    unit: str
    primary_data_share_percent: float
    primary_activity_share_percent: float


class EvidenceOut(BaseModel):
    """One input that the footprint rests on."""

    role: str
    id: str
    version: str
    sha256: str


class FlagOut(BaseModel):
    """Something known about a footprint that its state does not say."""

    code: str
    reason: str
    subject: str
    since: datetime


class WarningOut(BaseModel):
    """Something that a reader of the numbers should know."""

    code: str
    message: Text


class FootprintOut(BaseModel):
    """A product carbon footprint."""

    id: str
    state: str
    sha256: str | None = Field(description="Hash of the frozen content; null before.")
    product_model_id: str
    product_id: str
    name: Text
    declared_unit: Quantity
    boundary: str
    method_id: str
    kg_co2e: float = Field(description="Inside the boundary [kg CO2e / declared unit]")
    stages: dict[str, float] = Field(description="They sum to `kg_co2e`.")
    beyond_boundary: dict[str, float] = Field(description="Stages that `kg_co2e` leaves out.")
    primary_data_share_percent: float
    primary_activity_share_percent: float
    equivalents: list[EquivalentOut] = Field(description="`kg_co2e` in other units.")
    data_quality: DataQualityOut | None = Field(
        description="How sure `kg_co2e` is; null for footprints of releases that did not tell."
    )
    impacts: list[ImpactOut] = Field(
        description="By every method of the dataset; empty for footprints of releases that did "
        "not tell."
    )
    engines: EnginesOut
    warnings: list[WarningOut]
    lines: list[LineOut]
    processes: list[ProcessOut]
    sites: list[SiteOut]
    declarations: list[CitedDeclarationOut]
    evidence: list[EvidenceOut]
    flags: list[FlagOut]
    preceding_footprint_id: str | None
    successor_footprint_id: str | None
    created_at: datetime
    frozen_at: datetime | None


class FootprintSummaryOut(BaseModel):
    """A line in the list of footprints."""

    id: str
    product_model_id: str
    product_id: str
    state: str
    method_id: str
    kg_co2e: float = Field(description="[kg CO2e / declared unit]")
    created_at: datetime


class FootprintPageOut(BaseModel):
    """A page of footprints, newest first."""

    footprints: list[FootprintSummaryOut]
    next: str | None = Field(description="`after` of the next page; null on the last.")


class DataRequestOut(BaseModel):
    """A data request as the supplier service holds it."""

    id: str
    state: str
    activity_id: str
    unit: str
    share_of_footprint_percent: float


class DataRequestsOut(BaseModel):
    """Proposed data requests; largest share first."""

    data_requests: list[DataRequestOut]
