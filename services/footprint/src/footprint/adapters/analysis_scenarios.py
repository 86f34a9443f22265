"""All scenarios of an inventory model beside its base."""

from footprint.adapters.solved_model import SolvedModel
from footprint.application.analysis_ports import Variant
from footprint.domain.analysis_options import Question
from footprint.domain.analysis_result import ScenarioScore, ScenarioTable


def scenario_tables(
    solved: SolvedModel, of: Variant, question: Question
) -> tuple[ScenarioTable, ...]:
    """Score each scenario by each method."""
    found = [
        SolvedModel(Variant(of.model.under(scenario), of.demand), question).scores
        for scenario in of.model.scenarios
    ]
    return tuple(
        ScenarioTable(
            score=base,
            scenarios=tuple(
                ScenarioScore(
                    id=scenario.id,
                    name=scenario.name,
                    score=scores[column],
                    difference=scores[column] - base,
                    relative_difference=(scores[column] - base) / base if base else None,
                    way="solve",
                )
                for scenario, scores in zip(of.model.scenarios, found, strict=True)
            ),
        )
        for column, base in enumerate(solved.scores)
    )
