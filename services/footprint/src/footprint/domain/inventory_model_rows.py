"""From an untrusted JSON document to an `InventoryModel`, or to all that is wrong with it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from chassis.canonical import sha256_hex
from footprint.domain.errors import MissingField
from footprint.domain.formula import NAME, RESERVED, CyclicFormulas, Formula, evaluation_order
from footprint.domain.inventory_model import (
    Amount,
    Choice,
    Demand,
    Factor,
    Flow,
    InventoryModel,
    Method,
    ModelSource,
    Parameter,
    Product,
)
from footprint.domain.inventory_model_activities import read_activities
from footprint.domain.inventory_model_amounts import (
    UNKNOWN,
    Scope,
    check_names,
    read_amount,
    read_name,
    read_uncertainty,
)
from footprint.domain.inventory_model_errors import (
    CyclicParameters,
    TakenPlace,
    UnfitName,
    UnfitProbabilities,
    ZeroAmount,
)
from footprint.domain.inventory_model_scenarios import read_scenarios
from footprint.domain.inventory_model_values import check_values
from footprint.domain.json_reader import JsonReader, read_document
from footprint.domain.rows import Violations

FORMAT = "greenchain-inventory/1"
FIELDS = (
    "$schema",
    "format",
    "id",
    "name",
    "description",
    "sources",
    "products",
    "flows",
    "methods",
    "parameters",
    "choices",
    "activities",
    "demand",
    "scenarios",
)
# What one machine computes in minutes, and what a person can look through.
MOST_SOURCES, MOST_PRODUCTS, MOST_FLOWS = 10_000, 100_000, 10_000
MOST_METHODS, MOST_PARAMETERS, MOST_CHOICES, MOST_OPTIONS = 100, 1_000, 100, 100
#: Distance of the sum of probabilities from 1 that is taken for rounding.
ROUNDING = 1e-6


def parse_inventory_model(document: object) -> InventoryModel:
    """Read a document in the format `greenchain-inventory/1`.

    Parameters
    ----------
    document
        What a JSON parser gives, untrusted.

    Raises
    ------
    InvalidInput
        With every violation at once. Faults of scenarios and of values are looked for once the
        rest is right.
    """
    violations = Violations()
    reader = read_document(document, violations, FIELDS)
    scope = Scope(violations)
    # For editors, which find the JSON Schema of the format by it.
    reader.text("$schema", required=False)
    reader.one_of("format", (FORMAT,))
    sources = tuple(read_sources(reader, scope))
    products = tuple(_read_products(reader, scope))
    flows = tuple(_read_flows(reader, scope))
    parameters = tuple(read_parameters(reader, scope))
    model = InventoryModel(
        id=reader.identifier("id") or "",
        name=read_name(reader),
        description=read_name(reader, "description"),
        sources=sources,
        products=products,
        flows=flows,
        methods=tuple(_read_methods(reader, scope)),
        parameters=parameters,
        parameter_order=order_parameters(parameters, scope),
        choices=tuple(read_choices(reader, scope)),
        activities=read_activities(reader, scope),
        demand=_read_demand(reader, scope),
        scenarios=(),
        sha256="",
    )
    violations.raise_if_any()
    check_values(model, range(len(model.activities)), scope)
    violations.raise_if_any()
    scenarios = read_scenarios(reader, model, scope)
    violations.raise_if_any()
    return replace(model, scenarios=scenarios, sha256=sha256_hex(_with_floats(document)))


def _with_floats(value: Any) -> Any:
    """Make floats of integers: canonical JSON has none beyond 2**53, and writes both alike."""
    if isinstance(value, dict):
        return {key: _with_floats(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_floats(inner) for inner in value]
    return value if isinstance(value, bool) or not isinstance(value, int) else float(value)


def read_sources(reader: JsonReader, scope: Scope) -> Iterator[ModelSource]:
    """Read `sources`."""
    fields = ("id", "title", "year", "locator", "doi_or_url", "licence")
    for source in reader.objects("sources", fields, MOST_SOURCES):
        yield ModelSource(
            id=scope.declare("source", source),
            title=source.text("title") or "",
            year=source.whole("year"),
            locator=source.text("locator", required=False) or "",
            doi_or_url=source.text("doi_or_url", required=False) or "",
            licence=source.text("licence", required=False) or "",
        )


def _read_products(reader: JsonReader, scope: Scope) -> Iterator[Product]:
    if not reader.values.get("products"):
        reader.violations.add(MissingField(location=reader.at("products")))
    for product in reader.objects("products", ("id", "unit", "name"), MOST_PRODUCTS):
        yield Product(
            id=scope.declare("product", product),
            unit=product.identifier("unit") or "",
            name=read_name(product),
        )


def _read_flows(reader: JsonReader, scope: Scope) -> Iterator[Flow]:
    for flow in reader.objects("flows", ("id", "unit", "compartment", "name"), MOST_FLOWS):
        yield Flow(
            id=scope.declare("flow", flow),
            unit=flow.identifier("unit") or "",
            compartment=flow.identifier("compartment", required=False) or "",
            name=read_name(flow),
        )


def _read_methods(reader: JsonReader, scope: Scope) -> Iterator[Method]:
    if not reader.values.get("methods"):
        reader.violations.add(MissingField(location=reader.at("methods")))
    for method in reader.objects("methods", ("id", "unit", "name", "factors"), MOST_METHODS):
        id_ = scope.declare("method", method)
        yield Method(
            id=id_,
            unit=method.identifier("unit") or "",
            name=read_name(method),
            factors=tuple(_read_factors(method, id_, scope)),
        )


def _read_factors(method: JsonReader, method_id: str, scope: Scope) -> Iterator[Factor]:
    fields = ("flow", "amount", "uncertainty", "source", "confidence")
    places: dict[str, str] = {}
    for factor in method.objects("factors", fields, MOST_FLOWS):
        flow = scope.resolve("flow", factor)
        if flow in places:
            at = factor.at("flow")
            factor.violations.add(TakenPlace(location=at, value=flow, first=places[flow]))
        if flow:
            places.setdefault(flow, factor.path)
        amount = factor.number("amount")
        uncertainty = read_uncertainty(factor, amount, of_parameter=False)
        yield Factor(
            id=f"{method_id}.{flow}",
            flow=flow,
            amount=Amount(amount or 0.0, uncertainty),
            source=scope.resolve("source", factor, required=False),
            confidence=factor.identifier("confidence", required=False) or "",
        )


def read_parameters(reader: JsonReader, scope: Scope) -> Iterator[Parameter]:
    """Read `parameters`; the names in their formulas are looked up by `order_parameters`."""
    fields = ("id", "unit", "name", "amount", "formula", "uncertainty", "source", "confidence")
    for parameter in reader.objects("parameters", fields, MOST_PARAMETERS):
        id_ = scope.declare("parameter", parameter)
        if id_ and (not NAME.fullmatch(id_) or id_ in RESERVED):
            at, reserved = parameter.at("id"), tuple(sorted(RESERVED))
            parameter.violations.add(UnfitName(location=at, value=id_, reserved=reserved))
        yield Parameter(
            id=id_,
            unit=parameter.identifier("unit", required=False) or "",
            name=read_name(parameter),
            amount=read_amount(parameter, scope, of_parameter=True) or UNKNOWN,
            source=scope.resolve("source", parameter, required=False),
            confidence=parameter.identifier("confidence", required=False) or "",
        )


def order_parameters(parameters: tuple[Parameter, ...], scope: Scope) -> tuple[str, ...]:
    """Check the names in formulas of parameters, and order these."""
    formulas = {}
    for parameter in parameters:
        if parameter.id and isinstance(parameter.amount.given, Formula):
            formulas[parameter.id] = parameter.amount.given
            at = scope.at("parameter", parameter.id, "formula")
            check_names(parameter.amount.given, at, scope)
    try:
        computed = evaluation_order(formulas)
    except CyclicFormulas as error:
        at = scope.at("parameter", error.names[0], "formula")
        scope.violations.add(CyclicParameters(location=at, names=error.names))
        return ()
    plain = [parameter.id for parameter in parameters if parameter.id not in formulas]
    return (*plain, *computed)


def read_choices(reader: JsonReader, scope: Scope) -> Iterator[Choice]:
    """Read `choices`."""
    for choice in reader.objects("choices", ("id", "name", "options", "default"), MOST_CHOICES):
        id_ = scope.declare("choice", choice)
        name = read_name(choice)
        places: dict[str, str] = {}
        probabilities: list[float | None] = []
        for option in choice.objects("options", ("id", "probability"), MOST_OPTIONS):
            option_id = option.identifier("id") or ""
            if option_id in places:
                at, first = option.at("id"), places[option_id]
                option.violations.add(TakenPlace(location=at, value=option_id, first=first))
            places.setdefault(option_id, option.path)
            probabilities.append(option.number("probability", required=False))
        options = tuple(places)
        scope.options[id_] = options
        default = scope.option(id_, choice, "default")
        if all(probability is None for probability in probabilities):
            certain = {option: float(option == default) for option in options}
            yield Choice(id_, name, certain, default)
            continue
        weights = [probability or 0.0 for probability in probabilities]
        total = sum(weights)
        if None in probabilities or min(weights) < 0.0 or abs(total - 1.0) > ROUNDING:
            at = choice.at("options")
            choice.violations.add(UnfitProbabilities(location=at, total=total))
        yield Choice(id_, name, dict(zip(options, weights, strict=False)), default)


def _read_demand(reader: JsonReader, scope: Scope) -> Demand:
    demand = reader.object("demand", ("product", "amount"))
    if demand is None:
        if reader.values.get("demand") is None:
            reader.violations.add(MissingField(location=reader.at("demand")))
        return Demand("", 0.0)
    amount = demand.number("amount")
    if amount == 0.0:
        demand.violations.add(ZeroAmount(location=demand.at("amount")))
    return Demand(scope.resolve("product", demand), amount or 0.0)
