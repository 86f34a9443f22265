"""bw2calc as an oracle: the same system from an in-memory datapackage."""

import warnings
from dataclasses import replace
from typing import Any

import bw_processing as bwp
import numpy as np
from numpy.typing import NDArray
from services.footprint.tests.oracles.references import equilibrated

from footprint.engine.system import Exchanges, System

with warnings.catch_warnings():
    # It recommends pypardiso at import.
    warnings.filterwarnings("ignore", message=r"\s*It seems like you have an AMD/INTEL x64")
    import bw2calc

#: What it raises for what it cannot solve.
Refusal = bw2calc.errors.BW2CalcError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def datapackage(system: System) -> Any:
    """Write A, B and each column of C as vectors; those of one cell add up."""
    package = bwp.create_datapackage()
    _add(package, "technosphere_matrix", "technosphere", system.technosphere)
    _add(package, "biosphere_matrix", "biosphere", system.biosphere)
    factors = system.characterization
    for method in range(system.methods):
        chosen = factors.column == method
        package.add_persistent_vector(
            matrix="characterization_matrix",
            name=f"method {method}",
            identifier=[f"method {method}"],
            indices_array=_indices(factors.row[chosen], np.zeros(int(chosen.sum()), np.int64)),
            data_array=factors.amount[chosen],
        )
    return package


def scores(system: System, products: Integers) -> Floats:
    """Return the scores of one unit of each product by each method (p, k)."""
    methods = [(f"method {method}",) for method in range(system.methods)]
    lca = bw2calc.MultiLCA(
        demands={str(product): {int(product): 1.0} for product in products},
        method_config={"impact_categories": methods},
        data_objs=[datapackage(system)],
    )
    lca.lci()
    lca.lcia()
    found = lca.scores
    return np.array([[found[method, str(product)] for method in methods] for product in products])


def balanced_scores(system: System, products: Integers) -> Floats:
    """Return the same of the system in other units, by which SuperLU loses no digits.

    bw2calc factorizes without scaling. All factors are powers of two, so that nothing is rounded.
    """
    rows, columns = equilibrated(system.technosphere_matrix().toarray())
    matrix, emissions = system.technosphere, system.biosphere
    changed = replace(
        system,
        technosphere=Exchanges.fixed(
            matrix.row, matrix.column, matrix.amount * rows[matrix.row] * columns[matrix.column]
        ),
        biosphere=Exchanges.fixed(
            emissions.row, emissions.column, emissions.amount * columns[emissions.column]
        ),
    )
    return scores(changed, products) * rows[products][:, None]


def _add(package: Any, matrix: str, name: str, exchanges: Exchanges) -> None:
    package.add_persistent_vector(
        matrix=matrix,
        name=name,
        indices_array=_indices(exchanges.row, exchanges.column),
        data_array=exchanges.amount,
    )


def _indices(row: Integers, column: Integers) -> NDArray[np.void]:
    indices = np.empty(len(row), dtype=bwp.INDICES_DTYPE)
    indices["row"], indices["col"] = row, column
    return indices
