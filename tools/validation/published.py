"""What others have published, and why it may differ: the files of `footprint.data/validation`."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

FOLDER = resources.files("footprint.data").joinpath("validation")


@dataclass(frozen=True, slots=True)
class Words:
    """The same in both languages."""

    en: str
    zh: str

    @classmethod
    def of(cls, row: Mapping[str, str], name: str) -> "Words":
        return cls(row[f"{name}_en"], row[f"{name}_zh"])


@dataclass(frozen=True, slots=True)
class Published:
    """A value that somebody published.

    Attributes
    ----------
    product
        Product model, activity or reference that it is about.
    counterparts
        Activities of the dataset that it is set beside; none for products.
    options
        Choice and option of a product model that the value is about, beside the template's.
    low, value, high
        Value and bounds [unit], on the basis of the dataset; some are None.
    used_in
        Activities of the dataset that rest on this value or on the inventory that it was computed
        from; where there are any, it is no independent check.
    reason
        Id of the kind of reason why it may differ from ours.
    """

    id: str
    product: str
    counterparts: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    short: str
    quantity: Words
    low: float | None
    value: float | None
    high: float | None
    unit: str
    boundary: str
    region: str
    year_of_data: str
    source: str
    year: str
    doi_or_url: str
    locator: str
    confidence: str
    independent: bool
    used_in: tuple[str, ...]
    reason: str
    note: Words

    @property
    def bounds(self) -> tuple[float, float]:
        """Smallest and largest of what is given [unit]."""
        given = [each for each in (self.low, self.value, self.high) if each is not None]
        return min(given), max(given)

    @property
    def centre(self) -> float:
        """The value, else the middle of its bounds [unit]."""
        return self.value if self.value is not None else sum(self.bounds) / 2.0


@dataclass(frozen=True, slots=True)
class Note:
    """What a source says about deviations between studies."""

    id: str
    products: tuple[str, ...]
    text: Words
    source: str
    year: str
    doi_or_url: str


@dataclass(frozen=True, slots=True)
class PublishedShare:
    """What share of its result a source gives to a part.

    Attributes
    ----------
    low, high
        Bounds of the share [%].
    ours
        Activities whose share is ours, see `results.Result.share`.
    """

    published_id: str
    place: str
    part: Words
    low: float
    high: float
    ours: tuple[str, ...]


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table of the folder."""
    text = FOLDER.joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def published_values() -> Iterator[Published]:
    """Yield all published values; amounts are brought to the dataset's basis by their factor."""
    for row in rows("published_values.csv"):
        factor = float(row["factor"] or 1.0)
        low, value, high = (
            float(row[name]) * factor if row[name] else None for name in ("low", "value", "high")
        )
        yield Published(
            id=row["id"],
            product=row["product"],
            counterparts=tuple(filter(None, row["counterpart"].split(";"))),
            options=tuple(
                (choice, option)
                for choice, _, option in (each.partition("=") for each in row["options"].split())
            ),
            short=row["short"],
            quantity=Words.of(row, "quantity"),
            low=low,
            value=value,
            high=high,
            unit=row["unit"],
            boundary=row["boundary"],
            region=row["region"],
            year_of_data=row["year_of_data"],
            source=row["source_title"],
            year=row["year"],
            doi_or_url=row["doi_or_url"],
            locator=row["locator"],
            confidence=row["confidence"],
            independent=row["independent"] == "true",
            used_in=tuple(filter(None, row["used_in"].split(";"))),
            reason=row["reason"],
            note=Words.of(row, "note"),
        )


def notes() -> Iterator[Note]:
    """Yield what sources say about deviations."""
    for row in rows("deviation_notes.csv"):
        yield Note(
            id=row["id"],
            products=tuple(row["product"].split(";")),
            text=Words.of(row, "note"),
            source=row["source_title"],
            year=row["year"],
            doi_or_url=row["doi_or_url"],
        )


def published_shares() -> Iterator[PublishedShare]:
    """Yield the shares that sources give to parts of their results."""
    for row in rows("published_shares.csv"):
        yield PublishedShare(
            published_id=row["published_id"],
            place=row["place"],
            part=Words.of(row, "part"),
            low=float(row["low_percent"]),
            high=float(row["high_percent"]),
            ours=tuple(row["ours"].split()),
        )


def document(name: str) -> Any:
    """Return a JSON document of the folder."""
    return json.loads(FOLDER.joinpath(name).read_text(encoding="utf-8"))
