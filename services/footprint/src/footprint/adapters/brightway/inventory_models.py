"""Scores of inventory models by bw2calc, whatever their activities give and take."""

import numpy as np

from footprint.adapters.brightway.datapackages import Entries, bw2calc, datapackage
from footprint.adapters.engine_names import singular
from footprint.adapters.model_arrays import model_arrays
from footprint.application.analysis_ports import Variant
from footprint.domain.analysis_options import Question
from footprint.engine.system import Exchanges, System


class BrightwayScores:
    """The scores that ours are checked against."""

    def scores(self, of: Variant, question: Question) -> tuple[float, ...]:
        """Return the score of each method that is asked for.

        Raises
        ------
        SingularModel
            If SuperLU finds no solution; bw2calc does not say where, so all activities are named.
        """
        system = model_arrays(of.model).system
        product = [each.id for each in of.model.products].index(of.demand.product)
        methods = [each.id for each in of.model.methods]
        asked = [methods.index(id_) for id_ in question.methods]
        try:
            return brightway_scores(system, product, of.demand.amount, asked)
        except RuntimeError as error:
            raise singular([activity.id for activity in of.model.activities]) from error


def brightway_scores(
    system: System, product: int, amount: float, methods: list[int]
) -> tuple[float, ...]:
    """Solve a demand with one factorization and score it by methods.

    Raises
    ------
    RuntimeError
        If SuperLU finds no solution.
    """
    bio, factors = system.biosphere, system.characterization
    # bw2calc refuses an empty biosphere and warns of a method that scores nothing: that is zero.
    scored = np.isin(factors.row, bio.row)
    if not scored.any():
        return (0.0,) * len(methods)
    inventory = datapackage(technosphere=_entries(system.technosphere), biosphere=_entries(bio))
    lca = bw2calc.LCA({product: amount}, data_objs=[inventory])
    lca.lci(factorize=True)
    scores = []
    for method in methods:
        chosen = scored & (factors.column == method)
        if not chosen.any():
            scores.append(0.0)
            continue
        column = np.zeros(int(chosen.sum()), dtype=np.int64)
        of_method = Entries(factors.row[chosen], column, factors.amount[chosen])
        lca.load_lcia_data([datapackage(characterization=of_method)])
        lca.lcia_calculation()
        scores.append(float(lca.score))
    return tuple(scores)


def _entries(exchanges: Exchanges) -> Entries:
    return Entries(exchanges.row, exchanges.column, exchanges.amount)
