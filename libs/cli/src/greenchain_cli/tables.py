"""Reads product folders (`greenchain-product/1`), and names places in their files."""

from codecs import BOM_UTF8
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from chassis.csv_files import CsvRow, read_rows
from chassis.errors import InvalidInput, Violation
from chassis.rpc_status import RemoteError, RemoteViolation
from greenchain_cli import language
from greenchain_cli.json_file import read_object

HEADER, BOM, SITES = "product.json", "bom.csv", "sites.csv"
BOM_COLUMNS = (
    "line_id",
    "stage",
    "consumer_id",
    "input_id",
    "amount",
    "unit",
    "activity_data",
    "source_title",
    "source_locator",
    "licence",
    "confidence",
)
OPTIONAL_BOM_COLUMNS = ("uncertainty_type", "gsd", "min", "max", "doi_or_url", "note")
SITE_COLUMNS = ("activity_id", "region", "known_from")
OPTIONAL_SITE_COLUMNS = ("note",)


@dataclass(frozen=True, slots=True)
class ProductFolder:
    """The three files of a product, as read; the service checks what they say.

    Attributes
    ----------
    header
        Content of `product.json`.
    bom, site_rows
        Rows of `bom.csv` and `sites.csv`, with their places.
    """

    header: dict[str, Any]
    bom: Sequence[CsvRow]
    site_rows: Sequence[CsvRow]

    @property
    def lines(self) -> list[dict[str, str]]:
        """Cells of the rows of `bom.csv`, by column."""
        return [row.values for row in self.bom]

    @property
    def sites(self) -> list[dict[str, str]]:
        """Cells of the rows of `sites.csv`, by column."""
        return [row.values for row in self.site_rows]

    def in_files(self, error: RemoteError) -> RemoteError:
        """Return an error of the service with the places as they stand in the files."""
        found = (self._in_file(each) for each in error.violations)
        return replace(error, violations=tuple(found))

    def _in_file(self, violation: Violation) -> Violation:
        if not isinstance(violation, RemoteViolation):
            return violation
        told = violation.location
        file, rows = {"lines": (BOM, self.bom), "sites": (SITES, self.site_rows)}.get(
            told.table, (f"{HEADER} {told.table}".strip(), ())
        )
        line = rows[told.row - 1].line if told.row and told.row <= len(rows) else None
        place = replace(told, table=file, line=line)
        spoken = language.current()
        # Texts of the service name the place within, as the service knows it.
        before = told.text(spoken)
        text = violation.text.replace(before, place.text(spoken), 1) if before else violation.text
        return RemoteViolation(location=place, remote_code=violation.code, text=text)


def read_product(folder: Path) -> ProductFolder:
    """Read `product.json`, `bom.csv` and `sites.csv`, which may be missing or empty.

    Raises
    ------
    InvalidInput
        With everything that is wrong with the form of the three files.
    """
    violations: list[Violation] = []
    header = read_object(folder / HEADER, violations)
    bom = _rows(folder / BOM, violations, BOM_COLUMNS, OPTIONAL_BOM_COLUMNS)
    sites = folder / SITES
    rows: list[CsvRow] = []
    if sites.exists() and sites.read_bytes().removeprefix(BOM_UTF8).strip():
        rows = _rows(sites, violations, SITE_COLUMNS, OPTIONAL_SITE_COLUMNS)
    if violations:
        raise InvalidInput(violations=tuple(violations))
    return ProductFolder(header, bom, rows)


def _rows(
    path: Path, violations: list[Violation], columns: Sequence[str], optional: Sequence[str]
) -> list[CsvRow]:
    content = path.read_bytes()
    return list(read_rows(content, path.name, violations, columns=columns, optional=optional))
