"""lca_algebraic in a process of its own; one call of the work computes `samples` samples.

Usage: python -m benchmarks.lca_algebraic.peer CONFIGURATION ARRAYS.npz
"""

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

import numpy as np

from benchmarks.answering import Prepared, answer

METHOD = ("benchmark", "impact", "fixed")
_SEED = 1


def compiled(arrays: Mapping[str, Any]) -> Prepared:
    """compute_impacts of the model on arrays of parameters."""
    return _prepared(arrays, common_subexpressions=False)


def compiled_once(arrays: Mapping[str, Any]) -> Prepared:
    """compute_impacts, each common subexpression computed once."""
    return _prepared(arrays, common_subexpressions=True)


CONFIGURATIONS = {"compiled": compiled, "compiled_once": compiled_once}


def _prepared(arrays: Mapping[str, Any], common_subexpressions: bool) -> Prepared:
    import brightway2 as bw  # type: ignore[import-not-found]
    import lca_algebraic as agb  # type: ignore[import-not-found]

    agb.LambdaWithParamNames.use_sympy_cse(common_subexpressions)
    bw.projects.set_current("greenchain-benchmark")
    root = _model(bw, agb, arrays)
    names = [f"p{number}" for number in range(len(arrays["sigma"]))]
    random = np.random.Generator(np.random.SFC64(_SEED))
    samples = int(arrays["samples"])
    sigma = arrays["sigma"]

    def scores(parameters: Any) -> Any:
        found = agb.compute_impacts(root, [METHOD], **dict(zip(names, parameters, strict=True)))
        return found.to_numpy()[:, 0]

    def work() -> Any:
        drawn = random.standard_normal((len(names), samples))
        drawn *= sigma[:, np.newaxis]
        return scores(np.exp(drawn, out=drawn))

    def result() -> Any:
        given = scores(np.ascontiguousarray(arrays["given"]))
        return {"given": given.tolist(), "own": work().tolist()}

    how = ", use_sympy_cse" if common_subexpressions else ""
    return Prepared(
        f"compute_impacts of the compiled model{how}, parameters drawn by NumPy (SFC64), "
        f"{samples:,} samples a call, NumPy {np.__version__}",
        work,
        result,
        iterations=samples,
    )


def _model(bw: Any, agb: Any, arrays: Mapping[str, Any]) -> Any:
    """Write the databases and return the activity that is asked for."""
    flow = ("biosphere3", "impact")
    bw.Database("biosphere3").write({flow: {"name": "impact", "unit": "kg", "type": "emission"}})
    method = bw.Method(METHOD)
    method.register(unit="kg")
    method.write([(flow, 1.0)])
    bw.Database("background").write(
        {
            ("background", str(number)): {
                "name": f"background {number}",
                "unit": "kg",
                "exchanges": [{"input": flow, "amount": float(score), "type": "biosphere"}],
            }
            for number, score in enumerate(arrays["scores"])
        }
    )
    agb.setBackground("background")
    agb.resetDb("foreground")
    parameters = [
        agb.newFloatParam(f"p{number}", default=1.0, min=0.0, max=100.0)
        for number in range(len(arrays["sigma"]))
    ]
    processes = int(arrays["processes"])
    made: dict[int, Any] = {
        processes + number: bw.Database("background").get(str(number))
        for number in range(len(arrays["scores"]))
    }
    inputs = zip(
        *(arrays[name] for name in ("supplier", "consumer", "coefficient", "parameter", "divided")),
        strict=True,
    )
    bought: dict[int, dict[int, Any]] = {process: {} for process in range(processes)}
    for supplier, consumer, coefficient, parameter, divided in inputs:
        symbol = parameters[parameter]
        amount = float(coefficient) / symbol if divided else float(coefficient) * symbol
        bought[int(consumer)][int(supplier)] = amount
    for process in reversed(range(processes)):  # suppliers come after their consumers
        exchanges = {made[supplier]: amount for supplier, amount in bought[process].items()}
        made[process] = agb.newActivity("foreground", f"process {process}", "kg", exchanges)
    return made[0]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="greenchain-benchmark-") as folder:
        os.environ["BRIGHTWAY2_DIR"] = folder
        os.chdir(folder)  # it keeps its caches where it is called
        # It tells of its progress on the standard output, too, which is for the answers.
        answers, progress = sys.stdout, io.StringIO()
        with contextlib.redirect_stdout(progress), contextlib.redirect_stderr(progress):
            answer(version("lca-algebraic"), CONFIGURATIONS, answers)
