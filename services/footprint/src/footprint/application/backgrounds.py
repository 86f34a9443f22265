"""Backgrounds of a tenant's own, as far as a product buys from them: part of its dataset."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from chassis.errors import InvalidInput, Location, Unavailable, Violation
from footprint.application.background_ports import Backgrounds, FoundActivity, HeldBackground
from footprint.domain.background import BackgroundReference, extended
from footprint.domain.background_errors import (
    BackgroundNotAtHand,
    BackgroundNotThere,
    BackgroundTwice,
    NoSuchBackgroundActivity,
    UnfitBackgroundUnit,
)
from footprint.domain.background_names import read_backgrounds, split_item
from footprint.domain.dataset import Dataset
from footprint.domain.errors import UnlinkedInput
from footprint.domain.json_reader import JsonReader
from footprint.domain.product import ProductModel
from footprint.domain.product_backgrounds import (
    document_headers,
    document_inputs,
    model_backgrounds,
    model_inputs,
)
from footprint.domain.product_footprint import Evidence, FootprintContent
from footprint.domain.product_parts import ProductDocument
from footprint.domain.product_rows import read_product_document
from footprint.domain.rows import Violations


def read_with_backgrounds(
    document: ProductDocument, dataset: Dataset, backgrounds: Backgrounds, tenant_id: str
) -> ProductModel:
    """Read a product that may buy from backgrounds of its tenant.

    Raises
    ------
    InvalidInput
        With every violation of header, lines, sites and parts, and with backgrounds and activities
        of them that are not there.
    """
    missing: list[Violation] = []
    held: dict[str, HeldBackground] = {}
    named: dict[str, set[str]] = defaultdict(set)
    for reference, location in _named(document):
        if reference.version in named[reference.id]:
            continue
        named[reference.id].add(reference.version)
        if len(named[reference.id]) > 1:
            versions = tuple(sorted(named[reference.id]))
            missing.append(BackgroundTwice(location, reference.id, versions))
            continue
        found = backgrounds.open(tenant_id, reference)
        if found is None:
            known = tuple(f"{each.id} {each.version}" for each in backgrounds.known(tenant_id))
            missing.append(BackgroundNotThere(location, reference.id, reference.version, known))
        else:
            held[reference.id] = found
    whole = _extended(dataset, held, document_inputs(document))
    hints = Violations()
    try:
        model = read_product_document(document, whole)
    except InvalidInput as invalid:
        told = (_told(each, named, held, hints) for each in invalid.violations)
        raise InvalidInput((*missing, *(each for each in told if each is not None))) from None
    if missing:
        raise InvalidInput(tuple(missing))
    return model


def with_backgrounds(
    model: ProductModel, dataset: Dataset, backgrounds: Backgrounds, tenant_id: str
) -> tuple[Dataset, tuple[Evidence, ...]]:
    """Return the dataset with what a product buys from backgrounds, and these as evidence.

    Raises
    ------
    BackgroundNotAtHand
    """
    held: dict[str, HeldBackground] = {}
    evidence = []
    for reference in dict.fromkeys(model_backgrounds(model)):
        found = backgrounds.open(tenant_id, reference)
        if found is None:
            raise BackgroundNotAtHand(reference.id, reference.version)
        held[reference.id] = found
        evidence.append(Evidence("background", reference.id, reference.version, found.sha256))
    return _extended(dataset, held, model_inputs(model)), tuple(evidence)


def bought_activities(
    content: FootprintContent, backgrounds: Backgrounds, tenant_id: str
) -> dict[str, FoundActivity]:
    """Return what a footprint takes from the backgrounds that it pins, by id of the input.

    What is no longer at hand, or has other content now, is left out.
    """
    pinned = {each.id: each for each in content.evidence if each.role == "background"}
    ids = {line.input_id for line in content.result.lines}
    ids |= {item.activity_id for item in content.result.processes}
    held: dict[str, HeldBackground | None] = {}
    found: dict[str, FoundActivity] = {}
    for id_ in sorted(ids):
        background, code = split_item(id_)
        if background not in pinned:
            continue
        if background not in held:
            held[background] = _pinned(pinned[background], backgrounds, tenant_id)
        opened = held[background]
        activity = None if opened is None else opened.find(code)
        if activity is not None:
            found[id_] = activity
    return found


def _pinned(evidence: Evidence, backgrounds: Backgrounds, tenant_id: str) -> HeldBackground | None:
    try:
        found = backgrounds.open(tenant_id, BackgroundReference(evidence.id, evidence.version))
    except Unavailable:
        return None
    return None if found is None or found.sha256 != evidence.sha256 else found


def _named(document: ProductDocument) -> Iterator[tuple[BackgroundReference, Location]]:
    """Yield what headers name, with the place; what is wrong with a header is told elsewhere."""
    for header in document_headers(document):
        is_part = header is not document.header
        table = f"{header.get('product_id')}: product.json" if is_part else ""
        for reference in read_backgrounds(JsonReader(header, Violations())):
            yield reference, Location(field=f"backgrounds.{reference.id}", table=table)


def _extended(
    dataset: Dataset, held: Mapping[str, HeldBackground], inputs: Iterable[str]
) -> Dataset:
    codes: dict[str, dict[str, Any]] = defaultdict(dict)
    for item in inputs:
        background, code = split_item(item)
        if background not in held or code in codes[background]:
            continue
        found = held[background].find(code)
        # What has no unit of the platform stays out, so that its line is told of.
        if found is not None and found.unit is not None:
            codes[background][code] = None
    for background, bought in codes.items():
        if bought:
            dataset = extended(dataset, held[background].bought(bought, dataset))
    return dataset


def _told(
    violation: Violation,
    named: Mapping[str, set[str]],
    held: Mapping[str, HeldBackground],
    hints: Violations,
) -> Violation | None:
    """Say of an input that is not linked what its background has; None if that is not there."""
    if not isinstance(violation, UnlinkedInput):
        return violation
    background, code = split_item(violation.item_id)
    if background in held:
        found = held[background].find(code)
        if found is not None:
            return UnfitBackgroundUnit(violation.location, violation.item_id, found.unit_given)
        # Thousands of mistyped codes would be compared for minutes.
        closest = held[background].closest(code) if hints.may_suggest() else ""
        hint_en = f"; the closest code is {closest}" if closest else ""
        hint_zh = f"，最接近的代码为 {closest}" if closest else ""
        return NoSuchBackgroundActivity(violation.location, background, code, hint_en, hint_zh)
    return None if background in named else violation
