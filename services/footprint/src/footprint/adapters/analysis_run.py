"""Analyses with all that they are computed by; little else is imported, so that it starts soon."""

from collections.abc import Mapping
from typing import Any

from footprint.adapters.analysis_engine import GreenchainAnalyses
from footprint.adapters.brightway import BrightwayScores
from footprint.adapters.rule_packs import RULE_PACK, load_rule_pack
from footprint.application import analyses
from footprint.application.analysis_ports import Progress


def run_analysis(
    kind: str,
    model: Mapping[str, object],
    options: Mapping[str, object],
    *,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Run an analysis of an inventory model in this process; see docs/analyses.md.

    Parameters
    ----------
    progress
        Is told how many samples are done, and how many there are in all; may raise, which ends the
        analysis.

    Raises
    ------
    GreenchainError
        `InvalidInput` with all that is wrong with model and options; others for a model that has no
        solution.
    """
    engines = analyses.Engines(
        own=GreenchainAnalyses(),
        record=BrightwayScores(),
        rule=load_rule_pack(RULE_PACK).agreement,
    )
    return analyses.run_analysis(kind, model, options, engines=engines, progress=progress)
