"""Pictures made of characters: bars from a common origin, a histogram, a tree."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, chop_cells

from greenchain_cli.output import UNBOUND, figure

#: A picture is no wider where nothing limits it: a pipe, a file, a very wide window [cells].
WIDEST = 100
_BAR_CELLS, _FEWEST_BAR_CELLS = 32, 12
_GAP = 2
_HISTOGRAM_CELLS, _HISTOGRAM_LINES = 64, 8
_EIGHTHS = " ▁▂▃▄▅▆▇█"
# Figures of other sizes are written with an exponent.
_LEAST, _LARGEST = 1e-3, 1e7


@dataclass(frozen=True, slots=True)
class Span:
    """A named part of an axis, drawn as a bar, with the figures that stand beside it.

    Attributes
    ----------
    low, high
        Its ends [unit of the axis].
    figures
        As they are written, one for each column.
    """

    label: str
    low: float
    high: float
    figures: tuple[str, ...]

    @classmethod
    def of(cls, label: str, amount: float, *figures: str) -> "Span":
        """Return the bar of an amount, from zero."""
        return cls(label, min(amount, 0.0), max(amount, 0.0), figures)


@dataclass(frozen=True, slots=True)
class Branch:
    """A line of a tree.

    Attributes
    ----------
    depth
        Of the root, 0.
    figures
        As they are written, one for each column.
    """

    depth: int
    label: str
    figures: tuple[str, ...]


def picture_width(width: int) -> int:
    """Return how wide a picture is in a window [cells]."""
    return WIDEST if width >= UNBOUND else width


def quantity(value: float) -> str:
    """Write an amount with four significant digits or more, however small or large it is.

    >>> quantity(26.382874758624606), quantity(-1.5e-9), quantity(0.0)
    ('26.38', '-1.500e-09', '0')
    """
    if value == 0.0:
        return "0"
    return figure(value) if _LEAST <= abs(value) < _LARGEST else f"{value:.3e}"


def signed(value: float) -> str:
    """Write a difference with its sign.

    >>> signed(1.25), signed(-1.25), signed(0.0)
    ('+1.250', '-1.250', '0')
    """
    return f"+{quantity(value)}" if value > 0.0 else quantity(value)


def bars(
    spans: Sequence[Span], header: Sequence[str], width: int, origin: float = 0.0
) -> list[str]:
    """Draw spans below each other on one axis: label, bar, figures.

    Where a label does not fit beside its bar, all labels stand above theirs: none is cut, since
    what tells two of them apart may stand at their end.

    Parameters
    ----------
    header
        Name of each column of figures.
    width
        Room for all of it [cells].
    origin
        Marked where bars reach to both sides of it [unit of the axis].
    """
    figures = (span.figures for span in spans)
    columns = [max(map(cell_len, column)) for column in zip(header, *figures, strict=True)]
    room = width - sum(columns) - _GAP * len(columns)
    longest = max((cell_len(span.label) for span in spans), default=0)
    beside = longest + _GAP + _FEWEST_BAR_CELLS <= room
    indent = longest + _GAP if beside else _GAP
    cells = max(min(_BAR_CELLS, room - indent), 1)
    low = min([origin, *(span.low for span in spans)])
    high = max([origin, *(span.high for span in spans)])

    def line(start: str, bar: str, figures: Sequence[str]) -> str:
        written = (
            " " * (_GAP + n - cell_len(f)) + f for n, f in zip(columns, figures, strict=True)
        )
        return f"{_padded(start, indent)}{_padded(bar, cells)}{''.join(written)}".rstrip()

    lines = [line("", "", header)] if any(header) else []
    for span in spans:
        if not beside:
            lines.append(span.label)
        bar = _bar(span, low, high, origin, cells)
        lines.append(line(span.label if beside else "", bar, span.figures))
    return lines


def histogram(
    edges: Sequence[float], counts: Sequence[int], marks: Sequence[tuple[str, float]], width: int
) -> list[str]:
    """Draw a histogram in columns above its axis.

    Parameters
    ----------
    edges
        Ends of the bins, one more than there are counts [unit of the axis].
    marks
        Characters that are set on the axis, and where; the last of them on top.
    width
        Room for all of it [cells].
    """
    cells = min(width, _HISTOGRAM_CELLS)
    heights = _columns(counts, cells)
    tallest = max(heights) or 1.0
    eighths = [round(height / tallest * _HISTOGRAM_LINES * 8) for height in heights]
    # What is there is seen, however little it is.
    eighths = [max(n, 1) if height else 0 for n, height in zip(eighths, heights, strict=True)]
    lines = [
        "".join(_EIGHTHS[min(max(n - 8 * level, 0), 8)] for n in eighths).rstrip()
        for level in reversed(range(_HISTOGRAM_LINES))
    ]
    axis = ["─"] * cells
    for character, value in marks:
        place = _place(value, edges[0], edges[-1], cells)
        if place is not None:
            axis[min(int(place), cells - 1)] = character
    first, last = quantity(edges[0]), quantity(edges[-1])
    return [*lines, "".join(axis), f"{first}{last:>{max(cells - len(first), len(last) + 1)}}"]


def tree(branches: Sequence[Branch], header: Sequence[str], width: int) -> list[str]:
    """Draw a tree whose lines come depth first, with figures before the names.

    Parameters
    ----------
    header
        Name of each column of figures, and of the names.
    width
        Room for all of it [cells]; longer names go on below.
    """
    figures = _aligned_right([header[:-1], *(branch.figures for branch in branches)])
    lines = [figures[0] + " " * _GAP + header[-1]]
    for branch, beside, guides in zip(branches, figures[1:], _guides(branches), strict=True):
        # Where a chain is deep, the guides next to a name are kept: they have half of the room.
        kept = max((width - cell_len(beside)) // 2, 2)
        shown = guides if len(guides) <= kept else "…" + guides[1 - kept :]
        before = beside + " " * _GAP + shown
        room = max(width - cell_len(before), 2)
        first, *others = chop_cells(branch.label, room) or [""]
        lines.append(before + first)
        lines += [" " * cell_len(before) + other.lstrip() for other in others]
    return lines


def _aligned_right(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of figures below each other."""
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    return [
        (" " * _GAP).join(" " * (n - cell_len(f)) + f for n, f in zip(widths, row, strict=True))
        for row in rows
    ]


