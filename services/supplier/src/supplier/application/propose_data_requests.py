"""A footprint proposes to ask for data on its bought products."""

from collections.abc import Sequence

from chassis.errors import InvalidInput, Violation
from chassis.identity import Principal
from supplier.application.ports import Context
from supplier.domain.data_request import DataRequest, Part, check_parts, part_location
from supplier.domain.transitions import DataRequestState, require_role_for


def propose_data_requests(
    context: Context, principal: Principal, parts: Sequence[Part]
) -> list[DataRequest]:
    """Propose one request per product; one that exists keeps its request and gets the new share.

    Returns
    -------
    list of DataRequest
        In the order of the parts.
    """
    require_role_for(principal, DataRequestState.PROPOSED)
    check_parts(parts)
    requests: list[DataRequest] = []
    violations: list[Violation] = []
    with context.open(principal.tenant_id) as uow:
        for row, part in enumerate(parts, start=1):
            held = uow.data_requests.by_activity(part.activity_id)
            try:
                request = (
                    held.proposed_again(part, part_location(row, part, "unit"))
                    if held is not None
                    else DataRequest(
                        id=context.new_id(),
                        state=DataRequestState.PROPOSED,
                        lead_firm_tenant_id=principal.tenant_id,
                        part=part,
                        created_at=context.clock.now(),
                    )
                )
            except InvalidInput as error:
                violations.extend(error.violations)
                continue
            uow.data_requests.save(request)
            requests.append(request)
        if violations:
            raise InvalidInput(violations=tuple(violations))
        uow.commit()
    return requests
