"""Limits on the short texts that people and machines send."""

from chassis.errors import Location, Violation
from supplier.domain.violations import MissingText, UnfitText

#: Longest identifier [characters].
LONGEST_ID = 128
#: Longest name of a plant [characters].
LONGEST_NAME = 200
#: Longest remark: evidence, reason of a return [characters].
LONGEST_REMARK = 1000


def check_text(text: str, longest: int, location: Location, violations: list[Violation]) -> None:
    """Add to `violations` if a required text is blank, too long or not a single printable line."""
    if not text.strip():
        violations.append(MissingText(location=location))
    elif len(text) > longest or not text.isprintable():
        violations.append(UnfitText(location=location, longest=longest))
