"""Scores by bw2calc of systems of every kind, beside those of a dense solve."""

import numpy as np
import pytest
from services.footprint.tests.analysis_models import pressed_part
from services.footprint.tests.oracles.random_systems import random_system
from services.footprint.tests.oracles.references import refined

from footprint.adapters.brightway import BrightwayScores
from footprint.adapters.brightway.inventory_models import brightway_scores
from footprint.adapters.model_arrays import model_arrays
from footprint.application.analysis_ports import Variant
from footprint.domain.analysis import AnalysisKind
from footprint.domain.analysis_errors import SingularModel
from footprint.domain.analysis_options import Question
from footprint.domain.inventory_model_rows import parse_inventory_model


@pytest.mark.parametrize("seed", range(20))
def test_random_systems_are_scored_as_by_the_reference(seed: int) -> None:
    drawn = random_system(seed, largest=40)
    system, product = drawn.system, int(drawn.asked[0])
    reference = refined(system.technosphere_matrix().toarray().T, system.intensities())
    methods = list(range(system.methods))
    found = np.array(brightway_scores(system, product, 3.0, methods)) / 3.0
    assert reference[np.array([product])].excess(found[None, :]) <= 1.0


def test_methods_are_those_that_are_asked_for() -> None:
    system = model_arrays(parse_inventory_model(pressed_part())).system
    assert brightway_scores(system, 0, 2.0, [1, 0]) == pytest.approx((0.0, 11.4))


def test_a_singular_model_is_refused_with_its_activities() -> None:
    document = pressed_part()
    document["activities"][1]["outputs"] = [{"product": "steel", "amount": 1}]
    document["activities"][1]["inputs"] = [{"product": "cement", "amount": 1}]
    document["activities"][2]["inputs"] = [{"product": "steel", "amount": 1}]
    model = parse_inventory_model(document)
    question = Question(AnalysisKind.CALCULATE, ("gwp",), model.demand)
    with pytest.raises(SingularModel) as refused:
        BrightwayScores().scores(Variant(model, model.demand), question)
    assert "steel_works" in refused.value.names
