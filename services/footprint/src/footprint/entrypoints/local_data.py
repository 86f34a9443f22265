"""Work on datasets and templates, for who runs the service as a library: no server, no database.

What is returned is JSON; errors are those of the domain, with table, row and column.
"""

import zipfile
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from chassis.csv_files import CsvRow
from chassis.errors import InvalidInput
from footprint.adapters import dataset_folders, template_folders
from footprint.adapters.brightway.bundled_methods import load_bundled_flows, load_bundled_methods
from footprint.adapters.dataset_cache import cached_package, copy_package
from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.application import datasets
from footprint.data.dataset_files import archive_folder, read_document
from footprint.data.shipped import (
    RELEASES,
    dataset_folder,
    load_product_template,
    product_template_names,
)
from footprint.domain.bundled_methods import method_called, method_rows, methods_like
from footprint.domain.dataset_findings import Finding, UnsoundDataset
from footprint.domain.product_parts import ProductDocument
from footprint.entrypoints import data_answers


def check_data(folder: str | None = None) -> dict[str, Any]:
    """Check a dataset, by default the shipped one.

    Raises
    ------
    InvalidInput
        With every row that cannot be read; or, as `UnsoundDataset`, with every error found.
    """
    dataset, findings = datasets.check(read_document(_folder(folder)), GreenchainEngine())
    _refuse(findings)
    return data_answers.checked(dataset, findings)


def diff_data(old: str, new: str | None, method_id: str) -> dict[str, Any]:
    """Compare two datasets, each a folder, an archive or a version; `new` is the shipped one.

    Raises
    ------
    UnknownDatasetVersion, InvalidInput, UnknownMethod
    """
    before, after = read_document(_folder(old)), read_document(_folder(new))
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
        return _add(additions, folder, method_id, replace=replace, is_new=is_new)


def list_methods(text: str = "") -> dict[str, Any]:
    """Name the methods of bw2io's bundle that have all words of a text in their names.

    Raises
    ------
    MethodBundleMissing
    """
    flows = load_bundled_flows()
    found = methods_like(load_bundled_methods(), text)
    return {"methods": [data_answers.bundled_method(each, flows) for each in found]}


def add_method(name: str, folder: Path, method_id: str) -> dict[str, Any]:
    """Put a method of bw2io's bundle into a folder, as `add_data` puts rows.

    Parameters
    ----------
    name
        Its full name, or enough words of it.
    method_id
        Method that products are compared by.

    Raises
    ------
    MethodBundleMissing, NoSuchBundledMethod, AmbiguousMethodName, MethodThere, MethodCountsNothing
    InvalidInput
        If the dataset cannot be read, or lacks what the rows link to.
    """
    method, flows = method_called(load_bundled_methods(), name), load_bundled_flows()
    is_new = not folder.exists()
    with nullcontext() if is_new else dataset_folders.alone(folder):
        before = read_document(dataset_folder() if is_new else folder).dataset()
        additions = [
            dataset_folders.Addition(
                Path(f"{table}.csv"),
                table,
                tuple(CsvRow(number, number + 1, dict(row)) for number, row in enumerate(rows, 1)),
            )
            for table, rows in method_rows(method, flows, before).items()
        ]
        added = _add(additions, folder, method_id, replace=False, is_new=is_new)
    return {"method": data_answers.bundled_method(method, flows), **added}


def _add(
    additions: Sequence[dataset_folders.Addition],
    folder: Path,
    method_id: str,
    *,
    replace: bool,
    is_new: bool,
) -> dict[str, Any]:
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
        _refuse(fresh)
    except InvalidInput as invalid:
        raise dataset_folders.in_files(invalid, additions) from None
    difference = datasets.diff(before, after, _products(), method_id, engine)
    if is_new:
        dataset_folders.copy_with_tables(source, folder, tables)
    else:
        dataset_folders.write_tables(folder, tables)
    return data_answers.added(folder, is_new, difference, fresh)


def build_data(
    folder: str | None = None, out: Path | None = None, region: str | None = None
) -> dict[str, Any]:
    """Build a dataset into a `bw_processing` datapackage, or find it in the cache.

    Raises
    ------
    InvalidInput
        With every row that cannot be read, or a region that has no market.
    """
    dataset = read_document(_folder(folder)).dataset()
    package, contents, is_new = cached_package(dataset, region)
    if out is not None:
        copy_package(package, out)
    place = region or dataset.default_region
    return data_answers.built(dataset, place, out or package, contents, is_new)


def release_data(folder: Path | None = None) -> dict[str, Any]:
    """Archive a dataset under its version, in `releases` beside its folder.

    Raises
    ------
    VersionReleased
        If the version was released with other content.
    InvalidInput
        With every row that cannot be read; or, as `UnsoundDataset`, with every error found: what
        is released cannot be mended.
    """
    source = Path(str(dataset_folder())) if folder is None else folder
    _, findings = datasets.check(read_document(source), GreenchainEngine())
    _refuse(findings)
    archives = source.resolve().parent / RELEASES
    archive, document, is_new = dataset_folders.release(source, archives)
    return data_answers.released(archive, document, is_new)


def list_templates() -> dict[str, Any]:
    """Name the product models that ship as templates."""
    return {"templates": [data_answers.template(each) for each in template_folders.templates()]}


def copy_template(name: str, folder: Path) -> dict[str, Any]:
    """Copy a template and its parts; see `template_folders.copy_template`."""
    files = template_folders.copy_template(name, folder)
    return {"product_id": name, "folder": str(folder), "files": files}


def _folder(named: str | None) -> Traversable:
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


def _refuse(findings: list[Finding]) -> None:
    errors = tuple(each for each in findings if each.is_error)
    if errors:
        raise UnsoundDataset(errors)
