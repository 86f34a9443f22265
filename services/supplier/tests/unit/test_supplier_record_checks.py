import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest
from services.supplier.tests.examples import CO2, OUTPUT, POWER, RECORDS, month, monthly, record

from chassis.errors import Violation
from supplier.domain.activity import ActivityRecord, StatedRecord
from supplier.domain.period import Period, StatedPeriod
from supplier.domain.record_checks import (
    Frame,
    check_completeness,
    find_duplicates,
    find_overlaps,
    read_records,
)

FRAME = Frame("lfp_cathode", "kg", Period(date(2025, 1, 1), date(2025, 12, 31)))


def complaints(*stated: StatedRecord) -> list[tuple[str, str]]:
    """Return the place and the code of everything that is wrong with the records."""
    violations: list[Violation] = []
    read_records(stated, FRAME, violations)
    return [(str(violation.location), violation.code) for violation in violations]


def codes(*stated: StatedRecord) -> list[str]:
    return [code for _, code in complaints(*stated)]


def read(*stated: StatedRecord) -> list[ActivityRecord]:
    violations: list[Violation] = []
    rows = read_records(stated, FRAME, violations)
    assert not violations
    return [row.record for row in rows]


def clashes(new: Sequence[StatedRecord], held: Sequence[StatedRecord] = ()) -> list[Violation]:
    violations: list[Violation] = []
    find_overlaps(read_records(new, FRAME, violations), read(*held), violations)
    return violations


def test_a_plants_year_is_taken() -> None:
    assert len(read(*monthly(*RECORDS))) == 36


def test_the_space_of_chinese_texts_is_taken() -> None:
    assert len(read(replace(RECORDS[0], evidence="电表　7 号"))) == 1


@pytest.mark.parametrize(
    ("field", "change", "code"),
    [
        ("record_id", {"record_id": " "}, "supplier.text.missing"),
        ("record_id", {"record_id": "x" * 129}, "supplier.text.too_long"),
        ("record_id", {"record_id": "r1 "}, "supplier.text.blank_ends"),
        ("item_id", {"item_id": "\u3000electricity_grid"}, "supplier.text.blank_ends"),
        ("evidence", {"evidence": "meter\u202e7"}, "supplier.text.unfit"),
        ("evidence", {"evidence": "\u200b"}, "supplier.text.unfit"),
        ("record_id", {"record_id": "a\nb"}, "supplier.text.unfit"),
        ("kind", {"kind": "heat"}, "supplier.record.unknown_kind"),
        ("item_id", {"item_id": ""}, "supplier.text.missing"),
        ("amount", {"amount": math.nan}, "supplier.amount.not_finite"),
        ("amount", {"amount": -math.inf}, "supplier.amount.not_finite"),
        ("amount", {"amount": -1.0}, "supplier.amount.negative"),
        ("unit", {"unit": "kwh"}, "supplier.record.unknown_unit"),
        ("unit", {"unit": "kwh_capacity"}, "supplier.record.wrong_dimension"),
        ("evidence", {"evidence": ""}, "supplier.text.missing"),
        ("period_start", {"period": month(1)}, ""),
        (
            "period_end",
            {"period": StatedPeriod("2025-02-01", "2025-01-01")},
            "supplier.period.inverted",
        ),
        (
            "period_start",
            {"period": StatedPeriod("2024-12-31", "2025-01-31")},
            "supplier.record.outside_reference_period",
        ),
    ],
)
def test_a_mistake_is_named_by_row_id_and_field(
    field: str, change: dict[str, object], code: str
) -> None:
    wrong = replace(POWER, **change)  # type: ignore[arg-type]
    line = f" (line {wrong.record_id[:128]})" if wrong.record_id else ""
    expected = [(f"row 2{line}, field {field}", code)] if code else []
    assert complaints(CO2, wrong) == expected


def test_all_mistakes_of_all_rows_are_reported_together() -> None:
    worst = StatedRecord("", StatedPeriod("x", "y"), "", "", math.nan, "", "")
    assert codes(worst, replace(POWER, amount=-1.0)) == [
        "supplier.text.missing",
        "supplier.period.unreadable_date",
        "supplier.period.unreadable_date",
        "supplier.record.unknown_kind",
        "supplier.text.missing",
        "supplier.amount.not_finite",
        "supplier.record.unknown_unit",
        "supplier.text.missing",
        "supplier.amount.negative",
    ]


