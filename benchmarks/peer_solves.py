"""Deterministic work of bw2calc and bw_graph_tools."""

import warnings
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

import numpy as np

from benchmarks.answering import Prepared
from benchmarks.brightway import bw2calc
from benchmarks.peer_datapackages import datapackage, method, methods_datapackage, solver


def one_score(arrays: Mapping[str, Any]) -> Prepared:
    """LCA without pypardiso: factorize, solve and characterize one demand."""
    lca = bw2calc.LCA(_demand(arrays), data_objs=[datapackage(arrays)])
    lca.lci(factorize=True)
    lca.lcia()

    def work() -> float:
        lca.decompose_technosphere()
        lca.lci_calculation()
        lca.lcia_calculation()
        return float(lca.score)

    return Prepared("LCA, lci(factorize=True): SuperLU of the transpose, one score", work)


def all_scores(arrays: Mapping[str, Any]) -> Prepared:
    """FastScoresOnlyMultiLCA in the adjoint direction: one score of every product."""
    lca = _adjoint(arrays, {"product": _demand(arrays)}, methods=1)
    return _scores(lca, lambda: lca.product_scores.values[0])


def all_methods(arrays: Mapping[str, Any]) -> Prepared:
    """FastScoresOnlyMultiLCA in the adjoint direction: some products, several methods."""
    demands = {str(product): {int(product): 1.0} for product in arrays["products"]}
    methods = int(arrays["characterization_matrix_columns"].max()) + 1
    lca = _adjoint(arrays, demands, methods)
    return _scores(lca, lambda: lca.scores.values.T)


def supply(arrays: Mapping[str, Any]) -> Prepared:
    """LCA with its factorization kept: the supply of one more demand."""
    lca = bw2calc.LCA(_demand(arrays), data_objs=[datapackage(arrays)])
    lca.lci(factorize=not bw2calc.PYPARDISO)

    def work() -> Any:
        return lca.solve_linear_system(lca.demand_array)

    return Prepared(f"LCA.solve_linear_system, factorization kept, {solver()}", work)


def traversal(arrays: Mapping[str, Any]) -> Prepared:
    """NewNodeEachVisitGraphTraversal, nothing cached but the factorization."""
    from bw_graph_tools.graph_traversal import (  # type: ignore[import-not-found]
        GraphTraversalSettings,
        NewNodeEachVisitGraphTraversal,
    )

    lca = bw2calc.LCA(_demand(arrays), data_objs=[datapackage(arrays)])
    lca.lci(factorize=not bw2calc.PYPARDISO)
    lca.lcia()
    cutoff = float(arrays["cutoff"])
    settings = GraphTraversalSettings(
        cutoff=cutoff, max_calc=1_000_000, separate_biosphere_flows=False
    )

    def work() -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of coverage; ours tells it as a number
            traversed = NewNodeEachVisitGraphTraversal(lca, settings)
            traversed.traverse()
        return traversed

    def result() -> Any:
        nodes = [node for node in work().nodes.values() if node.activity_index >= 0]
        return [[node.activity_index, node.cumulative_score] for node in nodes]

    return Prepared(
        f"NewNodeEachVisitGraphTraversal of bw_graph_tools {version('bw_graph_tools')}, "
        f"cutoff={cutoff:g}, separate_biosphere_flows=False, factorization kept, {solver()}",
        work,
        result,
    )


def scenarios(arrays: Mapping[str, Any]) -> Prepared:
    """LCA: the changed amounts written into its matrix, then factorized and solved."""
    lca = bw2calc.LCA(_demand(arrays), data_objs=[datapackage(arrays)])
    lca.lci(factorize=not bw2calc.PYPARDISO)
    lca.lcia()

    def solved() -> Any:
        if not bw2calc.PYPARDISO:
            lca.decompose_technosphere()
        return lca.solve_linear_system(lca.demand_array)

    how = "pypardiso" if bw2calc.PYPARDISO else "decompose_technosphere"
    return _scenarios(lca, arrays, solved, f"LCA, {how}, solve_linear_system")


def scenarios_iterative(arrays: Mapping[str, Any]) -> Prepared:
    """IterativeLCA: the changed amounts written into its matrix, then solved from the last."""
    lca = bw2calc.IterativeLCA(
        _demand(arrays), data_objs=[datapackage(arrays)], jacobi_pairing="diagonal"
    )
    lca.lci()
    lca.lcia()

    def solved() -> Any:
        return lca.solve_linear_system(lca.demand_array)

    return _scenarios(lca, arrays, solved, "IterativeLCA, solve_linear_system")


def _scenarios(
    lca: Any, arrays: Mapping[str, Any], solved: Callable[[], Any], configuration: str
) -> Prepared:
    """Take the scenarios in turn, one a call; the score by one product of two vectors."""
    matrix = lca.technosphere_matrix
    intensity = np.asarray((lca.characterization_matrix @ lca.biosphere_matrix).sum(axis=0)).ravel()
    rows, columns, values = (arrays[f"scenario_{part}"] for part in ("rows", "columns", "values"))
    count = len(values)
    at = 0

    def places(scenario: int) -> Any:
        found = []
        for row, column in zip(rows[scenario], columns[scenario], strict=True):
            begin, end = matrix.indptr[row : row + 2]
            found.append(int(begin + np.flatnonzero(matrix.indices[begin:end] == column)[0]))
        return found

    where = [places(scenario) for scenario in range(count)]

    def work() -> float:
        nonlocal at
        before = matrix.data[where[at]]
        matrix.data[where[at]] = values[at]
        score = float(intensity @ solved())
        matrix.data[where[at]] = before
        at = (at + 1) % count
        return score

    def result() -> Any:
        nonlocal at
        first = [work() for _ in range(int(arrays["compared"]))]
        at = 0
        return first

    written = "changed amounts written into technosphere_matrix"
    return Prepared(f"{configuration}; {written}; {solver()}", work, result)


def _demand(arrays: Mapping[str, Any]) -> dict[int, float]:
    return {int(arrays["product"]): 1.0}


def _adjoint(arrays: Mapping[str, Any], demands: Mapping[str, Any], methods: int) -> Any:
    lca = bw2calc.FastScoresOnlyMultiLCA(
        demands=demands,
        method_config={"impact_categories": [method(number) for number in range(methods)]},
        data_objs=[
            datapackage(arrays, ("technosphere_matrix", "biosphere_matrix")),
            methods_datapackage(arrays, methods),
        ],
        direction="adjoint",
        residual_tolerance=None,  # ours checks no residual either
    )
    lca.calculate()
    return lca


def _scores(lca: Any, take: Callable[[], Any]) -> Prepared:
    def work() -> Any:
        lca.calculate()
        return take()

    settings = 'direction="adjoint", residual_tolerance=None'
    return Prepared(f"FastScoresOnlyMultiLCA({settings}), {solver()}", work)
