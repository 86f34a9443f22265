"""Reading the tables of a dataset: rows by their keys, links between tables, sources."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from chassis.errors import Location
from footprint.domain.dataset import Confidence, Source
from footprint.domain.dataset_columns import COLUMNS, REDISTRIBUTION
from footprint.domain.dataset_errors import MissingTable, NotAYear, RefusedLicence, UnlinkedRow
from footprint.domain.errors import Duplicate
from footprint.domain.rows import LONGEST_ID, RowReader, Violations, shown

Row = Mapping[str, str]

ACTIVITIES, FLOWS, METHODS = "activities.csv", "elementary_flows.csv", "methods.csv"
#: Columns of keys that are numbers: 2024 and 2024.0 are one year.
_NUMBERS = frozenset({"year"})
_LAST_YEAR = 9999


@dataclass(slots=True)
class Tables:
    """Reads table by table; what is wrong is noted and the row left out.

    Attributes
    ----------
    sources
        By id, once `read_sources` was called.
    activity_rows
        Row of each activity that could be read, in its table.
    """

    tables: Mapping[str, Iterable[Row]]
    violations: Violations
    sources: dict[str, Source] = field(default_factory=dict)
    activity_rows: dict[str, int | None] = field(default_factory=dict)

    def rows(self, table: str, *key: str) -> Iterator[RowReader]:
        """Yield the rows of a table, once each: a second one would replace the first."""
        file = f"{table}.csv"
        if table not in self.tables:
            self.violations.add(MissingTable(Location(field="", table=file)))
            return
        first_rows: dict[tuple[str, ...], int] = {}
        for number, values in enumerate(self.tables[table], start=1):
            value = tuple(_read_key(values, name) for name in key)
            id_ = "/".join(value)
            reader = RowReader(values, self.violations, row=number, id=id_ or None, table=file)
            if number == 1:
                reader.refuse_unknown(COLUMNS[table])
            if value in first_rows:
                told = shown(id_, LONGEST_ID)
                self.violations.add(Duplicate(reader.at(key[0]), told, first_rows[value]))
                continue
            first_rows[value] = number
            yield reader

    def at_activity(self, id_: str) -> Location:
        """Return the place of an activity's own row."""
        return Location(field="id", row=self.activity_rows[id_], id=id_, table=ACTIVITIES)

    def link(
        self,
        reader: RowReader,
        name: str,
        known: Collection[str],
        table: str,
        *,
        required: bool = True,
    ) -> str | None:
        """Read what names a row of another table; None if there is none."""
        value = reader.identifier(name, required=required)
        if not value or value in known:
            return value
        closest: list[str] = []
        if self.violations.may_suggest():
            closest = get_close_matches(value, list(known), n=1, cutoff=0.6)
        hint_en = f", e.g. {closest[0]}" if closest else ""
        hint_zh = f"，例如 {closest[0]}" if closest else ""
        self.violations.add(UnlinkedRow(reader.at(name), value, table, hint_en, hint_zh))
        return None

    def source(self, reader: RowReader) -> Source | None:
        source = self.link(reader, "source_id", self.sources, "sources.csv")
        locator = reader.text("source_locator")
        if not source or locator is None:
            return None
        of = self.sources[source]
        return Source(of.title, locator, of.doi_or_url, of.licence, of.year)

    def confidence(self, reader: RowReader) -> Confidence | None:
        value = reader.one_of("confidence", [each.value for each in Confidence])
        return None if value is None else Confidence(value)

    def year(self, reader: RowReader, name: str) -> int | None:
        """Read a year: half of one would be another one."""
        number = reader.finite(name)
        if number is None:
            return None
        if not (number.is_integer() and 0 < number <= _LAST_YEAR):
            self.violations.add(NotAYear(reader.at(name), number))
            return None
        return int(number)

    def read_sources(self) -> None:
        """Read licences and sources; one whose terms refuse it is a fault."""
        licences: dict[str, str] = {}
        titles: dict[str, str] = {}
        for reader in self.rows("licences", "id"):
            id_ = reader.identifier("id")
            allowed = reader.one_of("redistribution", REDISTRIBUTION)
            title = reader.text("title")
            reader.text("evidence")
            if id_ and allowed and title:
                licences[id_], titles[id_] = allowed, title
        for reader in self.rows("sources", "id"):
            id_ = reader.identifier("id")
            title, year = reader.text("title"), self.year(reader, "year")
            reader.text("evidence")
            url = reader.text("doi_or_url", required=False)
            licence = self.link(reader, "licence_id", licences, "licences.csv")
            if licence and licences[licence] == "refused":
                self.violations.add(RefusedLicence(reader.at("licence_id"), licence))
            if id_ and title and licence:
                self.sources[id_] = Source(title, "", url or "", titles[licence], year)


def _read_key(values: Row, name: str) -> str:
    """Return a part of a key as it will be read: spaces around it and `.0` are no difference."""
    text = str(values.get(name) or "").strip()
    if name in _NUMBERS:
        number = RowReader({name: text}, Violations()).finite(name)
        if number is not None and number.is_integer():
            return str(int(number))
    return text
