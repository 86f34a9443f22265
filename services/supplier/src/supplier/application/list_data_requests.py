"""Lists of data requests: those that a lead firm made, and those that a supplier received."""

from chassis.identity import Principal, Role
from supplier.application.paging import read_page_size, read_token, write_token
from supplier.application.ports import Context, Position
from supplier.domain.data_request import DataRequest, ReceivedRequest


def list_data_requests(
    context: Context, principal: Principal, page_size: int, page_token: str
) -> tuple[list[DataRequest], str]:
    """Return a page of the caller's own requests, oldest first, and the token of the next."""
    principal.require(Role.LEAD_FIRM, Role.EXPORTER)
    size, after = read_page_size(page_size), read_token(page_token)
    with context.open(principal.tenant_id, read_only=True) as uow:
        requests = uow.data_requests.page(size + 1, after)
    if len(requests) <= size:
        return requests, ""
    last = requests[size - 1]
    return requests[:size], write_token(Position(last.created_at, last.id))


def list_received_data_requests(
    context: Context, principal: Principal, page_size: int, page_token: str
) -> tuple[list[ReceivedRequest], str]:
    """Return a page of the requests sent to the caller, oldest first, and the next token."""
    principal.require(Role.SUPPLIER)
    size, after = read_page_size(page_size), read_token(page_token)
    with context.open(principal.tenant_id, read_only=True) as uow:
        requests = uow.received_requests.page(size + 1, after)
    if len(requests) <= size:
        return requests, ""
    last = requests[size - 1]
    return requests[:size], write_token(Position(last.created_at, last.data_request_id))
