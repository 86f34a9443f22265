"""Dots and ranges as SVG: ours above, published ones below, on one axis from zero."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, ROW = 800, 20
_LEFT, _RIGHT, _TOP, _BOTTOM = 300, 40, 34, 40
#: Told apart without colour, too: ours are circles, theirs are squares, hollow if not independent.
OURS, THEIRS = "#0b5fa5", "#b3470b"


@dataclass(frozen=True, slots=True)
class Row:
    """A value with its range, in the unit of the panel."""

    name: str
    low: float
    value: float | None
    high: float
    ours: bool
    hollow: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """Values of one quantity."""

    title: str
    unit: str
    rows: Sequence[Row]

    @property
    def height(self) -> int:
        return _TOP + ROW * len(self.rows) + _BOTTOM


def figure(title: str, description: str, panels: Sequence[Panel]) -> str:
    """Draw panels below each other."""
    height = sum(panel.height for panel in panels)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'role="img" font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(description)}</desc>",
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    top = 0
    for panel in panels:
        parts += [f'<g transform="translate(0 {top})">', *_panel(panel), "</g>"]
        top += panel.height
    return "\n".join([*parts, "</svg>", ""])


def step_of(largest: float) -> float:
    """Return the distance of ticks, 1, 2 or 5 times a power of ten, so that there are few."""
    power = 10.0 ** math.floor(math.log10(largest))
    return next(
        digit * power for digit in (0.1, 0.2, 0.5, 1.0, 2.0) if largest / (digit * power) <= 10.0
    )


def _panel(panel: Panel) -> Iterator[str]:
    largest = max(row.high for row in panel.rows)
    step = step_of(largest)
    end = step * math.ceil(largest / step)
    bottom = _TOP + ROW * len(panel.rows)

    def at(value: float) -> float:
        return round(_LEFT + value / end * (WIDTH - _LEFT - _RIGHT), 1)

    yield _text(8, 20, panel.title, "start", 'font-weight="bold"')
    for number in range(round(end / step) + 1):
        x = at(number * step)
        yield f'<line x1="{x}" y1="{_TOP}" x2="{x}" y2="{bottom}" stroke="#ddd"/>'
        yield _text(x, bottom + 16, f"{number * step:,g}")
    yield _text(round((_LEFT + WIDTH - _RIGHT) / 2), bottom + 33, panel.unit)
    for number, row in enumerate(panel.rows):
        y = _TOP + ROW * number + ROW // 2
        colour = OURS if row.ours else THEIRS
        yield _text(_LEFT - 8, y + 4, row.name, "end", f'fill="{colour}"')
        if row.high > row.low:
            low, high = at(row.low), at(row.high)
            yield (
                f'<line x1="{low}" y1="{y}" x2="{high}" y2="{y}" '
                f'stroke="{colour}" stroke-width="3" stroke-opacity="0.5"/>'
            )
        if row.value is not None:
            yield _mark(at(row.value), y, colour, row)


def _mark(x: float, y: float, colour: str, row: Row) -> str:
    fill = "white" if row.hollow else colour
    style = f'fill="{fill}" stroke="{colour}" stroke-width="1.5"'
    if row.ours:
        return f'<circle cx="{x}" cy="{y}" r="4" {style}/>'
    return f'<rect x="{x - 4:.1f}" y="{y - 4}" width="8" height="8" {style}/>'


def _text(x: float, y: float, text: str, anchor: str = "middle", style: str = "") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" {style}>{escape(text)}</text>'
