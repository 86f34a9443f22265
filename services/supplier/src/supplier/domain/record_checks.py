"""Checks of activity records, singly and against each other. They report all that is wrong."""

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from chassis import units
from chassis.errors import Location, Violation
from supplier.domain.activity import FITTING_UNITS, ActivityKind, ActivityRecord, StatedRecord
from supplier.domain.period import Period, read_period
from supplier.domain.text import LONGEST_ID, LONGEST_REMARK, check_id, check_text
from supplier.domain.violations import (
    AmountNegative,
    AmountNotFinite,
    DuplicateRecord,
    EmptyDeclaration,
    NoOutput,
    OtherProduct,
    OutputGap,
    OutsideReferencePeriod,
    OverlappingPeriods,
    UnknownKind,
    UnknownRecordUnit,
    WrongDimension,
)

At = Callable[[str], Location]


@dataclass(frozen=True, slots=True)
class Frame:
    """What the records of a declaration must fit into.

    Attributes
    ----------
    product
        The product asked for (id of an activity).
    unit
        Unit in which it was asked for.
    reference_period
        Period that the declaration covers.
    """

    product: str
    unit: str
    reference_period: Period


@dataclass(frozen=True, slots=True)
class Row:
    """A record that was read, with its row in the batch (counted from 1)."""

    number: int
    record: ActivityRecord


def _locate(row: int, record_id: str, field: str) -> Location:
    return Location(field=field, row=row, id=record_id[:LONGEST_ID] or None)


def read_records(
    stated: Sequence[StatedRecord], frame: Frame, violations: list[Violation]
) -> tuple[Row, ...]:
    """Check every stated record for itself and return those that hold."""
    rows: list[Row] = []
    for number, record in enumerate(stated, start=1):
        found: list[Violation] = []
        read = _read_record(record, frame, partial(_locate, number, record.record_id), found)
        if read is not None:
            rows.append(Row(number, read))
        violations.extend(found)
    return tuple(rows)


def _read_record(
    stated: StatedRecord, frame: Frame, at: At, violations: list[Violation]
) -> ActivityRecord | None:
    check_id(stated.record_id, at("record_id"), violations)
    period = read_period(stated.period, at, violations)
    if period is not None and not frame.reference_period.covers(period):
        violations.append(
            OutsideReferencePeriod(
                location=at("period_start"),
                period=str(period),
                reference_period=str(frame.reference_period),
            )
        )
    kind = _read_kind(stated.kind, at, violations)
    check_id(stated.item_id, at("item_id"), violations)
    if kind is ActivityKind.OUTPUT and stated.item_id != frame.product:
        violations.append(
            OtherProduct(
                location=at("item_id"),
                item_id=stated.item_id[:LONGEST_ID],
                product=frame.product,
            )
        )
    check_amount(stated.amount, at("amount"), violations)
    _check_unit(stated.unit, kind, frame, at("unit"), violations)
    check_text(stated.evidence, LONGEST_REMARK, at("evidence"), violations)
    if violations or period is None or kind is None:
        return None
    return ActivityRecord(
        record_id=stated.record_id,
        period=period,
        kind=kind,
        item_id=stated.item_id,
        amount=stated.amount,
        unit=stated.unit,
        evidence=stated.evidence,
    )


def _read_kind(text: str, at: At, violations: list[Violation]) -> ActivityKind | None:
    try:
        return ActivityKind(text)
    except ValueError:
        violations.append(UnknownKind(location=at("kind"), known=tuple(ActivityKind)))
        return None


def check_amount(amount: float, location: Location, violations: list[Violation]) -> None:
    """Add to `violations` unless the amount is finite and not negative."""
    if not math.isfinite(amount):
        violations.append(AmountNotFinite(location=location))
    elif amount < 0:
        violations.append(AmountNegative(location=location, amount=amount))


def _check_unit(
    unit: str,
    kind: ActivityKind | None,
    frame: Frame,
    location: Location,
    violations: list[Violation],
) -> None:
    if not units.is_known(unit):
        violations.append(
            UnknownRecordUnit(location=location, unit=unit[:40], known=tuple(units.NAMES))
        )
        return
    if kind is None:
        return
    fitting = (frame.unit,) if kind is ActivityKind.OUTPUT else FITTING_UNITS[kind]
    if not any(units.same_dimension(unit, other) for other in fitting):
        violations.append(
            WrongDimension(location=location, record_kind=kind.value, unit=unit, fitting=fitting)
        )


def find_duplicates(
    stated: Sequence[StatedRecord], held_ids: Collection[str], violations: list[Violation]
) -> None:
    """Report every record whose id is held already or stands earlier in the batch."""
    seen = set(held_ids)
    for number, record in enumerate(stated, start=1):
        if record.record_id in seen:
            location = _locate(number, record.record_id, "record_id")
            violations.append(
                DuplicateRecord(location=location, record_id=record.record_id[:LONGEST_ID])
            )
        elif record.record_id:
            seen.add(record.record_id)


def find_overlaps(
    rows: Iterable[Row], held: Iterable[ActivityRecord], violations: list[Violation]
) -> None:
    """Report every row whose period overlaps another record of the same kind and item."""
    counted: dict[tuple[ActivityKind, str], list[tuple[ActivityRecord, int | None]]] = {}
    for record in held:
        counted.setdefault((record.kind, record.item_id), []).append((record, None))
    for row in rows:
        counted.setdefault((row.record.kind, row.record.item_id), []).append(
            (row.record, row.number)
        )
    for group in counted.values():
        group.sort(key=lambda entry: entry[0].period)
        reaching, reaching_row = group[0]  # the one seen so far that ends last
        for record, row_number in group[1:]:
            if record.period.start <= reaching.period.end:
                _report_overlap((record, row_number), (reaching, reaching_row), violations)
            if record.period.end > reaching.period.end:
                reaching, reaching_row = record, row_number


def _report_overlap(
    later: tuple[ActivityRecord, int | None],
    earlier: tuple[ActivityRecord, int | None],
    violations: list[Violation],
) -> None:
    # The row that is new is the one to mend; of two new ones, the later.
    (record, row), (other, _) = (later, earlier) if later[1] is not None else (earlier, later)
    if row is None or record.record_id == other.record_id:
        return  # both are held already, or it is a duplicate and reported as such
    violations.append(
        OverlappingPeriods(
            location=_locate(row, record.record_id, "period_start"),
            period=str(record.period),
            other=other.record_id,
            other_period=str(other.period),
            record_kind=record.kind.value,
            item_id=record.item_id,
        )
    )


def check_completeness(
    records: Sequence[ActivityRecord], frame: Frame, violations: list[Violation]
) -> None:
    """Report what a declaration lacks as a whole before it can be submitted."""
    if not records:
        violations.append(EmptyDeclaration(location=Location("records")))
        return
    output = [record for record in records if record.kind is ActivityKind.OUTPUT]
    # Plain summation: `fsum` raises where amounts that are absurd, but finite, overflow together.
    total = sum(units.convert(record.amount, record.unit, frame.unit) for record in output)
    if not math.isfinite(total):
        violations.append(AmountNotFinite(location=Location("output")))
    elif total <= 0:
        violations.append(
            NoOutput(location=Location("output"), product=frame.product, unit=frame.unit)
        )
    elif gaps := frame.reference_period.gaps(record.period for record in output):
        violations.append(
            OutputGap(location=Location("output"), gaps=tuple(str(gap) for gap in gaps))
        )
