"""bw2calc as an oracle: the same system from an in-memory datapackage."""

from dataclasses import replace
from typing import Any

import bw_processing as bwp
import numpy as np
from numpy.typing import NDArray
from services.footprint.tests.oracles.references import equilibrated
from stats_arrays import (
    LognormalUncertainty,
    NormalUncertainty,
    NoUncertainty,
    TriangularUncertainty,
    UniformUncertainty,
)

# By way of the adapter, which keeps bw2data and its projects out of the process.
from footprint.adapters.brightway.datapackages import bw2calc
from footprint.engine.distributions import Kind
from footprint.engine.system import Exchanges, System

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


def uncertain_datapackage(system: System) -> Any:
    """Write A, B and the only method's factors with their distributions."""
    package = bwp.create_datapackage()
    for name, exchanges in _matrices(system):
        package.add_persistent_vector(
            matrix=name,
            name=name,
            indices_array=_indices(exchanges.row, exchanges.column),
            data_array=exchanges.amount,
            distributions_array=_distributions(exchanges),
        )
    return package


def sampled_datapackage(system: System, amounts: dict[str, Floats]) -> Any:
    """Write A, B and the only method's factors as given, sample by sample (m, samples)."""
    package = bwp.create_datapackage(sequential=True)
    for name, exchanges in _matrices(system):
        package.add_persistent_array(
            matrix=name,
            name=name,
            indices_array=_indices(exchanges.row, exchanges.column),
            data_array=amounts[name],
        )
    return package


def samples(package: Any, product: int, count: int, **options: Any) -> Floats:
    """Return the score of one unit of a product in each of many samples."""
    lca = bw2calc.LCA({product: 1.0}, data_objs=[package], **options)
    lca.keep_first_iteration()
    lca.lci()
    lca.lcia()
    found = np.empty(count)
    for number in range(count):
        next(lca)
        found[number] = lca.score
    return found


def _matrices(system: System) -> tuple[tuple[str, Exchanges], ...]:
    return (
        ("technosphere_matrix", system.technosphere),
        ("biosphere_matrix", system.biosphere),
        ("characterization_matrix", system.characterization),
    )


def _distributions(exchanges: Exchanges) -> NDArray[np.void]:
    """Write distributions as stats_arrays knows them."""
    of = exchanges.distribution
    found = np.zeros(of.size, dtype=bwp.UNCERTAINTY_DTYPE)
    for field in ("scale", "shape", "minimum", "maximum"):
        found[field] = np.nan
    kinds = {
        Kind.FIXED: NoUncertainty,
        Kind.LOGNORMAL: LognormalUncertainty,
        Kind.NORMAL: NormalUncertainty,
        Kind.UNIFORM: UniformUncertainty,
        Kind.TRIANGULAR: TriangularUncertainty,
    }
    for kind, known in kinds.items():
        found["uncertainty_type"][of.kind == kind] = known.id
    found["loc"] = of.first
    spread = (of.kind == Kind.LOGNORMAL) | (of.kind == Kind.NORMAL)
    found["scale"][spread] = of.second[spread]
    lognormal = of.kind == Kind.LOGNORMAL
    found["loc"][lognormal] = np.log(np.abs(of.first[lognormal]))
    found["negative"][lognormal] = of.first[lognormal] < 0.0
    triangular = of.kind == Kind.TRIANGULAR
    ranged = (of.kind == Kind.UNIFORM) | triangular
    found["minimum"][ranged] = of.first[ranged]
    found["maximum"][ranged] = np.where(triangular, of.third, of.second)[ranged]
    found["loc"][triangular] = of.second[triangular]
    return found
