from pathlib import Path

import pytest

from chassis.errors import InvalidInput
from greenchain.supplier.v1 import declaration_pb2 as pb
from supplier_client import read_records

HEADER = "record_id,period_start,period_end,kind,item_id,amount,unit,evidence"
ROW = "p.01,2025-01-01,2025-01-31,electricity,electricity_grid,1250.5,kWh,meter"


class RecordFile:
    def __init__(self, path: Path) -> None:
        self._path = path

    def of(self, *lines: str, encoding: str = "utf-8") -> Path:
        self._path.write_text("\n".join((*lines, "")), encoding=encoding)
        return self._path

    def refused(self, *lines: str, encoding: str = "utf-8") -> list[tuple[str, str]]:
        """Return place and code of everything that is wrong with a file of these lines."""
        with pytest.raises(InvalidInput) as caught:
            read_records(self.of(*lines, encoding=encoding))
        return [(str(each.location), each.code.split(".")[-1]) for each in caught.value.violations]


@pytest.fixture
def file(tmp_path: Path) -> RecordFile:
    return RecordFile(tmp_path / "records.csv")


def test_a_row_becomes_a_record(file: RecordFile) -> None:
    (record,) = read_records(file.of("# illustrative", "#", HEADER, ROW))
    assert record.record_id == "p.01"
    assert record.kind == pb.ACTIVITY_KIND_ELECTRICITY
    assert (record.period.start, record.period.end) == ("2025-01-01", "2025-01-31")
    assert (record.quantity.amount, record.quantity.unit) == (1250.5, "kWh")


def test_columns_may_stand_in_any_order_and_a_note_stays_at_home(file: RecordFile) -> None:
    columns = [*reversed(HEADER.split(",")), "note"]
    fields = [*reversed(ROW.split(",")), "for us only"]
    (record,) = read_records(file.of(",".join(columns), ",".join(fields)))
    assert record.item_id == "electricity_grid"
    assert "for us only" not in str(record)


def test_a_file_as_spreadsheets_save_it_is_read(file: RecordFile) -> None:
    quoted = ROW.replace("meter", '"meter 7, hall ""B"""')
    (record,) = read_records(file.of(HEADER, quoted, "", encoding="utf-8-sig"))
    assert record.evidence == 'meter 7, hall "B"'


def test_what_a_spreadsheet_adds_is_passed_over(file: RecordFile) -> None:
    lines = ('"# made up, for a test",,,,,,,,', HEADER + ",,", ROW + ",,", ",,,,,,,,,", "", ROW)
    assert [record.record_id for record in read_records(file.of(*lines))] == ["p.01", "p.01"]


def test_only_a_line_feed_or_carriage_return_ends_a_row(file: RecordFile) -> None:
    (record,) = read_records(file.of(HEADER, ROW.replace("meter", "meter\u2028\x0b7")))
    assert record.evidence == "meter\u2028\x0b7"


def test_a_row_is_counted_without_the_blank_ones_before_it(file: RecordFile) -> None:
    assert file.refused("# c", HEADER, ",,,,,,,", ROW.replace("1250.5", "x")) == [
        ("records.csv line 4 (row 1, p.01), field amount", "not_a_number")
    ]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16"])
def test_a_file_in_another_encoding_is_refused_with_the_way_to_save_it(
    file: RecordFile, encoding: str
) -> None:
    path = file.of(HEADER, ROW.replace("meter", "电表"), encoding=encoding)
    with pytest.raises(InvalidInput) as caught:
        read_records(path)
    assert [each.code for each in caught.value.violations] == ["file.csv.encoding"]
    assert "Save it as “CSV UTF-8" in caught.value.message("en")
    assert "另存为“CSV UTF-8（逗号分隔）”" in caught.value.message("zh")


@pytest.mark.parametrize("separator", [";", "\t"])
def test_a_file_with_other_separators_is_refused_as_such(file: RecordFile, separator: str) -> None:
    lines = (line.replace(",", separator) for line in (HEADER, ROW))
    assert file.refused(*lines) == [("records.csv line 1", "separator")]


@pytest.mark.parametrize("lines", [(), ("# nothing else",)])
def test_an_empty_file_is_said_to_be_without_header(
    file: RecordFile, lines: tuple[str, ...]
) -> None:
    assert file.refused(*lines) == [("records.csv line 1", "empty")]


def test_missing_unknown_and_repeated_columns_are_all_named(file: RecordFile) -> None:
    assert file.refused(HEADER.replace("unit", "einheit") + ",kind") == [
        ("records.csv line 1, field unit", "missing_column"),
        ("records.csv line 1, field kind", "repeated_column"),
        ("records.csv line 1, field einheit", "unknown_column"),
    ]


@pytest.mark.parametrize(
    "text", ["", "1,5", "nan", "inf", "1e999", "1_000", "0x10", "１２", "12 kWh", "--1"]
)
def test_what_is_no_decimal_number_is_refused(file: RecordFile, text: str) -> None:
    assert file.refused(HEADER, ROW.replace("1250.5", f'"{text}"')) == [
        ("records.csv line 2 (row 1, p.01), field amount", "not_a_number")
    ]


@pytest.mark.parametrize(
    ("text", "amount"), [("0", 0.0), ("-3", -3.0), ("+.5", 0.5), ("1.2505e3", 1250.5), ("7.", 7.0)]
)
def test_decimal_numbers_are_read(file: RecordFile, text: str, amount: float) -> None:
    (record,) = read_records(file.of(HEADER, ROW.replace("1250.5", text)))
    assert record.quantity.amount == amount


def test_all_rows_are_looked_at(file: RecordFile) -> None:
    assert file.refused(
        HEADER,
        ROW.replace("electricity,", "power,").replace("1250.5", "much"),
        ROW,
        ROW + ",one too many",
        ROW.replace("p.01", "").replace("1250.5", "x"),
    ) == [
        ("records.csv line 2 (row 1, p.01), field kind", "unknown_kind"),
        ("records.csv line 2 (row 1, p.01), field amount", "not_a_number"),
        ("records.csv line 4 (row 3)", "field_count"),
        ("records.csv line 5 (row 4), field amount", "not_a_number"),
    ]


def test_a_broken_quotation_is_refused_with_what_came_before(file: RecordFile) -> None:
    assert file.refused(HEADER, ROW.replace("1250.5", "x"), '"open') == [
        ("records.csv line 2 (row 1, p.01), field amount", "not_a_number"),
        ("records.csv", "unreadable"),
    ]
