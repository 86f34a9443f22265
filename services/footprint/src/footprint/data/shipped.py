"""Reading the files that ship with the service."""

import csv
import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from chassis.canonical import sha256_hex
from footprint.domain.dataset import Dataset
from footprint.domain.dataset_rows import dataset_from_tables
from footprint.domain.product_parts import ProductDocument

_SHIPPED = resources.files("footprint.data")
PACKAGE = "datapackage.json"


@dataclass(frozen=True, slots=True)
class Example:
    """A product as a user would bring it, and what its suppliers would stream.

    Attributes
    ----------
    header, lines, sites
        Content of `product.json`, `bom.csv` and `sites.csv`, unread.
    supplier_records
        Rows of the files in `suppliers/`, by file name without its suffix.
    """

    header: dict[str, Any]
    lines: list[dict[str, str]]
    sites: list[dict[str, str]]
    supplier_records: dict[str, list[dict[str, str]]]


def _rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def read_dataset(folder: Traversable) -> Dataset:
    """Read a dataset in the format of `greenchain_lci/README.md` and pin it by content.

    Raises
    ------
    InvalidInput
        With every row that does not hold, see `dataset_from_tables`.

    Notes
    -----
    The hash covers the description of the package and the SHA-256 of every table's bytes, so
    neither the order of reading nor the place of the folder matters, and a changed comment column
    counts.
    """
    header = json.loads(folder.joinpath(PACKAGE).read_text(encoding="utf-8"))
    names = [resource["path"] for resource in header["resources"]]
    contents = {name: folder.joinpath(name).read_bytes() for name in names}
    content_hash = sha256_hex(
        {
            "header": header,
            "files": {
                name: hashlib.sha256(content).hexdigest() for name, content in contents.items()
            },
        }
    )
    tables = {
        name.removesuffix(".csv"): _rows(content.decode("utf-8"))
        for name, content in contents.items()
    }
    return dataset_from_tables(header, content_hash, tables)


@cache
def load_dataset() -> Dataset:
    """Return the shipped dataset greenchain-lci."""
    return read_dataset(_SHIPPED.joinpath("greenchain_lci"))


def product_template_names() -> tuple[str, ...]:
    """Return the ids of the product models that ship as templates."""
    folders = (each.name for each in _SHIPPED.joinpath("products").iterdir() if each.is_dir())
    return tuple(sorted(name for name in folders if not name.startswith("_")))


def product_template_folder(product_id: str) -> Traversable:
    """Return the folder of a product model that ships as a template."""
    return _SHIPPED.joinpath("products", product_id)


def load_product_template(product_id: str) -> ProductDocument:
    """Return a shipped product model, with those that are parts of it."""
    document = read_product(product_template_folder(product_id))
    named = [part["product_id"] for part in document.header.get("parts", [])]
    parts = {name: load_product_template(name) for name in named}
    return ProductDocument(document.header, document.lines, document.sites, parts)


def read_product(folder: Traversable) -> ProductDocument:
    """Read the three files of a product model, without its parts."""
    sites = folder.joinpath("sites.csv")
    return ProductDocument(
        header=json.loads(folder.joinpath("product.json").read_text(encoding="utf-8")),
        lines=_table(folder.joinpath("bom.csv")),
        sites=_table(sites) if sites.is_file() else [],
    )


def _table(path: Traversable) -> list[Mapping[str, str]]:
    return list(_rows(path.read_text(encoding="utf-8")))


def load_example(name: str = "lfp_battery_pack") -> Example:
    """Return a shipped example."""
    folder = _SHIPPED.joinpath("examples", name)

    def rows(path: Traversable) -> list[dict[str, str]]:
        return _rows(path.read_text(encoding="utf-8"))

    return Example(
        header=json.loads(folder.joinpath("product.json").read_text(encoding="utf-8")),
        lines=rows(folder.joinpath("bom.csv")),
        sites=rows(folder.joinpath("sites.csv")),
        supplier_records={
            path.name.removesuffix(".csv"): rows(path)
            for path in sorted(folder.joinpath("suppliers").iterdir(), key=lambda path: path.name)
            if path.name.endswith(".csv")
        },
    )
