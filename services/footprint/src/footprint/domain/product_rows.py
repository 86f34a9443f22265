"""From untrusted rows to a `ProductModel`, or to all that is wrong with them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chassis import units
from chassis.errors import Location
from footprint.domain.confidence_words import check_confidence
from footprint.domain.dataset import ActivityKind, Dataset
from footprint.domain.errors import (
    Duplicate,
    EmptyBillOfMaterials,
    MissingField,
    SelfLoop,
    SiteWithoutEffect,
    StageOfIntermediate,
    UnknownStage,
    UnlinkedInput,
    UnlinkedIntermediate,
    UnusedPart,
)
from footprint.domain.inventory_model_errors import OutOfPlace
from footprint.domain.line_fields import read_source, read_uncertainty
from footprint.domain.product import (
    ActivityData,
    BomLine,
    ProductModel,
    ProductPart,
    Site,
    SiteKnowledge,
)
from footprint.domain.product_amounts import read_computed_amount
from footprint.domain.product_header import (
    INTERMEDIATES,
    NOTHING_GIVEN,
    Given,
    Header,
    check_region,
    read_header,
)
from footprint.domain.product_parts import ProductDocument, read_parts, require_few_parts
from footprint.domain.rows import RowReader, Violations

LINE_FIELDS = (
    "line_id",
    "stage",
    "consumer_id",
    "input_id",
    "amount",
    "unit",
    "activity_data",
    "uncertainty_type",
    "gsd",
    "min",
    "max",
    "source_title",
    "source_locator",
    "doi_or_url",
    "licence",
    "confidence",
    "note",
)
#: Columns that a bill of materials may have beside: an amount that is computed, and when it counts.
OPTIONAL_LINE_FIELDS = ("formula", "choice", "option")
SITE_FIELDS = ("activity_id", "region", "known_from", "note")
OPTIONAL_SITE_FIELDS = ("electricity",)
#: Names of the tables in the places of violations.
LINES, SITES = "lines", "sites"


def parse_product_model(
    header: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    sites: Sequence[Mapping[str, Any]],
    dataset: Dataset,
    parts: Mapping[str, ProductDocument] | None = None,
    *,
    given: Given = NOTHING_GIVEN,
) -> ProductModel:
    """Read a product, its bill of materials and its site table.

    Parameters
    ----------
    header
        Content of `product.json` (fields `HEADER_FIELDS`).
    rows
        Lines of `bom.csv` (fields `LINE_FIELDS`); numbers may be numbers or texts.
    sites
        Rows of `sites.csv` (fields `SITE_FIELDS`).
    dataset
        What the lines link to.
    parts
        Documents of the products that the header names as parts, by product id.
    given
        What an outer product sets, of which this is a part.

    Raises
    ------
    InvalidInput
        With every violation of header, lines and sites at once.
    """
    violations = Violations()
    if given is NOTHING_GIVEN:
        require_few_parts(header, parts or {}, violations)
    head = read_header(header, dataset, violations, given)
    for parameter in (each for each in head.parameters if each.id):
        at = head.scope.at("parameter", parameter.id, "confidence")
        check_confidence(parameter.confidence, at, violations)
    found = dict(read_parts(header, head, parts or {}, dataset, parse_product_model, violations))
    lines = tuple(_read_lines(rows, head, found, dataset, violations))
    _check_own_parts(head, found, rows, violations)
    places = tuple(_read_sites(sites, head, dataset, violations))
    violations.raise_if_any()
    return ProductModel(
        product_id=head.product_id,
        name_en=head.name_en,
        name_zh=head.name_zh,
        declared_unit=head.declared_unit,
        plant_region=head.plant_region,
        boundary=head.boundary,
        intermediates=tuple(head.intermediates.values()),
        lines=lines,
        sites=places,
        description=head.description,
        contains=head.contains,
        leaves_out=head.leaves_out,
        electricity_year=head.electricity_year,
        sources=head.sources,
        parameters=head.parameters,
        parameter_order=head.parameter_order,
        choices=head.choices,
        equivalents=head.equivalents,
        parts=tuple(part for part in found.values() if part is not None),
        backgrounds=head.backgrounds,
    )


def read_product_document(document: ProductDocument, dataset: Dataset) -> ProductModel:
    """Read a product with its parts; see `parse_product_model`."""
    return parse_product_model(
        document.header, document.lines, document.sites, dataset, document.parts
    )


def _read_lines(
    rows: Sequence[Mapping[str, Any]],
    head: Header,
    parts: Mapping[str, ProductPart | None],
    dataset: Dataset,
    violations: Violations,
) -> Iterator[BomLine]:
    if not rows:
        violations.add(EmptyBillOfMaterials(location=Location(field="line_id", table=LINES)))
    first_rows: dict[str, int] = {}
    for row, values in enumerate(rows, start=1):
        line_id = RowReader(values, violations, row=row, table=LINES).identifier("line_id")
        reader = RowReader(values, violations, row=row, id=line_id, table=LINES)
        reader.refuse_unknown((*LINE_FIELDS, *OPTIONAL_LINE_FIELDS))
        if line_id is not None and line_id in first_rows:
            violations.add(
                Duplicate(
                    location=reader.at("line_id"), value=line_id, first_row=first_rows[line_id]
                )
            )
        first_rows.setdefault(line_id or "", row)
        line = _read_line(reader, line_id or "", row, head, parts, dataset)
        if line is not None:
            yield line


def _check_own_parts(
    head: Header,
    parts: Mapping[str, ProductPart | None],
    rows: Sequence[Mapping[str, Any]],
    violations: Violations,
) -> None:
    """Note parts that would count nothing: their lines or their emissions would be lost."""
    inputs: dict[str, set[str]] = defaultdict(set)
    for values in rows:
        consumer_id = str(values.get("consumer_id") or "").strip() or head.product_id
        inputs[consumer_id].add(str(values.get("input_id")).strip())
    # Parts that only consume each other have consumers, yet nothing of them gets into the product.
    needed, to_walk = {head.product_id}, [head.product_id]
    while to_walk:
        found = {part for part in inputs[to_walk.pop()] if part in head.intermediates} - needed
        needed |= found
        to_walk += found
    for row, part in enumerate(head.intermediates, start=1):
        if part not in needed or not inputs.get(part):
            at = Location(field="id", row=row, id=part, table=INTERMEDIATES)
            violations.add(UnlinkedIntermediate(location=at, intermediate_id=part))
    used = set[str]().union(*(inputs[consumer] for consumer in needed))
    for position, part in enumerate(parts):
        if part not in used:
            at = Location(field=f"parts[{position}].id", id=part)
            violations.add(UnusedPart(location=at, part_id=part))


def _read_line(
    reader: RowReader,
    line_id: str,
    row: int,
    head: Header,
    parts: Mapping[str, ProductPart | None],
    dataset: Dataset,
) -> BomLine | None:
    consumer_id = reader.identifier("consumer_id", required=False) or head.product_id
    stage = _read_stage(reader, consumer_id, head)
    input_id = reader.identifier("input_id")
    unit = None if input_id is None else _unit_of(input_id, head, parts, dataset)
    if input_id is not None and input_id == consumer_id:
        reader.violations.add(SelfLoop(location=reader.at("input_id"), item_id=input_id))
        unit = None
    elif input_id is not None and unit is None and input_id not in parts:
        at = reader.at("input_id")
        suggest = reader.violations.may_suggest()
        unlinked = dataset.unlinked(at, input_id, *head.intermediates, *parts, suggest=suggest)
        reader.violations.add(unlinked)
    formula, scale = None, 1.0
    if unit is None or input_id is None or not units.is_known(unit):
        # The input's unit is unknown, but the row's own numbers can still be checked.
        if reader.values.get("formula") in (None, ""):
            reader.not_negative("amount")
        reader.text("unit")
        amount = None
    elif reader.values.get("formula") not in (None, ""):
        formula, amount, scale = read_computed_amount(reader, unit, input_id, head)
    else:
        amount = reader.amount_in(unit, input_id)
    activity_data = reader.one_of("activity_data", [kind.value for kind in ActivityData])
    uncertainty = read_uncertainty(reader, amount, unit)
    if formula is not None and uncertainty.distribution == "triangular":
        rule = ("a formula varies by a lognormal alone", "公式的计算值只能采用对数正态分布")
        reader.violations.add(OutOfPlace(reader.at("uncertainty_type"), *rule))
    when = _read_when(reader, head)
    source = read_source(reader)
    confidence = reader.text("confidence")
    check_confidence(confidence or "", reader.at("confidence"), reader.violations)
    note = reader.text("note", required=False)
    if input_id is None or amount is None or activity_data is None or stage is None:
        return None
    return BomLine(
        row=row,
        line_id=line_id,
        stage=stage,
        consumer_id=consumer_id,
        input_id=input_id,
        amount=amount,
        activity_data=ActivityData(activity_data),
        uncertainty=uncertainty,
        source=source,
        confidence=confidence or "",
        note=note or "",
        formula=formula,
        scale=scale,
        when=when,
    )


def _read_when(reader: RowReader, head: Header) -> tuple[str, str] | None:
    """Read `choice` and `option`: both, or neither."""
    choice = reader.identifier("choice", required=False)
    option = reader.identifier("option", required=bool(choice))
    if not choice:
        if option:
            reader.violations.add(MissingField(location=reader.at("choice")))
        return None
    scope = head.scope
    if not scope.known("choice", choice, reader.at("choice")) or not option:
        return None
    if option not in scope.options[choice]:
        scope.refuse("option", option, reader.at("option"), scope.options[choice])
        return None
    return choice, option


def _read_stage(reader: RowReader, consumer_id: str, head: Header) -> str | None:
    if consumer_id != head.product_id:
        if consumer_id not in head.intermediates:
            reader.violations.add(
                UnlinkedInput(location=reader.at("consumer_id"), item_id=consumer_id, closest="")
            )
        elif reader.text("stage", required=False):
            reader.violations.add(
                StageOfIntermediate(location=reader.at("stage"), consumer_id=consumer_id)
            )
        return ""
    stage = reader.identifier("stage")
    if stage is not None and stage not in head.boundary.all_stages:
        reader.violations.add(
            UnknownStage(location=reader.at("stage"), stage=stage, known=head.boundary.all_stages)
        )
        return None
    return stage


def _unit_of(
    input_id: str, head: Header, parts: Mapping[str, ProductPart | None], dataset: Dataset
) -> str | None:
    if input_id == head.product_id:
        return head.declared_unit.unit
    part = parts.get(input_id)
    if part is not None:
        return part.product.declared_unit.unit
    if input_id in head.intermediates:
        return head.intermediates[input_id].unit
    if input_id in dataset.activities:
        return dataset.activities[input_id].unit
    if input_id in dataset.flows:
        return dataset.flows[input_id].unit
    return None


def _supplies_electricity(activity_id: str, dataset: Dataset) -> bool:
    activity = dataset.activities[activity_id]
    reference = dataset.activities[dataset.electricity_reference]
    return (
        dataset.is_electricity(activity_id)
        and activity.kind is not ActivityKind.MARKET_REFERENCE
        and activity.unit == reference.unit
    )


def _read_sites(
    rows: Sequence[Mapping[str, Any]], head: Header, dataset: Dataset, violations: Violations
) -> Iterator[Site]:
    first_rows: dict[str, int] = {}
    for row, values in enumerate(rows, start=1):
        reader = RowReader(values, violations, row=row, table=SITES)
        reader.refuse_unknown((*SITE_FIELDS, *OPTIONAL_SITE_FIELDS))
        activity_id = reader.identifier("activity_id")
        region = reader.identifier("region")
        known_from = reader.one_of("known_from", [kind.value for kind in SiteKnowledge])
        note = reader.text("note", required=False)
        if region is not None:
            at, year = reader.at("region"), head.electricity_year
            check_region(region, at, dataset, violations, year)
        electricity = reader.identifier("electricity", required=False) or ""
        if electricity and electricity not in dataset.activities:
            at, suggest = reader.at("electricity"), violations.may_suggest()
            violations.add(dataset.unlinked(at, electricity, suggest=suggest))
        elif electricity and not _supplies_electricity(electricity, dataset):
            at = reader.at("electricity")
            rule = (
                "it names an activity that supplies kWh of electricity, no market",
                "此处须为以 kWh 供应电力的活动，且不能是市场引用",
            )
            violations.add(OutOfPlace(at, *rule))
        if activity_id is None or region is None or known_from is None:
            continue
        activity = dataset.activities.get(activity_id)
        if activity is None:
            at, suggest = reader.at("activity_id"), violations.may_suggest()
            violations.add(dataset.unlinked(at, activity_id, suggest=suggest))
        elif activity.kind is not ActivityKind.UNIT_PROCESS and activity_id not in dataset.routes:
            violations.add(
                SiteWithoutEffect(location=reader.at("activity_id"), activity_id=activity_id)
            )
        if activity_id in first_rows:
            violations.add(
                Duplicate(
                    location=reader.at("activity_id"),
                    value=activity_id,
                    first_row=first_rows[activity_id],
                )
            )
        first_rows.setdefault(activity_id, row)
        yield Site(activity_id, region, SiteKnowledge(known_from), note or "", electricity)
