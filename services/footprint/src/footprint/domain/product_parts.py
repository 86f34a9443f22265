"""Products that are parts of other products, e.g. the battery of a car: linked, never copied."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chassis.errors import InvalidInput, Location
from footprint.domain.dataset import Dataset
from footprint.domain.errors import TakenId, TooMany
from footprint.domain.formula import FLOATS, Formula, parse_formula
from footprint.domain.inventory_model_amounts import MOST_NAMED, check_names
from footprint.domain.inventory_model_errors import (
    FormulaNotFinite,
    FormulaSyntax,
    UnknownReference,
)
from footprint.domain.json_reader import JsonReader
from footprint.domain.product import ProductModel, ProductPart
from footprint.domain.product_header import Given, Header
from footprint.domain.rows import Violations

#: Parts of one product, those of parts included, and how deep parts may have parts.
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
            violations.add(_unknown_part(part.at("product_id"), product_id, documents))
            yield id_, None
            continue
        document = documents[product_id]
        bindings = dict(_read_bindings(part, document, head))
        choices = dict(_read_choices(part, document, head))
        product = _parse_part(part, document, bindings, choices, head, dataset, parse)
        yield id_, None if product is None else ProductPart(id_, product, bindings, choices)


def _unknown_part(at: Location, product_id: str, documents: Mapping[str, Any]) -> UnknownReference:
    """Say where a part is looked for, and what there is."""
    there, more = list(documents)[:MOST_NAMED], len(documents) > MOST_NAMED
    en = f" It is looked for in parts/{product_id}/; "
    zh = f"查找位置为 parts/{product_id}/，"
    if there:
        en += f"parts/ holds: {', '.join(there)}{', …' if more else ''}."
        zh += f"parts/ 中现有：{'、'.join(there)}{' 等' if more else ''}。"
    else:
        en += "nothing stands in parts/. Put its product model there."
        zh += "而 parts/ 中没有任何产品。请将其产品模型放在该处。"
    return UnknownReference(at, "product", "产品", product_id, en, zh)


def _ids(document: ProductDocument, name: str) -> tuple[str, ...]:
    entries = document.header.get(name)
    if not isinstance(entries, list):
        return ()
    return tuple(str(each.get("id")) for each in entries if isinstance(each, Mapping))


def _ids_of(reader: JsonReader | None) -> tuple[str, ...]:
    return () if reader is None else tuple(reader.values)


def _read_bindings(
    part: JsonReader, document: ProductDocument, head: Header
) -> Iterator[tuple[str, Formula]]:
    """Read the formulas that bind parameters of a part; each has a finite value."""
    bound = part.object("parameters", None)
    known = _ids(document, "parameters")
    for id_ in _ids_of(bound):
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
        if not all(name in head.values for name in formula.names):
            continue
        if math.isfinite(formula.evaluate(head.values, FLOATS)):
            yield id_, formula
        else:
            bound.violations.add(FormulaNotFinite(at, text, formula.used(head.values)))


def _read_choices(
    part: JsonReader, document: ProductDocument, head: Header
) -> Iterator[tuple[str, str]]:
    chosen = part.object("choices", None)
    known = _ids(document, "choices")
    for id_ in _ids_of(chosen):
        assert chosen is not None
        if id_ not in known:
            head.scope.refuse("choice", id_, chosen.at(id_), known)
        elif option := chosen.identifier(id_):
            yield id_, option


def _parse_part(
    part: JsonReader,
    document: ProductDocument,
    bindings: Mapping[str, Formula],
    choices: Mapping[str, str],
    head: Header,
    dataset: Dataset,
    parse: Parse,
) -> ProductModel | None:
    given = Given(
        parameters={
            id_: float(formula.evaluate(head.values, FLOATS)) for id_, formula in bindings.items()
        },
        choices=choices,
        electricity_year=head.electricity_year or dataset.electricity_year,
    )
    try:
        product = parse(
            document.header, document.lines, document.sites, dataset, document.parts, given=given
        )
    except InvalidInput as invalid:
        for violation in invalid.violations:
            at = violation.location
            table = f"{part.values['id']}: {at.table or 'product.json'}"
            violation.location = replace(at, table=table)
            part.violations.add(violation)
        return None
    for choice in product.choices:
        option = choices.get(choice.id, choice.default)
        if option not in choice.probabilities:
            at = part.at(f"choices.{choice.id}")
            head.scope.refuse("option", option, at, choice.probabilities)
    return product


def require_few_parts(
    header: Mapping[str, Any], documents: Mapping[str, ProductDocument], violations: Violations
) -> None:
    """Refuse parts that are too many or too deep: each mention is read and linked by itself.

    Raises
    ------
    InvalidInput
        At once; nothing else is read.
    """
    counted: dict[int, tuple[int, int]] = {}

    def count(of: Mapping[str, Any], known: Mapping[str, ProductDocument]) -> tuple[int, int]:
        mentions, depth = 0, 0
        entries = of.get("parts")
        for entry in entries if isinstance(entries, list) else ():
            name = entry.get("product_id") if isinstance(entry, Mapping) else None
            document = known.get(name) if isinstance(name, str) else None
            if document is None:
                continue
            if id(document) not in counted:
                counted[id(document)] = count(document.header, document.parts)
            inner, below = counted[id(document)]
            mentions, depth = mentions + 1 + inner, max(depth, 1 + below)
        return mentions, depth

    mentions, depth = count(header, documents)
    at = Location(field="parts")
    if mentions > MOST_PARTS:
        violations.add(TooMany(at, count=mentions, most=MOST_PARTS))
    if depth > MOST_NESTED:
        violations.add(TooMany(at, count=depth, most=MOST_NESTED))
    if mentions > MOST_PARTS or depth > MOST_NESTED:
        violations.raise_if_any()
