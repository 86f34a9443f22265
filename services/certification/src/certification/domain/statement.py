"""A verifier's statement about one version of one footprint."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum

from certification.domain.errors import (
    ConflictOfInterest,
    FieldEmpty,
    ImpossibleDate,
    OtherFootprintVersion,
    OtherMethod,
    UnfitText,
    UnknownStatementType,
)
from certification.domain.footprint import Footprint
from certification.domain.scheme import Scheme
from certification.domain.text import is_blank, unseen
from chassis.canonical import sha256_hex
from chassis.errors import InvalidInput, Location, Violation

# Calendar days around the world differ by one from the day in UTC.
_TIME_ZONES = timedelta(days=1)


class Conclusion(StrEnum):
    """What the verifier found. Only `compliant` lets a record be issued."""

    COMPLIANT = "compliant"
    NOT_COMPLIANT = "not_compliant"
    INFORMATION_NEEDED = "information_needed"


@dataclass(frozen=True, slots=True)
class Statement:
    """A verification statement.

    Attributes
    ----------
    type
        Kind of statement, one of the scheme's `statement_types`.
    footprint_sha256
        Hash of exactly the footprint that was verified.
    verifier_name, lead_verifier
        The verifying organisation and the person who led the work, as the verifier gives them.
    objective, limitations
        What was to be found out, and what was not looked at.
    method_id
        Characterization method of the verified footprint.
    no_conflict_of_interest
        The verifier declares to have none.
    date
        Day of the statement.
    """

    type: str
    footprint_sha256: str
    verifier_name: str
    lead_verifier: str
    objective: str
    conclusion: Conclusion
    limitations: str
    method_id: str
    no_conflict_of_interest: bool
    date: date

    def sha256(self) -> str:
        """Return the hash that the issued record binds."""
        content = {field.name: getattr(self, field.name) for field in fields(self)}
        return sha256_hex(
            content | {"conclusion": str(self.conclusion), "date": self.date.isoformat()}
        )

    def check(self, footprint: Footprint, scheme: Scheme, now: datetime) -> None:
        """Raise `InvalidInput` with everything that keeps it from being filed."""
        violations = tuple(self._violations(footprint, scheme, now))
        if violations:
            raise InvalidInput(violations=violations)

    def _violations(
        self, footprint: Footprint, scheme: Scheme, now: datetime
    ) -> Iterator[Violation]:
        for name in ("verifier_name", "lead_verifier", "objective", "limitations"):
            text, lines = getattr(self, name), name in ("objective", "limitations")
            if is_blank(text):
                yield FieldEmpty(location=Location(name))
            elif character := unseen(text, lines=lines):
                yield UnfitText(location=Location(name), character=character)
        known = tuple(kind.id for kind in scheme.statement_types)
        if self.type not in known:
            yield UnknownStatementType(location=Location("type"), stated=self.type, known=known)
        if self.footprint_sha256 != footprint.sha256:
            yield OtherFootprintVersion(
                location=Location("footprint_sha256"),
                stated=self.footprint_sha256,
                expected=footprint.sha256,
            )
        if self.method_id != footprint.method_id:
            yield OtherMethod(
                location=Location("method_id"), stated=self.method_id, expected=footprint.method_id
            )
        if not self.no_conflict_of_interest:
            yield ConflictOfInterest(location=Location("no_conflict_of_interest"))
        earliest = footprint.frozen_at.date() - _TIME_ZONES
        latest = now.date() + _TIME_ZONES
        if not earliest <= self.date <= latest:
            yield ImpossibleDate(
                location=Location("date"),
                stated=self.date.isoformat(),
                earliest=earliest.isoformat(),
                latest=latest.isoformat(),
            )
