"""The product model: what one declared unit of a product is made of, stage by stage."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from footprint.domain.background import BackgroundReference
from footprint.domain.dataset import Source, Uncertainty
from footprint.domain.formula import Formula
from footprint.domain.inventory_model import Amount, Choice, ModelSource, Name, Parameter

NO_NAME = Name()


class ActivityData(StrEnum):
    """Where the amount of a line comes from; decides the shares, not the result."""

    OWN_PLANT = "own_plant"
    LITERATURE = "literature"
    ASSUMPTION = "assumption"


class SiteKnowledge(StrEnum):
    """From whom the region of an activity becomes known."""

    OWN = "own"
    """The maker of the product knows it by itself."""
    SUPPLIER = "supplier"
    """Only the supplier can tell; until then the dataset's default region stands."""


@dataclass(frozen=True, slots=True)
class DeclaredUnit:
    """The amount of product that a footprint is stated for, e.g. 1 `kwh_capacity`."""

    amount: float
    unit: str


@dataclass(frozen=True, slots=True)
class StageSite:
    """Where and when a stage takes place that is not at the plant, e.g. the use of a car.

    Attributes
    ----------
    year
        Year of the electricity there; None for that of the product.
    """

    region: str
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Boundary:
    """The stages that make the headline, and those computed beside it.

    Attributes
    ----------
    stage_sites
        Where stages take place that are not at the plant.
    """

    name: str
    stages: tuple[str, ...]
    beyond: tuple[str, ...] = ()
    stage_sites: Mapping[str, StageSite] = field(default_factory=dict)

    @property
    def all_stages(self) -> tuple[str, ...]:
        return self.stages + self.beyond


@dataclass(frozen=True, slots=True)
class Intermediate:
    """A part that the maker makes itself; its own lines name it as `consumer_id`."""

    id: str
    name_en: str
    name_zh: str
    unit: str
    region: str


@dataclass(frozen=True, slots=True)
class Site:
    """Where an activity of the chain takes place.

    Attributes
    ----------
    electricity
        Activity that supplies the site's electricity, e.g. a directly connected plant; empty for
        the market of the region.
    """

    activity_id: str
    region: str
    known_from: SiteKnowledge
    note: str = ""
    electricity: str = ""


@dataclass(frozen=True, slots=True)
class BomLine:
    """One line of the bill of materials.

    Attributes
    ----------
    row
        Data row of the input, counted from 1.
    stage
        Life-cycle stage; empty on the lines of an intermediate, which follow their consumer.
    consumer_id
        The product, or the intermediate that consumes.
    amount
        Amount [unit of the input] per declared unit of the product or per unit of the intermediate;
        of a formula its value by the parameters' own values.
    formula
        Computes the amount; `scale` converts its value to the unit of the input.
    when
        Choice and option with which the line counts; None: always.
    """

    row: int
    line_id: str
    stage: str
    consumer_id: str
    input_id: str
    amount: float
    activity_data: ActivityData
    uncertainty: Uncertainty
    source: Source
    confidence: str
    note: str = ""
    formula: Formula | None = None
    scale: float = 1.0
    when: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class CitedParameter:
    """A number that a computed amount rests on.

    Attributes
    ----------
    value
        As it counts in the system [its unit].
    source
        None if its author names none.
    """

    id: str
    name: Name
    unit: str
    value: float
    source: ModelSource | None
    confidence: str


