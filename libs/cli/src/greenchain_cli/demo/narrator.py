"""Tells the story: who did what and what came of it; bars for contributions."""

import contextlib
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from greenchain_cli.bars import Bar, bar_table
from greenchain_cli.language import say
from greenchain_cli.output import UNBOUND

_WIDTH = 100
_ACTOR_CELLS = 22
_GAP = 2
_INDENT = 4


class Narrator:
    """Writes the story to one console and the passing state to another."""

    def __init__(self, story: Console, passing: Console) -> None:
        self._story = story
        self._passing = passing
        self._chapter = 0
        story.width = min(story.width, _WIDTH) if story.is_terminal else UNBOUND

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
        self._put(Text(""))
        self._put(Text(f"{title} [kg CO2e, {say('share', '占比')}]"))
        self._put(bar_table(bars, whole, self._story.width - _INDENT))

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
