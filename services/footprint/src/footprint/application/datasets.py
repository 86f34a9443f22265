"""Checking a dataset, and telling two of them apart."""

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.errors import GreenchainError, InvalidInput, Location
from footprint.application.ports import ExplainingEngine
from footprint.domain.dataset import Dataset
from footprint.domain.dataset_checks import check_dataset
from footprint.domain.dataset_diff import ProductChange, RowChange, SolvedProduct, row_changes
from footprint.domain.dataset_document import DatasetDocument
from footprint.domain.dataset_findings import Finding, UnsolvableDataset
from footprint.domain.dataset_system import link_dataset
from footprint.domain.linking import link_product
from footprint.domain.product import ProductModel
from footprint.domain.product_parts import ProductDocument
from footprint.domain.product_rows import read_product_document
from footprint.domain.system_errors import OutOfRange, SingularSystem, UnproductiveLoop


@dataclass(frozen=True, slots=True)
class Difference:
    """What distinguishes two datasets."""

    old: Dataset
    new: Dataset
    method_id: str
    rows: tuple[RowChange, ...]
    products: tuple[ProductChange, ...]


def check(document: DatasetDocument, engine: ExplainingEngine) -> tuple[Dataset, list[Finding]]:
    """Read a dataset and return it with all findings, errors first.

    Raises
    ------
    InvalidInput
        With every row that cannot be read.
    """
    dataset = document.dataset()
    found = list(check_dataset(dataset, document))
    unsolvable = _unsolvable(dataset, engine)
    return dataset, [*([unsolvable] if unsolvable else []), *found]


def _unsolvable(dataset: Dataset, engine: ExplainingEngine) -> Finding | None:
    """Tell why the system of all activities has no solution, if it has none."""
    try:
        engine.solve(link_dataset(dataset))
    except GreenchainError as error:
        texts = {"reason_en": error.message("en"), "reason_zh": error.message("zh")}
        return UnsolvableDataset(Location(field="", table="exchanges.csv"), **texts)
    return None


def diff(
    old: DatasetDocument,
    new: DatasetDocument,
    products: Mapping[str, ProductDocument],
    method_id: str,
    engine: ExplainingEngine,
) -> Difference:
    """Compare two datasets, and what they make of some products.

    Raises
    ------
    InvalidInput
        If one of them cannot be read.
    UnknownMethod
    """
    before, after = old.dataset(), new.dataset()
    changes = tuple(
        _product_change(id_, document, before, after, method_id, engine)
        for id_, document in products.items()
    )
    return Difference(before, after, method_id, tuple(row_changes(old, new)), changes)


def _product_change(
    product_id: str,
    document: ProductDocument,
    before: Dataset,
    after: Dataset,
    method_id: str,
    engine: ExplainingEngine,
) -> ProductChange:
    model: ProductModel | None = None
    solved: dict[str, SolvedProduct] = {}
    refusals: dict[str, GreenchainError] = {}
    for name, dataset in (("old", before), ("new", after)):
        try:
            model = read_product_document(document, dataset)
            system = link_product(model, dataset, method_id)
            solved[name] = SolvedProduct(system, engine.solve(system))
        except (InvalidInput, SingularSystem, UnproductiveLoop, OutOfRange) as refused:
            refusals[name] = refused
    unit = "" if model is None else f"{model.declared_unit.amount:g} {model.declared_unit.unit}"
    return ProductChange(
        product_id=product_id,
        name_en=product_id if model is None else model.name_en,
        name_zh=product_id if model is None else model.name_zh,
        unit=unit,
        old=solved.get("old"),
        new=solved.get("new"),
        refusals=refusals,
    )
