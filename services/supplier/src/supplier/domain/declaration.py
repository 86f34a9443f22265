"""A supplier's declaration: one answer to one data request, in versions."""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from chassis.errors import InvalidInput, Location, NotFound, Violation
from chassis.identity import Principal
from supplier.domain.calculated_footprint import CalculatedFootprint
from supplier.domain.errors import (
    LaterVersion,
    NotDiscardable,
    NothingToDecide,
    OtherContent,
    OtherResult,
    SameIdentity,
    WrongState,
)
from supplier.domain.period import Period, StatedPeriod, read_period
from supplier.domain.record_checks import Frame
from supplier.domain.refusal import Reason
from supplier.domain.text import LONGEST_NAME, LONGEST_REMARK, check_text
from supplier.domain.transitions import DeclarationState, check_step
from supplier.domain.violations import RequestedPeriodNotCovered, UnfitRegion

#: Country, optionally with its subdivision (ISO 3166-1 and 3166-2).
_REGION = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,3})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class VersionReference:
    """Names one submitted version by its content."""

    id: str
    version: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Plant:
    """Where the product is made.

    Attributes
    ----------
    region
        ISO 3166 code, e.g. `CN-SC`.
    """

    name: str
    region: str


@dataclass(frozen=True, slots=True)
class DeclarationVersion:
    """One version.

    Attributes
    ----------
    stated_by
        Identities that took part in stating it; none of them may decide on the declaration.
    last_sequence
        Last batch that is held.
    sha256
        Hash of the content; None while a draft.
    refused_for
        Why no footprint could be calculated from it; empty otherwise.
    """

    version: int
    state: DeclarationState
    plant: Plant
    reference_period: Period
    stated_by: frozenset[str]
    opened_at: datetime
    last_sequence: int = 0
    record_count: int = 0
    sha256: str | None = None
    submitted_at: datetime | None = None
    footprint: CalculatedFootprint | None = None
    return_reason: str | None = None
    refused_for: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Declaration:
    """The aggregate: what was asked for, and all versions of the answer.

    Attributes
    ----------
    tenant_id
        The supplier's tenant, which owns it.
    activity_id, unit
        The product asked for and the unit in which it is declared.
    requested_period
        Period that every version must cover.
    event_count
        Events told about it so far.
    versions
        In ascending order, at least one.
    """

    id: str
    tenant_id: str
    data_request_id: str
    lead_firm_tenant_id: str
    activity_id: str
    unit: str
    requested_period: Period
    event_count: int
    versions: tuple[DeclarationVersion, ...]

    @property
    def newest(self) -> DeclarationVersion:
        """The version opened last."""
        return self.versions[-1]

    def at(self, version: int) -> DeclarationVersion:
        """Return a version by its number, 0 for the newest; an unknown one is not found."""
        if version == 0:
            return self.newest
        for held in self.versions:
            if held.version == version:
                return held
        raise NotFound(what="declaration", id=f"{self.id} version {version}")

    def frame(self, version: DeclarationVersion) -> Frame:
        """Return what the version's records must fit into."""
        return Frame(self.activity_id, self.unit, version.reference_period)

    def reference(self, version: DeclarationVersion) -> VersionReference:
        """Name a submitted version by its content."""
        if version.sha256 is None:
            raise ValueError(f"version {version.version} of {self.id} has no content hash yet")
        return VersionReference(self.id, version.version, version.sha256)

    def submitted_version(self, named: VersionReference) -> DeclarationVersion:
        """Return the version that the caller names, if its content is what the caller saw.

        A draft is nobody's business but its owner's: it looks like an unknown version.
        """
        version = self.at(named.version) if named.version > 0 else None
        if version is None or version.sha256 is None:
            raise NotFound(what="declaration", id=f"{self.id} version {named.version}")
        if version.sha256 != named.sha256:
            raise OtherContent(
                declaration_id=self.id, version=version.version, sha256=named.sha256[:64]
            )
        return version

    def corrected_by(self, version: DeclarationVersion) -> VersionReference | None:
        """Name what a version corrects: the accepted one if there is one, else the one before."""
        earlier = [held for held in self.versions if held.version < version.version]
        if not earlier:
            return None
        accepted = [held for held in earlier if held.state is DeclarationState.ACCEPTED]
        return self.reference((accepted or earlier)[-1])

    def with_version(self, version: DeclarationVersion) -> "Declaration":
        """Put a changed version in its place, or a new one at the end."""
        others = tuple(held for held in self.versions if held.version != version.version)
        return replace(self, versions=(*others, version)).in_order()

    def without_draft(self, draft: DeclarationVersion) -> "Declaration | None":
        """Leave a draft out; None if nothing else is left of the declaration."""
        if draft.state is not DeclarationState.DRAFT:
            raise NotDiscardable(
                declaration_id=self.id, version=draft.version, state=draft.state.value
            )
        others = tuple(held for held in self.versions if held.version != draft.version)
        return replace(self, versions=others) if others else None

    def in_order(self) -> "Declaration":
        """Return the same with its versions in ascending order."""
        return replace(self, versions=tuple(sorted(self.versions, key=lambda held: held.version)))

    def moved(self, version: DeclarationVersion, state: DeclarationState) -> DeclarationVersion:
        """Return the version in its next state, or raise `WrongState`."""
        check_step(version.state, state, "declaration", f"{self.id} version {version.version}")
        return replace(version, state=state)

    def calculated(
        self, version: DeclarationVersion, footprint: CalculatedFootprint
    ) -> "Declaration":
        """Take in the result; the same one again changes nothing, another one is refused."""
        if version.footprint is not None:
            if version.footprint.same_result(footprint):
                return self
            raise OtherResult(
                declaration_id=self.id,
                version=version.version,
                held=version.footprint.footprint_id,
            )
        if version.state is not DeclarationState.SUPERSEDED or version.refused_for:
            # A late result of a version that was superseded meanwhile is kept for the record.
            version = self.moved(version, DeclarationState.CALCULATED)
        return self.with_version(replace(version, footprint=footprint))

    def refused(self, version: DeclarationVersion, reasons: tuple[Reason, ...]) -> "Declaration":
        """Take in that it cannot be calculated; once refused, the first reasons stand."""
        if version.refused_for:
            return self
        if version.footprint is not None:
            raise WrongState(
                what="declaration",
                id=f"{self.id} version {version.version}",
                state=version.state.value,
                wanted=DeclarationState.REFUSED.value,
            )
        if version.state is not DeclarationState.SUPERSEDED:
            # As with a late result: the reasons are kept for the record.
            version = self.moved(version, DeclarationState.REFUSED)
        return self.with_version(replace(version, refused_for=reasons))

    def accepted(self, version: DeclarationVersion) -> "Declaration":
        """Accept a calculated version in place of all earlier ones."""
        self._check_decidable(version)
        accepted = self.with_version(self.moved(version, DeclarationState.ACCEPTED))
        for held in self.versions:
            if held.version < version.version and held.state is not DeclarationState.SUPERSEDED:
                accepted = accepted.with_version(self.moved(held, DeclarationState.SUPERSEDED))
        return accepted

    def returned(self, version: DeclarationVersion, reason: str) -> "Declaration":
        """Return a calculated version to its supplier."""
        self._check_decidable(version)
        moved = self.moved(version, DeclarationState.RETURNED)
        return self.with_version(replace(moved, return_reason=reason))

    def _check_decidable(self, version: DeclarationVersion) -> None:
        if version.state is DeclarationState.REFUSED:
            raise NothingToDecide(declaration_id=self.id, version=version.version)
        not_standing = (
            DeclarationState.DRAFT,
            DeclarationState.RETURNED,
            DeclarationState.REFUSED,
        )
        standing = (held.version for held in self.versions if held.state not in not_standing)
        newest = max(standing, default=version.version)
        if newest > version.version:
            raise LaterVersion(declaration_id=self.id, version=version.version, later=newest)

    def refuse_who_stated(self, principal: Principal) -> None:
        """Raise `SameIdentity` if the principal had a hand in what it is to decide on.

        Whichever version it stated: to accept a later one is to decide on the earlier ones too.
        """
        stated = frozenset[str]().union(*(held.stated_by for held in self.versions))
        if principal.tenant_id == self.tenant_id or principal.subject in stated:
            raise SameIdentity(declaration_id=self.id)


def read_header(plant: Plant, stated: StatedPeriod, requested: Period) -> Period:
    """Check what a version says before its records, and read the period that it covers.

    Raises
    ------
    InvalidInput
        With everything that is wrong.
    """
    violations: list[Violation] = []
    check_text(plant.name, LONGEST_NAME, Location("plant_name"), violations)
    if not _REGION.fullmatch(plant.region):
        violations.append(UnfitRegion(location=Location("plant_region"), region=plant.region[:40]))
    period = read_period(
        stated, Location, violations, ("reference_period.start", "reference_period.end")
    )
    if period is not None and not period.covers(requested):
        violations.append(
            RequestedPeriodNotCovered(
                location=Location("reference_period"), stated=str(period), requested=str(requested)
            )
        )
    if violations or period is None:
        raise InvalidInput(violations=tuple(violations))
    return period


def check_reason(reason: str) -> None:
    """Raise `InvalidInput` unless a return says why."""
    violations: list[Violation] = []
    check_text(reason, LONGEST_REMARK, Location("reason"), violations)
    if violations:
        raise InvalidInput(violations=tuple(violations))
