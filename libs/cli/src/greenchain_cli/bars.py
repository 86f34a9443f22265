"""Parts of a whole as bars with their shares."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

_BAR_CELLS = 24
_FEWEST_BAR_CELLS = 6
_FIGURE_CELLS = 7
_GAP = 2
_EIGHTHS = " ▏▎▍▌▋▊▉"


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


def bar_table(bars: Sequence[Bar], whole: float, width: int) -> Table:
    """Show parts of `whole` [kg CO2e / declared unit]: label, bar, amount, share.

    A narrow window shortens the bars first; then labels are wrapped, never cut, since what tells
    two of them apart may stand at their end.

    Parameters
    ----------
    width
        Room for all of it [cells].
    """
    rest = width - 2 * (_FIGURE_CELLS + _GAP) - _GAP
    longest = max((cell_len(bar.label) for bar in bars), default=0)
    cells = min(_BAR_CELLS, max(_FEWEST_BAR_CELLS, rest - longest - _GAP))
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, _GAP, 0, 0))
    table.add_column(max_width=max(rest - cells - _GAP, 1), overflow="fold")
    table.add_column(width=cells, no_wrap=True, style="green")
    table.add_column(min_width=_FIGURE_CELLS, justify="right", no_wrap=True)
    table.add_column(min_width=_FIGURE_CELLS, justify="right", no_wrap=True)
    largest = max((abs(bar.amount) for bar in bars), default=0.0)
    for bar in bars:
        share = bar.amount / whole * 100 if whole else 0.0
        blocks = _blocks(bar.amount, largest, cells)
        table.add_row(Text(bar.label), blocks, f"{bar.amount:.2f}", f"{share:.1f} %")
    return table


def _blocks(amount: float, largest: float, cells: int) -> str:
    eighths = round(abs(amount) / largest * cells * 8) if largest else 0
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")
