"""Reading tables as people and spreadsheets save them."""

import pytest

from chassis.csv_files import CsvRow, read_rows
from chassis.errors import Violation

BOM = b"\xef\xbb\xbf"


def read(content: str | bytes) -> tuple[list[CsvRow], list[Violation]]:
    found: list[Violation] = []
    raw = content.encode() if isinstance(content, str) else content
    rows = list(read_rows(raw, "t.csv", found, columns=("id", "amount"), optional=("note",)))
    return rows, found


def refused(content: str | bytes) -> list[tuple[str, str]]:
    rows, found = read(content)
    assert rows == []
    return [(str(each.location), each.code) for each in found]


def test_a_row_knows_its_number_and_the_line_that_a_spreadsheet_shows() -> None:
    rows, found = read('# ours\nid,amount\n\na,"1\n2"\n,,\nb, 2 \n')
    assert found == []
    assert rows == [
        CsvRow(1, 4, {"id": "a", "amount": "1\n2"}),
        CsvRow(2, 6, {"id": "b", "amount": "2"}),
    ]


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolons"), ("\t", "tabs")])
def test_another_separator_is_said_once(separator: str, name: str) -> None:
    rows, found = read(f"id{separator}amount\na{separator}1\nb{separator}2\n")
    assert rows == []
    assert [each.code for each in found] == ["file.csv.separator"]
    assert f"separated by {name}. Save the file with commas" in found[0].message()


def test_columns_that_are_missing_repeated_or_unknown_are_named_once_in_this_order() -> None:
    assert refused("# c\nid,colour,id,colour\n1,2,3,4\n1,2,3,4\n") == [
        ("t.csv line 2, field amount", "file.csv.missing_column"),
        ("t.csv line 2, field id", "file.csv.repeated_column"),
        ("t.csv line 2, field colour", "file.csv.repeated_column"),
        ("t.csv line 2, field colour", "file.csv.unknown_column"),
    ]


def test_a_misspelt_column_is_one_fault_and_matched_to_the_one_that_is_meant() -> None:
    _, (violation,) = read("id,amountt\n1,2\n")
    assert violation.message() == (
        "The format has no column 'amountt'. Remove it, or mend its name. Did you mean 'amount'?"
    )
    assert violation.message("zh").endswith("更正列名。您是否指 'amount'？")


def test_a_missing_column_is_told_with_all_that_may_stand_there() -> None:
    _, (violation,) = read("id\n1\n")
    assert violation.message().endswith("the columns are: id, amount. Optional: note.")
    assert violation.message("zh").endswith("应有的列：id、amount。可选的列：note。")


@pytest.mark.parametrize("content", [b"", BOM, b"\n\n", b"# nothing\n"])
def test_a_file_without_header_is_told_what_to_begin_with(content: bytes) -> None:
    _, (violation,) = read(content)
    assert violation.code == "file.csv.empty"
    assert violation.message().endswith("Its first line must name the columns: id, amount.")


def test_another_encoding_is_not_called_empty_too() -> None:
    assert refused("id,amount\n电,1\n".encode("gb18030")) == [("t.csv", "file.csv.encoding")]


def test_a_row_of_another_length_is_named_and_the_others_are_read() -> None:
    rows, found = read("id,amount\na\nb,1\n")
    assert [row.values["id"] for row in rows] == ["b"]
    assert [str(each.location) for each in found] == ["t.csv line 2 (row 1)"]
