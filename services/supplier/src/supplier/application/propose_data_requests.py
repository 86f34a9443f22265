"""A footprint proposes to ask for data on its bought products."""

from collections.abc import Sequence
from dataclasses import replace

from chassis.identity import Principal
from supplier.application.ports import Context
from supplier.domain.data_request import DataRequest, Part, check_parts
from supplier.domain.transitions import DataRequestState, require_role_for


def propose_data_requests(
    context: Context, principal: Principal, parts: Sequence[Part]
) -> list[DataRequest]:
    """Propose one request per product.

    A product with a proposed request keeps it and gets the new share. What was sent is settled: a
    product whose requests were all sent gets a new proposed one, for the next period or another
    supplier.

    Returns
    -------
    list of DataRequest
        In the order of the parts.
    """
    require_role_for(principal, DataRequestState.PROPOSED)
    check_parts(parts)
    requests: list[DataRequest] = []
    with context.open(principal.tenant_id) as uow:
        for part in parts:
            held = uow.data_requests.proposed_for(part.activity_id)
            request = (
                replace(held, part=part)
                if held is not None
                else DataRequest(
                    id=context.new_id(),
                    state=DataRequestState.PROPOSED,
                    lead_firm_tenant_id=principal.tenant_id,
                    part=part,
                    created_at=context.clock.now(),
                )
            )
            uow.data_requests.save(request)
            requests.append(request)
        uow.commit()
    return requests
