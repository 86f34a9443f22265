"""Solving a linked system by both engines, and naming what a result rests on."""

from chassis.canonical import sha256_hex
from footprint.application.backgrounds import with_backgrounds
from footprint.application.ports import ExplainingEngine, Methodology, StoredProductModel
from footprint.domain.data_quality import DataQualityStatement, data_quality
from footprint.domain.dataset import Dataset
from footprint.domain.declaration import CitedDeclaration
from footprint.domain.equivalents import equivalents
from footprint.domain.impacts import impacts
from footprint.domain.linking import link_product
from footprint.domain.product_footprint import Evidence, FootprintContent
from footprint.domain.result import (
    FootprintResult,
    Scores,
    Solution,
    compare_engines,
    footprint_result,
)
from footprint.domain.system import LinkedSystem


def solve(
    system: LinkedSystem, methodology: Methodology
) -> tuple[FootprintResult, Solution, tuple[Evidence, Evidence]]:
    """Return the result, what explains it and, as evidence, the two engines.

    Raises
    ------
    SingularSystem, UnproductiveLoop
        With the activities of the loop.
    OutOfRange
        With what is too large.
    """
    rule = methodology.rules.agreement
    # Ours first: it names the activities of a loop without solution.
    solution = methodology.explaining_engine.solve(system)
    scores = methodology.record_engine.score(system)
    agreement = compare_engines(scores, solution, rule, beyond=system.beyond)
    if not agreement.agree:
        reference = methodology.explaining_engine.reference(system)
        agreement = compare_engines(scores, solution, rule, reference, beyond=system.beyond)
    result = footprint_result(system, scores, solution, agreement)
    return result, solution, (_engine(scores), _engine(solution.scores))


def calculate_content(
    stored: StoredProductModel,
    method_id: str,
    declarations: tuple[CitedDeclaration, ...],
    methodology: Methodology,
    tenant_id: str,
) -> FootprintContent:
    """Calculate a product of a tenant and pin everything that the result rests on."""
    model, rules = stored.model, methodology.rules
    dataset, backgrounds = with_backgrounds(
        model, methodology.dataset, methodology.backgrounds, tenant_id
    )
    system = link_product(
        model, dataset, method_id, suppliers=[cited.as_input() for cited in declarations]
    )
    result, solution, engines = solve(system, methodology)
    return FootprintContent(
        product_id=model.product_id,
        name_en=model.name_en,
        name_zh=model.name_zh,
        declared_unit=model.declared_unit,
        boundary=model.boundary.name,
        result=result,
        declarations=declarations,
        evidence=(
            Evidence("product_model", model.product_id, str(stored.version), stored.sha256),
            *background_evidence(dataset, method_id),
            *backgrounds,
            Evidence("rule_pack", rules.id, rules.version, rules.sha256),
            *(pinned for cited in declarations for pinned in _declaration(cited)),
            *engines,
            methodology.lock_file,
        ),
        impacts=tuple(impacts(system, solution, dataset)),
        data_quality=quality(system, solution, dataset, methodology.explaining_engine),
        equivalents=tuple(equivalents(model, result.pcf_kg_co2e)),
    )


def quality(
    system: LinkedSystem, solution: Solution, dataset: Dataset, engine: ExplainingEngine
) -> DataQualityStatement:
    """State how sure a result is."""

    def total(part: LinkedSystem) -> float:
        return engine.solve(part).scores.total

    return data_quality(system, solution, dataset, total)


def background_evidence(dataset: Dataset, method_id: str) -> tuple[Evidence, Evidence]:
    """Name the dataset and the characterization method."""
    factors = dataset.factors[method_id]
    content = {
        "method_id": method_id,
        "factors": {
            flow_id: {"factor": factor.factor, "unit": factor.unit, "source": factor.source.title}
            for flow_id, factor in factors.items()
        },
    }
    return (
        Evidence("dataset", dataset.id, dataset.version, dataset.sha256),
        # A method is versioned by its name; its factors are part of the dataset's files.
        Evidence("method", method_id, dataset.version, sha256_hex(content)),
    )


def _engine(scores: Scores) -> Evidence:
    return Evidence("engine", scores.engine, scores.engine_version, "")


def _declaration(cited: CitedDeclaration) -> tuple[Evidence, Evidence]:
    """Name what the supplier declared, and the footprint of it that was linked.

    The declaration's hash covers the activity data alone, which the buyer does not see; the
    footprint's hash covers value, unit, region, period and what it was calculated with.
    """
    reference, version = cited.reference, str(cited.reference.version)
    return (
        Evidence("declaration", reference.id, version, reference.sha256),
        Evidence(
            "supplier_footprint",
            cited.supplier_footprint_id,
            version,
            cited.supplier_footprint_sha256,
        ),
    )
