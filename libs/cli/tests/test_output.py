"""How rows and fields are laid out."""

import pytest
from rich.cells import cell_len

from greenchain_cli.output import aligned, figure, print_rows, table_lines

ID = "0b7c3c1e-7a3b-4b51-9d0e-6f0f4e1f2a3b"
HEADER = ("data request", "state", "part", "supplier")
ROWS = [(ID, "sent", "lfp_cathode", "cathode-maker-of-sichuan"), (ID, "sent", "copper_foil", "")]


def test_columns_stand_below_each_other() -> None:
    lines = table_lines(("id", "state"), [("a", "sent"), ("bcd", "answered")], width=80)

    assert lines == ["id   state", "a    sent", "bcd  answered"]


def test_chinese_characters_take_two_cells() -> None:
    assert aligned([("状态", "x"), ("a", "y")]) == ["状态  x", "a     y"]


def test_where_columns_do_not_fit_rows_are_stacked_with_whole_ids() -> None:
    lines = table_lines(HEADER, ROWS, width=60)

    assert lines.count(ID) == 2
    assert lines[1:4] == [
        "  state     sent",
        "  part      lfp_cathode",
        "  supplier  cathode-maker-of-sichuan",
    ]
    assert max(map(cell_len, lines)) <= 60


def test_an_empty_table_shows_its_header() -> None:
    assert table_lines(HEADER, [], width=80) == ["data request  state  part  supplier"]


def test_a_column_that_holds_nothing_is_left_out() -> None:
    assert table_lines(("id", "revoked", "to"), [("g-1", "", "x")], 80)[0] == "id   to"


def test_a_pipe_gets_no_padding(capsys: pytest.CaptureFixture[str]) -> None:
    print_rows(HEADER, ROWS)

    printed = capsys.readouterr().out.splitlines()
    assert [line.rstrip() for line in printed] == printed
    assert max(map(len, printed)) < 100


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (26.382874758624606, "26.38"),
        (0.00001234567, "0.00001235"),
        (12345.678, "12346"),
        (0.0, "0.000"),
        (-3.0, "-3.000"),
    ],
)
def test_figures_have_four_digits_and_no_exponent(value: float, written: str) -> None:
    assert figure(value) == written