@dataclass(frozen=True, slots=True)
class Equivalent:
    """Another unit that results are told in, e.g. 1 pack.

    Attributes
    ----------
    amount
        Declared units in one of it [declared unit].
    """

    id: str
    name: Name
    unit: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class ProductPart:
    """Another product model as an input, e.g. the battery of a car.

    Attributes
    ----------
    product
        The model, with its parameters bound and its choices made.
    bindings
        Formulas in the outer model's parameters by parameter of the part.
    choices
        Options that the outer model takes, by choice of the part.
    """

    id: str
    product: "ProductModel"
    bindings: Mapping[str, Formula]
    choices: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ProductModel:
    """A validated product: every line is linked and in the unit of its input.

    Attributes
    ----------
    contains, leaves_out
        Plain statements of what the model has in it and what it has not.
    electricity_year
        Year of the electricity of the whole chain; None for that of the dataset.
    parameter_order
        Ids of the parameters so that each comes after those that its formula uses.
    backgrounds
        Backgrounds of the maker's own that lines buy from.
    """

    product_id: str
    name_en: str
    name_zh: str
    declared_unit: DeclaredUnit
    plant_region: str
    boundary: Boundary
    intermediates: tuple[Intermediate, ...]
    lines: tuple[BomLine, ...]
    sites: tuple[Site, ...]
    description: Name = NO_NAME
    contains: Name = NO_NAME
    leaves_out: Name = NO_NAME
    electricity_year: int | None = None
    sources: tuple[ModelSource, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    parameter_order: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    equivalents: tuple[Equivalent, ...] = ()
    parts: tuple[ProductPart, ...] = ()
    backgrounds: tuple[BackgroundReference, ...] = ()

    def parameter_values(self) -> dict[str, float]:
        """Return the parameters' numbers by id; NaN for a formula without a finite value."""
        amounts = {parameter.id: parameter.amount for parameter in self.parameters}
        values: dict[str, float] = {}
        for id_ in self.parameter_order:
            values[id_] = amounts[id_].value(values)
        return values

    def cited(
        self, formula: Formula, bound: Mapping[str, tuple[CitedParameter, ...]]
    ) -> tuple[CitedParameter, ...]:
        """Return the numbers that a formula rests on, those behind other formulas included.

        Parameters
        ----------
        bound
            What parameters rest on that an outer product sets.
        """
        known = {parameter.id: parameter for parameter in self.parameters}
        sources = {source.id: source for source in self.sources}
        values = self.parameter_values()
        found: dict[str, CitedParameter] = {}
        to_walk, seen = list(formula.names), set[str]()
        while to_walk:
            id_ = to_walk.pop(0)
            if id_ in seen:
                continue
            seen.add(id_)
            parameter = known[id_]
            if id_ in bound:
                found |= {each.id: each for each in bound[id_]}
            elif isinstance(parameter.amount.given, Formula):
                to_walk += parameter.amount.given.names
            else:
                source = sources.get(parameter.source)
                found[id_] = CitedParameter(
                    id_, parameter.name, parameter.unit, values[id_], source, parameter.confidence
                )
        return tuple(found.values())

    def default_options(self) -> dict[str, str]:
        """Return the option that is taken, by choice."""
        return {choice.id: choice.default for choice in self.choices}

    def chosen_lines(self) -> Iterator[BomLine]:
        """Yield the lines that count with the options that are taken."""
        options = self.default_options()
        for line in self.lines:
            if line.when is None or options[line.when[0]] == line.when[1]:
                yield line

    def bought(self) -> frozenset[str]:
        """Return what the lines that count name as inputs, those of parts included.

        Of a part, what is beyond its boundary does not count: nothing of it gets into the product.
        """
        own = {line.input_id for line in self.chosen_lines()}
        return frozenset(own).union(*(part.product.bought_inside() for part in self.parts))

    def bought_inside(self) -> frozenset[str]:
        """Return what is bought inside the boundary."""
        stages = ("", *self.boundary.stages)
        own = {line.input_id for line in self.chosen_lines() if line.stage in stages}
        return frozenset(own).union(*(part.product.bought_inside() for part in self.parts))

    def sites_told_by_suppliers(self) -> dict[str, str]:
        """Regions by activity id that only suppliers can tell, those of parts included."""
        of_parts = [part.product.sites_told_by_suppliers() for part in self.parts]
        return {id_: region for sites in of_parts for id_, region in sites.items()} | {
            site.activity_id: site.region
            for site in self.sites
            if site.known_from is SiteKnowledge.SUPPLIER
        }
