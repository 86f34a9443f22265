"""What analyses tell, in the words of docs/analyses.md: `greenchain-analysis/1`.

Scores are in units of the method, shares are shares of the score [-].
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from typing import Any

from footprint.domain.inventory_model import Name

FORMAT = "greenchain-analysis/1"
#: Share of their absolute sum below which contributions cancel [-]: some thousand roundings.
CANCELLED = 1e-12


def share(part: float, whole: float, size: float = 0.0) -> float | None:
    """Return ``part / whole`` [-]; None where there is no such number, of a whole of about 0.

    Parameters
    ----------
    size
        Sum of the absolute contributions to the whole: what rounding may leave is relative to it.
    """
    if abs(whole) <= CANCELLED * size:
        return None
    quotient = part / whole if whole else math.inf
    return quotient if math.isfinite(quotient) else None


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one of a group contributes; `share` is None where the score is 0."""

    id: str
    name: Name
    score: float
    share: float | None


@dataclass(frozen=True, slots=True)
class Contributions:
    """The score divided in six ways, each list largest absolute score first."""

    activities: tuple[Contribution, ...]
    flows: tuple[Contribution, ...]
    stages: tuple[Contribution, ...]
    suppliers: tuple[Contribution, ...]
    sites: tuple[Contribution, ...]
    provinces: tuple[Contribution, ...]


@dataclass(frozen=True, slots=True)
class ActivitySupply:
    """How often an activity runs for the demand [runs]."""

    activity: str
    name: Name
    amount: float


@dataclass(frozen=True, slots=True)
class FlowAmount:
    """What crosses between the system and the environment for the demand [unit].

    Attributes
    ----------
    without_factor
        Ids of the methods asked for that have no factor for it: it counts as zero there.
    """

    flow: str
    name: Name
    compartment: str
    unit: str
    amount: float
    without_factor: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """A score by greenchain's engine, with what explains it.

    Attributes
    ----------
    condition
        Estimated condition number of the system [-].
    """

    score: float
    condition: float
    contributions: Contributions


@dataclass(frozen=True, slots=True)
class Calculation:
    """Explained scores, one a method, and what they have in common.

    Attributes
    ----------
    solved_directly
        Activities of large loops that were factorized, since iteration was not sure of them [1].
    unproductive
        Activities of a loop of mere inputs that takes more of itself than it gives, so that
        amounts of them are negative; empty if there is none.
    """

    scores: tuple[Explained, ...]
    supply: tuple[ActivitySupply, ...]
    inventory: tuple[FlowAmount, ...]
    solved_directly: int
    unproductive: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Agreement:
    """Whether both engines say the same; this checks the arithmetic, not the model.

    Attributes
    ----------
    relative_difference
        Relative to the sum of absolute contributions [-].
    reference
        Score in extended precision, computed only in doubt.
    """

    brightway: float
    greenchain: float
    relative_difference: float
    tolerance: float
    condition: float
    agree: bool
    reference: float | None


@dataclass(frozen=True, slots=True)
class Histogram:
    """Numbers of scores between edges, of which there is one more."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Convergence:
    """Mean of the first so many samples, with its standard error and 95 % interval."""

    samples: tuple[int, ...]
    mean: tuple[float, ...]
    standard_error: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """How sampled scores are spread; `quantiles` by probability."""

    samples: int
    mean: float
    standard_deviation: float | None
    standard_error: float | None
    median: float
    minimum: float
    maximum: float
    quantiles: Mapping[float, float]
    histogram: Histogram
    convergence: Convergence


@dataclass(frozen=True, slots=True)
class Sampled:
    """A Monte Carlo analysis by one method.

    Attributes
    ----------
    score
        Deterministic.
    above_deterministic
        Share of the samples above it [-].
    scores
        In the order of the samples; the first ones where there are many.
    """

    score: float
    summary: Summary
    above_deterministic: float
    note: Name
    resolved: int
    scores: Sequence[float]


@dataclass(frozen=True, slots=True)
class Variant:
    """One side of a comparison."""

    score: float
    summary: Summary


@dataclass(frozen=True, slots=True)
class Compared:
    """Two variants on the same draws, by one method."""

    first: Variant
    other: Variant
    probability_lower: float
    interval: tuple[float, float]
    ties: int
    difference: Summary
    ratio: Summary | None


@dataclass(frozen=True, slots=True)
class InputName:
    """What varies.

    Attributes
    ----------
    kind
        ``exchange``, ``factor``, ``parameter`` or ``choice``.
    activity, item, unit, source, confidence
        Empty where the kind has none.
    """

    kind: str
    id: str
    activity: str = ""
    item: str = ""
    unit: str = ""
    source: str = ""
    confidence: str = ""


@dataclass(frozen=True, slots=True)
class Swing:
    """The score with one input at one end of its range, all others as they are.

    Attributes
    ----------
    amount
        None for a choice.
    option
        Of a choice; else empty.
    """

    amount: float | None
    score: float
    option: str = ""


@dataclass(frozen=True, slots=True)
class SensitiveInput:
    """How much the score depends on one input.

    Amount and gradient are those with the default options, or with the most probable ones that the
    input counts with.

    Attributes
    ----------
    amount, gradient, rank_correlation
        The gradient is the derivative of the score by the amount [unit of the method / unit]. None
        for a choice.
    variance_share
        Share of the variance in first order [-].
    """

    input: InputName
    amount: float | None
    gradient: float | None
    variance_share: float
    rank_correlation: float | None


@dataclass(frozen=True, slots=True)
class Bar:
    """How far one input moves the score."""

    input: InputName
    low: Swing
    high: Swing


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What the spread of a score comes from: `inputs` by variance, `tornado` by swing.

    Attributes
    ----------
    note
        On a sampled variance that is far from the one in first order; else empty.
    """

    score: float
    variance: float
    sampled_variance: float
    note: Name
    inputs: tuple[SensitiveInput, ...]
    tornado: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One visit of an activity in an unfolded supply chain."""

    id: int
    activity: str
    name: Name
    stage: str
    depth: int
    supply: float
    cumulative: float
    direct: float
    rest: float
    share: float | None
    loop: bool


#: From the node of the supplier to that of the consumer, by the field names of the format.
Edge = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Unfolded:
    """A supply chain as a tree, by one method."""

    score: float
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    coverage: float | None
    rest: float
    cut: int


@dataclass(frozen=True, slots=True)
class ScenarioScore:
    """A scenario beside the base.

    Attributes
    ----------
    way
        How it was computed: ``update``, ``sweeps`` or ``solve``.
    """

    id: str
    name: Name
    score: float
    difference: float
    relative_difference: float | None
    way: str


@dataclass(frozen=True, slots=True)
class ScenarioTable:
    """All scenarios of a model beside its base, by one method."""

    score: float
    scenarios: tuple[ScenarioScore, ...]


@dataclass(frozen=True, slots=True)
class AnalysisWarning:
    """Something that a reader of the numbers should know."""

    code: str
    message: Name


def as_json(value: Any) -> Any:
    """Return a result as JSON's own types."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: as_json(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [as_json(item) for item in value]
    return value
