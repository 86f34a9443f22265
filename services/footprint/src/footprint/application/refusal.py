"""Telling a supplier why its own footprint cannot be calculated from what it declares."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from chassis.errors import GreenchainError, InvalidInput, Location, Violation
from footprint.application.ports import RefusalReason
from footprint.domain.system_errors import (
    OutOfRange,
    SingularSystem,
    UncharacterizedFlow,
    UnproductiveLoop,
)

#: What a calculation raises because of the declared content, and would raise again.
CONTENT_ERRORS = (
    InvalidInput,
    SingularSystem,
    UnproductiveLoop,
    OutOfRange,
    UncharacterizedFlow,
)
#: Most reasons, and longest text of one [characters], that the supplier service takes.
MOST_REASONS, LONGEST_REASON = 1000, 600


@dataclass(eq=False)
class TooManyToTell(Violation):
    """More is wrong than one refusal can hold."""

    code: ClassVar[str] = "footprint.calculation.more_reasons"
    en: ClassVar[str] = "{total} reasons in all, of which the first {told} are told. Mend those."
    zh: ClassVar[str] = "共有 {total} 个问题，此处列出前 {told} 个，请先改正。"

    total: int
    told: int


def refusal_reasons(error: GreenchainError) -> tuple[RefusalReason, ...]:
    """Return why the content cannot be calculated: every violation, or the error itself.

    Rows are left out: records are pulled in the order of their ids, not in that of the supplier's
    file.
    """
    if not isinstance(error, InvalidInput):
        return (_reason(error, Location("")),)
    violations: Iterable[Violation] = error.violations
    if len(error.violations) > MOST_REASONS:
        told = MOST_REASONS - 1
        rest = TooManyToTell(Location(""), total=len(error.violations), told=told)
        violations = (*error.violations[:told], rest)
    return tuple(_of_violation(violation) for violation in violations)


def _of_violation(violation: Violation) -> RefusalReason:
    place = replace(violation.location, row=None)
    return _reason(replace(violation, location=place), place)


def _reason(error: GreenchainError, at: Location) -> RefusalReason:
    return RefusalReason(
        code=error.code,
        record_id=at.id or "",
        field=at.field,
        en=_text(error.message("en"), f"{at.text('en')}:"),
        zh=_text(error.message("zh"), f"{at.text('zh')}："),
    )


def _text(message: str, heading: str) -> str:
    """Return the message on one line, not too long, without the place, which is told apart."""
    text = " ".join(message.removeprefix(heading).split())
    return text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"
