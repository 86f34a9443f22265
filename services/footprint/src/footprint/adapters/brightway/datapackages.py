"""Matrices as bw2calc takes them: vectors of entries in memory, as float64.

bw2data, which stores float32, is not involved.
"""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import bw_processing as bwp
import numpy as np

from footprint.engine.arrays import Floats, Integers


@contextmanager
def _without(name: str) -> Iterator[None]:
    """Let imports in the block fail to find a package."""
    had = sys.modules.get(name)
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]
        if had is not None:
            sys.modules[name] = had


# Where it is installed, to read projects, bw2calc would import bw2data, which opens a project of
# the user, writes logs and takes a second.
with _without("bw2data"), warnings.catch_warnings():
    # bw2calc recommends pypardiso at import. It is left out on purpose: it costs each new LCA
    # object 160–250 ms instead of 5 on systems of this size. No other warning is hidden.
    warnings.filterwarnings(
        "ignore", message=r"\s*It seems like you have an AMD/INTEL x64 architecture, but haven't"
    )
    import bw2calc

__all__ = ["Entries", "bw2calc", "datapackage"]


@dataclass(frozen=True, slots=True)
class Entries:
    """Entries of one matrix (m,), signed as they stand in it; those of one cell add up."""

    row: Integers
    column: Integers
    amount: Floats


def datapackage(**matrices: Entries) -> "bwp.Datapackage":
    """Write matrices: ``technosphere`` (products × activities), ``biosphere`` (flows × activities).

    ``characterization`` has the factors of one method, in column 0.
    """
    package = bwp.create_datapackage()
    for name, entries in matrices.items():
        _add(package, f"{name}_matrix", entries)
    return package


def _add(package: Any, matrix: str, entries: Entries) -> None:
    indices = np.empty(len(entries.row), dtype=bwp.INDICES_DTYPE)
    indices["row"], indices["col"] = entries.row, entries.column
    package.add_persistent_vector(
        matrix=matrix,
        name=matrix,
        indices_array=indices,
        data_array=np.ascontiguousarray(entries.amount, dtype=np.float64),
    )
