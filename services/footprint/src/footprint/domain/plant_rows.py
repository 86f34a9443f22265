"""From a supplier's untrusted activity records to a `PlantModel`, or to all that is wrong."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, ClassVar

from chassis.errors import Location, Violation
from footprint.domain.dataset import Dataset
from footprint.domain.errors import Duplicate, NonFiniteAmount, UnknownRegion
from footprint.domain.plant import ActivityRecord, PlantModel, RecordKind
from footprint.domain.rows import RowReader, Violations

RECORD_FIELDS = (
    "record_id",
    "period_start",
    "period_end",
    "kind",
    "item_id",
    "amount",
    "unit",
    "evidence",
    "note",
)


@dataclass(eq=False)
class NotADate(Violation):
    """A calendar day was expected."""

    code: ClassVar[str] = "footprint.record.not_a_date"
    en: ClassVar[str] = "{location}: {value!r} is not a day. Write e.g. 2025-01-31."
    zh: ClassVar[str] = "{location}：{value!r} 不是日期。请写成 2025-01-31 的形式。"

    value: str


@dataclass(eq=False)
class PeriodReversed(Violation):
    """A period ends before it starts."""

    code: ClassVar[str] = "footprint.record.period_reversed"
    en: ClassVar[str] = (
        "{location}: the period ends on {end}, before it starts on {start}. Swap the two days."
    )
    zh: ClassVar[str] = "{location}：期间在 {end} 结束，早于开始日期 {start}。请对调。"

    start: date
    end: date


@dataclass(eq=False)
class PeriodOutside(Violation):
    """A record lies outside the declared reference period."""

    code: ClassVar[str] = "footprint.record.period_outside"
    en: ClassVar[str] = (
        "{location}: outside the reference period {start} to {end}. Correct the days, or leave the "
        "record out."
    )
    zh: ClassVar[str] = "{location}：超出基准期 {start} 至 {end}。请更正日期或去掉该记录。"

    start: date
    end: date


@dataclass(eq=False)
class OverlappingPeriods(Violation):
    """Two records count the same item on the same days."""

    code: ClassVar[str] = "footprint.record.overlapping_periods"
    en: ClassVar[str] = (
        "{location}: {item_id} is already counted in these days by row {other_row}. "
        "Correct the period or remove one."
    )
    zh: ClassVar[str] = (
        "{location}：第 {other_row} 行已统计同期的 {item_id}。请更正期间或删除其一。"
    )

    item_id: str
    other_row: int


@dataclass(eq=False)
class NoOutput(Violation):
    """Nothing was made, so nothing can be counted per unit."""

    code: ClassVar[str] = "footprint.record.no_output"
    en: ClassVar[str] = (
        "{location}: the records state no output of {activity_id} above zero. Add output records."
    )
    zh: ClassVar[str] = "{location}：记录中没有大于零的 {activity_id} 产量。请补充产量记录。"

    activity_id: str


@dataclass(eq=False)
class NoInput(Violation):
    """Something was made out of nothing."""

    code: ClassVar[str] = "footprint.record.no_input"
    en: ClassVar[str] = (
        "{location}: the records state neither an input nor an emission, so {activity_id} would "
        "cause nothing. Add what it was made of and with."
    )
    zh: ClassVar[str] = (
        "{location}：记录中没有任何投入或排放，{activity_id} 的足迹将为零。请补充生产所用的投入。"
    )

    activity_id: str


@dataclass(eq=False)
class WrongItem(Violation):
    """An item that does not belong to the record's kind."""

    code: ClassVar[str] = "footprint.record.wrong_item"
    en: ClassVar[str] = (
        "{location}: {item_id} cannot be counted as {record_kind}. Correct the kind or the item."
    )
    zh: ClassVar[str] = "{location}：{item_id} 不能计为 {record_kind}。请更正类型或项目。"

    item_id: str
    record_kind: str


def parse_plant(
    *,
    activity_id: str,
    region: str,
    period_start: date,
    period_end: date,
    rows: Sequence[Mapping[str, Any]],
    dataset: Dataset,
) -> PlantModel:
    """Read a plant's records of a period.

    Parameters
    ----------
    activity_id
        The product made, an activity of the dataset.
    period_start, period_end
        Reference period, both days inclusive.
    rows
        Records (fields `RECORD_FIELDS`); numbers and days may be values or texts.

    Raises
    ------
    InvalidInput
        With every violation at once.
    """
    violations = Violations()
    if activity_id not in dataset.activities:
        at = Location(field="activity_id")
        violations.add(dataset.unlinked(at, activity_id))
    if region not in dataset.regions():
        at = Location(field="region")
        violations.add(UnknownRegion(at, region, dataset.regions()))
    if period_end < period_start:
        at = Location(field="period_end")
        violations.add(PeriodReversed(at, period_start, period_end))
    violations.raise_if_any()
    numbered: list[tuple[int, ActivityRecord]] = []
    first_rows: dict[str, int] = {}
    for row, values in enumerate(rows, start=1):
        id_ = RowReader(values, violations, row=row).identifier("record_id")
        reader = RowReader(values, violations, row=row, id=id_)
        reader.refuse_unknown(RECORD_FIELDS)
        if id_ is not None and id_ in first_rows:
            violations.add(Duplicate(reader.at("record_id"), id_, first_rows[id_]))
        first_rows.setdefault(id_ or "", row)
        record = _read_record(reader, id_ or "", activity_id, dataset)
        if record is None:
            continue
        numbered.append((row, record))
        if record.period_start < period_start or record.period_end > period_end:
            violations.add(PeriodOutside(reader.at("period_start"), period_start, period_end))
    _check_overlaps(numbered, violations)
    plant = PlantModel(
        activity_id=activity_id,
        region=region,
        period_start=period_start,
        period_end=period_end,
        records=tuple(record for _, record in numbered),
    )
    if not plant.output > 0.0:
        violations.add(NoOutput(Location(field="amount"), activity_id))
    violations.raise_if_any()
    _check_totals(plant, violations)
    violations.raise_if_any()
    return plant


