"""A product's footprint and its life: calculated, frozen, perhaps flagged, at last replaced."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from chassis.canonical import sha256_hex
from chassis.errors import GreenchainError, Kind
from footprint.domain.data_quality import DataQualityStatement
from footprint.domain.declaration import CitedDeclaration
from footprint.domain.equivalents import EquivalentFootprint
from footprint.domain.impacts import Impact
from footprint.domain.product import DeclaredUnit
from footprint.domain.result import FootprintResult
from footprint.domain.rule_pack import AgreementRule, RulePack
from footprint.domain.system_errors import EnginesDisagree


class FootprintState(StrEnum):
    """Where a footprint stands."""

    CALCULATED = "calculated"
    """May still be thrown away."""
    FROZEN = "frozen"
    """Will never change."""
    DEPRECATED = "deprecated"
    """Frozen, and replaced by a later footprint."""


@dataclass(eq=False)
class FootprintDeprecated(GreenchainError):
    """A footprint that was replaced can no longer be acted on."""

    code: ClassVar[str] = "footprint.state.deprecated"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = "Footprint {footprint_id} was replaced by {successor_id}. Use that one."
    zh: ClassVar[str] = "足迹 {footprint_id} 已被 {successor_id} 取代，请使用后者。"

    footprint_id: str
    successor_id: str


@dataclass(eq=False)
class FootprintStale(GreenchainError):
    """An input of the footprint was corrected after it was calculated."""

    code: ClassVar[str] = "footprint.state.stale"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Footprint {footprint_id} rests on {declaration_ids}, corrected by the supplier since. "
        "Once the new version is accepted, calculate again and freeze that one."
    )
    zh: ClassVar[str] = (
        "足迹 {footprint_id} 所依据的 {declaration_ids} 已被供应商更正。"
        "新版本被接受后，请重新计算并冻结新的结果。"
    )

    footprint_id: str
    declaration_ids: tuple[str, ...]


@dataclass(eq=False)
class OutsideRulePack(GreenchainError):
    """The footprint was made in a way that the rule pack does not allow."""

    code: ClassVar[str] = "footprint.rule_pack.outside"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Rule pack {rule_pack_id} {version} allows {field} {allowed}, not {value}. Calculate again "
        "with what it allows."
    )
    zh: ClassVar[str] = (
        "规则包 {rule_pack_id} {version} 只允许 {field} 为 {allowed}，不允许 {value}。请按其允许的"
        "值重新计算。"
    )

    rule_pack_id: str
    version: str
    field: str
    value: str
    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """One input that a footprint rests on, pinned by content.

    Attributes
    ----------
    role
        `product_model`, `dataset`, `background`, `method`, `rule_pack`, `declaration`,
        `supplier_footprint`, `engine` or `lock_file`.
    sha256
        Hash of its content; empty where only the version is known (engines, or a lock file that
        is not at hand).
    """

    role: str
    id: str
    version: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Something known about a footprint that its state does not say.

    Attributes
    ----------
    reason
        Stable code, e.g. `declaration_corrected`.
    subject
        What the reason is about, e.g. the declaration's id.
    """

    code: str
    reason: str
    subject: str
    since: datetime


STALE = "stale"
DECLARATION_CORRECTED = "declaration_corrected"


@dataclass(frozen=True, slots=True)
class FootprintContent:
    """What is frozen: the result and everything that it rests on.

    Attributes
    ----------
    impacts, data_quality, equivalents
        Impacts by every method of the dataset, how sure the result is, and the result in other
        units; empty for footprints of releases that did not tell them.
    """

    product_id: str
    name_en: str
    name_zh: str
    declared_unit: DeclaredUnit
    boundary: str
    result: FootprintResult
    declarations: tuple[CitedDeclaration, ...]
    evidence: tuple[Evidence, ...]
    impacts: tuple[Impact, ...] = ()
    data_quality: DataQualityStatement | None = None
    equivalents: tuple[EquivalentFootprint, ...] = ()

    def canonical(self, rule: AgreementRule) -> dict[str, Any]:
        """Return what the hash covers: inputs as they are, results at the digits of comparison.

        Neither ids nor dates are in it, so that whoever recomputes the same inputs finds the
        same hash. What is empty is left out: so it was before there was any.
        """
        result = self.result
        return {
            "product_id": self.product_id,
            "declared_unit": {
                "amount": self.declared_unit.amount,
                "unit": self.declared_unit.unit,
            },
            "boundary": self.boundary,
            "method_id": result.method_id,
            "kg_co2e": rule.rounded(result.pcf_kg_co2e),
            "stages": _rounded(result.stages, rule),
            "beyond_boundary": _rounded(result.beyond_boundary, rule),
            "primary_data_share_percent": rule.rounded(result.primary_data_share_percent),
            "primary_activity_share_percent": rule.rounded(result.primary_activity_share_percent),
            "evidence": canonical_evidence(self.evidence),
            **_if_any(
                impacts=[_canonical_impact(each, rule) for each in self.impacts],
                data_quality=_canonical_quality(self.data_quality, rule),
                equivalents=[
                    {
                        "id": each.id,
                        "unit": each.unit,
                        "declared_units": rule.rounded(each.declared_units),
                        "kg_co2e": rule.rounded(each.kg_co2e),
                    }
                    for each in self.equivalents
                ],
            ),
        }


