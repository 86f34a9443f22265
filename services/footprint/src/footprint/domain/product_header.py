"""Reading the header of a product: its name, declared unit, boundary and intermediates."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chassis import units
from chassis.errors import Location
from footprint.domain.background import BackgroundReference
from footprint.domain.background_names import read_backgrounds
from footprint.domain.dataset import Dataset
from footprint.domain.errors import (
    BadReferenceFlow,
    Duplicate,
    MissingField,
    NonFiniteAmount,
    NotAList,
    TakenId,
    TooMany,
    UnfitEquivalent,
    UnfitText,
    UnknownRegion,
    UnknownUnit,
)
from footprint.domain.formula import Formula
from footprint.domain.inventory_model import Amount, Choice, ModelSource, Name, Parameter
from footprint.domain.inventory_model_amounts import UNKNOWN, Scope, read_amount, read_name
from footprint.domain.inventory_model_errors import FormulaNotFinite, TakenPlace
from footprint.domain.inventory_model_rows import (
    order_parameters,
    read_choices,
    read_parameters,
    read_sources,
)
from footprint.domain.json_reader import JsonReader
from footprint.domain.product import Boundary, DeclaredUnit, Equivalent, Intermediate, StageSite
from footprint.domain.regions import nearest_first
from footprint.domain.rows import LONGEST_ID, RowReader, Violations, fits

HEADER_FIELDS = (
    "format",
    "product_id",
    "name",
    "description",
    "contains",
    "leaves_out",
    "declared_unit",
    "equivalents",
    "plant_region",
    "electricity_year",
    "backgrounds",
    "boundary",
    "sources",
    "parameters",
    "choices",
    "intermediates",
    "parts",
)
#: Name of the table of intermediates in the places of violations.
INTERMEDIATES = "intermediates"
FORMAT = "greenchain-product/1"
#: Each stage is a solve of its own by both engines; EN 15804, the longest list, has 17 modules.
MOST_STAGES = 50
#: Pack, piece, square metre, kilometre: as many as one would show side by side.
MOST_EQUIVALENTS = 10


@dataclass(frozen=True, slots=True)
class Header:
    """What the lines of a product are read against.

    Attributes
    ----------
    values
        The parameters' numbers by id, as far as they could be read.
    """

    product_id: str
    name_en: str
    name_zh: str
    declared_unit: DeclaredUnit
    plant_region: str
    boundary: Boundary
    intermediates: dict[str, Intermediate]
    description: Name
    contains: Name
    leaves_out: Name
    electricity_year: int | None
    sources: tuple[ModelSource, ...]
    parameters: tuple[Parameter, ...]
    parameter_order: tuple[str, ...]
    choices: tuple[Choice, ...]
    equivalents: tuple[Equivalent, ...]
    backgrounds: tuple[BackgroundReference, ...]
    values: Mapping[str, float]
    scope: Scope


@dataclass(frozen=True, slots=True)
class Given:
    """What an outer product sets of a part.

    Attributes
    ----------
    parameters
        Numbers by parameter; what they vary with is the outer product's.
    choices
        Options by choice, taken for certain.
    electricity_year
        Year of the whole chain: mixes of two years do not compare.
    """

    parameters: Mapping[str, float] = field(default_factory=dict)
    choices: Mapping[str, str] = field(default_factory=dict)
    electricity_year: int | None = None


NOTHING_GIVEN = Given()


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


def read_header(
    header: Mapping[str, Any],
    dataset: Dataset,
    violations: Violations,
    given: Given = NOTHING_GIVEN,
) -> Header:
    """Read the content of `product.json`; placeholders stand where something is wrong."""
    reader = RowReader(header, violations)
    reader.refuse_unknown(HEADER_FIELDS)
    reader.one_of("format", (FORMAT,))
    product_id = reader.identifier("product_id") or ""
    if product_id in dataset.activities or product_id in dataset.flows:
        violations.add(TakenId(location=reader.at("product_id"), value=product_id))
    name = _nested(reader, "name", ("en", "zh"))
    # What computes amounts is read as in inventory models, with paths for places.
    json = JsonReader(header, violations)
    own_year = json.whole("electricity_year")
    year = given.electricity_year or own_year
    plant_region = reader.text("plant_region") or dataset.default_region
    check_region(plant_region, reader.at("plant_region"), dataset, violations, year)
    if year is not None:
        check_region(dataset.default_region, json.at("electricity_year"), dataset, violations, year)
    scope = Scope(violations)
    sources = tuple(read_sources(json, scope))
    parameters = tuple(_bound(each, given) for each in read_parameters(json, scope))
    order = order_parameters(parameters, scope)
    values = _values(parameters, order, scope)
    return Header(
        product_id=product_id,
        name_en=name.text("en") or "",
        name_zh=name.text("zh") or "",
        declared_unit=_read_declared_unit(reader),
        plant_region=plant_region,
        boundary=_read_boundary(reader, json, dataset, year),
        intermediates=_read_intermediates(reader, product_id, plant_region, dataset, year),
        description=read_name(json, "description"),
        contains=read_name(json, "contains"),
        leaves_out=read_name(json, "leaves_out"),
        electricity_year=year,
        sources=sources,
        parameters=parameters,
        parameter_order=order,
        choices=tuple(_taken(each, given) for each in _read_choices(json, scope, dataset)),
        equivalents=tuple(_read_equivalents(json, scope, values)),
        backgrounds=tuple(read_backgrounds(json)),
        values=values,
        scope=scope,
    )


def _bound(parameter: Parameter, given: Given) -> Parameter:
    if parameter.id not in given.parameters:
        return parameter
    return replace(parameter, amount=Amount(given.parameters[parameter.id]))


def _taken(choice: Choice, given: Given) -> Choice:
    """Take the option that is given; one that the choice does not have is told by who gives it."""
    option = given.choices.get(choice.id)
    if option is None or option not in choice.probabilities:
        return choice
    certain = {each: float(each == option) for each in choice.probabilities}
    return replace(choice, probabilities=certain, default=option)


def _values(
    parameters: tuple[Parameter, ...], order: tuple[str, ...], scope: Scope
) -> dict[str, float]:
    """Compute the parameters, and note those without a finite value."""
    amounts = {parameter.id: parameter.amount for parameter in parameters}
    values: dict[str, float] = {}
    for id_ in order:
        if amounts[id_] is UNKNOWN:
            continue  # Noted where it was read.
        of = amounts[id_].given
        if isinstance(of, Formula) and not all(name in values for name in of.names):
            continue  # Noted where the other is missing.
        value = amounts[id_].value(values)
        if math.isfinite(value):
            values[id_] = value
        elif isinstance(of, Formula):
            at = scope.at("parameter", id_, "formula")
            scope.violations.add(FormulaNotFinite(at, of.text, of.used(values)))
        else:
            scope.violations.add(NonFiniteAmount(scope.at("parameter", id_, "amount"), str(of)))
    return values


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


def _read_choices(json: JsonReader, scope: Scope, dataset: Dataset) -> Iterator[Choice]:
    """Read choices; one that is called like a market reference picks its route."""
    for choice in read_choices(json, scope):
        routes = dataset.routes.get(choice.id)
        if routes is not None:
            at = scope.at("choice", choice.id, "options")
            for option in choice.probabilities:
                if option not in routes:
                    scope.refuse("option", option, at, routes)
        yield choice


def _read_equivalents(
    json: JsonReader, scope: Scope, values: Mapping[str, float]
) -> Iterator[Equivalent]:
    fields = ("id", "name", "unit", "amount", "formula")
    places: dict[str, str] = {}
    for each in json.objects("equivalents", fields, MOST_EQUIVALENTS):
        id_ = each.identifier("id") or ""
        if id_ in places:
            each.violations.add(TakenPlace(each.at("id"), value=id_, first=places[id_]))
        elif id_:
            places[id_] = each.path
        unit = each.text("unit") or ""
        if unit and not units.is_known(unit):
            at = each.at("unit")
            each.violations.add(UnknownUnit(location=at, unit=unit, expected="piece, m2"))
        amount = read_amount(each, scope)
        if amount is not None:
            _check_equivalent(each, amount, values)
        yield Equivalent(id=id_, name=read_name(each), unit=unit, amount=amount or UNKNOWN)


def _check_equivalent(reader: JsonReader, amount: Amount, values: Mapping[str, float]) -> None:
    """Note another unit that no number of declared units makes."""
    given = amount.given
    if isinstance(given, Formula) and not all(name in values for name in given.names):
        return  # Noted where the parameter stands.
    value = amount.value(values)
    if not (math.isfinite(value) and value > 0.0):
        at = reader.at("formula" if isinstance(given, Formula) else "amount")
        text = given.text if isinstance(given, Formula) else f"{given:g}"
        reader.violations.add(UnfitEquivalent(at, text))


def _read_boundary(
    reader: RowReader, json: JsonReader, dataset: Dataset, year: int | None
) -> Boundary:
    boundary = _nested(reader, "boundary", ("name", "stages", "beyond", "stage_sites"))
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
    return Boundary(
        name=boundary.text("name") or "",
        stages=stages,
        beyond=beyond,
        stage_sites=_read_stage_sites(json, (*stages, *beyond), dataset, year),
    )


def _read_stage_sites(
    json: JsonReader, stages: tuple[str, ...], dataset: Dataset, year: int | None
) -> dict[str, StageSite]:
    inner = json.object("boundary", None)
    places = None if inner is None else inner.object("stage_sites", stages)
    found: dict[str, StageSite] = {}
    for stage in () if places is None else places.values:
        place = places.object(stage, ("region", "year")) if places is not None else None
        if place is None or stage not in stages:
            continue
        region, of_stage = place.identifier("region"), place.whole("year")
        if region:
            at = place.at("region")
            check_region(region, at, dataset, place.violations, of_stage or year)
            found[stage] = StageSite(region, of_stage)
    return found


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
    reader: RowReader, product_id: str, plant_region: str, dataset: Dataset, year: int | None
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
        own_region = part.text("region", required=False)
        region = own_region or plant_region
        if unit and not units.is_known(unit):
            violations.add(UnknownUnit(location=part.at("unit"), unit=unit, expected="kg, piece"))
        if own_region:  # That of the plant is told there.
            check_region(own_region, part.at("region"), dataset, violations, year)
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


def check_region(
    region: str,
    location: Location,
    dataset: Dataset,
    violations: Violations,
    year: int | None = None,
) -> None:
    """Note a region without an electricity market in a year, by default the dataset's."""
    year = year or dataset.electricity_year
    known = dataset.regions(year)
    if region in known:
        return
    years = tuple(of_year for other, of_year in dataset.markets if other == region)
    country = region.partition("-")[0]
    if years and country in known:
        known = (country,)  # What is known of it in another year is no slip of the pen.
    elif violations.may_suggest():
        known = nearest_first(region, known)
    violations.add(UnknownRegion(location, region, known, year, tuple(sorted(years))))
