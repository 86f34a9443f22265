"""The inventory dataset: activities, their exchanges, elementary flows and factors.

One column per activity with a reference output of 1 unit: ``A = I − inputs``. Amounts of exchanges
are given per one unit of the activity and in the unit of what is exchanged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

#: Each unlinked row is compared with each id; a file of thousands of both would take hours.
MOST_COMPARED = 100


class ActivityKind(StrEnum):
    """How an activity is linked."""

    UNIT_PROCESS = "unit_process"
    """Own inputs and emissions; instantiated per region, buys from that region's market."""
    SYSTEM_PROCESS = "system_process"
    """A published total; keeps the location of its publisher."""
    MARKET_REFERENCE = "market_reference"
    """Stands for the electricity market of whichever region consumes."""


class ExchangeKind(StrEnum):
    """What an exchange takes or gives."""

    TECHNOSPHERE = "technosphere"
    ELEMENTARY = "elementary"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a row comes from, and under which terms."""

    title: str
    locator: str
    doi_or_url: str
    licence: str


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
    confidence: str


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
    confidence: str


@dataclass(frozen=True, slots=True)
class ElementaryFlow:
    """A substance that crosses between technosphere and environment."""

    id: str
    name: str
    compartment: str
    cas: str
    unit: str
    confidence: str


@dataclass(frozen=True, slots=True)
class CharacterizationFactor:
    """Climate impact of one unit of a flow.

    Attributes
    ----------
    factor
        Factor [kg CO2e / unit of the flow].
    """

    method_id: str
    flow_id: str
    factor: float
    unit: str
    source: str
    licence: str
    confidence: str
    note: str


@dataclass(frozen=True, slots=True)
class ElectricityMarket:
    """Which activity supplies the grid of a region; `note` says how provisional it is."""

    region: str
    activity_id: str
    valid_year: int
    source: Source
    confidence: str
    note: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """One version of an inventory, pinned by the hash of its files.

    Attributes
    ----------
    sha256
        Hash over id, version and the hashes of the files' bytes.
    default_region
        Region of an instance of a unit process whose site is not known.
    electricity_reference
        Id of the activity that stands for the market of the consumer's region.
    aggregated_flow
        Flow that counts already characterized emissions [kg CO2e].
    exchanges
        Exchanges by activity id, in the order of the file.
    markets
        Electricity markets by region.
    factors
        Factors by method id and flow id.
    """

    id: str
    version: str
    sha256: str
    description: Mapping[str, str]
    default_region: str
    electricity_reference: str
    aggregated_flow: str
    activities: Mapping[str, Activity]
    exchanges: Mapping[str, tuple[Exchange, ...]]
    flows: Mapping[str, ElementaryFlow]
    factors: Mapping[str, Mapping[str, CharacterizationFactor]]
    markets: Mapping[str, ElectricityMarket] = field(default_factory=dict)

    def closest(self, unknown: str, *others: str) -> str:
        """Return the known id most like `unknown`, or an empty text.

        Of `others`, the first `MOST_COMPARED` are looked at.
        """
        known = [*self.activities, *self.flows, *others[:MOST_COMPARED]]
        matches = get_close_matches(unknown, known, n=1, cutoff=0.6)
        return matches[0] if matches else ""

    def is_electricity(self, activity_id: str) -> bool:
        """Tell whether the activity supplies electricity."""
        activity = self.activities[activity_id]
        reference = self.activities[self.electricity_reference]
        return activity.reference_product == reference.reference_product
