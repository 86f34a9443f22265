"""Reading the files that ship with the service."""

import csv
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from footprint.data.dataset_files import PACKAGE, read_document
from footprint.domain.dataset import Dataset
from footprint.domain.dataset_errors import UnknownDatasetVersion
from footprint.domain.product_parts import ProductDocument

_SHIPPED = resources.files("footprint.data")
#: Folder of the dataset, and of the archives of its released versions.
DATASET, RELEASES = "greenchain_lci", "releases"
_ARCHIVE = re.compile(r"greenchain-lci-(.+)\.zip")


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
        With every row that does not hold, see `read_document` and `dataset_from_tables`.
    """
    return read_document(folder).dataset()


def load_dataset(version: str | None = None) -> Dataset:
    """Return greenchain-lci, by default as it ships; see `dataset_folder`."""
    return _load(_shipped_version() if version is None else version)


@cache
def _load(version: str) -> Dataset:
    return read_dataset(dataset_folder(version))


@cache
def _shipped_version() -> str:
    return _version_of(_SHIPPED.joinpath(DATASET))


def dataset_folder(version: str | None = None, data: Traversable = _SHIPPED) -> Traversable:
    """Return the folder of the dataset as it ships, or the archive of a released version.

    Parameters
    ----------
    data
        What the dataset and its releases stand in.

    Raises
    ------
    UnknownDatasetVersion
    """
    folder = data.joinpath(DATASET)
    current = _version_of(folder)
    if version is None or version == current:
        return folder
    archives = _archives(data)
    if version not in archives:
        raise UnknownDatasetVersion(version, dataset_versions(data))
    # Opened in memory: what ships may itself stand in an archive.
    content = io.BytesIO(archives[version].read_bytes())
    return zipfile.Path(zipfile.ZipFile(content))


def dataset_versions(data: Traversable = _SHIPPED) -> tuple[str, ...]:
    """Return the versions that can be loaded, oldest first; the last is the one that ships."""
    current = _version_of(data.joinpath(DATASET))
    released = sorted(set(_archives(data)) - {current}, key=_in_order)
    return (*released, current)


def _version_of(folder: Traversable) -> str:
    header = json.loads(folder.joinpath(PACKAGE).read_text(encoding="utf-8"))
    return str(header["version"])


def _archives(data: Traversable) -> dict[str, Traversable]:
    """Return the released archives by version."""
    folder = data.joinpath(RELEASES)
    if not folder.is_dir():
        return {}
    named = ((_ARCHIVE.fullmatch(file.name), file) for file in folder.iterdir())
    return {match[1]: file for match, file in named if match}


def _in_order(version: str) -> tuple[int | str, ...]:
    """Sort numbers by value; what is no number stands before them."""
    parts = re.split(r"[.+-]", version)
    return tuple(part.zfill(12) if part.isdigit() else f" {part}" for part in parts)


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
