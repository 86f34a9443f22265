"""An inventory model: a small life cycle system of one's own, with uncertainty and scenarios.

What an activity gives and takes is told with positive amounts, in the units of what is exchanged
and for one run of the activity; nothing is converted. See docs/inventory-model.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from footprint.domain.formula import FLOATS, Formula


class UncertaintyKind(StrEnum):
    """How an amount varies; the amount itself is the distribution's centre."""

    LOGNORMAL = "lognormal"
    """The amount is the median."""
    NORMAL = "normal"
    """The amount is the mean."""
    TRIANGULAR = "triangular"
    """The amount is the mode."""
    UNIFORM = "uniform"
    """The amount lies between the bounds, and counts in deterministic results alone."""


@dataclass(frozen=True, slots=True)
class Uncertainty:
    """Uncertainty of an amount.

    Attributes
    ----------
    gsd
        Geometric standard deviation at one sigma [-], of a lognormal.
    sd
        Standard deviation [unit of the amount], of a normal.
    minimum, maximum
        Bounds [unit of the amount], of a triangular or a uniform.
    """

    kind: UncertaintyKind
    gsd: float = 1.0
    sd: float = 0.0
    minimum: float = 0.0
    maximum: float = 0.0


@dataclass(frozen=True, slots=True)
class Amount:
    """A number or a formula, and how it varies.

    Attributes
    ----------
    given
        Number [unit of what is exchanged], or the formula that computes it.
    uncertainty
        None if the amount does not vary by itself. That of a formula is a lognormal by which the
        computed value is multiplied.
    """

    given: float | Formula
    uncertainty: Uncertainty | None = None

    def value(self, parameters: Mapping[str, float]) -> float:
        """Return the number; NaN if the formula has no finite value."""
        if isinstance(self.given, Formula):
            return self.given.evaluate(parameters, FLOATS)
        return self.given


@dataclass(frozen=True, slots=True)
class Name:
    """What something is called; both languages or neither."""

    en: str = ""
    zh: str = ""


@dataclass(frozen=True, slots=True)
class ModelSource:
    """Where numbers come from."""

    id: str
    title: str
    year: int | None
    locator: str
    doi_or_url: str
    licence: str


@dataclass(frozen=True, slots=True)
class Product:
    """What activities give to each other, waste included."""

    id: str
    unit: str
    name: Name


@dataclass(frozen=True, slots=True)
class Flow:
    """An elementary flow: what crosses between activities and the environment."""

    id: str
    unit: str
    compartment: str
    name: Name


@dataclass(frozen=True, slots=True)
class Factor:
    """Impact of one unit of a flow, of which the amount is a number [unit of the method]."""

    id: str
    flow: str
    amount: Amount
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Method:
    """A set of characterization factors; a flow without a factor counts as zero."""

    id: str
    unit: str
    name: Name
    factors: tuple[Factor, ...]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that formulas use by its id."""

    id: str
    unit: str
    name: Name
    amount: Amount
    source: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several options, e.g. routes of a process.

    Attributes
    ----------
    probabilities
        By option, summing to 1 [-].
    default
        Option of deterministic results.
    """

    id: str
    name: Name
    probabilities: Mapping[str, float]
    default: str

    @property
    def is_certain(self) -> bool:
        """Whether the default is always taken: what is computed for it holds in all samples."""
        return not any(
            share for option, share in self.probabilities.items() if option != self.default
        )


class Direction(StrEnum):
    """In which list of its activity an exchange stands."""

    OUTPUT = "outputs"
    INPUT = "inputs"
    EMISSION = "emissions"


@dataclass(frozen=True, slots=True)
class Exchange:
    """What one run of an activity gives, takes or emits.

    Attributes
    ----------
    id
        Names the exchange among all of the model.
    item
        Product of an output or input, flow of an emission.
    when
        Choice and option with which the exchange takes place; None: always.
    source, confidence
        Id of a source of the model and a word on how sure the amount is; may be empty.
    """

    id: str
    activity: str
    direction: Direction
    item: str
    amount: Amount
    when: tuple[str, str] | None
    source: str
    confidence: str
    note: str


