"""Balances of elements: an activity gives no more of an element than it takes."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from footprint.domain.dataset import Activity, ActivityKind, Dataset, Exchange, ExchangeKind
from footprint.domain.dataset_document import DatasetDocument
from footprint.domain.dataset_findings import (
    ElementEmittedMore,
    ElementGained,
    ElementLost,
    Finding,
)

#: Contents are rounded: so much more may be given than is taken, as a share.
ROUNDING = 0.01
#: Losses above are worth a look, as a share of what is taken.
NOTABLE_LOSS = 0.30
#: Flows of these compartments are taken, all others are given.
_TAKEN = "natural resource"


@dataclass(frozen=True, slots=True)
class Balance:
    """What one unit of an activity takes and gives of an element [kg].

    Attributes
    ----------
    inputs
        What brings it, most first.
    """

    activity_id: str
    element: str
    taken: float
    product: float
    emitted: float
    inputs: tuple[str, ...]

    @property
    def given(self) -> float:
        return self.product + self.emitted

    @property
    def loss(self) -> float:
        """Share of what is taken that neither the product nor an emission has [-]."""
        return 1.0 - self.given / self.taken


def balances(dataset: Dataset) -> Iterator[Balance]:
    """Yield the balances of unit processes that take an element whose content is known.

    One that takes none digs it up, or takes it from where no content is known: there is nothing to
    compare with.
    """
    elements = sorted({each for found in dataset.compositions.values() for each in found})
    for activity in dataset.activities.values():
        if activity.kind is ActivityKind.UNIT_PROCESS:
            for element in elements:
                found = _balance(dataset, activity, element)
                if found.taken:
                    yield found


def _balance(dataset: Dataset, activity: Activity, element: str) -> Balance:
    taken: dict[str, float] = {}
    emitted = []
    for exchange in dataset.exchanges.get(activity.id, ()):
        amount = exchange.amount * _content(dataset, exchange.input_id, element)
        if not amount:
            continue
        if _is_taken(dataset, exchange):
            taken[exchange.input_id] = taken.get(exchange.input_id, 0.0) + amount
        else:
            emitted.append(amount)
    return Balance(
        activity_id=activity.id,
        element=element,
        taken=math.fsum(taken.values()),
        product=_content(dataset, activity.id, element),
        emitted=math.fsum(emitted),
        inputs=tuple(sorted(taken, key=lambda id_: -taken[id_])),
    )


def _is_taken(dataset: Dataset, exchange: Exchange) -> bool:
    if exchange.kind is ExchangeKind.TECHNOSPHERE:
        return True
    return dataset.flows[exchange.input_id].compartment.startswith(_TAKEN)


def _content(dataset: Dataset, item_id: str, element: str) -> float:
    """Return the content [kg / unit]; that of a reference is that of its default route."""
    if item_id not in dataset.compositions and item_id in dataset.routes:
        item_id = dataset.default_route(item_id).activity_id
    return dataset.compositions.get(item_id, {}).get(element, 0.0)


def check_balances(dataset: Dataset, document: DatasetDocument) -> Iterator[Finding]:
    """Yield balances that do not close and that no row of `balance_notes.csv` explains."""
    explained = set(document.keyed("balance_notes"))
    for each in balances(dataset):
        if f"{each.activity_id}/{each.element}" in explained:
            continue
        first = dataset.exchanges[each.activity_id][0].line_id
        place = document.at("exchanges", "amount", first)
        if each.given > each.taken * (1.0 + ROUNDING):
            kind = ElementGained if each.product else ElementEmittedMore
            yield kind(
                location=place,
                activity_id=each.activity_id,
                element=each.element,
                taken=each.taken,
                given=each.given,
                product=each.product,
                emitted=each.emitted,
                inputs=each.inputs,
            )
        elif each.product and each.loss > NOTABLE_LOSS:
            yield ElementLost(
                location=place,
                activity_id=each.activity_id,
                element=each.element,
                taken=each.taken,
                product=each.product,
                emitted=each.emitted,
                loss_percent=100.0 * each.loss,
                inputs=each.inputs,
            )
