"""Reads product folders (`greenchain-product/1`), and names places in their files."""

from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

from chassis.csv_files import CsvRow, read_rows
from chassis.errors import InvalidInput, Location, Violation
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
OPTIONAL_BOM_COLUMNS = (
    "formula",
    "choice",
    "option",
    "uncertainty_type",
    "gsd",
    "min",
    "max",
    "doi_or_url",
    "note",
)
SITE_COLUMNS = ("activity_id", "region", "known_from")
OPTIONAL_SITE_COLUMNS = ("electricity", "note")
#: Folder of the product models that are parts of this one, each in a folder named by its id.
PARTS = "parts"
#: Parts within parts; the service refuses deeper ones with their place.
_DEEPEST = 10


@dataclass(eq=False)
class OtherPart(Violation):
    """A folder of a part holds another product than its name says."""

    code: ClassVar[str] = "cli.product.other_part"
    en: ClassVar[str] = (
        "{location}: the folder is called {folder!r}, the product {product_id!r}. Give both one "
        "name: that which the outer product names in `parts`."
    )
    zh: ClassVar[str] = (
        "{location}：文件夹名为 {folder!r}，产品为 {product_id!r}。请统一为外层产品在 parts 中所用"
        "的名称。"
    )

    folder: str
    product_id: str


@dataclass(frozen=True, slots=True)
class ProductFolder:
    """The files of a product and its parts, as read; the service checks what they say.

    Attributes
    ----------
    header
        Content of `product.json`.
    bom, site_rows
        Rows of `bom.csv` and `sites.csv`, with their places.
    parts
        Product models in the folder `parts`, by product id.
    """

    header: dict[str, Any]
    bom: Sequence[CsvRow]
    site_rows: Sequence[CsvRow]
    parts: Mapping[str, "ProductFolder"] = field(default_factory=dict)

    @property
    def lines(self) -> list[dict[str, str]]:
        """Cells of the rows of `bom.csv`, by column."""
        return [row.values for row in self.bom]

    @property
    def sites(self) -> list[dict[str, str]]:
        """Cells of the rows of `sites.csv`, by column."""
        return [row.values for row in self.site_rows]

    @property
    def document(self) -> dict[str, Any]:
        """The product model as the service takes it."""
        document = {"header": self.header, "lines": self.lines, "sites": self.sites}
        if self.parts:
            document["parts"] = {name: part.document for name, part in self.parts.items()}
        return document

    def in_files(self, error: RemoteError) -> RemoteError:
        """Return an error of the service with the places as they stand in the files."""
        found = (self._in_file(each) for each in error.violations)
        return replace(error, violations=tuple(found))

    def in_folder(self, invalid: InvalidInput) -> InvalidInput:
        """Return what is wrong, as it was found here, with its places in the files."""
        return InvalidInput(
            violations=tuple(
                replace(each, location=self.place(each.location)) for each in invalid.violations
            )
        )

    def _in_file(self, violation: Violation) -> Violation:
        if not isinstance(violation, RemoteViolation):
            return violation
        told, place = violation.location, self.place(violation.location)
        spoken = language.current()
        # Texts of the service name the place within, as the service knows it.
        before = told.text(spoken)
        text = violation.text.replace(before, place.text(spoken), 1) if before else violation.text
        return RemoteViolation(location=place, remote_code=violation.code, text=text)

    def place(self, told: Location) -> Location:
        """Return a place in the files from one that the service tells: `lines`, `battery: sites`.

        A part is told of by its id in the outer product, and found by the product that it is.
        """
        part, rest = self._part(told.table)
        if part is not None:
            name, product = part
            inner = product.place(replace(told, table=rest))
            return replace(inner, table=f"{PARTS}/{name}/{inner.table}")
        file, rows = {"lines": (BOM, self.bom), "sites": (SITES, self.site_rows)}.get(
            told.table, (f"{HEADER} {told.table.removeprefix(HEADER)}".strip(), ())
        )
        line = rows[told.row - 1].line if told.row and told.row <= len(rows) else None
        return replace(told, table=file, line=line)

    def _part(self, table: str) -> tuple[tuple[str, "ProductFolder"] | None, str]:
        """Return the part that a table is of, with its name, and the table within it."""
        id_, colon, rest = table.partition(": ")
        listed = self.header.get("parts")
        for part in listed if colon and isinstance(listed, list) else ():
            if isinstance(part, Mapping) and part.get("id") == id_:
                name = part.get("product_id")
                if isinstance(name, str) and name in self.parts:
                    return (name, self.parts[name]), rest
        return None, table


def read_product(folder: Path) -> ProductFolder:
    """Read `product.json`, `bom.csv` and `sites.csv`, which may be missing or empty, and parts.

    Raises
    ------
    InvalidInput
        With everything that is wrong with the form of the files.
    """
    violations: list[Violation] = []
    product = _read(folder, "", violations, 0)
    if violations:
        raise InvalidInput(violations=tuple(violations))
    return product


def _read(folder: Path, within: str, violations: list[Violation], depth: int) -> ProductFolder:
    """Read a product; `within` is the path of a part, for places."""
    found: list[Violation] = []
    header = read_object(folder / HEADER, found)
    bom = _rows(folder / BOM, found, BOM_COLUMNS, OPTIONAL_BOM_COLUMNS)
    sites = folder / SITES
    rows: list[CsvRow] = []
    if sites.exists() and sites.read_bytes().removeprefix(BOM_UTF8).strip():
        rows = _rows(sites, found, SITE_COLUMNS, OPTIONAL_SITE_COLUMNS)
    for violation in found:
        violation.location = replace(
            violation.location, table=f"{within}{violation.location.table}"
        )
    violations += found
    parts: dict[str, ProductFolder] = {}
    inside = folder / PARTS
    for path in sorted(inside.iterdir()) if inside.is_dir() and depth < _DEEPEST else ():
        if not (path / HEADER).is_file():
            continue
        inner = f"{within}{PARTS}/{path.name}/"
        parts[path.name] = _read(path, inner, violations, depth + 1)
        named = parts[path.name].header.get("product_id")
        if isinstance(named, str) and named != path.name:
            at = Location("product_id", table=f"{inner}{HEADER}")
            violations.append(OtherPart(at, path.name, named))
    return ProductFolder(header, bom, rows, parts)


def _rows(
    path: Path, violations: list[Violation], columns: Sequence[str], optional: Sequence[str]
) -> list[CsvRow]:
    content = path.read_bytes()
    return list(read_rows(content, path.name, violations, columns=columns, optional=optional))