def _check_totals(plant: PlantModel, violations: Violations) -> None:
    """Note a footprint of nothing, and amounts that are finite one by one only."""
    totals = plant.per_unit_of_output()
    if not totals:
        violations.add(NoInput(Location(field="kind"), plant.activity_id))
    if not math.isfinite(plant.output):
        at = Location(field="amount", id=plant.activity_id)
        violations.add(NonFiniteAmount(at, str(plant.output)))
    for (_, item_id), total in totals.items():
        if not math.isfinite(total):
            violations.add(NonFiniteAmount(Location(field="amount", id=item_id), str(total)))


def _read_record(
    reader: RowReader, record_id: str, activity_id: str, dataset: Dataset
) -> ActivityRecord | None:
    start = _read_date(reader, "period_start")
    end = _read_date(reader, "period_end")
    if start is not None and end is not None and end < start:
        reader.violations.add(PeriodReversed(reader.at("period_end"), start, end))
        end = None
    kind_name = reader.one_of("kind", [kind.value for kind in RecordKind])
    item_id = reader.identifier("item_id")
    evidence = reader.text("evidence", required=False)
    if kind_name is None or item_id is None:
        reader.not_negative("amount")
        return None
    kind = RecordKind(kind_name)
    unit = _unit_of(reader, kind, item_id, activity_id, dataset)
    if unit is None:
        reader.not_negative("amount")
        return None
    amount = reader.amount_in(unit, item_id)
    if amount is None or start is None or end is None:
        return None
    return ActivityRecord(record_id, start, end, kind, item_id, amount, evidence or "")


def _unit_of(
    reader: RowReader, kind: RecordKind, item_id: str, activity_id: str, dataset: Dataset
) -> str | None:
    """Return the unit of an item in the dataset, after checking that it suits the kind."""
    activity = dataset.activities.get(item_id)
    flow = dataset.flows.get(item_id)
    if activity is None and flow is None:
        at, suggest = reader.at("item_id"), reader.violations.may_suggest()
        reader.violations.add(dataset.unlinked(at, item_id, suggest=suggest))
        return None
    if flow is not None:
        # Already characterized emissions are a result and no reading of a plant.
        fits = kind is RecordKind.DIRECT_EMISSION and item_id != dataset.aggregated_flow
    else:
        fits = _activity_fits(kind, item_id, activity_id, dataset)
    if not fits:
        reader.violations.add(WrongItem(reader.at("item_id"), item_id, kind.value))
        return None
    return flow.unit if flow is not None else dataset.activities[item_id].unit


def _activity_fits(kind: RecordKind, item_id: str, activity_id: str, dataset: Dataset) -> bool:
    activity = dataset.activities[item_id]
    energy = dataset.activities[dataset.electricity_reference].sector
    match kind:
        case RecordKind.OUTPUT:
            return item_id == activity_id
        case RecordKind.ELECTRICITY:
            return dataset.is_electricity(item_id)
        case RecordKind.FUEL:
            return activity.sector == energy and not dataset.is_electricity(item_id)
        case RecordKind.MATERIAL:
            # Energy booked as material would drop out of the primary activity share.
            return activity.sector != energy
        case RecordKind.DIRECT_EMISSION:
            return False


def _read_date(reader: RowReader, name: str) -> date | None:
    value = reader.values.get(name)
    if type(value) is date:
        return value
    text = reader.text(name)
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        # fromisoformat also reads "20250131" and week dates.
        reader.violations.add(NotADate(reader.at(name), text[:40]))
        return None
    return day


def _check_overlaps(numbered: Sequence[tuple[int, ActivityRecord]], violations: Violations) -> None:
    by_item: dict[tuple[RecordKind, str], list[tuple[int, ActivityRecord]]] = defaultdict(list)
    for row, record in numbered:
        by_item[record.kind, record.item_id].append((row, record))
    for records in by_item.values():
        records.sort(key=lambda pair: (pair[1].period_start, pair[0]))
        latest_row, latest = records[0]
        for _, (row, record) in pairwise(records):
            if record.period_start <= latest.period_end:
                at = Location(field="period_start", row=row, id=record.record_id)
                violations.add(OverlappingPeriods(at, record.item_id, latest_row))
            if record.period_end > latest.period_end:
                latest_row, latest = row, record
