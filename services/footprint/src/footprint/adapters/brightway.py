"""bw2calc: the number of record, from in-memory datapackages; the only module that sees Brightway.

Every array is handed over as float64; bw2data, which stores float32, is not involved.
"""

import warnings

import bw_processing as bwp
import numpy as np

from footprint.domain.result import Scores
from footprint.domain.system import LinkedSystem
from footprint.domain.system_errors import SingularSystem

with warnings.catch_warnings():
    # bw2calc recommends pypardiso at import. It is left out on purpose: it costs each new LCA
    # object 160–250 ms instead of 5 on systems of this size. No other warning is hidden.
    warnings.filterwarnings(
        "ignore", message=r"\s*It seems like you have an AMD/INTEL x64 architecture, but haven't"
    )
    import bw2calc


class BrightwayEngine:
    """Scores of a linked system by bw2calc."""

    name = "bw2calc"

    def __init__(self) -> None:
        self.version = str(bw2calc.__version__)

    def score(self, system: LinkedSystem) -> Scores:
        """Solve the product and each of its stages with one factorization.

        Raises
        ------
        SingularSystem
            If SuperLU finds no solution; bw2calc does not say where, so all processes are named.
        """
        if not system.emissions:
            # Nothing is emitted anywhere: bw2calc refuses an empty biosphere, the answer is zero.
            return Scores(self.name, self.version, 0.0, dict.fromkeys(system.all_stages, 0.0))
        lca = bw2calc.LCA({system.product: 1.0}, data_objs=[_datapackage(system)])
        try:
            lca.lci(factorize=True)
        except RuntimeError as error:
            everything = tuple(range(len(system.processes)))
            raise SingularSystem(system.names(everything)) from error
        lca.lcia()
        total = float(lca.score)
        stages: dict[str, float] = {}
        for stage, index in system.all_stages.items():
            lca.lcia({index: 1.0})
            stages[stage] = float(lca.score)
        return Scores(engine=self.name, engine_version=self.version, total=total, stages=stages)


def _datapackage(system: LinkedSystem) -> bwp.Datapackage:
    """Write A, B and C as the vectors that bw_processing knows."""
    size = len(system.processes)
    own = [(index, index, 1.0, False) for index in range(size)]
    inputs = [(link.supplier, link.consumer, link.amount, True) for link in system.links]
    flows = {flow: index for index, flow in enumerate(system.factors)}
    emitted = [
        (flows[emission.flow_id], emission.process, emission.amount, False)
        for emission in system.emissions
    ]
    factors = [(flows[flow], 0, factor, False) for flow, factor in system.factors.items()]
    package = bwp.create_datapackage()
    _add(package, "technosphere_matrix", own + inputs)
    _add(package, "biosphere_matrix", emitted)
    _add(package, "characterization_matrix", factors)
    return package


def _add(
    package: bwp.Datapackage, matrix: str, entries: list[tuple[int, int, float, bool]]
) -> None:
    """Add (row, column, value, negated) entries; those of one cell add up."""
    package.add_persistent_vector(
        matrix=matrix,
        name=matrix,
        indices_array=np.array(
            [(row, column) for row, column, _, _ in entries],
            dtype=bwp.INDICES_DTYPE,
        ),
        data_array=np.array([value for _, _, value, _ in entries], dtype=np.float64),
        flip_array=np.array([negated for _, _, _, negated in entries], dtype=bool),
    )
