"""Why the footprint service could not calculate a version from what it declares."""

from collections.abc import Sequence
from dataclasses import dataclass

from chassis.errors import InvalidInput, Location, Violation
from supplier.domain.text import LONGEST_ID, check_text
from supplier.domain.violations import ReasonCount

#: Most reasons of one refusal; with their longest text they fit into one message.
MOST_REASONS = 1000
#: Longest text of a reason, in either language [characters].
LONGEST_REASON = 600


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that is wrong with the declared content, as the footprint service found it.

    Attributes
    ----------
    code
        Stable error code of the footprint service, e.g. `footprint.input.unlinked`.
    record_id
        The record; empty if the declaration is meant as a whole.
    field
        Field of the record or of the declaration; empty if all of it is meant.
    en, zh
        What is wrong and how to mend it.
    """

    code: str
    record_id: str
    field: str
    en: str
    zh: str


def check_reasons(reasons: Sequence[Reason]) -> None:
    """Raise `InvalidInput`, with everything that is wrong, unless a refusal says why."""
    violations: list[Violation] = []
    if not 1 <= len(reasons) <= MOST_REASONS:
        violations.append(
            ReasonCount(location=Location("violations"), count=len(reasons), most=MOST_REASONS)
        )
    for row, reason in enumerate(reasons[:MOST_REASONS], start=1):
        texts = [
            ("code", reason.code, LONGEST_ID),
            ("message_en", reason.en, LONGEST_REASON),
            ("message_zh", reason.zh, LONGEST_REASON),
        ]
        # What is meant as a whole names neither.
        texts += [("row_id", reason.record_id, LONGEST_ID)] if reason.record_id else []
        texts += [("field", reason.field, LONGEST_ID)] if reason.field else []
        for name, text, longest in texts:
            check_text(text, longest, Location(name, row=row), violations)
    if violations:
        raise InvalidInput(violations=tuple(violations))
