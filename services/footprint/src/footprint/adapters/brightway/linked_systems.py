"""Scores of linked systems by bw2calc: the numbers of record."""

from typing import Any

import numpy as np

from footprint.adapters.brightway.datapackages import Entries, bw2calc, datapackage
from footprint.domain.result import Scores
from footprint.domain.system import LinkedSystem
from footprint.domain.system_errors import SingularSystem


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


def _datapackage(system: LinkedSystem) -> Any:
    """Write A, B and C as bw2calc takes them."""
    diagonal = np.arange(len(system.processes), dtype=np.int64)
    suppliers = np.array([link.supplier for link in system.links], dtype=np.int64)
    consumers = np.array([link.consumer for link in system.links], dtype=np.int64)
    amounts = np.array([link.amount for link in system.links], dtype=np.float64)
    flows = {flow: index for index, flow in enumerate(system.factors)}
    emissions, factors = system.emissions, system.factors
    return datapackage(
        technosphere=Entries(
            np.concatenate([diagonal, suppliers]),
            np.concatenate([diagonal, consumers]),
            np.concatenate([np.ones(len(diagonal)), -amounts]),
        ),
        biosphere=Entries(
            np.array([flows[emission.flow_id] for emission in emissions], dtype=np.int64),
            np.array([emission.process for emission in emissions], dtype=np.int64),
            np.array([emission.amount for emission in emissions], dtype=np.float64),
        ),
        characterization=Entries(
            np.arange(len(factors), dtype=np.int64),
            np.zeros(len(factors), dtype=np.int64),
            np.array(list(factors.values()), dtype=np.float64),
        ),
    )