def canonical_evidence(evidence: Iterable[Evidence]) -> list[list[str]]:
    """Return evidence as plain values in an order of its own, for hashing."""
    return sorted([item.role, item.id, item.version, item.sha256] for item in evidence)


def _if_any(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}


def _canonical_impact(impact: Impact, rule: AgreementRule) -> dict[str, Any]:
    coverage = impact.coverage
    amount, apart = impact.amount, impact.not_separable_kg_co2e
    return {
        "method_id": impact.method_id,
        "unit": impact.unit,
        "verdict": impact.verdict.value,
        "amount": None if amount is None else rule.rounded(amount),
        "stages": _rounded(impact.stages, rule),
        "beyond_boundary": _rounded(impact.beyond_boundary, rule),
        "not_separable_kg_co2e": None if apart is None else rule.rounded(apart),
        "inputs_percent": _rounded_share(coverage.inputs_percent, rule),
        "climate_percent": _rounded_share(coverage.climate_percent, rule),
        "threshold_percent": coverage.threshold_percent,
    }


def _canonical_quality(
    quality: DataQualityStatement | None, rule: AgreementRule
) -> dict[str, dict[str, float]]:
    if quality is None:
        return {}
    return {
        name: {ground.value: _rounded_share(share, rule) for ground, share in shares.items()}
        for name, shares in (
            ("by_emission", quality.by_emission),
            ("by_weakest", quality.by_weakest),
        )
    }


def _rounded_share(share: float, rule: AgreementRule) -> float:
    """Round a share [%] at the digits that 100 % has: a small one is a rest of large numbers."""
    return round(share, rule.significant_digits - 3)


def _rounded(values: Mapping[str, float], rule: AgreementRule) -> dict[str, float]:
    return {name: rule.rounded(value) for name, value in values.items()}


@dataclass(slots=True)
class ProductFootprint:
    """A footprint of one declared unit of a product, under one id for its whole life.

    Attributes
    ----------
    product_model_id
        The version of the product model that was calculated.
    sha256
        Hash of the frozen content; empty before.
    preceding_id, successor_id
        The footprint that this one replaces, and the one that replaces it.
    event_count
        Events published about it so far.
    """

    id: str
    product_model_id: str
    content: FootprintContent
    created_at: datetime
    state: FootprintState = FootprintState.CALCULATED
    sha256: str = ""
    frozen_at: datetime | None = None
    preceding_id: str = ""
    successor_id: str = ""
    flags: tuple[Flag, ...] = field(default=())
    event_count: int = 0

    def freeze(self, rules: RulePack, now: datetime) -> bool:
        """Make it final; False if it already was.

        Raises
        ------
        FootprintDeprecated, FootprintStale, OutsideRulePack, EnginesDisagree
        """
        if self.state is FootprintState.DEPRECATED:
            raise FootprintDeprecated(self.id, self.successor_id)
        if self.state is FootprintState.FROZEN:
            return False
        if self.is_stale:
            raise FootprintStale(self.id, tuple(flag.subject for flag in self.flags))
        engines = self.content.result.engines
        if not engines.agree:
            raise EnginesDisagree(engines.brightway, engines.greenchain, engines.tolerance)
        self._check_rules(rules)
        self.sha256 = sha256_hex(self.content.canonical(rules.agreement))
        self.state, self.frozen_at = FootprintState.FROZEN, now
        return True

    @property
    def is_stale(self) -> bool:
        """Whether an input was corrected since."""
        return any(flag.code == STALE for flag in self.flags)

    def flag(self, flag: Flag) -> bool:
        """Add a flag; False if the same thing is already known about the same subject."""
        known = {(held.code, held.reason, held.subject) for held in self.flags}
        if (flag.code, flag.reason, flag.subject) in known:
            return False
        self.flags += (flag,)
        return True

    def replaced_by(self, successor: "ProductFootprint") -> None:
        """Deprecate a frozen footprint in favour of a frozen successor.

        Raises
        ------
        FootprintDeprecated
            If it already has a successor.
        """
        if self.state is FootprintState.DEPRECATED:
            raise FootprintDeprecated(self.id, self.successor_id)
        self.state, self.successor_id = FootprintState.DEPRECATED, successor.id
        successor.preceding_id = self.id

    def next_event(self) -> int:
        """Count one more event about this footprint and return its number."""
        self.event_count += 1
        return self.event_count

    def _check_rules(self, rules: RulePack) -> None:
        pinned = Evidence("rule_pack", rules.id, rules.version, rules.sha256)
        held = next(item for item in self.content.evidence if item.role == "rule_pack")
        if held != pinned:
            value = f"{held.id} {held.version} ({held.sha256[:12]})"
            current = f"{rules.id} {rules.version} ({rules.sha256[:12]})"
            raise OutsideRulePack(rules.id, rules.version, "rule_pack", value, (current,))
        if self.content.result.method_id not in rules.method_ids:
            raise OutsideRulePack(
                rules.id,
                rules.version,
                "method_id",
                self.content.result.method_id,
                rules.method_ids,
            )
        if (self.content.boundary, set(self.content.result.stages)) != (
            rules.boundary,
            set(rules.stages),
        ):
            stages = ", ".join(self.content.result.stages)
            raise OutsideRulePack(
                rules.id,
                rules.version,
                "boundary",
                f"{self.content.boundary} ({stages})",
                (f"{rules.boundary} ({', '.join(rules.stages)})",),
            )