def _bar(span: Span, low: float, high: float, origin: float, cells: int) -> str:
    """Draw one bar, half a cell at the finest."""
    ends = (_place(end, low, high, cells) for end in (span.low, span.high))
    left, right = (round(2 * end) if end is not None else 0 for end in ends)
    drawn = []
    for cell in range(cells):
        halves = (left <= 2 * cell < right, left <= 2 * cell + 1 < right)
        drawn.append({(1, 1): "█", (1, 0): "▌", (0, 1): "▐"}.get(halves, " "))
    if left == right and span.low != span.high:
        drawn[min(left // 2, cells - 1)] = "▏"
    mark = _place(origin, low, high, cells)
    if mark is not None and low < origin < high:
        at = min(int(mark), cells - 1)
        drawn[at] = "│" if drawn[at] == " " else drawn[at]
    return "".join(drawn)


def _place(value: float, low: float, high: float, cells: int) -> float | None:
    """Return where on an axis a value stands [cells], if it is on it."""
    if not low < high or not low <= value <= high:
        return None
    if math.isfinite(high - low):
        return (value - low) / (high - low) * cells
    # Halved first: the difference of two float64 may be too large for one.
    return (value / 2 - low / 2) / (high / 2 - low / 2) * cells


def _columns(counts: Sequence[int], cells: int) -> list[float]:
    """Spread bins over columns; each column has the mean of the bins that it covers."""
    heights = []
    for column in range(cells):
        first = column * len(counts) // cells
        last = max(math.ceil((column + 1) * len(counts) / cells), first + 1)
        covered = counts[first:last]
        heights.append(sum(covered) / len(covered))
    return heights


def _guides(branches: Sequence[Branch]) -> list[str]:
    """Return the lines that lead from the root to each branch."""
    guides: list[str] = []
    # Read from below, we know at which depths another branch is still to come.
    to_come: set[int] = set()
    for branch in reversed(branches):
        above = ("│ " if level in to_come else "  " for level in range(1, branch.depth))
        own = ("├ " if branch.depth in to_come else "└ ") if branch.depth else ""
        guides.append("".join(above) + own)
        to_come = {level for level in to_come if level < branch.depth} | {branch.depth}
    return guides[::-1]


def _padded(text: str, cells: int) -> str:
    return text + " " * max(cells - cell_len(text), 0)
