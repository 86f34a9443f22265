"""A lead firm sends a proposed request to a supplier."""

from chassis.errors import NotFound
from chassis.identity import Principal
from supplier.application.ports import Context
from supplier.domain.data_request import DataRequest, check_sending, received
from supplier.domain.period import StatedPeriod
from supplier.domain.transitions import DataRequestState, require_role_for


def send_data_request(
    context: Context,
    principal: Principal,
    data_request_id: str,
    supplier_tenant_id: str,
    reference_period: StatedPeriod,
) -> DataRequest:
    """Address the request and put it into the supplier's list, in one transaction."""
    require_role_for(principal, DataRequestState.SENT)
    period = check_sending(principal.tenant_id, supplier_tenant_id, reference_period)
    with context.open(principal.tenant_id) as uow:
        held = uow.data_requests.get(data_request_id)
        if held is None:
            raise NotFound(what="data request", id=data_request_id)
        request = held.sent(supplier_tenant_id, period)
        if request != held:
            uow.data_requests.save(request)
            with uow.as_tenant(supplier_tenant_id):
                uow.received_requests.save(received(request))
            uow.commit()
    return request
