"""greenchain's own engine behind the values of the domain."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from sys import float_info

import numpy as np

from footprint.domain.result import Scores, Solution
from footprint.domain.system import LinkedSystem
from footprint.domain.system_errors import OutOfRange, SingularSystem, UnproductiveLoop
from footprint.engine.arrays import Floats
from footprint.engine.conditioning import condition_number, refined_scores
from footprint.engine.errors import SingularSystemError, UnproductiveLoopError
from footprint.engine.technosphere import Technosphere, technosphere_matrix

#: Amounts, supplies and scores beyond are refused, before they overflow somewhere unseen.
LARGEST = 1e300


class GreenchainEngine:
    """Scores, supply and contributions of a linked system by the compiled kernels."""

    name = "greenchain"

    def __init__(self) -> None:
        self.version = version("greenchain-footprint")

    def solve(self, system: LinkedSystem) -> Solution:
        """Solve a system for all its stages.

        Raises
        ------
        SingularSystem, UnproductiveLoop
            Naming the processes of the loop.
        OutOfRange
            Naming what is too large to be computed with.
        """
        _refuse_large_amounts(system)
        with _named_loops(system):
            technosphere = _technosphere(system)
            technosphere.refuse_unproductive_loops()
            intensity = _intensity(system)
            unit_scores = technosphere.adjoint_scores(intensity)
            supply = {
                stage: technosphere.supply(_one(technosphere.size, index))
                for stage, index in system.all_stages.items()
            }
            _refuse_large_results(system, unit_scores, supply)
            condition = condition_number(technosphere, _whole_demand(system))
        if condition * float_info.epsilon >= 1.0:
            loops = technosphere.loops()
            members = sorted({int(index) for loop in loops for index in loop})
            raise SingularSystem(system.names(tuple(members or range(technosphere.size))))
        contributions = {stage: intensity * amounts for stage, amounts in supply.items()}
        return Solution(
            scores=self._scores(system, unit_scores),
            unit_scores=tuple(unit_scores.tolist()),
            supply={stage: tuple(amounts.tolist()) for stage, amounts in supply.items()},
            contributions={stage: tuple(part.tolist()) for stage, part in contributions.items()},
            condition=condition,
        )

    def reference(self, system: LinkedSystem) -> Scores:
        """Solve by another path in extended precision, for when two engines differ."""
        with _named_loops(system):
            return self._scores(system, refined_scores(_technosphere(system), _intensity(system)))

    def _scores(self, system: LinkedSystem, unit_scores: Floats) -> Scores:
        return Scores(
            engine=self.name,
            engine_version=self.version,
            total=float(unit_scores[system.product]),
            stages={stage: float(unit_scores[index]) for stage, index in system.all_stages.items()},
        )


def _technosphere(system: LinkedSystem) -> Technosphere:
    links = system.links
    return Technosphere(
        technosphere_matrix(
            len(system.processes),
            np.array([link.supplier for link in links], dtype=np.int64),
            np.array([link.consumer for link in links], dtype=np.int64),
            np.array([link.amount for link in links], dtype=np.float64),
        )
    )


def _intensity(system: LinkedSystem) -> Floats:
    """Direct impact of one unit of each process [kg CO2e / unit]."""
    intensity = np.zeros(len(system.processes))
    for emission in system.emissions:
        intensity[emission.process] += emission.amount * system.factors[emission.flow_id]
    return intensity


def _one(size: int, index: int) -> Floats:
    demand = np.zeros(size)
    demand[index] = 1.0
    return demand


def _whole_demand(system: LinkedSystem) -> Floats:
    """One declared unit and its stages beyond the boundary."""
    demand = _one(len(system.processes), system.product)
    demand[list(system.beyond.values())] = 1.0
    return demand


def _refuse_large_amounts(system: LinkedSystem) -> None:
    large = [
        (link.line_id, link.consumer) for link in system.links if not abs(link.amount) <= LARGEST
    ]
    large += [
        (emission.line_id, emission.process)
        for emission in system.emissions
        if not abs(emission.amount * system.factors[emission.flow_id]) <= LARGEST
    ]
    if large:
        names = (f"{system.processes[process].key} (line {line_id})" for line_id, process in large)
        raise OutOfRange(tuple(dict.fromkeys(names)))


def _refuse_large_results(
    system: LinkedSystem, unit_scores: Floats, supply: Mapping[str, Floats]
) -> None:
    # Written so that NaN, the difference of two infinities, is refused as well.
    fits = np.abs(unit_scores) <= LARGEST
    for amounts in supply.values():
        fits &= np.abs(amounts) <= LARGEST
    if not fits.all():
        raise OutOfRange(system.names(tuple(np.flatnonzero(~fits).tolist())))


@contextmanager
def _named_loops(system: LinkedSystem) -> Iterator[None]:
    """Give the indices of the engine's errors the names of the processes."""
    try:
        yield
    except SingularSystemError as error:
        raise SingularSystem(system.names(error.indices)) from error
    except UnproductiveLoopError as error:
        raise UnproductiveLoop(system.names(error.indices)) from error
