"""Numbers and tables as Markdown."""

from collections.abc import Iterable, Sequence

from tools.validation.published import Published, Words

NONE = "–"


def number(value: float | None) -> str:
    """Write a number with the digits that a reader needs."""
    if value is None:
        return NONE
    size = abs(value)
    if size < 0.00005:
        return "0"
    if size >= 1000.0:
        return f"{value:,.0f}"
    if size >= 10.0:
        return f"{value:.1f}"
    return f"{value:.2f}" if size >= 1.0 else f"{value:.4f}"


def span(low: float, high: float) -> str:
    """Write a range."""
    return number(low) if low == high else f"{number(low)} to {number(high)}"


def signed(value: float) -> str:
    """Write a difference."""
    text = number(abs(value))
    if text == "0":
        return text
    return f"+{text}" if value > 0.0 else f"−{text}"


def table(head: Sequence[str], rows: Iterable[Sequence[str]], align: str = "") -> list[str]:
    """Write a table; `align` has `r` for each column of numbers and `l` for others."""
    marks = [":--" if mark == "l" else "--:" for mark in align.ljust(len(head), "r")]
    lines = [f"| {' | '.join(head)} |", f"| {' | '.join(marks)} |"]
    lines += [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    return [*lines, ""]


def both(words: Words) -> str:
    """Write a text in both languages."""
    return f"{words.en} {words.zh}"


def cited(published: Published) -> str:
    """Write the short name of a published value, linked to its source."""
    return linked(published.short, published.doi_or_url)


def linked(text: str, doi_or_url: str) -> str:
    """Link a text to a DOI or to the first address that is named."""
    first = doi_or_url.split(" ")[0].rstrip(";")
    if first.startswith("10."):
        first = f"https://doi.org/{first}"
    return f"[{text}]({first.replace('(', '%28').replace(')', '%29')})" if first else text


def folded(summary: Words, lines: Iterable[str]) -> list[str]:
    """Fold lines away behind a summary."""
    return ["<details>", f"<summary>{both(summary)}</summary>", "", *lines, "", "</details>", ""]


def value_of(published: Published) -> str:
    """Write a published value with its bounds."""
    low, high = published.bounds
    if low == high:
        limit = "≤ " if published.value is None and published.low is None else ""
        return f"{limit}{number(low)}"
    if published.value is None:
        return span(low, high)
    return f"{number(published.value)} ({span(low, high)})"
