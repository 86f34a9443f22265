"""Explain a footprint down to every row that it rests on, by linking and solving it again."""

from collections.abc import Iterable
from dataclasses import dataclass

from chassis.identity import Principal
from footprint.application.background_ports import Backgrounds, NoBackgrounds
from footprint.application.backgrounds import read_with_backgrounds, with_backgrounds
from footprint.application.calculation import quality
from footprint.application.ports import ExplainingEngine, Methodology, UnitOfWorkFor
from footprint.application.read_footprints import READERS
from footprint.domain.background_errors import BackgroundNotAtHand
from footprint.domain.dataset import Dataset
from footprint.domain.equivalents import EquivalentFootprint, equivalents
from footprint.domain.explanation import Explanation, explain
from footprint.domain.explanation_errors import ExplanationDiffers
from footprint.domain.impacts import Impact, impacts
from footprint.domain.linking import link_product
from footprint.domain.product import ProductModel
from footprint.domain.product_footprint import FootprintContent
from footprint.domain.product_parts import ProductDocument
from footprint.domain.result import Scores, relative_difference
from footprint.domain.rule_pack import AgreementRule
from footprint.domain.supplier import SupplierPcf


@dataclass(frozen=True, slots=True)
class ExplainedProduct:
    """A product with the explanation of its footprint.

    Attributes
    ----------
    footprint_id
        Empty for a product that is not stored.
    scores
        What was explained [kg CO2e / declared unit].
    dataset
        The version that it rests on.
    """

    footprint_id: str
    model: ProductModel
    scores: Scores
    explanation: Explanation
    impacts: tuple[Impact, ...]
    equivalents: tuple[EquivalentFootprint, ...]
    dataset: Dataset


def explain_footprint(
    footprint_id: str, *, caller: Principal, methodology: Methodology, open_uow: UnitOfWorkFor
) -> ExplainedProduct:
    """Explain a stored footprint of the caller's tenant.

    Raises
    ------
    DatasetNotAtHand, BackgroundNotAtHand
        If it rests on another version of the dataset, or on a background with other content.
    ExplanationDiffers
        If its inputs no longer give its number.
    """
    caller.require(*READERS)
    with open_uow(caller.tenant_id, read_only=True) as uow:
        footprint = uow.footprints.get(footprint_id)
        stored = uow.product_models.get(footprint.product_model_id)
    content = footprint.content
    dataset, backgrounds = with_backgrounds(
        stored.model,
        methodology.dataset_of(content.evidence),
        methodology.backgrounds,
        caller.tenant_id,
    )
    for at_hand in backgrounds:
        if at_hand not in content.evidence:
            raise BackgroundNotAtHand(at_hand.id, at_hand.version)
    found = _explain(
        stored.model,
        content.result.method_id,
        dataset,
        methodology.explaining_engine,
        suppliers=[cited.as_input() for cited in content.declarations],
        footprint_id=footprint_id,
    )
    _refuse_other_result(footprint_id, content, found.scores, methodology.rules.agreement)
    return found


def explain_product(
    document: ProductDocument,
    method_id: str,
    dataset: Dataset,
    engine: ExplainingEngine,
    backgrounds: Backgrounds | None = None,
) -> ExplainedProduct:
    """Explain a product that is not stored, by the dataset and backgrounds of who asks.

    Raises
    ------
    InvalidInput
        With every violation of header, lines, sites and parts.
    UnknownMethod
    """
    held = backgrounds or NoBackgrounds()
    model = read_with_backgrounds(document, dataset, held, "")
    extended, _ = with_backgrounds(model, dataset, held, "")
    return _explain(model, method_id, extended, engine)


def _explain(
    model: ProductModel,
    method_id: str,
    dataset: Dataset,
    engine: ExplainingEngine,
    *,
    suppliers: Iterable[SupplierPcf] = (),
    footprint_id: str = "",
) -> ExplainedProduct:
    system = link_product(model, dataset, method_id, suppliers=tuple(suppliers))
    solution = engine.solve(system)
    statement = quality(system, solution, dataset, engine)
    return ExplainedProduct(
        footprint_id=footprint_id,
        model=model,
        scores=solution.scores,
        explanation=explain(system, solution, dataset, statement),
        impacts=tuple(impacts(system, solution, dataset)),
        equivalents=tuple(equivalents(model, solution.scores.total)),
        dataset=dataset,
    )


def _refuse_other_result(
    footprint_id: str, content: FootprintContent, found: Scores, rule: AgreementRule
) -> None:
    """Refuse to explain a number by one that differs in the digits that are compared.

    Two right numbers may lie on both sides of where a digit is rounded: they differ by less than
    one of the last digit.
    """
    result = content.result
    stages = {**result.stages, **result.beyond_boundary}
    stored = Scores(found.engine, found.engine_version, result.pcf_kg_co2e, stages)
    allowed = max(10.0 ** (1 - rule.significant_digits), result.engines.tolerance)
    difference = relative_difference(stored, found, result.beyond_boundary)
    if not difference <= allowed:
        raise ExplanationDiffers(footprint_id, stored.total, found.total)
