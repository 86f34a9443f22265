"""Line charts on logarithmic axes as SVG."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 400, 280
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 80, 36, 44
#: Told apart without colour, too: by dashes and by the name at the end of the line.
_LINES = (("#0b5fa5", ""), ("#b3470b", "6 4"))


@dataclass(frozen=True, slots=True)
class Panel:
    """One chart; series are named lists of points (x, y) with x ascending."""

    title: str
    x: str
    y: str
    series: Mapping[str, Sequence[tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class _Axis:
    """A logarithmic axis from `low` to `high` on `begin` to `end` [px]."""

    low: float
    high: float
    begin: float
    end: float

    @classmethod
    def of(cls, values: Sequence[float], begin: float, end: float) -> "_Axis":
        """Reach from the 1, 2 or 5 times a power of ten below to the one above."""
        steps = _steps(min(values) / 10.0, max(values) * 10.0)
        low = max(step for step in steps if step <= min(values))
        high = min(step for step in steps if step >= max(values) and step > low)
        return cls(low, high, begin, end)

    def at(self, value: float) -> float:
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return round(self.begin + share * (self.end - self.begin), 1)

    def ticks(self) -> list[float]:
        ticks = [step for step in _steps(self.low, self.high) if self.low <= step <= self.high]
        if len(ticks) > 7:
            ticks = [tick for tick in ticks if f"{tick:e}".startswith("1")]
        return ticks


def figure(title: str, description: str, panels: Sequence[Panel]) -> str:
    """Draw panels, two in a row."""
    height = HEIGHT * -(-len(panels) // 2)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {height}" '
        f'role="img" font-family="sans-serif" font-size="12">',
        f"<title>{escape(title)}</title>",
        f"<desc>{escape(description)}</desc>",
        '<rect width="100%" height="100%" fill="white"/>',
    ]
    for number, panel in enumerate(panels):
        place = f"translate({WIDTH * (number % 2)} {HEIGHT * (number // 2)})"
        parts += [f'<g transform="{place}">', *_panel(panel), "</g>"]
    return "\n".join([*parts, "</svg>", ""])


def _panel(panel: Panel) -> Iterator[str]:
    points = [point for series in panel.series.values() for point in series]
    x = _Axis.of([point[0] for point in points], _LEFT, WIDTH - _RIGHT)
    y = _Axis.of([point[1] for point in points], HEIGHT - _BOTTOM, _TOP)
    yield _text(_LEFT, 20, panel.title, "start", 'font-weight="bold"')
    for tick in x.ticks():
        yield _line(x.at(tick), y.begin, x.at(tick), y.end)
        yield _text(x.at(tick), y.begin + 16, f"{tick:,g}")
    for tick in y.ticks():
        yield _line(x.begin, y.at(tick), x.end, y.at(tick))
        yield _text(x.begin - 6, y.at(tick) + 4, f"{tick:,g}", "end")
    yield _text((x.begin + x.end) / 2, HEIGHT - 8, panel.x)
    yield _text(x.begin - 6, y.end - 10, panel.y, "end")
    for (colour, dashes), (name, series) in zip(_LINES, panel.series.items(), strict=False):
        places = [(x.at(first), y.at(second)) for first, second in series]
        path = " ".join(f"{first},{second}" for first, second in places)
        style = f'stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"'
        yield f'<polyline points="{path}" fill="none" {style}/>'
        for first, second in places:
            yield f'<circle cx="{first}" cy="{second}" r="3" fill="{colour}"/>'
        yield _text(places[-1][0] + 8, places[-1][1] + 4, name, "start", f'fill="{colour}"')


def _steps(low: float, high: float) -> list[float]:
    """Give 1, 2 and 5 times the powers of ten around a range."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [float(f"{digit}e{power}") for power in powers for digit in (1, 2, 5)]


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="#ddd"/>'


def _text(x: float, y: float, text: str, anchor: str = "middle", style: str = "") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" {style}>{escape(text)}</text>'
