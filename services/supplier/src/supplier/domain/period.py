"""Closed intervals of calendar days."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from chassis.errors import Location, Violation
from supplier.domain.violations import PeriodInverted, UnreadableDate

# `date.fromisoformat` also reads "20250101" and "2025-W01-1"; the documented format is one only.
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """From the first to the last day, both included."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period cannot end ({self.end}) before it starts ({self.start})")

    def covers(self, other: "Period") -> bool:
        """Tell whether every day of `other` lies in this period."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: "Period") -> bool:
        """Tell whether the two share a day."""
        return self.start <= other.end and other.start <= self.end

    def gaps(self, covered: Iterable["Period"]) -> tuple["Period", ...]:
        """Return the stretches of this period in which none of `covered` lies."""
        gaps: list[Period] = []
        free_from = self.start.toordinal()  # day numbers, since no day follows 9999-12-31
        for period in sorted(part for part in covered if self.overlaps(part)):
            if free_from < period.start.toordinal():
                gaps.append(Period(date.fromordinal(free_from), period.start - _DAY))
            free_from = max(free_from, period.end.toordinal() + 1)
        if free_from <= self.end.toordinal():
            gaps.append(Period(date.fromordinal(free_from), self.end))
        return tuple(gaps)

    def __str__(self) -> str:
        return f"{self.start.isoformat()}/{self.end.isoformat()}"


@dataclass(frozen=True, slots=True)
class StatedPeriod:
    """A period as somebody wrote it; nothing is known about it yet."""

    start: str
    end: str


def read_period(
    stated: StatedPeriod,
    at: Callable[[str], Location],
    violations: list[Violation],
    fields: tuple[str, str] = ("period_start", "period_end"),
) -> Period | None:
    """Read a stated period, or add to `violations` what is wrong with it."""
    start = _read_day(stated.start, at(fields[0]), violations)
    end = _read_day(stated.end, at(fields[1]), violations)
    if start is None or end is None:
        return None
    if end < start:
        violations.append(
            PeriodInverted(location=at(fields[1]), start=start.isoformat(), end=end.isoformat())
        )
        return None
    return Period(start, end)


def _read_day(text: str, location: Location, violations: list[Violation]) -> date | None:
    try:
        if _ISO_DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # the 30th of February: reported below like any other text that is no date
    violations.append(UnreadableDate(location=location, text=text[:40]))
    return None
