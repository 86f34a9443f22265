"""A dataset as it stands in its files: the rows of its tables, and what names each of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from chassis.errors import Location
from footprint.domain.dataset import Dataset
from footprint.domain.dataset_columns import COLUMNS
from footprint.domain.dataset_rows import dataset_from_tables

Row = Mapping[str, str]

#: Tables that a dataset may have beside those that every one has, with their columns.
OPTIONAL_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "electricity_direct_factors": (
        "year",
        "region",
        "value",
        "unit",
        "source_id",
        "source_locator",
        "confidence",
    ),
    "balance_notes": ("activity_id", "element", "reason_en", "reason_zh"),
}
ALL_COLUMNS: Mapping[str, tuple[str, ...]] = {**COLUMNS, **OPTIONAL_COLUMNS}
#: Columns that together name a row of a table.
KEYS: Mapping[str, tuple[str, ...]] = {
    "licences": ("id",),
    "sources": ("id",),
    "activities": ("id",),
    "exchanges": ("line_id",),
    "elementary_flows": ("id",),
    "methods": ("id",),
    "characterization": ("method_id", "flow_id"),
    "regional_factors": ("method_id", "location"),
    "coverage": ("activity_id", "method_id"),
    "markets": ("reference_id", "region", "year"),
    "routes": ("reference_id", "route_id"),
    "compositions": ("item_id", "element"),
    "retired": ("id",),
    "electricity_direct_factors": ("year", "region"),
    "balance_notes": ("activity_id", "element"),
}


def key_of(table: str, row: Row) -> str:
    """Return what names a row: its key, or all of it in a table that nothing is known of."""
    names = KEYS.get(table) or tuple(row)
    return "/".join(row.get(name) or "" for name in names)


@dataclass(frozen=True, slots=True)
class DatasetDocument:
    """A dataset, unread.

    Attributes
    ----------
    header
        Content of `datapackage.json`.
    tables
        Rows by the name of the table.
    sha256
        Hash over the description of the package and the hashes of the tables' bytes.
    """

    header: Mapping[str, Any]
    tables: Mapping[str, Sequence[Row]]
    sha256: str
    _places: dict[str, dict[str, int]] = field(default_factory=dict, compare=False, repr=False)

    def dataset(self) -> Dataset:
        """Read it.

        Raises
        ------
        InvalidInput
            With every row that does not hold.
        """
        return dataset_from_tables(self.header, self.sha256, self.tables)

    def rows(self, table: str) -> Sequence[Row]:
        """Return the rows of a table; none if the dataset has no such table."""
        return self.tables.get(table, ())

    def keyed(self, table: str) -> dict[str, Row]:
        """Return the rows of a table by what names them."""
        return {key_of(table, row): row for row in self.rows(table)}

    def at(self, table: str, column: str, *key: str) -> Location:
        """Return the place of a field, by the key of its row; without a row if there is none."""
        if table not in self._places:
            numbered = enumerate(self.rows(table), start=1)
            self._places[table] = {key_of(table, row): number for number, row in numbered}
        id_ = "/".join(key)
        row = self._places[table].get(id_)
        return Location(field=column, row=row, id=id_ or None, table=f"{table}.csv")
