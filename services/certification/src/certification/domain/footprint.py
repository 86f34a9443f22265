"""The frozen footprint that a record is about, as copied when the application was made."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from certification.domain.errors import FootprintDeprecated, FootprintNotFrozen, FootprintStale


@dataclass(frozen=True, slots=True)
class DeclaredUnit:
    """What one footprint is the footprint of, e.g. 1 `kwh_capacity`."""

    amount: float
    unit: str


@dataclass(frozen=True, slots=True)
class StageScore:
    """A life-cycle stage's part of the footprint [kg CO2e / declared unit]."""

    stage: str
    kg_co2e: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """One input that the footprint rests on, pinned by the SHA-256 of its content.

    `role` says what it is: `product_model`, `dataset`, `method`, `declaration`, … An engine is
    pinned by its version alone; its `sha256` is empty.
    """

    role: str
    id: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Footprint:
    """A frozen product carbon footprint; it never changes.

    Attributes
    ----------
    sha256
        Hash of the frozen content, which a verifier's statement has to repeat.
    kg_co2e
        Footprint within `boundary` [kg CO2e / declared unit].
    stages
        Parts within `boundary`; they sum to `kg_co2e`.
    primary_data_share_percent
        Share of `kg_co2e` whose activity data and factors are both primary [%].
    primary_activity_share_percent
        Share of `kg_co2e` whose activity data are a plant's own [%].
    method_id
        Characterization method.
    frozen_at
        When it was frozen.
    """

    id: str
    sha256: str
    product_id: str
    product_name_en: str
    product_name_zh: str
    declared_unit: DeclaredUnit
    boundary: str
    kg_co2e: float
    stages: tuple[StageScore, ...]
    primary_data_share_percent: float
    primary_activity_share_percent: float
    method_id: str
    frozen_at: datetime
    evidence: tuple[Evidence, ...]


class FootprintState(StrEnum):
    """Where a footprint stands in its own service."""

    CALCULATED = "calculated"
    FROZEN = "frozen"
    DEPRECATED = "deprecated"


@dataclass(frozen=True, slots=True)
class FootprintReading:
    """What the footprint service says of a footprint at one moment.

    Attributes
    ----------
    stale_reason
        Why it is stale; None when all its inputs still stand.
    content
        Its frozen content; None before it is frozen.
    """

    footprint_id: str
    state: FootprintState
    stale_reason: str | None
    content: Footprint | None

    def certifiable(self) -> Footprint:
        """Return the content, or raise what keeps it from being certified now."""
        if self.state is FootprintState.DEPRECATED:
            raise FootprintDeprecated(footprint_id=self.footprint_id)
        if self.state is not FootprintState.FROZEN or self.content is None:
            raise FootprintNotFrozen(footprint_id=self.footprint_id)
        if self.stale_reason is not None:
            raise FootprintStale(footprint_id=self.footprint_id, reason=self.stale_reason)
        return self.content
