"""The inventory dataset: activities, their exchanges, elementary flows, methods and factors.

One column per activity with a reference output of 1 unit: ``A = I − inputs``. Amounts of exchanges
are given per one unit of the activity and in the unit of what is exchanged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

from chassis.errors import Location, Violation
from footprint.domain.errors import RetiredActivity, UnlinkedInput

#: Each unlinked row is compared with each id; a file of thousands of both would take hours.
MOST_COMPARED = 100


class ActivityKind(StrEnum):
    """How an activity is linked."""

    UNIT_PROCESS = "unit_process"
    """Own inputs and emissions; instantiated per region, buys from that region's market."""
    SYSTEM_PROCESS = "system_process"
    """A published total; keeps the location of its publisher."""
    MARKET_REFERENCE = "market_reference"
    """Stands for one of several suppliers: the electricity of a region and year, or a route."""


class ExchangeKind(StrEnum):
    """What an exchange takes or gives."""

    TECHNOSPHERE = "technosphere"
    ELEMENTARY = "elementary"


class Confidence(StrEnum):
    """How sure a number is, best first."""

    VERIFIED = "verified in source text"
    SECONDARY = "verified in secondary copy"
    COMPUTED = "computed"
    ASSUMPTION = "assumption"


class Support(StrEnum):
    """How far the data of an activity support a category of impacts."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"


class Verdict(StrEnum):
    """What the amounts of a method may be used for, as the dataset stands."""

    SUPPORTED = "supported"
    SCREENING = "screening"
    NOT_SUPPORTED = "not_supported"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a row comes from, and under which terms.

    Attributes
    ----------
    year
        Of publication; None where a maker's own line says none.
    """

    title: str
    locator: str
    doi_or_url: str
    licence: str
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Uncertainty of an amount.

    Attributes
    ----------
    distribution
        `lognormal`, `triangular` or `none`.
    gsd
        Geometric standard deviation at one sigma [-], for `lognormal`.
    minimum, maximum
        Bounds [unit of the amount], for `triangular`.
    """

    distribution: str
    gsd: float | None = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Activity:
    """What happens to give one `unit` of `reference_product`.

    Attributes
    ----------
    pedigree
        Scores 1 (best) to 5 of reliability, completeness, time, geography and technology.
    """

    id: str
    name_en: str
    name_zh: str
    reference_product: str
    unit: str
    location: str
    kind: ActivityKind
    sector: str
    valid_year: int
    source: Source
    technology_comment: str
    pedigree: tuple[int, int, int, int, int]
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Exchange:
    """An input or an emission of one unit of `activity_id`.

    Attributes
    ----------
    amount
        Amount exchanged [`unit` per unit of the activity].
    """

    line_id: str
    activity_id: str
    kind: ExchangeKind
    input_id: str
    amount: float
    unit: str
    uncertainty: Uncertainty
    source: Source
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class ElementaryFlow:
    """A substance that crosses between technosphere and environment."""

    id: str
    name_en: str
    name_zh: str
    compartment: str
    cas: str
    unit: str


@dataclass(frozen=True, slots=True)
class Method:
    """A versioned set of characterization factors.

    Attributes
    ----------
    category
        Category of impacts, e.g. `climate_change`.
    unit
        Unit of its results.
    is_climate
        Whether it counts greenhouse gases as CO2e.
    threshold_percent
        Coverage [%] below which its results are not shown as numbers.
    """

    id: str
    name_en: str
    name_zh: str
    category: str
    unit: str
    version: str
    is_climate: bool
    threshold_percent: float
    verdict: Verdict
    note_en: str
    note_zh: str
    source: Source


@dataclass(frozen=True, slots=True)
class CharacterizationFactor:
    """Impact of one unit of a flow.

    Attributes
    ----------
    factor
        Factor [unit of the method / unit of the flow]; of a regional method the part of it that
        does not depend on the place.
    """

    method_id: str
    flow_id: str
    factor: float
    unit: str
    source: Source
    confidence: Confidence
    note: str


@dataclass(frozen=True, slots=True)
class ElectricityMarket:
    """Which activity supplies the grid of a region in a year; `note` says how sure it is."""

    region: str
    year: int
    activity_id: str
    source: Source
    confidence: Confidence
    note: str


@dataclass(frozen=True, slots=True)
class Route:
    """One way to get what a market reference stands for."""

    reference_id: str
    id: str
    activity_id: str
    is_default: bool
    name_en: str
    name_zh: str
    source: Source
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Retirement:
    """An id that the dataset no longer has.

    Attributes
    ----------
    successor_id
        What to use instead; empty if there is nothing.
    version
        First version without it.
    """

    id: str
    successor_id: str
    version: str
    reason_en: str
    reason_zh: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """One version of an inventory, pinned by the hash of its files.

    Attributes
    ----------
    sha256
        Hash over the description of the package and the hashes of the tables' bytes.
    default_region, electricity_year
        Region of an instance of a unit process whose site is not known, and the year of the
        electricity that all unit processes buy.
    electricity_reference
        Id of the activity that stands for the market of the consumer's region.
    aggregated_flow
        Flow that counts already characterized emissions [kg CO2e].
    exchanges
        Exchanges by activity id, in the order of the file.
    rows
        The same exchanges by line id.
    factors
        Factors by method id and flow id.
    regional_factors
        Factors by method id and location, for methods by which it matters where a flow is.
    coverage
        How far an activity's data support a method, by method id and activity id.
    markets
        Electricity by region and year.
    routes
        Ways by reference id and route id.
    compositions
        Content of an element [kg / unit] by id of an activity or a flow, and element.
    """

    id: str
    version: str
    sha256: str
    description: Mapping[str, str]
    default_region: str
    electricity_year: int
    electricity_reference: str
    aggregated_flow: str
    activities: Mapping[str, Activity]
    exchanges: Mapping[str, tuple[Exchange, ...]]
    flows: Mapping[str, ElementaryFlow]
    methods: Mapping[str, Method]
    factors: Mapping[str, Mapping[str, CharacterizationFactor]]
    rows: Mapping[str, Exchange] = field(default_factory=dict)
    regional_factors: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    coverage: Mapping[str, Mapping[str, Support]] = field(default_factory=dict)
    markets: Mapping[tuple[str, int], ElectricityMarket] = field(default_factory=dict)
    routes: Mapping[str, Mapping[str, Route]] = field(default_factory=dict)
    retired: Mapping[str, Retirement] = field(default_factory=dict)
    compositions: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    def closest(self, unknown: str, *others: str) -> str:
        """Return the known id most like `unknown`, or an empty text.

        Of `others`, the first `MOST_COMPARED` are looked at.
        """
        known = [*self.activities, *self.flows, *others[:MOST_COMPARED]]
        matches = get_close_matches(unknown, known, n=1, cutoff=0.6)
        return matches[0] if matches else ""

    def unlinked(
        self, location: Location, item_id: str, *others: str, suggest: bool = True
    ) -> Violation:
        """Say that nothing is called `item_id`, and what to name instead.

        Parameters
        ----------
        others
            Known ids beside those of the dataset.
        suggest
            Whether to look for the most similar id, which takes milliseconds: whoever reads many
            rows asks `Violations.may_suggest`.
        """
        old = self.retired.get(item_id)
        if old is not None and old.successor_id:
            return RetiredActivity(
                location, item_id, old.successor_id, old.version, old.reason_en, old.reason_zh
            )
        return UnlinkedInput(location, item_id, self.closest(item_id, *others) if suggest else "")

    def is_electricity(self, activity_id: str) -> bool:
        """Tell whether the activity supplies electricity."""
        activity = self.activities[activity_id]
        reference = self.activities[self.electricity_reference]
        return activity.reference_product == reference.reference_product

    def regions(self, year: int | None = None) -> tuple[str, ...]:
        """Return the regions with an electricity market in a year, by default that of all."""
        year = self.electricity_year if year is None else year
        return tuple(region for region, of_year in self.markets if of_year == year)

    def default_route(self, reference_id: str) -> Route:
        """Return the way that is taken if nobody chooses another."""
        return next(route for route in self.routes[reference_id].values() if route.is_default)

    def factor_of(self, method_id: str, flow_id: str, location: str) -> float | None:
        """Return the factor of a flow at a place [unit of the method / unit of the flow].

        None if the method has none for the flow. A place without a factor of its own has that of
        its country, else that of the world.
        """
        found = self.factors[method_id].get(flow_id)
        if found is None:
            return None
        by_place = self.regional_factors.get(method_id)
        if by_place is None:
            return found.factor
        for place in (location, location.partition("-")[0], "GLO"):
            if place in by_place:
                return found.factor * by_place[place]
        return None