@dataclass(frozen=True, slots=True)
class Activity:
    """What happens to give one product, or to take one that is waste.

    Attributes
    ----------
    product
        Reference: what the activity is there for.
    background
        Whether it belongs to the background, of which the maker of the model controls nothing.
    """

    id: str
    name: Name
    product: str
    stage: str
    supplier: str
    site: str
    province: str
    background: bool
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True, slots=True)
class Demand:
    """The amount of a product that results are for [unit of the product]."""

    product: str
    amount: float


@dataclass(frozen=True, slots=True)
class ExchangeChange:
    """Another amount, another product, or both of an exchange of `activity`; None: as it was."""

    activity: str
    amount: Amount | None
    product: str | None

    def applied_to(self, exchange: Exchange) -> Exchange:
        """Return the exchange with the change."""
        return replace(
            exchange,
            item=exchange.item if self.product is None else self.product,
            amount=exchange.amount if self.amount is None else self.amount,
        )


@dataclass(frozen=True, slots=True)
class Scenario:
    """A set of changes, by the ids of what they change."""

    id: str
    name: Name
    parameters: Mapping[str, Amount] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)
    exchanges: Mapping[str, ExchangeChange] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class InventoryModel:
    """A system that is square: each product is the reference of exactly one activity.

    Attributes
    ----------
    parameter_order
        Ids of the parameters so that each comes after those that its formula uses.
    sha256
        Hash over the canonical JSON of the document.
    """

    id: str
    name: Name
    description: Name
    sources: tuple[ModelSource, ...]
    products: tuple[Product, ...]
    flows: tuple[Flow, ...]
    methods: tuple[Method, ...]
    parameters: tuple[Parameter, ...]
    parameter_order: tuple[str, ...]
    choices: tuple[Choice, ...]
    activities: tuple[Activity, ...]
    demand: Demand
    scenarios: tuple[Scenario, ...]
    sha256: str

    def exchanges(self) -> Iterator[Exchange]:
        """Yield the exchanges of all activities, in the order of the document."""
        for activity in self.activities:
            yield from activity.exchanges

    def parameter_values(self) -> dict[str, float]:
        """Return the parameters' numbers by id; NaN for a formula without a finite value."""
        amounts = {parameter.id: parameter.amount for parameter in self.parameters}
        values: dict[str, float] = {}
        for id_ in self.parameter_order:
            values[id_] = amounts[id_].value(values)
        return values

    def default_options(self) -> dict[str, str]:
        """Return the option of deterministic results, by choice."""
        return {choice.id: choice.default for choice in self.choices}

    def uncharacterized(self, method: Method) -> tuple[str, ...]:
        """Return the flows that are emitted and have no factor in a method: they count as zero."""
        known = {factor.flow for factor in method.factors}
        emitted = {e.item for e in self.exchanges() if e.direction is Direction.EMISSION}
        return tuple(flow.id for flow in self.flows if flow.id in emitted - known)

    def under(self, scenario: Scenario) -> "InventoryModel":
        """Return the model with a scenario's changes; all stands where it stood.

        Exchanges, parameters and choices keep their places, so that a draw of a place is the same
        draw with and without the scenario. An option that a scenario sets is certain.
        """
        touched = {change.activity for change in scenario.exchanges.values()}
        return replace(
            self,
            parameters=tuple(
                replace(parameter, amount=scenario.parameters.get(parameter.id, parameter.amount))
                for parameter in self.parameters
            ),
            choices=tuple(_decided(choice, scenario.choices) for choice in self.choices),
            activities=tuple(
                _changed(activity, scenario.exchanges) if activity.id in touched else activity
                for activity in self.activities
            ),
        )


def _decided(choice: Choice, options: Mapping[str, str]) -> Choice:
    if choice.id not in options:
        return choice
    option = options[choice.id]
    certain = {other: float(other == option) for other in choice.probabilities}
    return replace(choice, probabilities=certain, default=option)


def _changed(activity: Activity, changes: Mapping[str, ExchangeChange]) -> Activity:
    return replace(
        activity,
        exchanges=tuple(
            changes[exchange.id].applied_to(exchange) if exchange.id in changes else exchange
            for exchange in activity.exchanges
        ),
    )
