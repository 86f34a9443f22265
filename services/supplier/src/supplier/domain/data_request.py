"""A lead firm's wish for a supplier's data on one bought product."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chassis import units
from chassis.errors import InvalidInput, Location, Violation
from supplier.domain.errors import AlreadySent
from supplier.domain.period import Period, StatedPeriod, read_period
from supplier.domain.text import LONGEST_ID, check_id
from supplier.domain.transitions import DataRequestState, check_step
from supplier.domain.violations import (
    DuplicatePart,
    OwnTenant,
    PartCount,
    ShareNegative,
    UnknownRecordUnit,
)

#: Most parts in one proposal.
MOST_PARTS = 1000


@dataclass(frozen=True, slots=True)
class Part:
    """A bought product and what it weighs in the buyer's footprint.

    Attributes
    ----------
    activity_id
        Background activity that stands in for the product, e.g. `lfp_cathode`.
    unit
        Unit of the product.
    share_of_footprint_percent
        Share of the buyer's footprint that the product causes [%].
    """

    activity_id: str
    unit: str
    share_of_footprint_percent: float


@dataclass(frozen=True, slots=True)
class DataRequest:
    """A request as its lead firm sees it; it belongs to the lead firm's tenant."""

    id: str
    state: DataRequestState
    lead_firm_tenant_id: str
    part: Part
    created_at: datetime
    supplier_tenant_id: str | None = None
    reference_period: Period | None = None

    def sent(self, supplier_tenant_id: str, reference_period: Period) -> "DataRequest":
        """Address the request; the same again, until it is answered, changes nothing."""
        held = (self.state, self.supplier_tenant_id, self.reference_period)
        if held == (DataRequestState.SENT, supplier_tenant_id, reference_period):
            return self
        if self.supplier_tenant_id is not None:
            raise AlreadySent(
                data_request_id=self.id,
                supplier_tenant_id=self.supplier_tenant_id,
                state=self.state.value,
            )
        return replace(
            self._moved_to(DataRequestState.SENT),
            supplier_tenant_id=supplier_tenant_id,
            reference_period=reference_period,
        )

    def answered(self) -> "DataRequest":
        """Note that a version was submitted; a request that was answered before stays so."""
        if self.state in (DataRequestState.ANSWERED, DataRequestState.FULFILLED):
            return self
        return self._moved_to(DataRequestState.ANSWERED)

    def fulfilled(self) -> "DataRequest":
        """Note that a version was accepted."""
        if self.state is DataRequestState.FULFILLED:
            return self
        return self._moved_to(DataRequestState.FULFILLED)

    def _moved_to(self, state: DataRequestState) -> "DataRequest":
        check_step(self.state, state, "data request", self.id)
        return replace(self, state=state)


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """What a supplier sees of a request: its index row in the supplier's own tenant.

    The buyer's share of footprint is not part of it.
    """

    data_request_id: str
    state: DataRequestState
    lead_firm_tenant_id: str
    supplier_tenant_id: str
    activity_id: str
    unit: str
    reference_period: Period
    created_at: datetime


def received(request: DataRequest) -> ReceivedRequest:
    """Derive the supplier's view of a request that was sent."""
    if request.supplier_tenant_id is None or request.reference_period is None:
        raise ValueError(f"data request {request.id} was not sent yet")
    return ReceivedRequest(
        data_request_id=request.id,
        state=request.state,
        lead_firm_tenant_id=request.lead_firm_tenant_id,
        supplier_tenant_id=request.supplier_tenant_id,
        activity_id=request.part.activity_id,
        unit=request.part.unit,
        reference_period=request.reference_period,
        created_at=request.created_at,
    )


def part_location(row: int, part: Part, field: str) -> Location:
    """Name a field of the `row`-th part (counted from 1)."""
    return Location(field=field, row=row, id=part.activity_id[:LONGEST_ID] or None)


def check_parts(parts: Sequence[Part]) -> None:
    """Raise `InvalidInput` with everything that is wrong with a proposal."""
    violations: list[Violation] = []
    if not 1 <= len(parts) <= MOST_PARTS:
        count = PartCount(location=Location("parts"), count=len(parts), most=MOST_PARTS)
        raise InvalidInput(violations=(count,))
    seen: set[str] = set()
    for row, part in enumerate(parts, start=1):
        where = part_location(row, part, "activity_id")
        check_id(part.activity_id, where, violations)
        if part.activity_id in seen:
            violations.append(
                DuplicatePart(location=where, activity_id=part.activity_id[:LONGEST_ID])
            )
        seen.add(part.activity_id)
        if not units.is_known(part.unit):
            violations.append(
                UnknownRecordUnit(
                    location=part_location(row, part, "unit"),
                    unit=part.unit[:40],
                    known=tuple(units.NAMES),
                )
            )
        share = part.share_of_footprint_percent
        # Credits elsewhere in the footprint may lift a part above 100 %.
        if not math.isfinite(share) or share < 0:
            violations.append(
                ShareNegative(
                    location=part_location(row, part, "share_of_footprint_percent"), share=share
                )
            )
    if violations:
        raise InvalidInput(violations=tuple(violations))


def check_sending(
    lead_firm_tenant_id: str, supplier_tenant_id: str, stated: StatedPeriod
) -> Period:
    """Read the period asked for, or raise `InvalidInput` with everything that is wrong."""
    violations: list[Violation] = []
    where = Location("supplier_tenant_id")
    check_id(supplier_tenant_id, where, violations)
    if supplier_tenant_id == lead_firm_tenant_id:
        violations.append(OwnTenant(location=where))
    period = read_period(
        stated, Location, violations, ("reference_period.start", "reference_period.end")
    )
    if violations or period is None:
        raise InvalidInput(violations=tuple(violations))
    return period
