"""What the command prints: data on stdout, everything else on stderr."""

import json
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

# Nobody's window limits a pipe or a file.
_UNBOUND = 1000


@cache
def console() -> "Console":
    """Return the console that shows data; it writes to stdout."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else _UNBOUND)


@cache
def progress() -> "Console":
    """Return the console that shows progress and errors; it writes to stderr."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """Print one line of JSON to stdout, at once."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def print_fields(fields: Iterable[tuple[str, Any]]) -> None:
    """Print named values, one a line."""
    from rich.table import Table

    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="bold")
    table.add_column(overflow="fold")
    for name, value in fields:
        table.add_row(name, str(value))
    console().print(table)


def print_rows(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Print a table with a header."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in header:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    console().print(table)


def note(text: str) -> None:
    """Tell what happens, on stderr."""
    progress().print(text, markup=False)
