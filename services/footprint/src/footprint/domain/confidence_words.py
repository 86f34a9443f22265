"""Words for how sure a number of a product is: any, but none that is nearly one that counts."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar

from chassis.errors import Location, Violation
from footprint.domain.dataset import Confidence
from footprint.domain.provenance import OWN_RECORD
from footprint.domain.rows import Violations, shown

#: The words that count as what they say; every other counts as an assumption.
WORDS = (*(each.value for each in Confidence), OWN_RECORD)
#: How like a word is to be taken for a slip [-], as `difflib` measures: `assumptions` is 0.95 like
#: `assumption`; `measured`, `estimated` and `record` stay below.
ALIKE = 0.8


@dataclass(eq=False)
class MistypedConfidence(Violation):
    """A confidence that is nearly a word that counts, and would count as an assumption."""

    code: ClassVar[str] = "footprint.input.mistyped_confidence"
    en: ClassVar[str] = (
        "{location}: {value!r} is nearly {word!r}. Write {word!r}, or a word that is less like it "
        "and counts as an assumption."
    )
    zh: ClassVar[str] = (
        "{location}：{value!r} 与 {word!r} 相近。请写作 {word!r}，或改用不相近的用语（按假设计）。"
    )

    value: str
    word: str


def check_confidence(confidence: str, at: Location, violations: Violations) -> None:
    """Note a word that is like one that counts, but not equal to it."""
    if confidence in WORDS:
        return
    like = get_close_matches(confidence.casefold(), WORDS, n=1, cutoff=ALIKE)
    if like:
        violations.add(MistypedConfidence(at, shown(confidence, 40), like[0]))
