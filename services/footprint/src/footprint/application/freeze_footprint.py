"""Freeze a calculated footprint: from then on it never changes."""

from chassis.clock import Clock
from chassis.identity import Principal, Role
from footprint.application import footprint_events
from footprint.application.ports import UnitOfWorkFor
from footprint.domain.product_footprint import ProductFootprint
from footprint.domain.rule_pack import RulePack


def freeze_footprint(
    footprint_id: str,
    *,
    caller: Principal,
    rules: RulePack,
    open_uow: UnitOfWorkFor,
    clock: Clock,
) -> ProductFootprint:
    """Freeze a footprint and announce it; freezing a frozen one changes nothing.

    Raises
    ------
    FootprintDeprecated, FootprintStale, OutsideRulePack, EnginesDisagree
    """
    caller.require(Role.EXPORTER)
    with open_uow(caller.tenant_id) as uow:
        footprint = uow.footprints.get(footprint_id)
        now = clock.now()
        if footprint.freeze(rules, now):
            uow.publish(footprint_events.frozen(footprint, caller.tenant_id, now))
            uow.footprints.save(footprint)
            uow.commit()
    return footprint
