"""A foreground model whose amounts are formulas in a few uncertain parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.uncertain_systems import UncertainSystem
from footprint.engine.arrays import Floats, Integers
from footprint.engine.distributions import Distributions
from footprint.engine.draws import Stream, draw
from footprint.engine.system import Exchanges, System


@dataclass(frozen=True, slots=True)
class ParametrisedModel:
    """A tree of processes that buy from each other and from a background of fixed scores.

    Each amount is a coefficient times a parameter, or divided by it: a yield, kWh per kg.

    Attributes
    ----------
    parameters
        Distribution of each parameter.
    scores
        Of one unit of each background product.
    supplier, consumer
        Of each input; suppliers count the background products after the processes.
    coefficient, parameter, divided
        Of each input.
    processes
        Their number; process 0 is asked for.
    """

    parameters: Distributions
    scores: Floats
    supplier: Integers
    consumer: Integers
    coefficient: Floats
    parameter: Integers
    divided: np.ndarray[Any, np.dtype[np.bool_]]
    processes: int

    @property
    def label(self) -> str:
        """Say how large it is."""
        return (
            f"{self.processes} processes in a tree, {len(self.supplier):,} inputs that are "
            f"formulas in {self.parameters.size} lognormal parameters, "
            f"{len(self.scores)} background products of fixed score"
        )

    def system(self) -> UncertainSystem:
        """Give it as the engine takes it: the table of given values has each p, then each 1/p."""
        size = self.processes + len(self.scores)
        outputs, background = np.arange(size), np.arange(self.processes, size)
        kinds = np.zeros(size + len(self.supplier), dtype=np.int64)
        amounts = np.concatenate([np.ones(size), -self.coefficient])
        rows = self.parameter + self.parameters.size * self.divided
        none = np.zeros(len(kinds))
        technosphere = Exchanges(
            np.concatenate([outputs, self.supplier]),
            np.concatenate([outputs, self.consumer]),
            amounts,
            Distributions(kinds, amounts, none, none, np.concatenate([kinds[:size] - 1, rows])),
        )
        zero = np.zeros(1, dtype=np.int64)
        system = System(
            size,
            1,
            1,
            technosphere,
            Exchanges.fixed(np.zeros(len(background), dtype=np.int64), background, self.scores),
            Exchanges.fixed(zero, zero, np.ones(1)),
            outputs,
        )
        return UncertainSystem(self.label, system, 0, outputs >= self.processes)

    def given(self, seed: int) -> Callable[[int, int], Floats]:
        """Draw the parameters and compute what the formulas need of them."""

        def table(first: int, count: int) -> Floats:
            drawn = draw(
                self.parameters, seed=seed, stream=Stream.PARAMETERS, first=first, count=count
            )
            return np.concatenate([drawn, 1.0 / drawn])

        return table

    def arrays(self, given: Floats) -> Mapping[str, Any]:
        """Write it as plain arrays, with drawn parameters (parameters, samples)."""
        return {
            "processes": self.processes,
            "scores": self.scores,
            "supplier": self.supplier,
            "consumer": self.consumer,
            "coefficient": self.coefficient,
            "parameter": self.parameter,
            "divided": self.divided,
            "sigma": self.parameters.second,
            "given": given,
        }


def parametrised_model(
    processes: int = 200, parameters: int = 50, background: int = 60, seed: int = 3
) -> ParametrisedModel:
    """Draw a model; each process but the first has one consumer and buys 5 background products."""
    random = np.random.default_rng(seed)
    children = np.arange(1, processes)
    parent = (random.random(len(children)) * children).astype(np.int64)
    buyer = np.repeat(np.arange(processes), 5)
    bought = np.concatenate([random.choice(background, 5, replace=False) for _ in range(processes)])
    inputs = len(children) + len(buyer)
    return ParametrisedModel(
        parameters=Distributions.lognormal(
            np.ones(parameters), random.uniform(0.05, 0.35, parameters)
        ),
        # bw2data 3, which lca_algebraic rests on, keeps amounts as float32.
        scores=random.lognormal(0.0, 1.0, background).astype(np.float32).astype(np.float64),
        supplier=np.concatenate([children, processes + bought]),
        consumer=np.concatenate([parent, buyer]),
        coefficient=random.lognormal(np.log(0.3), 0.7, inputs),
        parameter=random.integers(0, parameters, inputs),
        divided=random.random(inputs) < 0.5,
        processes=processes,
    )
