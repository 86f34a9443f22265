"""Limits on the short texts that people and machines send."""

from chassis.errors import Location, Violation
from supplier.domain.violations import BlankEnds, MissingText, TextTooLong, UnfitText

#: Longest identifier [characters].
LONGEST_ID = 128
#: Longest name of a plant [characters].
LONGEST_NAME = 200
#: Longest remark: evidence, reason of a return [characters].
LONGEST_REMARK = 1000

# The space of Chinese texts; Python does not count it as printable.
_IDEOGRAPHIC_SPACE = "\u3000"


def check_text(text: str, longest: int, location: Location, violations: list[Violation]) -> None:
    """Add to `violations` if a required text is blank, too long or not a single visible line."""
    if not text.strip():
        violations.append(MissingText(location=location))
    elif len(text) > longest:
        violations.append(TextTooLong(location=location, length=len(text), longest=longest))
    elif unfit := next((each for each in text if not _is_visible(each)), None):
        violations.append(UnfitText(location=location, character=f"U+{ord(unfit):04X}"))


def check_id(text: str, location: Location, violations: list[Violation]) -> None:
    """Add to `violations` if a text cannot be an identifier: two that look alike are the same."""
    check_text(text, LONGEST_ID, location, violations)
    if text.strip() and text != text.strip():
        violations.append(BlankEnds(location=location))


def _is_visible(character: str) -> bool:
    return character.isprintable() or character == _IDEOGRAPHIC_SPACE
