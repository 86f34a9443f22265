"""The files of `greenchain-background/1`.

`background.json` says what the background is and pins all other files by their SHA-256;
`activities.json` and `flows.json` are tables; `technosphere.*.npy` and `biosphere.*.npy` are sparse
matrices by column, as NumPy maps them into memory.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from scipy import sparse

from chassis.canonical import NotCanonical, sha256_hex
from footprint.domain.background_errors import NotABackground

Columns = sparse.csc_array[np.float64]

FORMAT = "greenchain-background/1"
HEADER, ACTIVITIES, FLOWS = "background.json", "activities.json", "flows.json"
TECHNOSPHERE, BIOSPHERE = "technosphere", "biosphere"
_ARRAYS = ("indptr", "indices", "data")
_PLACES = (np.int32, np.int64)
#: All files beside the header, in their order in an archive.
FILES = (
    ACTIVITIES,
    FLOWS,
    *(f"{matrix}.{array}.npy" for matrix in (TECHNOSPHERE, BIOSPHERE) for array in _ARRAYS),
)
#: What the header counts.
COUNTS = (
    "activities",
    "flows",
    "technosphere",
    "biosphere",
    "flows_matched",
    "biosphere_matched",
    "inputs_left_out",
)
ACTIVITY_COLUMNS = (
    "code",
    "name",
    "reference_product",
    "location",
    "unit_given",
    "unit",
    "factor",
)
#: What tables of activities may have beside; without it they are as they always were, and so is
#: their hash.
OPTIONAL_ACTIVITY_COLUMNS = ("name_zh",)
FLOW_COLUMNS = ("key", "name", "compartment", "cas", "unit_given", "flow_id", "factor")


def write_table(path: Path, columns: tuple[str, ...], rows: list[tuple[Any, ...]]) -> None:
    """Write a table: names of the columns once, then a row a line."""
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    text = f'{{"columns": {json.dumps(columns)}, "rows": [\n{lines}\n]}}\n'
    path.write_text(text, encoding="utf-8")


def read_table(
    path: Path, columns: tuple[str, ...], optional: tuple[str, ...] = ()
) -> list[list[Any]]:
    """Return the rows of a table, with empty texts where it has no optional columns.

    Raises
    ------
    NotABackground
    """
    content = read_json(path)
    rows = content.get("rows")
    given = content.get("columns")
    if given not in (list(columns), [*columns, *optional]) or not isinstance(rows, list):
        raise damaged(path)
    fits = (
        isinstance(row, list) and len(row) == len(given) and isinstance(row[0], str) for row in rows
    )
    if not all(fits):
        raise damaged(path)
    absent = [""] * (len(columns) + len(optional) - len(given))
    return [[*row, *absent] for row in rows] if absent else rows


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a file.

    Raises
    ------
    NotABackground
    """
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise NotABackground(path.name, "the file is missing", "缺少该文件") from error
    except (ValueError, RecursionError, OSError) as error:
        raise damaged(path) from error
    if not isinstance(content, dict):
        raise damaged(path)
    return content


def write_matrix(folder: Path, name: str, columns: Columns) -> None:
    """Write the arrays of a matrix, by column."""
    columns.sum_duplicates()
    for array in _ARRAYS:
        np.save(folder / f"{name}.{array}.npy", getattr(columns, array), allow_pickle=False)


def map_matrix(folder: Path, name: str, shape: tuple[int, int]) -> Columns:
    """Map a matrix into memory; nothing of it is read yet but the ends of its columns.

    Raises
    ------
    NotABackground
    """
    indptr, indices, data = (_map(folder / f"{name}.{array}.npy") for array in _ARRAYS)
    fits = (
        all(array.ndim == 1 for array in (indptr, indices, data))
        and indptr.dtype in _PLACES
        and indices.dtype in _PLACES
        and data.dtype == np.float64
        and len(indptr) == shape[1] + 1
        and len(indices) == len(data)
        and indptr[0] == 0
        and indptr[-1] == len(data)
        # Compared, not subtracted: a difference may overflow, and look like one that ascends.
        and bool((indptr[1:] >= indptr[:-1]).all())
    )
    if not fits:
        raise damaged(folder / name)
    return sparse.csc_array((data, indices, indptr), shape=shape, copy=False)


def check_matrix(folder: Path, name: str, matrix: Columns) -> None:
    """Refuse places outside of a matrix, and amounts that are not finite.

    Raises
    ------
    NotABackground
    """
    inside = len(matrix.indices) == 0 or (
        int(matrix.indices.min()) >= 0 and int(matrix.indices.max()) < matrix.shape[0]
    )
    if not inside or not np.isfinite(matrix.data).all():
        raise damaged(folder / name)


def hashes(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file beside the header."""
    return {name: _sha256(folder / name) for name in FILES}


def content_hash(header: Mapping[str, Any]) -> str:
    """Return the hash that pins a background: that of its header, which pins the files.

    Raises
    ------
    NotABackground
    """
    try:
        return sha256_hex(dict(header))
    except NotCanonical as error:
        raise damaged(Path(HEADER)) from error


def damaged(path: Path) -> NotABackground:
    """Say that a file is not as it was written."""
    return NotABackground(path.name, "it is damaged", "文件已损坏")


def _map(path: Path) -> np.ndarray[Any, Any]:
    try:
        with path.open("rb") as file:
            if np.lib.format.read_magic(file) != (1, 0):
                raise damaged(path)
            shape, _, dtype = np.lib.format.read_array_header_1_0(file)
        if shape == (0,) and not dtype.hasobject:
            return np.empty(shape, dtype)  # Of nothing there is no map.
        array: np.ndarray[Any, Any] = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError, OverflowError, TypeError) as error:
        raise damaged(path) from error
    return array


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise damaged(path) from error
