"""Reading the files that ship with the service."""

import csv
import hashlib
import io
import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from chassis.canonical import sha256_hex
from footprint.domain.dataset import Dataset
from footprint.domain.dataset_rows import dataset_from_rows

_SHIPPED = resources.files("footprint.data")


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

    Notes
    -----
    The hash covers id, version and the SHA-256 of every file's bytes, so neither the order of
    reading nor the place of the folder matters, and a changed comment column counts.
    """
    header = json.loads(folder.joinpath("dataset.json").read_text(encoding="utf-8"))
    contents = {name: folder.joinpath(name).read_bytes() for name in header["files"]}
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
    # Read by people; what the rows rest on stands in the rows themselves.
    tables.pop("sources", None)
    return dataset_from_rows(header, content_hash, **tables)


@cache
def load_dataset() -> Dataset:
    """Return the shipped dataset greenchain-lci."""
    return read_dataset(_SHIPPED.joinpath("greenchain_lci"))


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
