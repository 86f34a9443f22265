"""Methods of the bundle that bw2io ships, as rows of a dataset's tables.

The bundle names flows by codes of its own; a table says which flow of the dataset each stands for,
and how much of it one unit of ours is.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from footprint.domain.bundled_method_errors import (
    AmbiguousMethodName,
    MethodCountsNothing,
    MethodThere,
    NoSuchBundledMethod,
)
from footprint.domain.dataset import ActivityKind, Dataset, ExchangeKind
from footprint.domain.dataset_document import Row
from footprint.domain.rows import LONGEST_ID

#: Between the parts of a name.
SEPARATOR = " | "
#: The source of what the bundle says, in `sources.csv`, and that of the dataset's own statements.
SOURCE, OWN = "bw2io_lcia_39", "greenchain"
#: Files of the bundle, for locators.
BUNDLE = "lcia_39_ecoinvent.zip, data.json"
_CLIMATE_UNIT, _OUR_CLIMATE_UNIT = "kg CO2-Eq", "kg CO2e"
#: Coverage below which no figure is shown [%], as of the shipped methods for screening.
_CLIMATE_THRESHOLD, _THRESHOLD = 0, 33
_MOST_CANDIDATES = 10
#: Characters of a hash in an id that was cut.
_MARK = 8


@dataclass(frozen=True, slots=True)
class BundledFlow:
    """Which flow of the bundle a flow of the dataset is.

    Attributes
    ----------
    unit
        Unit of the dataset's flow that the table was made for.
    amount
        What one unit of ours is of the bundle's flow [its unit / `unit`].
    """

    flow_id: str
    unit: str
    code: str
    name: str
    categories: str
    amount: float


@dataclass(frozen=True, slots=True)
class BundledMethod:
    """A method of the bundle.

    Attributes
    ----------
    factors
        By the bundle's code of the flow [unit / unit of the bundle's flow].
    bundle
        Library and version that it was read from.
    """

    name: tuple[str, ...]
    unit: str
    factors: Mapping[str, float]
    bundle: str

    @property
    def full_name(self) -> str:
        return SEPARATOR.join(self.name)

    @property
    def cited_name(self) -> str:
        """The name as locators write it."""
        return ", ".join(self.name)

    @property
    def id(self) -> str:
        """The name as an id; of a name that is too long the beginning, and a hash of the whole."""
        whole = _slug(" ".join(self.name))
        if len(whole) <= LONGEST_ID:
            return whole
        mark = sha256(whole.encode()).hexdigest()[:_MARK]
        return f"{whole[: LONGEST_ID - _MARK - 1].rstrip('_')}_{mark}"

    @property
    def is_climate(self) -> bool:
        return self.unit == _CLIMATE_UNIT

    @property
    def our_unit(self) -> str:
        return _OUR_CLIMATE_UNIT if self.is_climate else self.unit

    def counted(self, flows: Sequence[BundledFlow]) -> tuple[BundledFlow, ...]:
        """Return those flows for which it has a factor."""
        return tuple(flow for flow in flows if flow.code in self.factors)


def methods_like(methods: Sequence[BundledMethod], text: str) -> tuple[BundledMethod, ...]:
    """Return the methods with all words of a text in their names; letter case does not matter."""
    words = text.replace("|", " ").casefold().split()
    return tuple(
        method for method in methods if all(word in method.full_name.casefold() for word in words)
    )


def method_called(methods: Sequence[BundledMethod], name: str) -> BundledMethod:
    """Return the method of a full name, or the only one with all words of it.

    Raises
    ------
    NoSuchBundledMethod, AmbiguousMethodName
    """
    for method in methods:
        if _plain(method.full_name) == _plain(name):
            return method
    found = methods_like(methods, name) if name.split() else ()
    if not found:
        raise NoSuchBundledMethod(name)
    if len(found) > 1:
        first = tuple(method.full_name for method in found[:_MOST_CANDIDATES])
        raise AmbiguousMethodName(name, len(found), first)
    return found[0]


def method_rows(
    method: BundledMethod, flows: Sequence[BundledFlow], dataset: Dataset
) -> dict[str, list[Row]]:
    """Return the rows that make a method one of a dataset's, by table.

    A climate method counts every greenhouse gas that the others do, with 0 where it leaves one
    out; and they count with 0 what it alone counts. Published totals it does not count.

    Raises
    ------
    MethodThere, MethodCountsNothing
    """
    if method.id in dataset.methods:
        raise MethodThere(method.id)
    counted = [
        flow
        for flow in method.counted(flows)
        if flow.flow_id in dataset.flows and dataset.flows[flow.flow_id].unit == flow.unit
    ]
    if not counted:
        raise MethodCountsNothing(method.full_name)
    factors = [_factor(method, flow) for flow in counted]
    ids = {flow.flow_id for flow in counted}
    if method.is_climate:
        factors += _zeros(method, ids, dataset)
    coverage = [] if method.is_climate else list(_coverage(method, ids, dataset))
    tables: dict[str, list[Row]] = {
        "methods": [_method(method, len(counted))],
        "characterization": factors,
        "coverage": coverage,
    }
    return {table: rows for table, rows in tables.items() if rows}


def _method(method: BundledMethod, counted: int) -> Row:
    of = len(method.factors)
    note_en = (
        f"Taken over from {method.bundle}: {counted} of its {of} factors are of flows that the "
        "dataset has, the rest is not in the figure: a lower bound."
    )
    note_zh = (
        f"取自 {method.bundle}：其 {of} 个因子中有 {counted} 个对应数据集中的流，其余未计入，因此"
        "为下限值。"
    )
    if method.is_climate:
        note_en += (
            " Greenhouse gases without a factor count 0. Published totals (one figure in CO2e) "
            "have no gases: they are not in this figure, but shown beside it."
        )
        note_zh += "没有因子的温室气体计0。以二氧化碳当量合计公布的数据没有气体构成，不计入而单列。"
    else:
        note_en += " Coverage was derived from the rows of the dataset; nobody judged it."
        note_zh += "覆盖情况由数据集各行推得，未经人工判断。"
    return {
        "id": method.id,
        "name_en": method.cited_name,
        "name_zh": method.cited_name,
        "category": "climate_change" if method.is_climate else _slug(method.name[1]),
        "unit": method.our_unit,
        "version": method.bundle,
        "kind": "climate" if method.is_climate else "other",
        "threshold_percent": str(_CLIMATE_THRESHOLD if method.is_climate else _THRESHOLD),
        "verdict": "screening",
        "note_en": note_en,
        "note_zh": note_zh,
        "source_id": SOURCE,
        "source_locator": method.cited_name,
    }


def _factor(method: BundledMethod, flow: BundledFlow) -> Row:
    given = method.factors[flow.code]
    note = ""
    if flow.amount != 1.0:
        note = (
            f"{given!r} per unit of the bundle's flow, {flow.amount!r} of which are 1 {flow.unit}"
        )
    return {
        "method_id": method.id,
        "flow_id": flow.flow_id,
        "factor": repr(given * flow.amount),
        "unit": f"{method.our_unit}/{flow.unit}",
        "source_id": SOURCE,
        "source_locator": (f"{BUNDLE}: {method.cited_name}; flow {flow.name}, {flow.categories}"),
        "confidence": "computed" if note else "verified in source text",
        "note": note,
    }


def _zeros(method: BundledMethod, counted: Collection[str], dataset: Dataset) -> Iterator[Row]:
    """Yield factors of 0 for what a climate method leaves out and another one counts."""
    climate = [each.id for each in dataset.methods.values() if each.is_climate]
    gases = {flow: None for each in climate for flow in dataset.factors[each]}
    gases.pop(dataset.aggregated_flow, None)
    for flow_id in gases:
        if flow_id not in counted:
            locator = f"{BUNDLE}: {method.cited_name}: no factor for this flow"
            note = "a gas that the method has no factor for counts 0"
            yield _zero(method.id, flow_id, SOURCE, locator, note, dataset)
    for flow_id in sorted(counted):
        for each in climate:
            if flow_id not in dataset.factors[each]:
                locator = f"no factor in this dataset before {method.id} was added"
                note = f"counts 0 as before; {method.id} counts this flow"
                yield _zero(each, flow_id, OWN, locator, note, dataset)


def _zero(
    method_id: str, flow_id: str, source: str, locator: str, note: str, dataset: Dataset
) -> Row:
    return {
        "method_id": method_id,
        "flow_id": flow_id,
        "factor": "0",
        "unit": f"{_unit(method_id, dataset)}/{dataset.flows[flow_id].unit}",
        "source_id": source,
        "source_locator": locator,
        "confidence": "computed",
        "note": note,
    }


def _unit(method_id: str, dataset: Dataset) -> str:
    known = dataset.methods.get(method_id)
    return known.unit if known else _OUR_CLIMATE_UNIT


def _coverage(method: BundledMethod, counted: Collection[str], dataset: Dataset) -> Iterator[Row]:
    """Say of which activities there is a row that the method counts."""
    for activity in dataset.activities.values():
        if activity.kind is ActivityKind.MARKET_REFERENCE:
            continue
        has = any(
            row.kind is ExchangeKind.ELEMENTARY and row.input_id in counted
            for row in dataset.exchanges.get(activity.id, ())
        )
        told = "has a row" if has else "no row"
        yield {
            "activity_id": activity.id,
            "method_id": method.id,
            "coverage": "partial" if has else "none",
            "reason": f"derived, not judged: {told} of a flow that the method counts",
        }


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())
