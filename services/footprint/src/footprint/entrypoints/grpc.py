"""The gRPC side of the footprint service."""

from datetime import datetime
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from chassis.rpc import current_principal, run_blocking
from footprint.application.ports import UnitOfWorkFor
from footprint.application.read_footprints import get_footprint
from footprint.domain.product_footprint import FootprintState, ProductFootprint
from greenchain.common.v1 import common_pb2
from greenchain.footprint.v1 import footprint_pb2, footprint_pb2_grpc

_STATES = {
    FootprintState.CALCULATED: footprint_pb2.FOOTPRINT_STATE_CALCULATED,
    FootprintState.FROZEN: footprint_pb2.FOOTPRINT_STATE_FROZEN,
    FootprintState.DEPRECATED: footprint_pb2.FOOTPRINT_STATE_DEPRECATED,
}


class FootprintServicer(footprint_pb2_grpc.FootprintServiceServicer):
    """Reads of footprints by the certification service."""

    def __init__(self, open_uow: UnitOfWorkFor) -> None:
        self._open_uow = open_uow

    async def GetFootprint(
        self, request: footprint_pb2.GetFootprintRequest, context: Any
    ) -> footprint_pb2.GetFootprintResponse:
        """Read a footprint of the caller's tenant."""
        footprint = await run_blocking(
            get_footprint,
            request.footprint_id,
            caller=current_principal(),
            open_uow=self._open_uow,
        )
        return footprint_pb2.GetFootprintResponse(footprint=_message(footprint))


def _message(footprint: ProductFootprint) -> footprint_pb2.Footprint:
    content, result = footprint.content, footprint.content.result
    message = footprint_pb2.Footprint(
        id=footprint.id,
        state=_STATES[footprint.state],
        sha256=footprint.sha256,
        product_id=content.product_id,
        product_name_en=content.name_en,
        product_name_zh=content.name_zh,
        declared_unit=common_pb2.Quantity(
            amount=content.declared_unit.amount, unit=content.declared_unit.unit
        ),
        boundary=content.boundary,
        kg_co2e=result.pcf_kg_co2e,
        stages=[
            footprint_pb2.StageScore(stage=stage, kg_co2e=impact)
            for stage, impact in result.stages.items()
        ],
        primary_data_share_percent=result.primary_data_share_percent,
        primary_activity_share_percent=result.primary_activity_share_percent,
        method_id=result.method_id,
        evidence=[
            footprint_pb2.Evidence(
                role=item.role, id=item.id, version=item.version, sha256=item.sha256
            )
            for item in content.evidence
        ],
        flags=[
            footprint_pb2.FootprintFlag(
                code=flag.code, reason=flag.reason, since=_timestamp(flag.since)
            )
            for flag in footprint.flags
        ],
    )
    if footprint.frozen_at is not None:
        message.frozen_at.CopyFrom(_timestamp(footprint.frozen_at))
    return message


def _timestamp(instant: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(instant)
    return stamp
