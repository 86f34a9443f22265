"""The events that the footprint service publishes: ids and hashes, nothing confidential."""

from datetime import datetime

from chassis.clock import new_id
from chassis.events import Event
from footprint.domain.product_footprint import Flag, ProductFootprint

TOPIC = "footprint.footprint"
SOURCE = "/services/footprint"


def frozen(footprint: ProductFootprint, tenant_id: str, now: datetime) -> Event:
    """Tell that a footprint was frozen."""
    return _event("frozen", footprint, tenant_id, now, {})


def flagged(footprint: ProductFootprint, flag: Flag, tenant_id: str, now: datetime) -> Event:
    """Tell that something became known about a frozen footprint."""
    return _event("flagged", footprint, tenant_id, now, {"flag": flag.code, "reason": flag.reason})


def deprecated(footprint: ProductFootprint, tenant_id: str, now: datetime) -> Event:
    """Tell that a footprint was replaced."""
    more = {"successorFootprintId": footprint.successor_id}
    return _event("deprecated", footprint, tenant_id, now, more)


def recomputed(footprint: ProductFootprint, tenant_id: str, now: datetime) -> Event:
    """Tell that a footprint was calculated anew in place of another."""
    more = {"precedingFootprintId": footprint.preceding_id}
    return _event("recomputed", footprint, tenant_id, now, more)


def _event(
    verb: str, footprint: ProductFootprint, tenant_id: str, now: datetime, more: dict[str, str]
) -> Event:
    # `data` is the proto3 JSON form of `greenchain.footprint.v1.Footprint{Frozen,Flagged,…}`.
    return Event(
        id=new_id(),
        type=f"greenchain.footprint.{verb}.v1",
        topic=TOPIC,
        source=SOURCE,
        aggregate_id=footprint.id,
        aggregate_version=footprint.next_event(),
        tenant_id=tenant_id,
        time=now,
        data={"footprintId": footprint.id, "sha256": footprint.sha256} | more,
    )
