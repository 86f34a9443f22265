"""Reading the header of a product: its name, declared unit, boundary and intermediates."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis import units
from chassis.errors import Location
from footprint.domain.dataset import Dataset
from footprint.domain.errors import (
    BadReferenceFlow,
    Duplicate,
    MissingField,
    NotAList,
    TakenId,
    TooMany,
    UnfitText,
    UnknownRegion,
    UnknownUnit,
)
from footprint.domain.product import Boundary, DeclaredUnit, Intermediate
from footprint.domain.rows import LONGEST_ID, RowReader, Violations, fits

HEADER_FIELDS = (
    "format",
    "product_id",
    "name",
    "declared_unit",
    "plant_region",
    "boundary",
    "intermediates",
)
#: Name of the table of intermediates in the places of violations.
INTERMEDIATES = "intermediates"
FORMAT = "greenchain-product/1"
#: Each stage is a solve of its own by both engines; EN 15804, the longest list, has 17 modules.
MOST_STAGES = 50


@dataclass(frozen=True, slots=True)
class Header:
    """What the lines of a product are read against."""

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
        # Its fields are missing too, which need not be said one by one.
        return RowReader({}, Violations(), row=reader.row, id=name, table=reader.table)
    inner = RowReader(value, reader.violations, row=reader.row, id=name, table=reader.table)
    inner.refuse_unknown(fields)
    return inner


def read_header(header: Mapping[str, Any], dataset: Dataset, violations: Violations) -> Header:
    """Read the content of `product.json`; placeholders stand where something is wrong."""
    reader = RowReader(header, violations)
    reader.refuse_unknown(HEADER_FIELDS)
    reader.one_of("format", (FORMAT,))
    product_id = reader.identifier("product_id") or ""
    if product_id in dataset.activities or product_id in dataset.flows:
        violations.add(TakenId(location=reader.at("product_id"), value=product_id))
    name = _nested(reader, "name", ("en", "zh"))
    plant_region = reader.text("plant_region") or dataset.default_region
    check_region(plant_region, reader.at("plant_region"), dataset, violations)
    return Header(
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
    if unit and not units.is_known(unit):
        declared.violations.add(
            UnknownUnit(location=declared.at("unit"), unit=unit, expected="kwh_capacity, kg")
        )
    amount = declared.finite("amount")
    if amount is not None and amount <= 0.0:
        value = str(declared.values["amount"])[:40]
        declared.violations.add(BadReferenceFlow(location=declared.at("amount"), value=value))
    return DeclaredUnit(amount=amount or 1.0, unit=unit)


def _read_boundary(reader: RowReader) -> Boundary:
    boundary = _nested(reader, "boundary", ("name", "stages", "beyond"))
    stages = _texts(boundary, "stages")
    beyond = _texts(boundary, "beyond")
    if len(stages) + len(beyond) > MOST_STAGES:
        count = len(stages) + len(beyond)
        boundary.violations.add(
            TooMany(location=boundary.at("stages"), count=count, most=MOST_STAGES)
        )
        stages, beyond = stages[:MOST_STAGES], ()
    if not stages:
        boundary.violations.add(MissingField(location=boundary.at("stages")))
    seen: dict[str, int] = {}
    for position, stage in enumerate((*stages, *beyond), start=1):
        if stage in seen:
            boundary.violations.add(
                Duplicate(location=boundary.at("stages"), value=stage, first_row=seen[stage])
            )
        seen.setdefault(stage, position)
    return Boundary(name=boundary.text("name") or "", stages=stages, beyond=beyond)


def _texts(reader: RowReader, name: str) -> tuple[str, ...]:
    values = reader.values.get(name, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        reader.violations.add(NotAList(location=reader.at(name), elements="text"))
        return ()
    texts = tuple(value.strip() for value in values if value.strip())
    if not all(fits(text, LONGEST_ID) for text in texts):
        reader.violations.add(UnfitText(location=reader.at(name), longest=LONGEST_ID))
    return texts


def _read_intermediates(
    reader: RowReader, product_id: str, plant_region: str, dataset: Dataset
) -> dict[str, Intermediate]:
    violations = reader.violations
    found: dict[str, Intermediate] = {}
    first_rows: dict[str, int] = {}
    entries = reader.values.get("intermediates", [])
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        violations.add(NotAList(location=reader.at("intermediates"), elements="object"))
        return found
    for row, entry in enumerate(entries, start=1):
        part = RowReader(entry, violations, row=row, table=INTERMEDIATES)
        part.refuse_unknown(("id", "name", "unit", "region"))
        id_ = part.identifier("id")
        name = _nested(part, "name", ("en", "zh"))
        unit = part.text("unit") or ""
        region = part.text("region", required=False) or plant_region
        if unit and not units.is_known(unit):
            violations.add(UnknownUnit(location=part.at("unit"), unit=unit, expected="kg, piece"))
        check_region(region, part.at("region"), dataset, violations)
        if id_ is None:
            continue
        if id_ in first_rows:
            violations.add(Duplicate(location=part.at("id"), value=id_, first_row=first_rows[id_]))
            continue
        first_rows[id_] = row
        if id_ == product_id or id_ in dataset.activities or id_ in dataset.flows:
            violations.add(TakenId(location=part.at("id"), value=id_))
            continue
        found[id_] = Intermediate(
            id=id_,
            name_en=name.text("en") or "",
            name_zh=name.text("zh") or "",
            unit=unit,
            region=region,
        )
    return found


def check_region(region: str, location: Location, dataset: Dataset, violations: Violations) -> None:
    if region not in dataset.markets:
        known = tuple(dataset.markets)
        violations.add(UnknownRegion(location=location, region=region, known=known))
