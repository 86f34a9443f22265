"""What is told of datasets, as JSON."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chassis.errors import GreenchainError
from chassis.problem import violations_of
from footprint.application.datasets import Difference
from footprint.domain.bundled_methods import BundledFlow, BundledMethod
from footprint.domain.dataset import Dataset
from footprint.domain.dataset_diff import (
    MOST_CONTRIBUTORS,
    Change,
    Contributor,
    ProductChange,
    RowChange,
    SolvedProduct,
)
from footprint.domain.dataset_document import DatasetDocument
from footprint.domain.dataset_findings import Finding

if TYPE_CHECKING:
    # Brightway takes half a second to import: who checks rows should not wait for it.
    from footprint.adapters.brightway.dataset_packages import PackagedDataset


def reference(dataset: Dataset) -> dict[str, str]:
    """Name a dataset."""
    return {"id": dataset.id, "version": dataset.version, "sha256": dataset.sha256}


def checked(dataset: Dataset, findings: Sequence[Finding]) -> dict[str, Any]:
    """Say what a dataset holds, and what is to be looked at."""
    return {
        "dataset": reference(dataset),
        "counts": {
            "activities": len(dataset.activities),
            "exchanges": len(dataset.rows),
            "elementary_flows": len(dataset.flows),
            "methods": len(dataset.methods),
            "markets": len(dataset.markets),
            "routes": sum(map(len, dataset.routes.values())),
        },
        "warnings": [finding(each) for each in findings],
    }


def finding(found: Finding) -> dict[str, Any]:
    """Say what was found, and where."""
    at = found.location
    return {
        "code": found.code,
        "is_error": found.is_error,
        "table": at.table,
        "row": at.row,
        "id": at.id,
        "field": at.field,
        "message": {"en": found.message("en"), "zh": found.message("zh")},
    }


def difference(found: Difference) -> dict[str, Any]:
    """Say what distinguishes two datasets."""
    return {
        "old": reference(found.old),
        "new": reference(found.new),
        "method_id": found.method_id,
        "rows": [_row(each) for each in found.rows],
        "products": [_product(each) for each in found.products],
    }


def _row(changed: RowChange) -> dict[str, Any]:
    return {
        "table": changed.table,
        "key": changed.key,
        "change": changed.change.value,
        "fields": [
            {"column": each.column, "old": each.old, "new": each.new} for each in changed.fields
        ],
    }


def _product(changed: ProductChange) -> dict[str, Any]:
    return {
        "product_id": changed.product_id,
        "name": {"en": changed.name_en, "zh": changed.name_zh},
        "declared_unit": changed.unit,
        "old": _solved(changed.old),
        "new": _solved(changed.new),
        "difference_kg_co2e": changed.difference,
        "difference_percent": changed.difference_percent,
        "contributors": [_contributor(e) for e in changed.contributors()[:MOST_CONTRIBUTORS]],
        "refused": {name: _refused(refused) for name, refused in changed.refusals.items()},
    }


def _solved(product: SolvedProduct | None) -> dict[str, Any] | None:
    if product is None:
        return None
    scores = product.solution.scores
    return {
        "kg_co2e": scores.total,
        "stages": {stage: scores.stages[stage] for stage in product.system.stages},
    }


def _contributor(each: Contributor) -> dict[str, Any]:
    return {
        "activity_id": each.activity_id,
        "name": {"en": each.name_en, "zh": each.name_zh},
        "old_kg_co2e": each.old,
        "new_kg_co2e": each.new,
        "difference_kg_co2e": each.difference,
    }


def _refused(refused: GreenchainError) -> list[dict[str, str]]:
    reasons = violations_of(refused) or (refused,)
    return [{"en": each.message("en"), "zh": each.message("zh")} for each in reasons]


def added(
    folder: Path, is_new: bool, found: Difference, warnings: Sequence[Finding]
) -> dict[str, Any]:
    """Say what was put into a folder, and what that does."""
    changes = [each.change for each in found.rows]
    return {
        "folder": str(folder),
        "created": is_new,
        "added": changes.count(Change.ADDED),
        "replaced": changes.count(Change.CHANGED),
        "warnings": [finding(each) for each in warnings],
        "difference": difference(found),
    }


def bundled_method(method: BundledMethod, flows: Sequence[BundledFlow]) -> dict[str, Any]:
    """Say what a method of bw2io's bundle is, and how many of the shipped flows it counts."""
    return {
        "id": method.id,
        "name": method.full_name,
        "unit": method.our_unit,
        "flows_counted": len(method.counted(flows)),
        "bundle": method.bundle,
    }


def built(
    dataset: Dataset, region: str, package: Path, contents: "PackagedDataset", is_new: bool
) -> dict[str, Any]:
    """Say where a package stands, and what stands in it."""
    return {
        "dataset": reference(dataset),
        "region": region,
        "package": str(package),
        "built": is_new,
        "activities": contents.activities,
        "flows": contents.flows,
        "exchanges": contents.exchanges,
        "methods": list(contents.methods),
    }


def released(archive: Path, document: DatasetDocument, is_new: bool) -> dict[str, Any]:
    """Say where a version is archived."""
    header = document.header
    return {
        "dataset": {
            "id": header["name"],
            "version": header["version"],
            "sha256": document.sha256,
        },
        "archive": str(archive),
        "created": is_new,
    }
