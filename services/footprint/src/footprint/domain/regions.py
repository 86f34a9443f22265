"""Which regions to name where one has no electricity market."""

from difflib import SequenceMatcher

#: So many regions are told where another one is unknown.
MOST_REGIONS = 12
#: So much of an unknown region is compared with the known codes [characters].
LONGEST_CODE = 20


def nearest_first(region: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Order regions by how much their codes are like another, its country first."""
    matcher = SequenceMatcher(b=region[:LONGEST_CODE].upper())

    def distance(code: str) -> tuple[bool, float]:
        matcher.set_seq1(code.upper())
        return code != region.partition("-")[0], -matcher.ratio()

    return tuple(sorted(known, key=distance))


def advice(known: tuple[str, ...], years: tuple[int, ...], language: str) -> str:
    """Say what to do about a region without a market: other years of it, then other regions."""
    chinese = language == "zh"
    listed = ("、" if chinese else ", ").join(known[:MOST_REGIONS])
    count = len(known) if len(known) > MOST_REGIONS else 0
    if chinese:
        more = f" 等（共 {count} 个）" if count else ""
        of_years = f"将年份设为 {'或 '.join(map(str, years))}" if years else ""
        other = f"使用以下之一：{listed}{more}" if listed else ""
        return f"请{'，或'.join(filter(None, (of_years, other))) or '改用其他年份'}。"
    more = f", … ({count} in all)" if count else ""
    of_years = f"set the year to {' or '.join(map(str, years))}" if years else ""
    other = f"use one of: {listed}{more}" if listed else ""
    text = ", or ".join(filter(None, (of_years, other))) or "use another year"
    return f"{text[0].upper()}{text[1:]}."
