"""Reading the documented files."""

from pathlib import Path

import pytest

from greenchain_cli.errors import MalformedFile, MissingFile
from greenchain_cli.tables import read_object, read_product, read_rows


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


def test_rows_are_read_by_column(tmp_path: Path) -> None:
    path = write(tmp_path / "bom.csv", 'line_id,note\nx.01,"a, b"\nx.02, c \n')

    assert read_rows(path) == [
        {"line_id": "x.01", "note": "a, b"},
        {"line_id": "x.02", "note": "c"},
    ]


def test_a_cell_may_hold_a_line_break(tmp_path: Path) -> None:
    path = write(tmp_path / "bom.csv", 'line_id,note\nx.01,"a\nb"\n')

    assert read_rows(path) == [{"line_id": "x.01", "note": "a\nb"}]


def test_the_byte_order_mark_of_a_spreadsheet_is_no_part_of_the_header(tmp_path: Path) -> None:
    path = write(tmp_path / "bom.csv", "line_id\nx.01\n", encoding="utf-8-sig")

    assert read_rows(path, required=["line_id"]) == [{"line_id": "x.01"}]


@pytest.mark.parametrize("row", ["x.01", "x.01,1,2"])
def test_a_row_of_another_length_is_named(tmp_path: Path, row: str) -> None:
    path = write(tmp_path / "bom.csv", f"line_id,amount\nx.00,1\n{row}\n")

    with pytest.raises(MalformedFile, match="row 2"):
        read_rows(path)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "bom.csv", "line_id\nx.01\n")

    with pytest.raises(MalformedFile, match="amount"):
        read_rows(path, required=["line_id", "amount"])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingFile, match=r"product\.json"):
        read_product(tmp_path)


def test_another_encoding_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = write(tmp_path / "bom.csv", "line_id,名称\nx.01,正极\n", encoding="gb18030")

    with pytest.raises(MalformedFile, match="UTF-8"):
        read_rows(path)


def test_broken_json_is_refused_with_its_place(tmp_path: Path) -> None:
    path = write(tmp_path / "product.json", '{"product_id": }')

    with pytest.raises(MalformedFile, match="line 1, column 16"):
        read_object(path)


def test_a_product_without_sites_has_none(tmp_path: Path) -> None:
    write(tmp_path / "product.json", "{}")
    write(tmp_path / "bom.csv", "line_id\nx.01\n")

    assert read_product(tmp_path).sites == []
