"""Products that are parts of other products, e.g. the battery of a car: linked, never copied."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chassis.errors import InvalidInput
from footprint.domain.dataset import Dataset
from footprint.domain.errors import TakenId
from footprint.domain.formula import FLOATS, Formula, parse_formula
from footprint.domain.inventory_model_amounts import check_names
from footprint.domain.inventory_model_errors import FormulaSyntax
from footprint.domain.json_reader import JsonReader
from footprint.domain.product import ProductModel, ProductPart
from footprint.domain.product_header import Header
from footprint.domain.rows import Violations

#: Parts of one product, and how deep parts may have parts.
MOST_PARTS, MOST_NESTED = 50, 5


@dataclass(frozen=True, slots=True)
class ProductDocument:
    """A product as it is brought: content of `product.json`, `bom.csv` and `sites.csv`, unread.

    Attributes
    ----------
    parts
        Documents of its own parts, by product id.
    """

    header: Mapping[str, Any]
    lines: Sequence[Mapping[str, Any]]
    sites: Sequence[Mapping[str, Any]]
    parts: Mapping[str, "ProductDocument"] = field(default_factory=dict)


#: Reads header, lines, sites, dataset and parts.
Parse = Callable[..., ProductModel]


def read_parts(
    header: Mapping[str, Any],
    head: Header,
    documents: Mapping[str, ProductDocument],
    dataset: Dataset,
    parse: Parse,
    violations: Violations,
) -> Iterator[tuple[str, ProductPart | None]]:
    """Read `parts` by id, each with the parameters that the outer product binds; None if it fails.

    What is wrong in a part's own document is noted with the part's name before its table.
    """
    json = JsonReader(header, violations)
    fields = ("id", "product_id", "parameters", "choices")
    seen: set[str] = set()
    for part in json.objects("parts", fields, MOST_PARTS):
        id_, product_id = part.identifier("id"), part.identifier("product_id")
        if not id_ or not product_id:
            continue
        taken = {head.product_id, *head.intermediates, *dataset.activities, *dataset.flows, *seen}
        if id_ in taken:
            violations.add(TakenId(location=part.at("id"), value=id_))
            continue
        seen.add(id_)
        if product_id not in documents:
            known = tuple(documents)
            head.scope.refuse("product", product_id, part.at("product_id"), known)
            yield id_, None
            continue
        document = documents[product_id]
        bindings = dict(_read_bindings(part, document, head))
        choices = dict(_read_choices(part, document, head))
        product = _parse_part(id_, document, bindings, choices, head, dataset, parse, violations)
        yield id_, None if product is None else ProductPart(id_, product, bindings, choices)


def _ids(document: ProductDocument, name: str) -> tuple[str, ...]:
    entries = document.header.get(name)
    if not isinstance(entries, list):
        return ()
    return tuple(str(each.get("id")) for each in entries if isinstance(each, Mapping))


def _read_bindings(
    part: JsonReader, document: ProductDocument, head: Header
) -> Iterator[tuple[str, Formula]]:
    bound = part.object("parameters", None)
    known = _ids(document, "parameters")
    for id_ in () if bound is None else bound.values:
        assert bound is not None
        at = bound.at(id_)
        if id_ not in known:
            head.scope.refuse("parameter", id_, at, known)
            continue
        text = bound.text(id_)
        if text is None:
            continue
        try:
            formula = parse_formula(text, at)
        except FormulaSyntax as violation:
            bound.violations.add(violation)
            continue
        check_names(formula, at, head.scope)
        yield id_, formula


def _read_choices(
    part: JsonReader, document: ProductDocument, head: Header
) -> Iterator[tuple[str, str]]:
    chosen = part.object("choices", None)
    known = _ids(document, "choices")
    for id_ in () if chosen is None else chosen.values:
        assert chosen is not None
        if id_ not in known:
            head.scope.refuse("choice", id_, chosen.at(id_), known)
        elif option := chosen.identifier(id_):
            yield id_, option


def _parse_part(
    id_: str,
    document: ProductDocument,
    bindings: Mapping[str, Formula],
    choices: Mapping[str, str],
    head: Header,
    dataset: Dataset,
    parse: Parse,
    violations: Violations,
) -> ProductModel | None:
    values = head.parameter_values()
    numbers = {
        name: float(formula.evaluate(values, FLOATS))
        for name, formula in bindings.items()
        if all(used in values for used in formula.names)
    }
    header = dict(document.header)
    # One year for the whole chain: mixes of two years do not compare.
    header["electricity_year"] = head.electricity_year or dataset.electricity_year
    if numbers:
        header["parameters"] = [_bound(each, numbers) for each in header["parameters"]]
    if choices:
        header["choices"] = [_chosen(each, choices) for each in header["choices"]]
    try:
        return parse(header, document.lines, document.sites, dataset, document.parts)
    except InvalidInput as invalid:
        for violation in invalid.violations:
            at = violation.location
            table = f"{id_}: {at.table or 'product.json'}"
            violation.location = replace(at, table=table)
            violations.add(violation)
        return None


def _bound(parameter: Mapping[str, Any], numbers: Mapping[str, float]) -> dict[str, Any]:
    """Give a parameter the outer product's value; what it varies with is the outer one's."""
    if parameter.get("id") not in numbers:
        return dict(parameter)
    kept = {
        name: value for name, value in parameter.items() if name not in ("formula", "uncertainty")
    }
    return {**kept, "amount": numbers[parameter["id"]]}


def _chosen(choice: Mapping[str, Any], taken: Mapping[str, str]) -> dict[str, Any]:
    """Take an option of a choice for certain."""
    if choice.get("id") not in taken:
        return dict(choice)
    options = choice.get("options")
    certain = [{"id": each["id"]} for each in options] if isinstance(options, list) else options
    return {**choice, "options": certain, "default": taken[choice["id"]]}
