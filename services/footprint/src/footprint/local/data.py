"""Checking, comparing and extending datasets.

What is returned is JSON; errors are those of the domain, with table, row and column.
"""

import zipfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from chassis.errors import InvalidInput
from footprint.adapters import dataset_folders
from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.application import datasets
from footprint.data.dataset_files import archive_folder, read_document
from footprint.data.shipped import (
    dataset_folder,
    load_product_template,
    product_template_names,
)
from footprint.domain.dataset_findings import Finding, UnsoundDataset
from footprint.domain.product_parts import ProductDocument
from footprint.local import data_answers


def check_data(folder: str | None = None) -> dict[str, Any]:
    """Check a dataset, by default the shipped one.

    Raises
    ------
    InvalidInput
        With every row that cannot be read; or, as `UnsoundDataset`, with every error found.
    """
    dataset, findings = datasets.check(read_document(folder_of(folder)), GreenchainEngine())
    refuse(findings)
    return data_answers.checked(dataset, findings)


def diff_data(old: str, new: str | None, method_id: str) -> dict[str, Any]:
    """Compare two datasets, each a folder, an archive or a version; `new` is the shipped one.

    Raises
    ------
    UnknownDatasetVersion, InvalidInput, UnknownMethod
    """
    before, after = read_document(folder_of(old)), read_document(folder_of(new))
    found = datasets.diff(before, after, _products(), method_id, GreenchainEngine())
    return data_answers.difference(found)


def add_data(
    files: Mapping[Path, str], folder: Path, method_id: str, *, replace: bool = False
) -> dict[str, Any]:
    """Put rows of files into tables of a folder: all of them, or none.

    A folder that is not there becomes a copy of the shipped dataset.

    Parameters
    ----------
    files
        Names of the tables by file.

    Raises
    ------
    UnknownTable
    InvalidInput
        With every row that is there already, cannot be read, or breaks a rule that held before.
    """
    additions = [dataset_folders.read_addition(*each) for each in files.items()]
    is_new = not folder.exists()
    with nullcontext() if is_new else dataset_folders.alone(folder):
        return add_rows(additions, folder, method_id, replace=replace, is_new=is_new)


def add_rows(
    additions: Sequence[dataset_folders.Addition],
    folder: Path,
    method_id: str,
    *,
    replace: bool,
    is_new: bool,
) -> dict[str, Any]:
    """Put rows into tables of a folder that nobody else writes to; see `add_data`."""
    engine = GreenchainEngine()
    source: Traversable = dataset_folder() if is_new else folder
    before = read_document(source)
    tables = dataset_folders.tables_with(before, additions, replace=replace)
    after = dataset_folders.with_tables(source, tables)
    _, known = datasets.check(before, engine)
    told = {each.message() for each in known}
    try:
        _, found = datasets.check(after, engine)
        fresh = [each for each in found if each.message() not in told]
        refuse(fresh)
    except InvalidInput as invalid:
        raise dataset_folders.in_files(invalid, additions) from None
    difference = datasets.diff(before, after, _products(), method_id, engine)
    if is_new:
        dataset_folders.copy_with_tables(source, folder, tables)
    else:
        dataset_folders.write_tables(folder, tables)
    return data_answers.added(folder, is_new, difference, fresh)


def folder_of(named: str | None) -> Traversable:
    """Return what a folder, an archive or a version names."""
    if named is None:
        return dataset_folder()
    path = Path(named)
    if path.is_dir():
        return path
    if path.is_file() and zipfile.is_zipfile(path):
        return archive_folder(path)
    return dataset_folder(named)


def _products() -> Mapping[str, ProductDocument]:
    return {name: load_product_template(name) for name in product_template_names()}


def refuse(findings: list[Finding]) -> None:
    """Raise the errors among findings.

    Raises
    ------
    UnsoundDataset
    """
    errors = tuple(each for each in findings if each.is_error)
    if errors:
        raise UnsoundDataset(errors)
