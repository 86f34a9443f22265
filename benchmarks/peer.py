"""bw2calc in a process of its own, so that it may run in another environment.

Usage: python -m benchmarks.peer CONFIGURATION SYSTEM.npz

Writes a line of JSON with its version, configuration and result; then for every line with a number
of calls on its standard input the mean duration of one call [s].
"""

import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import bw_processing as bwp
import numpy as np

for library in Path(sys.prefix).glob("lib/libmkl_rt*"):
    # Without it, each new solver of pypardiso looks through the whole environment: some 60 ms.
    os.environ.setdefault("PYPARDISO_MKL_RT", str(library))

with warnings.catch_warnings():
    # bw2calc recommends pypardiso; the configurations below are those with and without it.
    warnings.filterwarnings("ignore", message=r"\s*It seems like you have an AMD/INTEL")
    import bw2calc

METHOD = ("benchmark",)


@dataclass(frozen=True, slots=True)
class Prepared:
    """Work with everything loaded that bw2calc can keep between two calculations."""

    configuration: str
    work: Callable[[], Any]


def datapackage(arrays: Mapping[str, Any]) -> Any:
    """Hand the matrices over in memory, as float64."""
    package = bwp.create_datapackage()
    for matrix in ("technosphere_matrix", "biosphere_matrix", "characterization_matrix"):
        indices = np.empty(len(arrays[f"{matrix}_values"]), dtype=bwp.INDICES_DTYPE)
        indices["row"], indices["col"] = arrays[f"{matrix}_rows"], arrays[f"{matrix}_columns"]
        package.add_persistent_vector(
            matrix=matrix,
            name=matrix,
            indices_array=indices,
            data_array=np.asarray(arrays[f"{matrix}_values"], dtype=np.float64),
            **({"identifier": list(METHOD)} if matrix == "characterization_matrix" else {}),
        )
    return package


def one_score(arrays: Mapping[str, Any]) -> Prepared:
    """LCA without pypardiso: factorize, solve and characterize one demand."""
    lca = bw2calc.LCA({int(arrays["product"]): 1.0}, data_objs=[datapackage(arrays)])
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
    lca = bw2calc.FastScoresOnlyMultiLCA(
        demands={"product": {int(arrays["product"]): 1.0}},
        method_config={"impact_categories": [METHOD]},
        data_objs=[datapackage(arrays)],
        direction="adjoint",
        residual_tolerance=None,  # ours checks no residual either
    )
    lca.calculate()

    def work() -> Any:
        lca.calculate()
        return lca.product_scores.values[0]

    settings = 'direction="adjoint", residual_tolerance=None'
    return Prepared(f"FastScoresOnlyMultiLCA({settings}), {_pardiso()}", work)


def supply(arrays: Mapping[str, Any]) -> Prepared:
    """LCA with its factorization kept: the supply of one more demand."""
    lca = bw2calc.LCA({int(arrays["product"]): 1.0}, data_objs=[datapackage(arrays)])
    lca.lci(factorize=not bw2calc.PYPARDISO)

    def work() -> Any:
        return lca.solve_linear_system(lca.demand_array)

    solver = _pardiso() if bw2calc.PYPARDISO else "SuperLU"
    return Prepared(f"LCA.solve_linear_system, factorization kept, {solver}", work)


CONFIGURATIONS = {"one_score": one_score, "all_scores": all_scores, "supply": supply}


def _pardiso() -> str:
    threads = f"MKL on up to {os.cpu_count()} threads"
    return f"pypardiso {version('pypardiso')}, PYPARDISO_MKL_RT set, {threads}"


def main() -> None:
    """Answer until the standard input ends."""
    configuration, path = sys.argv[1], Path(sys.argv[2])
    with np.load(path) as arrays:
        prepared = CONFIGURATIONS[configuration](dict(arrays))
    greeting = {
        "version": str(bw2calc.__version__),
        "configuration": prepared.configuration,
        "result": np.asarray(prepared.work()).tolist(),
    }
    print(json.dumps(greeting), flush=True)
    for line in sys.stdin:
        calls = int(line)
        started = time.perf_counter()
        for _ in range(calls):
            prepared.work()
        print((time.perf_counter() - started) / calls, flush=True)


if __name__ == "__main__":
    main()
