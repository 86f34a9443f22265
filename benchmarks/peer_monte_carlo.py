"""Monte Carlo of bw2calc; one call of the work is one iteration."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from benchmarks.answering import Prepared
from benchmarks.brightway import bw2calc
from benchmarks.peer_datapackages import (
    datapackage,
    given_datapackage,
    solver,
    uncertain_datapackage,
)

_SEED = 1
_VARYING = ("technosphere_matrix", "biosphere_matrix")


def partitioned(arrays: Mapping[str, Any]) -> Prepared:
    """PartitionedMonteCarloLCA: the background is solved before the first iteration."""
    first = int(arrays["background"])
    fixed = {matrix: arrays[f"{matrix}_columns"] < first for matrix in _VARYING}
    varying = {matrix: ~chosen for matrix, chosen in fixed.items()}

    def ready(foreground: Any) -> Any:
        lca = bw2calc.PartitionedMonteCarloLCA(
            _demand(arrays),
            static_databases=["background"],
            data_objs=[
                given_datapackage(arrays, "background", fixed, sample=0),
                foreground,
                _method(arrays),
            ],
            seed_override=_SEED,
        )
        lca.lci()
        lca.lcia()
        return lca

    lca = ready(uncertain_datapackage(arrays, "foreground", varying, ["background"]))

    def given() -> list[float]:
        samples = range(arrays["technosphere_matrix_given"].shape[1])
        packages = (
            given_datapackage(arrays, "foreground", varying, ["background"], sample)
            for sample in samples
        )
        return [float(ready(package).score) for package in packages]

    return _monte_carlo(lca, arrays, given, f"PartitionedMonteCarloLCA, {solver()}")


def iterative(arrays: Mapping[str, Any]) -> Prepared:
    """IterativeLCA: the first solve is direct, each later one begins at the one before."""
    configuration = f"IterativeLCA, the first factorization kept, {solver()}"
    return _whole_system(bw2calc.IterativeLCA, arrays, configuration, jacobi_pairing="diagonal")


def whole_system(arrays: Mapping[str, Any]) -> Prepared:
    """LCA: each iteration is solved directly."""
    if bw2calc.PYPARDISO:
        return _whole_system(bw2calc.LCA, arrays, f"LCA, {solver()}")
    return _whole_system(_TransposedLCA, arrays, "LCA, SuperLU of the transpose")


class _TransposedLCA(bw2calc.LCA):  # type: ignore[misc]
    """Factorizes the transpose in each iteration, which takes a fraction of what spsolve takes."""

    def after_matrix_iteration(self) -> None:
        self.decompose_technosphere()


def _whole_system(
    kind: Any, arrays: Mapping[str, Any], configuration: str, **options: Any
) -> Prepared:
    everything = {matrix: np.ones(len(arrays[f"{matrix}_rows"]), dtype=bool) for matrix in _VARYING}

    def ready(package: Any, **draws: Any) -> Any:
        lca = kind(_demand(arrays), data_objs=[package, _method(arrays)], **draws, **options)
        lca.lci(factorize=kind is _TransposedLCA)
        lca.lcia()
        return lca

    lca = ready(
        uncertain_datapackage(arrays, "system", everything),
        use_distributions=True,
        seed_override=_SEED,
    )

    def given() -> list[float]:
        lca = ready(given_datapackage(arrays, "system", everything), use_arrays=True)
        scores = [float(lca.score)]
        for _ in range(arrays["technosphere_matrix_given"].shape[1] - 1):
            next(lca)
            scores.append(float(lca.score))
        return scores

    return _monte_carlo(lca, arrays, given, configuration)


def _monte_carlo(
    lca: Any, arrays: Mapping[str, Any], given: Callable[[], list[float]], configuration: str
) -> Prepared:
    def work() -> float:
        next(lca)
        return float(lca.score)

    def result() -> Any:
        """Give scores of amounts that ours has drawn, and of its own."""
        return {"given": given(), "own": [work() for _ in range(int(arrays["compared"]))]}

    return Prepared(configuration, work, result)


def _method(arrays: Mapping[str, Any]) -> Any:
    return datapackage(arrays, ["characterization_matrix"])


def _demand(arrays: Mapping[str, Any]) -> dict[int, float]:
    return {int(arrays["product"]): 1.0}
