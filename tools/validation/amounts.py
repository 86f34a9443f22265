"""Amounts that a source states for its result, put into our model: what they explain of it."""

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

from footprint.domain.dataset import Dataset, Exchange
from footprint.domain.product_parts import ProductDocument
from footprint.domain.product_rows import read_product_document
from tools.validation.cases import Case
from tools.validation.markdown import cited, number, signed, table
from tools.validation.products import Compared, Section
from tools.validation.published import rows
from tools.validation.results import Results
from tools.validation.texts import paragraphs


@dataclass(frozen=True, slots=True)
class PublishedAmount:
    """An amount behind a published value.

    Attributes
    ----------
    ours
        Row of the dataset, or parameter of the template, that has it in our model.
    amount
        Amount [`unit`, that of ours].
    """

    published_id: str
    of_dataset: bool
    ours: str
    amount: float
    unit: str


def published_amounts() -> list[PublishedAmount]:
    """Return the amounts of the table."""
    return [
        PublishedAmount(
            published_id=row["published_id"],
            of_dataset=row["kind"] == "row",
            ours=row["ours"],
            amount=float(row["amount"]),
            unit=row["unit"],
        )
        for row in rows("published_amounts.csv")
    ]


def with_rows(dataset: Dataset, amounts: Mapping[str, float]) -> Dataset:
    """Return a dataset with other amounts in some rows."""

    def changed(exchange: Exchange) -> Exchange:
        amount = amounts.get(exchange.line_id)
        return exchange if amount is None else replace(exchange, amount=amount)

    exchanges = {
        activity: tuple(changed(exchange) for exchange in found)
        for activity, found in dataset.exchanges.items()
    }
    return replace(dataset, exchanges=exchanges)


def with_parameters(document: ProductDocument, amounts: Mapping[str, float]) -> ProductDocument:
    """Return a document with other amounts of some parameters, without their uncertainty."""
    header = deepcopy(dict(document.header))
    for parameter in header["parameters"]:
        if parameter["id"] in amounts:
            parameter["amount"] = amounts[parameter["id"]]
            parameter.pop("uncertainty", None)
    return replace(document, header=header)


def total_with(case: Case, results: Results, amounts: Sequence[PublishedAmount]) -> float:
    """Return the score of a case with the amounts of a source [kg CO2e / declared unit]."""
    of_rows = {each.ours: each.amount for each in amounts if each.of_dataset}
    parameters = {each.ours: each.amount for each in amounts if not each.of_dataset}
    dataset = with_rows(results.dataset, of_rows)
    document = with_parameters(results.document(case), parameters)
    other = Results(dataset, results.plans, results.method, results.engine)
    return other.solve(read_product_document(document, dataset)).total


def amounts_table(section: Section) -> list[str]:
    """Return what the amounts of sources make of ours; nothing if there are none."""
    compared = {each.published.id: each for each in section.compared()}
    found: dict[str, list[PublishedAmount]] = {}
    for amount in published_amounts():
        if amount.published_id in compared:
            found.setdefault(amount.published_id, []).append(amount)
    if not found:
        return []
    lines = []
    for id_, amounts in found.items():
        lines += list(_rows(section, compared[id_], amounts))
    heads = section.texts.heads("amounts", section.unit)
    return [*paragraphs(section.texts.say("amounts_head")), *table(heads, lines, "ll")]


def _rows(section: Section, value: Compared, amounts: Sequence[PublishedAmount]) -> list[list[str]]:
    results, base = section.results, section.results[value.case].total
    parameters = section.results[value.case].model.parameter_values()
    lines = []
    for each in amounts:
        ours = results.dataset.rows[each.ours].amount if each.of_dataset else parameters[each.ours]
        total = total_with(value.case, results, [each])
        amount = f"{number(ours)} → {number(each.amount)} {each.unit}"
        lines.append(
            [cited(value.published), f"`{each.ours}`", amount, number(total), signed(total - base)]
        )
    if len(amounts) > 1:
        total = total_with(value.case, results, amounts)
        theirs = (
            f"{number(base)} → **{number(total)}**, theirs 他们的 {number(value.published.centre)}"
        )
        lines.append(
            [cited(value.published), "all 全部", theirs, number(total), signed(total - base)]
        )
    return lines