@pytest.mark.parametrize(
    ("kind", "item_id", "unit", "fits"),
    [
        ("electricity", "electricity_grid", "MWh", True),
        ("electricity", "electricity_grid", "kg", False),
        ("electricity", "electricity_grid", "kwh_delivered", False),
        ("fuel", "natural_gas", "m3", True),
        ("fuel", "steam", "GJ", True),
        ("fuel", "coal", "t", True),
        ("fuel", "coal", "t.km", False),
        ("material", "separator", "m2", True),
        ("material", "lithium_carbonate", "kWh", False),
        ("direct_emission", "co2_fossil", "g", True),
        ("direct_emission", "co2_fossil", "kg CO2e", False),
        ("output", "lfp_cathode", "t", True),
        ("output", "lfp_cathode", "piece", False),
    ],
)
def test_each_kind_is_counted_in_its_own_dimensions(
    kind: str, item_id: str, unit: str, fits: bool
) -> None:
    expected = [] if fits else ["supplier.record.wrong_dimension"]
    assert codes(record("r", kind, item_id, unit)) == expected


def test_the_output_is_the_product_that_was_asked_for() -> None:
    assert codes(replace(OUTPUT, item_id="nmc_cathode")) == ["supplier.record.other_product"]


def test_a_record_id_is_used_once() -> None:
    violations: list[Violation] = []
    find_duplicates((POWER, CO2, POWER), {CO2.record_id}, violations)
    assert [str(violation.location) for violation in violations] == [
        "row 2 (line co2.1), field record_id",
        "row 3 (line power.1), field record_id",
    ]


def test_a_month_counted_twice_is_named_with_its_twin() -> None:
    (twin,) = clashes(
        [
            replace(POWER, record_id="a", period=month(2)),
            replace(POWER, record_id="b", period=month(2)),
        ]
    )
    assert twin.code == "supplier.record.overlapping_periods"
    assert str(twin.location) == "row 2 (line b), field period_start"
    assert "record 'a'" in twin.message()


def test_a_month_that_is_held_already_is_found_from_either_side() -> None:
    held = [replace(POWER, record_id="held", period=StatedPeriod("2025-03-10", "2025-05-10"))]
    before = replace(POWER, record_id="new", period=StatedPeriod("2025-02-01", "2025-03-10"))
    after = replace(POWER, record_id="new", period=StatedPeriod("2025-05-10", "2025-06-01"))
    for new in (before, after):
        (clash,) = clashes([new], held)
        assert str(clash.location) == "row 1 (line new), field period_start"


def test_a_short_period_inside_a_long_one_is_found_behind_another_short_one() -> None:
    year = replace(POWER, record_id="year")
    months = [replace(POWER, record_id=f"m{n}", period=month(n)) for n in (2, 9)]
    assert [str(c.location.id) for c in clashes([year, *months])] == ["m2", "m9"]


def test_other_items_and_adjoining_months_do_not_clash() -> None:
    months = [replace(POWER, record_id=f"m{n}", period=month(n)) for n in (1, 2)]
    solar = replace(POWER, record_id="s", item_id="electricity_solar")
    assert clashes([*months, solar, CO2]) == []


def lacks(*stated: StatedRecord) -> list[str]:
    violations: list[Violation] = []
    check_completeness(read(*stated), FRAME, violations)
    return [violation.code for violation in violations]


def test_a_declaration_without_records_lacks_them() -> None:
    assert lacks() == ["supplier.declaration.empty"]


@pytest.mark.parametrize("stated", [(POWER,), (POWER, replace(OUTPUT, amount=0.0))])
def test_a_declaration_without_output_has_no_footprint_per_unit(
    stated: tuple[StatedRecord, ...],
) -> None:
    assert lacks(*stated) == ["supplier.declaration.no_output"]


def test_amounts_that_overflow_together_are_refused() -> None:
    halves = [replace(OUTPUT, record_id=f"h{n}", period=month(n), amount=1.7e308) for n in (1, 2)]
    assert lacks(*halves) == ["supplier.amount.not_finite"]


def test_a_month_without_output_is_named() -> None:
    violations: list[Violation] = []
    records = [each for each in read(*monthly(OUTPUT)) if not each.record_id.endswith(".07")]
    check_completeness(records, FRAME, violations)
    assert "2025-07-01/2025-07-31" in violations[0].message("zh")


def test_a_standstill_is_an_output_of_zero() -> None:
    stated = monthly(OUTPUT)
    stated[6] = replace(stated[6], amount=0.0)
    assert lacks(*stated) == []
