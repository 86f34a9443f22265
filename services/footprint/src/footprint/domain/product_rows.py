"""From untrusted rows to a `ProductModel`, or to all that is wrong with them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis import units
from chassis.errors import Location
from footprint.domain.dataset import ActivityKind, Dataset, Source, Uncertainty
from footprint.domain.errors import (
    BadReferenceFlow,
    Duplicate,
    EmptyBillOfMaterials,
    MissingField,
    SelfLoop,
    SiteWithoutEffect,
    StageOfIntermediate,
    UnknownRegion,
    UnknownStage,
    UnknownUnit,
    UnlinkedInput,
)
from footprint.domain.product import (
    ActivityData,
    BomLine,
    Boundary,
    DeclaredUnit,
    Intermediate,
    ProductModel,
    Site,
    SiteKnowledge,
)
from footprint.domain.rows import RowReader, Violations

HEADER_FIELDS = (
    "format",
    "product_id",
    "name",
    "declared_unit",
    "plant_region",
    "boundary",
    "intermediates",
)
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
SITE_FIELDS = ("activity_id", "region", "known_from", "note")
FORMAT = "greenchain-product/1"
DISTRIBUTIONS = ("none", "lognormal", "triangular")


def parse_product_model(
    header: Mapping[str, Any],
    rows: Sequence[Mapping[str, Any]],
    sites: Sequence[Mapping[str, Any]],
    dataset: Dataset,
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

    Raises
    ------
    InvalidInput
        With every violation of header, lines and sites at once.
    """
    violations = Violations()
    head = _read_header(header, dataset, violations)
    lines = tuple(_read_lines(rows, head, dataset, violations))
    places = tuple(_read_sites(sites, dataset, violations))
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
    )


@dataclass(frozen=True, slots=True)
class _Header:
    product_id: str
    name_en: str
    name_zh: str
    declared_unit: DeclaredUnit
    plant_region: str
    boundary: Boundary
    intermediates: dict[str, Intermediate]


def _nested(reader: RowReader, name: str, fields: tuple[str, ...]) -> RowReader:
    """Reader of an object inside the header."""
    value = reader.values.get(name)
    if not isinstance(value, Mapping):
        reader.violations.add(MissingField(location=reader.at(name)))
        value = dict.fromkeys(fields, "-")
    inner = RowReader(value, reader.violations, row=reader.row, id=name)
    inner.refuse_unknown(fields)
    return inner


def _read_header(header: Mapping[str, Any], dataset: Dataset, violations: Violations) -> _Header:
    reader = RowReader(header, violations)
    reader.refuse_unknown(HEADER_FIELDS)
    reader.one_of("format", (FORMAT,))
    product_id = reader.text("product_id") or ""
    if product_id in dataset.activities or product_id in dataset.flows:
        violations.add(Duplicate(location=reader.at("product_id"), value=product_id, first_row=0))
    name = _nested(reader, "name", ("en", "zh"))
    plant_region = reader.text("plant_region") or dataset.default_region
    _check_region(plant_region, reader.at("plant_region"), dataset, violations)
    return _Header(
        product_id=product_id,
        name_en=name.text("en") or "",
        name_zh=name.text("zh") or "",
        declared_unit=_read_declared_unit(reader),
        plant_region=plant_region,
        boundary=_read_boundary(reader),
        intermediates=_read_intermediates(reader, product_id, plant_region, dataset),
    )


def _read_declared_unit(reader: RowReader) -> DeclaredUnit:
    declared = _nested(reader, "declared_unit", ("amount", "unit"))
    unit = declared.text("unit") or ""
    if unit and unit != "-" and not units.is_known(unit):
        reader.violations.add(
            UnknownUnit(location=declared.at("unit"), unit=unit, expected="kwh_capacity, kg")
        )
    if not isinstance(reader.values.get("declared_unit"), Mapping):
        return DeclaredUnit(amount=1.0, unit=unit)
    inner = Violations()
    amount = RowReader(declared.values, inner).finite("amount")
    if amount is None or amount <= 0.0:
        value = str(declared.values.get("amount"))[:40]
        reader.violations.add(BadReferenceFlow(location=declared.at("amount"), value=value))
        amount = 1.0
    return DeclaredUnit(amount=amount, unit=unit)


