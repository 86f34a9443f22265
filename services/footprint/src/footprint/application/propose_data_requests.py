"""Propose data requests for the bought parts that weigh in a footprint."""

from collections import defaultdict

from chassis.errors import NotFound
from chassis.identity import Principal, Role
from footprint.application.ports import (
    ProposedDataRequest,
    ProposedPart,
    SupplierData,
    UnitOfWorkFor,
)
from footprint.domain.dataset import Dataset
from footprint.domain.product_footprint import FootprintContent
from footprint.domain.rule_pack import RulePack


def propose_data_requests(
    product_model_id: str,
    footprint_id: str,
    *,
    supplier_data: SupplierData,
    caller: Principal,
    dataset: Dataset,
    rules: RulePack,
    open_uow: UnitOfWorkFor,
) -> tuple[ProposedDataRequest, ...]:
    """Propose one data request per bought part above the rule pack's threshold.

    A part with a proposed request keeps it and gets the new share; a part whose requests were all
    sent gets a new one.
    """
    caller.require(Role.EXPORTER)
    with open_uow(caller.tenant_id, read_only=True) as uow:
        footprint = uow.footprints.get(footprint_id)
    if footprint.product_model_id != product_model_id:
        raise NotFound("footprint", footprint_id)
    parts = bought_parts(footprint.content, dataset, rules)
    return supplier_data.propose(parts) if parts else ()


def bought_parts(
    content: FootprintContent, dataset: Dataset, rules: RulePack
) -> tuple[ProposedPart, ...]:
    """Return the bought parts worth asking for, largest share first.

    Energy and transport are bought as well, but their data are the buyer's own; the rule pack
    names the sectors that are not asked for.
    """
    shares: dict[str, float] = defaultdict(float)
    for line in content.result.lines:
        activity = dataset.activities.get(line.input_id)
        if activity is not None and activity.sector not in rules.sectors_not_requested:
            shares[line.input_id] += line.share_percent
    return tuple(
        ProposedPart(activity_id, dataset.activities[activity_id].unit, share)
        for activity_id, share in sorted(shares.items(), key=lambda item: -item[1])
        if share >= rules.minimum_share_percent
    )
