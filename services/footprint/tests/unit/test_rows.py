"""Readers of untrusted rows and objects: what they note can be written in every answer."""

import pytest

from chassis.errors import Location
from footprint.domain.errors import UnknownRegion
from footprint.domain.json_reader import JsonReader
from footprint.domain.rows import MOST_SUGGESTED, RowReader, Violations

#: Half of a surrogate pair, which JSON can say and UTF-8 cannot.
HALF = "\ud800"


@pytest.mark.parametrize("kind", [RowReader, JsonReader])
def test_halves_of_surrogate_pairs_can_be_told_of(kind: type[RowReader]) -> None:
    violations = Violations()
    reader = kind({HALF: 1, "amount": f"1{HALF}"}, violations, row=1, id=f"steel{HALF}")
    reader.refuse_unknown(("amount",))
    reader.finite("amount")
    if isinstance(reader, JsonReader):
        reader.number("amount")
    assert len(violations.found) == (3 if kind is JsonReader else 2)
    for each in violations.found:
        for language in ("en", "zh"):
            each.message(language).encode()
        for value in each.attributes().values():
            str(value).encode()


def test_a_long_field_name_is_told_by_its_start() -> None:
    violations = Violations()
    RowReader({"x" * 10_000: 1}, violations).refuse_unknown(("amount",))
    assert violations.found[0].location.field == "x" * 80


def test_an_object_of_a_file_is_told_with_the_file() -> None:
    violations = Violations()
    reader = JsonReader({"inner": {"deep": 1}}, violations, table="datapackage.json")
    inner = reader.object("inner", None)
    assert inner is not None
    inner.text("name")
    inner.object("deep", None)
    assert [each.location.text() for each in violations.found] == [
        "datapackage.json, field inner.name",
        "datapackage.json, field inner.deep",
    ]


def test_each_input_has_so_many_suggestions() -> None:
    violations = Violations()
    assert [violations.may_suggest() for _ in range(MOST_SUGGESTED + 2)] == [
        *[True] * MOST_SUGGESTED,
        False,
        False,
    ]
    assert Violations().may_suggest()


@pytest.mark.parametrize(
    ("known", "year", "en", "zh"),
    [
        (
            ("A", "B"),
            None,
            "no electricity market is known for 'C'. Use one of: A, B.",
            "没有 'C' 的电力市场数据。请使用以下之一：A、B。",
        ),
        (
            ("A", "B"),
            2030,
            "no electricity market is known for 'C' in 2030. Use one of: A, B.",
            "没有 'C' 2030 年的电力市场数据。请使用以下之一：A、B。",
        ),
        (
            (),
            2030,
            "no electricity market is known for 'C' in 2030. Use another year.",
            "没有 'C' 2030 年的电力市场数据。请改用其他年份。",
        ),
    ],
)
def test_an_unknown_region_is_told_with_the_year_that_is_meant(
    known: tuple[str, ...], year: int | None, en: str, zh: str
) -> None:
    found = UnknownRegion(Location(field="region"), "C", known, year)
    assert found.message() == f"field region: {en}"
    assert found.message("zh") == f"字段 region：{zh}"
