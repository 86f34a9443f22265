"""Arrays of a system as datapackages of bw2calc, in memory."""

import os
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Any

import bw_processing as bwp
import numpy as np

from benchmarks.brightway import bw2calc

MATRICES = ("technosphere_matrix", "biosphere_matrix", "characterization_matrix")
#: Number in stats_arrays of each `footprint.engine.distributions.Kind`.
_STATS_ARRAYS = np.array([1, 2, 3, 4, 5], dtype=np.uint8)
_LOGNORMAL = 1


def method(number: int) -> tuple[str, ...]:
    """Name a method; its number is the column of the characterization matrix."""
    return ("benchmark", str(number))


def datapackage(arrays: Mapping[str, Any], matrices: Iterable[str] = MATRICES) -> Any:
    """Hand deterministic matrices over, as float64, of methods the first."""
    package = bwp.create_datapackage()
    for matrix in matrices:
        if matrix == "characterization_matrix":
            _add_method(package, arrays, 0)
        else:
            package.add_persistent_vector(
                matrix=matrix,
                name=matrix,
                indices_array=_indices(arrays, matrix),
                data_array=np.asarray(arrays[f"{matrix}_values"], dtype=np.float64),
            )
    return package


def methods_datapackage(arrays: Mapping[str, Any], methods: int) -> Any:
    """Hand over the factors of all methods."""
    package = bwp.create_datapackage()
    for number in range(methods):
        _add_method(package, arrays, number)
    return package


def uncertain_datapackage(
    arrays: Mapping[str, Any], name: str, chosen: Mapping[str, Any], depends_on: Iterable[str] = ()
) -> Any:
    """Hand over distributions of the chosen exchanges of technosphere and biosphere."""
    package = _named(name, depends_on)
    for matrix, which in chosen.items():
        values = arrays[f"{matrix}_values"][which]
        kind, first, second = (
            arrays[f"{matrix}_{part}"][which] for part in ("kind", "first", "second")
        )
        table = np.zeros(len(values), dtype=bwp.UNCERTAINTY_DTYPE)
        table["shape"] = table["minimum"] = table["maximum"] = np.nan
        lognormal = kind == _LOGNORMAL
        if not (lognormal | (kind == 0)).all():
            raise ValueError("the benchmarks have fixed and lognormal amounts alone")
        table["uncertainty_type"] = _STATS_ARRAYS[kind]
        table["loc"] = np.where(
            lognormal, np.log(np.abs(np.where(lognormal, first, 1.0))), abs(first)
        )
        table["scale"] = np.where(lognormal, second, np.nan)
        package.add_persistent_vector(
            matrix=matrix,
            name=f"{name}_{matrix}",
            indices_array=_indices(arrays, matrix)[which],
            data_array=np.abs(values),
            flip_array=values < 0.0,
            distributions_array=table,
        )
    return package


def given_datapackage(
    arrays: Mapping[str, Any],
    name: str,
    chosen: Mapping[str, Any],
    depends_on: Iterable[str] = (),
    sample: int | None = None,
) -> Any:
    """Hand over drawn amounts: those of one sample, or of all, one after the other."""
    package = _named(name, depends_on, sequential=True)
    for matrix, which in chosen.items():
        amounts = np.asarray(arrays[f"{matrix}_given"][which], dtype=np.float64)
        add = package.add_persistent_array if sample is None else package.add_persistent_vector
        add(
            matrix=matrix,
            name=f"{name}_{matrix}",
            indices_array=_indices(arrays, matrix)[which],
            data_array=amounts if sample is None else np.ascontiguousarray(amounts[:, sample]),
        )
    return package


def solver() -> str:
    """Say what solves systems of equations here."""
    if not bw2calc.PYPARDISO:
        return "SuperLU"
    threads = os.environ.get("MKL_NUM_THREADS", f"up to {os.cpu_count()}")
    return f"pypardiso {version('pypardiso')}, PYPARDISO_MKL_RT set, MKL on {threads} threads"


def _named(name: str, depends_on: Iterable[str], sequential: bool = False) -> Any:
    return bwp.create_datapackage(
        name=name, metadata={"database_dependencies": list(depends_on)}, sequential=sequential
    )


def _add_method(package: Any, arrays: Mapping[str, Any], number: int) -> None:
    matrix = "characterization_matrix"
    of_method = arrays[f"{matrix}_columns"] == number
    indices = _indices(arrays, matrix)[of_method]
    indices["col"] = 0
    package.add_persistent_vector(
        matrix=matrix,
        name=f"{matrix}_{number}",
        identifier=list(method(number)),
        indices_array=indices,
        data_array=np.asarray(arrays[f"{matrix}_values"], dtype=np.float64)[of_method],
    )


def _indices(arrays: Mapping[str, Any], matrix: str) -> Any:
    indices = np.empty(len(arrays[f"{matrix}_values"]), dtype=bwp.INDICES_DTYPE)
    indices["row"], indices["col"] = arrays[f"{matrix}_rows"], arrays[f"{matrix}_columns"]
    return indices
