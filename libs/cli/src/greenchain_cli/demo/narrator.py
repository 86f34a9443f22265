"""Tells the story: who did what and what came of it; bars for contributions."""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from greenchain_cli.language import say

_WIDTH = 100
_BAR_CELLS = 24
_EIGHTHS = " ▏▎▍▌▋▊▉"
_INDENT = 4


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a whole.

    Attributes
    ----------
    amount
        The part [kg CO2e / declared unit].
    """

    label: str
    amount: float


class Narrator:
    """Writes the story to one console and the passing state to another."""

    def __init__(self, story: Console, passing: Console) -> None:
        self._story = story
        self._passing = passing
        self._chapter = 0
        if story.width > _WIDTH:
            story.width = _WIDTH

    def title(self, text: str) -> None:
        """Open the story."""
        self._story.print(Text(text, style="bold green"))

    def chapter(self, text: str) -> None:
        """Begin the next step."""
        self._chapter += 1
        self._story.print()
        self._story.print(Text(f"{self._chapter}  {text}", style="bold"))

    def tell(self, who: str, text: str) -> None:
        """Say who did what."""
        row = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        row.add_column(style="cyan", width=22, no_wrap=True)
        row.add_column(overflow="fold")
        row.add_row(who, Text(text))
        self._story.print(Padding(row, (0, 0, 0, _INDENT)))

    def remark(self, text: str) -> None:
        """Say what the reader should know about a figure."""
        self._story.print(Padding(Text(text, style="dim"), (0, 0, 0, _INDENT)))

    def bars(self, title: str, bars: Sequence[Bar], whole: float) -> None:
        """Show parts of `whole` [kg CO2e / declared unit] as bars with their shares."""
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
        table.add_column(max_width=44, overflow="ellipsis", no_wrap=True)
        table.add_column(width=_BAR_CELLS, no_wrap=True, style="green")
        table.add_column(justify="right", no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        largest = max((abs(bar.amount) for bar in bars), default=0.0)
        for bar in bars:
            share = bar.amount / whole * 100 if whole else 0.0
            table.add_row(
                Text(bar.label), _blocks(bar.amount, largest), f"{bar.amount:.2f}", f"{share:.1f} %"
            )
        self._story.print()
        self._story.print(
            Padding(Text(f"{title} [kg CO2e, {say('share', '占比')}]"), (0, 0, 0, _INDENT))
        )
        self._story.print(Padding(table, (0, 0, 0, _INDENT)))

    def rows(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show a small table; all columns but the first hold figures."""
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
        for number, name in enumerate(header):
            table.add_column(name, justify="left" if number == 0 else "right")
        for row in rows:
            table.add_row(*row)
        self._story.print()
        self._story.print(Padding(table, (0, 0, 0, _INDENT)))

    @contextlib.contextmanager
    def doing(self, text: str) -> Iterator[None]:
        """Show what is under way: a spinner on a terminal, one plain line elsewhere."""
        if self._passing.is_terminal:
            with self._passing.status(text):
                yield
        else:
            self._passing.print(f"… {text}", markup=False)
            yield


def _blocks(amount: float, largest: float) -> str:
    eighths = round(abs(amount) / largest * _BAR_CELLS * 8) if largest else 0
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")
