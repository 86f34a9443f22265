"""Run an analysis of an inventory model: from JSON to JSON, in the words of docs/analyses.md."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chassis.errors import InvalidInput, Location
from footprint.application.analysis_limits import (
    MOST_VIOLATIONS,
    MoreViolations,
    too_large_to_read,
    too_large_to_tell,
)
from footprint.application.analysis_ports import (
    AnalysisEngine,
    Limits,
    Progress,
    RecordScores,
    Variant,
)
from footprint.domain.analysis import AnalysisKind
from footprint.domain.analysis_errors import UnknownKind
from footprint.domain.analysis_options import Question, read_question
from footprint.domain.analysis_result import (
    FORMAT,
    Agreement,
    AnalysisWarning,
    Calculation,
    Explained,
    as_json,
)
from footprint.domain.inventory_model import Demand, InventoryModel, Name
from footprint.domain.inventory_model_rows import parse_inventory_model
from footprint.domain.rows import Violations
from footprint.domain.rule_pack import AgreementRule

#: Activities that a warning names.
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Engines:
    """What an analysis is computed by: our engine, that of record, and how close they must come."""

    own: AnalysisEngine
    record: RecordScores
    rule: AgreementRule


def read_analysis(
    kind: str,
    model: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    limits: Limits | None = None,
) -> tuple[InventoryModel, Question]:
    """Read model and options.

    Parameters
    ----------
    limits
        What is taken on; None for anything.

    Raises
    ------
    UnknownKind
        If there is no such analysis.
    InvalidInput
        With every violation of both.
    """
    if kind not in frozenset(AnalysisKind):
        raise UnknownKind(kind, tuple(AnalysisKind))
    violations = Violations()
    parsed = None
    if limits is not None:
        # Not read at all: that would take long, and many violations.
        violations.found.extend(too_large_to_read(model, options, limits))
        violations.raise_if_any()
    try:
        parsed = parse_inventory_model(model)
    except InvalidInput as invalid:
        violations.found.extend(invalid.violations)
    question = read_question(
        AnalysisKind(kind),
        options,
        parsed,
        violations,
        most_scores=limits.scores if limits else None,
    )
    if limits is not None:
        if parsed is not None and question is not None:
            violations.found.extend(too_large_to_tell(question, parsed, limits))
        if (more := len(violations.found) - MOST_VIOLATIONS) > 0:
            violations.found[MOST_VIOLATIONS:] = [MoreViolations(Location("model"), more)]
    violations.raise_if_any()
    assert parsed is not None
    assert question is not None
    return parsed, question


def run_analysis(
    kind: str,
    model: Mapping[str, Any],
    options: Mapping[str, Any],
    *,
    engines: Engines,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Run an analysis.

    Parameters
    ----------
    progress
        Is told how many samples are done; may raise, which ends the analysis.

    Raises
    ------
    UnknownKind, InvalidInput
        See `read_analysis`.
    SingularModel, NotComputable
        If the model has no solution.
    """
    parsed, question = read_analysis(kind, model, options)
    base = _variant(parsed, question, *question.first)
    own = engines.own
    warnings: tuple[AnalysisWarning, ...] = ()
    instruction_set = ""
    beside: dict[str, Any] = {}
    results: Sequence[Any]
    match question.kind:
        case AnalysisKind.CALCULATE:
            found = own.calculate(base, question)
            results, warnings = _checked(found, base, question, engines)
            beside = {"supply": found.supply, "inventory": found.inventory}
        case AnalysisKind.MONTE_CARLO:
            results, instruction_set = own.sample(base, question, progress)
            warnings = _direct(max(result.resolved for result in results), "samples", "样本")
        case AnalysisKind.COMPARE:
            demand, scenario = question.other
            other = _variant(parsed, question, demand, scenario)
            results, instruction_set = own.compare(base, other, question, progress)
            beside = {"other": {"demand": _demand(parsed, demand), "scenario": scenario}}
        case AnalysisKind.SENSITIVITY:
            results, instruction_set = own.sensitivity(base, question, progress)
        case AnalysisKind.TRAVERSE:
            results = own.traverse(base, question)
        case AnalysisKind.SCENARIOS:
            results = own.scenarios(base, question)
    engine = {"name": own.name, "version": own.version}
    if instruction_set:
        engine["instruction_set"] = instruction_set
    methods = {method.id: method for method in parsed.methods}
    document = {
        "format": FORMAT,
        "kind": question.kind,
        "model": {"id": parsed.id, "name": parsed.name, "sha256": parsed.sha256},
        "demand": _demand(parsed, question.demand),
        "scenario": question.scenario,
        "engine": engine,
        "warnings": warnings,
        **beside,
        "results": [
            {"method": {"id": id_, "unit": methods[id_].unit, "name": methods[id_].name}}
            | as_json(result)
            for id_, result in zip(question.methods, results, strict=True)
        ],
    }
    shown: dict[str, Any] = as_json(document)
    return shown


