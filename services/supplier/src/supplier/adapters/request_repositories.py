"""Data requests on the database: the lead firm's and the supplier's side."""

from sqlalchemy import tuple_
from sqlmodel import col, select

from chassis.tenancy import TenantSession
from supplier.adapters.tables import DataRequestRow, ReceivedRequestRow
from supplier.application.ports import Position
from supplier.domain.data_request import DataRequest, Part, ReceivedRequest
from supplier.domain.period import Period
from supplier.domain.transitions import DataRequestState


class SqlDataRequests:
    """The requests of the current tenant as a lead firm."""

    def __init__(self, session: TenantSession) -> None:
        self._session = session

    def get(self, data_request_id: str) -> DataRequest | None:
        row = self._session.get(DataRequestRow, (self._session.tenant_id, data_request_id))
        return None if row is None else _request(row)

    def proposed_for(self, activity_id: str) -> DataRequest | None:
        statement = select(DataRequestRow).where(
            DataRequestRow.activity_id == activity_id,
            DataRequestRow.state == DataRequestState.PROPOSED.value,
        )
        row = self._session.exec(statement).one_or_none()
        return None if row is None else _request(row)

    def save(self, request: DataRequest) -> None:
        period = request.reference_period
        self._session.merge(
            DataRequestRow(
                tenant_id=request.lead_firm_tenant_id,
                id=request.id,
                state=request.state.value,
                activity_id=request.part.activity_id,
                unit=request.part.unit,
                share_of_footprint_percent=request.part.share_of_footprint_percent,
                created_at=request.created_at,
                supplier_tenant_id=request.supplier_tenant_id,
                period_start=None if period is None else period.start,
                period_end=None if period is None else period.end,
            )
        )

    def page(self, limit: int, after: Position | None) -> list[DataRequest]:
        order = (col(DataRequestRow.created_at), col(DataRequestRow.id))
        statement = select(DataRequestRow).order_by(*order).limit(limit)
        if after is not None:
            statement = statement.where(tuple_(*order) > (after.created_at, after.id))
        return [_request(row) for row in self._session.exec(statement)]


class SqlReceivedRequests:
    """The requests that were sent to the current tenant as a supplier."""

    def __init__(self, session: TenantSession) -> None:
        self._session = session

    def get(self, data_request_id: str) -> ReceivedRequest | None:
        row = self._session.get(ReceivedRequestRow, (self._session.tenant_id, data_request_id))
        return None if row is None else _received(row)

    def save(self, request: ReceivedRequest) -> None:
        self._session.merge(
            ReceivedRequestRow(
                tenant_id=request.supplier_tenant_id,
                data_request_id=request.data_request_id,
                lead_firm_tenant_id=request.lead_firm_tenant_id,
                state=request.state.value,
                activity_id=request.activity_id,
                unit=request.unit,
                period_start=request.reference_period.start,
                period_end=request.reference_period.end,
                created_at=request.created_at,
            )
        )

    def page(self, limit: int, after: Position | None) -> list[ReceivedRequest]:
        order = (col(ReceivedRequestRow.created_at), col(ReceivedRequestRow.data_request_id))
        statement = select(ReceivedRequestRow).order_by(*order).limit(limit)
        if after is not None:
            statement = statement.where(tuple_(*order) > (after.created_at, after.id))
        return [_received(row) for row in self._session.exec(statement)]


def _request(row: DataRequestRow) -> DataRequest:
    period = None
    if row.period_start is not None and row.period_end is not None:
        period = Period(row.period_start, row.period_end)
    return DataRequest(
        id=row.id,
        state=DataRequestState(row.state),
        lead_firm_tenant_id=row.tenant_id,
        part=Part(row.activity_id, row.unit, row.share_of_footprint_percent),
        created_at=row.created_at,
        supplier_tenant_id=row.supplier_tenant_id,
        reference_period=period,
    )


def _received(row: ReceivedRequestRow) -> ReceivedRequest:
    return ReceivedRequest(
        data_request_id=row.data_request_id,
        state=DataRequestState(row.state),
        lead_firm_tenant_id=row.lead_firm_tenant_id,
        supplier_tenant_id=row.tenant_id,
        activity_id=row.activity_id,
        unit=row.unit,
        reference_period=Period(row.period_start, row.period_end),
        created_at=row.created_at,
    )
