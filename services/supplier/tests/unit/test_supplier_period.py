from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Location, Violation
from supplier.domain.period import Period, StatedPeriod, read_period

days = st.dates(date(2025, 1, 1), date(2025, 3, 31))
periods = st.builds(lambda a, b: Period(min(a, b), max(a, b)), days, days)


def read(start: str, end: str) -> tuple[Period | None, list[str]]:
    violations: list[Violation] = []
    period = read_period(StatedPeriod(start, end), Location, violations)
    return period, [violation.code for violation in violations]


def test_a_period_is_read_from_two_iso_days() -> None:
    assert read("2024-02-29", "2024-02-29") == (Period(date(2024, 2, 29), date(2024, 2, 29)), [])


@pytest.mark.parametrize(
    "text", ["", "2025-02-30", "20250101", "2025-W01-1", "01/02/2025", "٢٠٢٥-٠١-٠١"]
)
def test_what_is_no_calendar_day_is_refused(text: str) -> None:
    assert read(text, "2025-12-31") == (None, ["supplier.period.unreadable_date"])


def test_both_days_of_a_period_are_reported() -> None:
    assert read("x", "y")[1] == ["supplier.period.unreadable_date"] * 2


def test_a_period_that_ends_before_it_starts_is_refused() -> None:
    assert read("2025-02-01", "2025-01-31") == (None, ["supplier.period.inverted"])


@given(periods, st.lists(periods, max_size=6))
def test_every_day_is_either_covered_or_in_a_gap(whole: Period, parts: list[Period]) -> None:
    gaps = whole.gaps(parts)
    for ordinal in range(whole.start.toordinal(), whole.end.toordinal() + 1):
        day = Period(date.fromordinal(ordinal), date.fromordinal(ordinal))
        covered = any(part.covers(day) for part in parts)
        assert covered != any(gap.covers(day) for gap in gaps)


@given(periods, periods)
def test_overlapping_means_sharing_a_day(one: Period, other: Period) -> None:
    days_of = [
        set(range(period.start.toordinal(), period.end.toordinal() + 1)) for period in (one, other)
    ]
    assert one.overlaps(other) == bool(days_of[0] & days_of[1])