def _read_boundary(reader: RowReader) -> Boundary:
    boundary = _nested(reader, "boundary", ("name", "stages", "beyond"))
    stages = _texts(boundary, "stages")
    beyond = _texts(boundary, "beyond")
    if not stages and isinstance(reader.values.get("boundary"), Mapping):
        reader.violations.add(MissingField(location=boundary.at("stages")))
    seen: dict[str, int] = {}
    for position, stage in enumerate((*stages, *beyond), start=1):
        if stage in seen:
            reader.violations.add(
                Duplicate(location=boundary.at("stages"), value=stage, first_row=seen[stage])
            )
        seen.setdefault(stage, position)
    return Boundary(name=boundary.text("name") or "", stages=stages, beyond=beyond)


def _texts(reader: RowReader, name: str) -> tuple[str, ...]:
    values = reader.values.get(name, [])
    if not isinstance(values, Sequence) or isinstance(values, str):
        return ()
    return tuple(value for value in values if isinstance(value, str) and value)


def _read_intermediates(
    reader: RowReader, product_id: str, plant_region: str, dataset: Dataset
) -> dict[str, Intermediate]:
    violations = reader.violations
    found: dict[str, Intermediate] = {}
    entries = reader.values.get("intermediates") or []
    for row, entry in enumerate(entries if isinstance(entries, Sequence) else [], start=1):
        part = RowReader(entry if isinstance(entry, Mapping) else {}, violations, row=row)
        part.refuse_unknown(("id", "name", "unit", "region"))
        id_ = part.text("id")
        name = _nested(part, "name", ("en", "zh"))
        unit = part.text("unit") or ""
        region = part.text("region", required=False) or plant_region
        if unit and not units.is_known(unit):
            violations.add(UnknownUnit(location=part.at("unit"), unit=unit, expected="kg, piece"))
        _check_region(region, part.at("region"), dataset, violations)
        if id_ is None:
            continue
        if id_ in found or id_ == product_id or id_ in dataset.activities or id_ in dataset.flows:
            first = [*found, id_].index(id_) + 1
            violations.add(Duplicate(location=part.at("id"), value=id_, first_row=first))
            continue
        found[id_] = Intermediate(
            id=id_,
            name_en=name.text("en") or "",
            name_zh=name.text("zh") or "",
            unit=unit,
            region=region,
        )
    return found


def _read_lines(
    rows: Sequence[Mapping[str, Any]], head: _Header, dataset: Dataset, violations: Violations
) -> Iterator[BomLine]:
    if not rows:
        violations.add(EmptyBillOfMaterials(location=Location(field="line_id")))
    first_rows: dict[str, int] = {}
    for row, values in enumerate(rows, start=1):
        line_id = RowReader(values, violations, row=row).text("line_id")
        reader = RowReader(values, violations, row=row, id=line_id)
        reader.refuse_unknown(LINE_FIELDS)
        if line_id is not None and line_id in first_rows:
            violations.add(
                Duplicate(
                    location=reader.at("line_id"), value=line_id, first_row=first_rows[line_id]
                )
            )
        first_rows.setdefault(line_id or "", row)
        line = _read_line(reader, line_id or "", row, head, dataset)
        if line is not None:
            yield line


