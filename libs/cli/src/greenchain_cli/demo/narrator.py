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
_ACTOR_CELLS = 22
_BAR_CELLS = 24
_FIGURE_CELLS = 7
_GAP = 2
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
        # Nobody's window limits a pipe or a file.
        story.width = min(story.width, _WIDTH) if story.is_terminal else _WIDTH

    def title(self, text: str) -> None:
        """Open the story."""
        self._put(Text(text, style="bold green"), indent=0)

    def chapter(self, text: str) -> None:
        """Begin the next step."""
        self._chapter += 1
        self._put(Text(""), indent=0)
        self._put(Text(f"{self._chapter}  {text}", style="bold"), indent=0)

    def tell(self, who: str, text: str) -> None:
        """Say who did what."""
        row = Table(box=None, show_header=False, pad_edge=False, padding=(0, _GAP, 0, 0))
        row.add_column(style="cyan", width=_ACTOR_CELLS, no_wrap=True)
        row.add_column(overflow="fold")
        row.add_row(who, Text(text))
        self._put(row)

    def remark(self, text: str) -> None:
        """Say what the reader should know about a figure."""
        self._put(Text(text, style="dim"))

    def bars(self, title: str, bars: Sequence[Bar], whole: float) -> None:
        """Show parts of `whole` [kg CO2e / declared unit] as bars with their shares."""
        figures = 2 * (_FIGURE_CELLS + _GAP)
        room = self._story.width - _INDENT - _BAR_CELLS - figures - 2 * _GAP
        table = Table(box=None, show_header=False, pad_edge=False, padding=(0, _GAP, 0, 0))
        table.add_column(max_width=room, overflow="ellipsis", no_wrap=True)
        table.add_column(width=_BAR_CELLS, no_wrap=True, style="green")
        table.add_column(min_width=_FIGURE_CELLS, justify="right", no_wrap=True)
        table.add_column(min_width=_FIGURE_CELLS, justify="right", no_wrap=True)
        largest = max((abs(bar.amount) for bar in bars), default=0.0)
        for bar in bars:
            share = bar.amount / whole * 100 if whole else 0.0
            table.add_row(
                Text(bar.label), _blocks(bar.amount, largest), f"{bar.amount:.2f}", f"{share:.1f} %"
            )
        self._put(Text(""))
        self._put(Text(f"{title} [kg CO2e, {say('share', '占比')}]"))
        self._put(table)

    def rows(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show a small table; all columns but the first hold figures."""
        table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="dim")
        for number, name in enumerate(header):
            table.add_column(name, justify="left" if number == 0 else "right")
        for row in rows:
            table.add_row(*row)
        self._put(Text(""))
        self._put(table)

    @contextlib.contextmanager
    def doing(self, text: str) -> Iterator[None]:
        """Show what is under way: a spinner on a terminal, one plain line elsewhere."""
        if self._passing.is_terminal:
            with self._passing.status(text):
                yield
        else:
            self._passing.print(f"… {text}", markup=False)
            yield

    def _put(self, what: Table | Text, indent: int = _INDENT) -> None:
        shown = Padding(what, (0, 0, 0, indent))
        if self._story.is_terminal:
            self._story.print(shown)
            return
        # Rich fills lines with blanks, which only a terminal's background needs.
        with self._story.capture() as captured:
            self._story.print(shown)
        for line in captured.get().splitlines():
            self._story.file.write(f"{line.rstrip()}\n")
        self._story.file.flush()


def _blocks(amount: float, largest: float) -> str:
    eighths = round(abs(amount) / largest * _BAR_CELLS * 8) if largest else 0
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")
