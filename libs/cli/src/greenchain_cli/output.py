"""What the command prints: data on stdout, everything else on stderr."""

import json
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

UNBOUND = 1000
"""Width where nobody's window limits it: a pipe, a file [cells]."""
_GAP = "  "


@cache
def console() -> "Console":
    """Return the console that shows data; it writes to stdout."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else UNBOUND)


@cache
def progress() -> "Console":
    """Return the console that shows progress and errors; it writes to stderr."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """Print one line of JSON to stdout, at once."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, allow_nan=False) + "\n")
    sys.stdout.flush()


def print_line(text: str, style: str = "") -> None:
    """Print one line; a window breaks it where it must, without a blank or a break of ours."""
    console().print(text, style=style, markup=False, soft_wrap=True)


def print_fields(fields: Iterable[tuple[str, Any]]) -> None:
    """Print named values, one a line."""
    for line in aligned([(name, str(value)) for name, value in fields]):
        print_line(line)


def print_rows(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table with a header; the first column names the row, usually by its id."""
    cells = [[str(cell) for cell in row] for row in rows]
    for line in table_lines(header, cells, console().width):
        print_line(line)


def print_table(table: "Table") -> None:
    """Print a table of Rich's without the blanks by which it fills its lines."""
    if console().is_terminal:
        console().print(table)
        return
    with console().capture() as captured:
        console().print(table)
    for line in captured.get().splitlines():
        print_line(line.rstrip())


def table_lines(header: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Lay a table out: in columns, or, where they do not fit, one row below the other.

    No cell is ever broken: an id that is broken cannot be copied. Columns that hold nothing are
    left out.

    Parameters
    ----------
    width
        Room for a line [cells].
    """
    if rows:
        kept = [index for index in range(len(header)) if any(row[index] for row in rows)]
        header = [header[index] for index in kept]
        rows = [[row[index] for index in kept] for row in rows]
    lines = aligned([header, *rows])
    if all(cell_len(line) <= width for line in lines):
        return lines
    stacked: list[str] = []
    for first, *others in rows:
        named = [(name, cell) for name, cell in zip(header[1:], others, strict=True) if cell]
        stacked += [first, *(f"{_GAP}{line}" for line in aligned(named))]
    return stacked


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows with their columns one below the other, without blanks at the end."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return [
        _GAP.join(
            cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    ]


def figure(value: float, digits: int = 4) -> str:
    """Write an amount with so many significant digits or more, and never with an exponent.

    >>> figure(26.382874758624606), figure(9.19), figure(0.00123456), figure(12345.678)
    ('26.38', '9.190', '0.001235', '12346')
    """
    exponent = int(f"{value:.{digits - 1}e}".partition("e")[2])
    return f"{value:.{max(digits - 1 - exponent, 0)}f}"


def headline(value: float) -> str:
    """Write a footprint with six significant digits or more.

    >>> headline(24393.38851), headline(75.15634), headline(0.00123456)
    ('24393.4', '75.1563', '0.00123456')
    """
    return figure(value, 6)


def moment(instant: str) -> str:
    """Write an ISO 8601 instant in UTC to the second.

    >>> moment("2026-03-01T08:00:00.123Z")
    '2026-03-01 08:00:00 UTC'
    """
    return f"{instant[:19].replace('T', ' ')} UTC"


def note(text: str) -> None:
    """Tell what happens, on stderr."""
    progress().print(text, markup=False)