def _read_line(
    reader: RowReader, line_id: str, row: int, head: _Header, dataset: Dataset
) -> BomLine | None:
    consumer_id = reader.text("consumer_id", required=False) or head.product_id
    stage = _read_stage(reader, consumer_id, head)
    input_id = reader.text("input_id")
    unit = None if input_id is None else _unit_of(input_id, head, dataset)
    if input_id is not None and input_id == consumer_id:
        reader.violations.add(SelfLoop(location=reader.at("input_id"), item_id=input_id))
    elif input_id is not None and unit is None:
        closest = dataset.closest(input_id, *head.intermediates)
        reader.violations.add(
            UnlinkedInput(location=reader.at("input_id"), item_id=input_id, closest=closest)
        )
    if unit is None or input_id is None:
        # The input's unit is unknown, but the row's own numbers can still be checked.
        reader.not_negative("amount")
        reader.text("unit")
        amount = None
    else:
        amount = reader.amount_in(unit, input_id)
    activity_data = reader.one_of("activity_data", [kind.value for kind in ActivityData])
    uncertainty = read_uncertainty(reader)
    source = read_source(reader)
    confidence = reader.text("confidence")
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
    )


def _read_stage(reader: RowReader, consumer_id: str, head: _Header) -> str | None:
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
    stage = reader.text("stage")
    if stage is not None and stage not in head.boundary.all_stages:
        reader.violations.add(
            UnknownStage(location=reader.at("stage"), stage=stage, known=head.boundary.all_stages)
        )
        return None
    return stage


def _unit_of(input_id: str, head: _Header, dataset: Dataset) -> str | None:
    if input_id == head.product_id:
        return head.declared_unit.unit
    if input_id in head.intermediates:
        return head.intermediates[input_id].unit
    if input_id in dataset.activities:
        return dataset.activities[input_id].unit
    if input_id in dataset.flows:
        return dataset.flows[input_id].unit
    return None


def read_uncertainty(reader: RowReader) -> Uncertainty:
    """Read the columns `uncertainty_type`, `gsd`, `min` and `max`."""
    kind = reader.text("uncertainty_type", required=False) or "none"
    if kind not in DISTRIBUTIONS:
        reader.one_of("uncertainty_type", DISTRIBUTIONS)
    return Uncertainty(
        distribution=kind,
        gsd=reader.finite("gsd", required=kind == "lognormal"),
        minimum=reader.finite("min", required=kind == "triangular"),
        maximum=reader.finite("max", required=kind == "triangular"),
    )


def read_source(reader: RowReader) -> Source:
    """Read the columns that say where a row comes from."""
    return Source(
        title=reader.text("source_title") or "",
        locator=reader.text("source_locator") or "",
        doi_or_url=reader.text("doi_or_url", required=False) or "",
        licence=reader.text("licence") or "",
    )


def _read_sites(
    rows: Sequence[Mapping[str, Any]], dataset: Dataset, violations: Violations
) -> Iterator[Site]:
    first_rows: dict[str, int] = {}
    for row, values in enumerate(rows, start=1):
        reader = RowReader(values, violations, row=row)
        reader.refuse_unknown(SITE_FIELDS)
        activity_id = reader.text("activity_id")
        region = reader.text("region")
        known_from = reader.one_of("known_from", [kind.value for kind in SiteKnowledge])
        note = reader.text("note", required=False)
        if region is not None:
            _check_region(region, reader.at("region"), dataset, violations)
        if activity_id is None or region is None or known_from is None:
            continue
        activity = dataset.activities.get(activity_id)
        if activity is None:
            violations.add(
                UnlinkedInput(
                    location=reader.at("activity_id"),
                    item_id=activity_id,
                    closest=dataset.closest(activity_id),
                )
            )
        elif activity.kind is not ActivityKind.UNIT_PROCESS:
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
        yield Site(activity_id, region, SiteKnowledge(known_from), note or "")


def _check_region(
    region: str, location: Location, dataset: Dataset, violations: Violations
) -> None:
    if region not in dataset.markets:
        known = tuple(dataset.markets)
        violations.add(UnknownRegion(location=location, region=region, known=known))