def _variant(
    model: InventoryModel, question: Question, demand: Demand, scenario: str | None
) -> Variant:
    changes = {each.id: each for each in model.scenarios}
    model = model.under(changes[scenario]) if scenario else model
    if not question.characterization:
        # The others would be computed, too. Where factors vary, their draws depend on all of them.
        asked = tuple(method for method in model.methods if method.id in question.methods)
        model = replace(model, methods=asked)
    return Variant(model, demand)


def _demand(model: InventoryModel, demand: Demand) -> dict[str, Any]:
    unit = next(product.unit for product in model.products if product.id == demand.product)
    return {"product": demand.product, "amount": demand.amount, "unit": unit}


def _checked(
    found: Calculation, of: Variant, question: Question, engines: Engines
) -> tuple[list[dict[str, Any]], tuple[AnalysisWarning, ...]]:
    """Set our scores beside those of record, and warn where they should not be trusted."""
    record = engines.record.scores(of, question)
    agreements = [
        _agreement(own, score, engines.rule)
        for own, score in zip(found.scores, record, strict=True)
    ]
    if not all(agreement.agree for agreement in agreements):
        references = engines.own.reference(of, question)
        agreements = [
            _agreement(own, score, engines.rule, reference)
            for own, score, reference in zip(found.scores, record, references, strict=True)
        ]
    results = [
        {"score": own.score, "agreement": agreement, "contributions": own.contributions}
        for own, agreement in zip(found.scores, agreements, strict=True)
    ]
    direct = _direct(found.solved_directly, "activities of large loops", "大循环中的活动")
    unproductive = _unproductive(found.unproductive)
    return results, (*unproductive, *_warnings(agreements, engines.rule), *direct)


def _unproductive(activities: Sequence[str]) -> tuple[AnalysisWarning, ...]:
    """Warn of a loop whose amounts are negative; mostly an amount has the wrong unit."""
    if not activities:
        return ()
    shown = ", ".join(activities[:MOST_NAMED])
    more = f" … ({len(activities)})" if len(activities) > MOST_NAMED else ""
    text = Name(
        en="These activities take more of each other than they give, so that they run backwards "
        f"and the score means nothing: {shown}{more}. Check the amounts and units of the loop.",
        zh=f"以下活动相互消耗的量超过其产出，计算得到负的运行量，结果没有意义：{shown}{more}。"
        "请检查该循环中的数量和单位。",
    )
    return (AnalysisWarning("unproductive_loop", text),)


def _direct(count: int, what: str, chinese: str) -> tuple[AnalysisWarning, ...]:
    """Say how much was solved directly in place of iteration."""
    if not count:
        return ()
    text = Name(
        en=f"{count} {what} were solved directly, since iteration was not sure of them. The "
        "results are no worse for it; it took longer.",
        zh=f"{count} 个{chinese}因迭代结果不够可靠而采用直接求解。结果不受影响，仅耗时更长。",
    )
    return (AnalysisWarning("solved_directly", text),)


def _agreement(
    own: Explained, record: float, rule: AgreementRule, reference: float | None = None
) -> Agreement:
    """Compare two scores, in doubt by which of them is off the reference."""
    scale = sum(abs(each.score) for each in own.contributions.activities)
    difference = abs(own.score - record)
    # Equal is equal, also where nothing contributes.
    relative = 0.0 if difference == 0.0 else difference / scale if scale else 1.0
    tolerance = rule.allowed_difference(own.condition)
    agree = relative <= tolerance
    return Agreement(
        brightway=record,
        greenchain=own.score,
        relative_difference=relative,
        tolerance=tolerance,
        condition=own.condition,
        agree=agree,
        reference=None if agree else reference,
    )


def _warnings(agreements: Sequence[Agreement], rule: AgreementRule) -> tuple[AnalysisWarning, ...]:
    found = []
    condition = max(agreement.condition for agreement in agreements)
    if condition > rule.condition_warning:
        found.append(
            AnalysisWarning(
                "ill_conditioned",
                Name(
                    en=f"The system is ill-conditioned (κ ≈ {condition:.2g}): small changes of its "
                    "amounts change the result much. Check its loops.",
                    zh=f"系统病态（κ ≈ {condition:.2g}）：数量的微小变化会显著改变结果。"
                    "请检查其中的循环。",
                ),
            )
        )
    if not all(agreement.agree for agreement in agreements):
        found.append(
            AnalysisWarning(
                "engines_disagree",
                Name(
                    en="bw2calc and greenchain's engine differ by more than rounding explains. "
                    "Compare both with the reference, and check the model's loops.",
                    zh="bw2calc 与 greenchain 引擎的差异超出舍入误差。请与参考值比较，"
                    "并检查模型中的循环。",
                ),
            )
        )
    return tuple(found)
