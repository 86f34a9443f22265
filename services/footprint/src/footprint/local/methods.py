"""Methods of bw2io's bundle, for datasets."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

from chassis.csv_files import CsvRow
from footprint.adapters import dataset_folders
from footprint.adapters.brightway.bundled_methods import load_bundled_flows, load_bundled_methods
from footprint.data.dataset_files import read_document
from footprint.data.shipped import dataset_folder
from footprint.domain.bundled_methods import method_called, method_rows, methods_like
from footprint.local import data_answers
from footprint.local.data import add_rows


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
        added = add_rows(additions, folder, method_id, replace=False, is_new=is_new)
    return {"method": data_answers.bundled_method(method, flows), **added}
