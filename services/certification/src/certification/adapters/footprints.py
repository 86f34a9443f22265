"""Reads footprints from the footprint service over gRPC."""

from contextvars import ContextVar
from datetime import UTC

from certification.domain.footprint import (
    DeclaredUnit,
    Evidence,
    Footprint,
    FootprintReading,
    FootprintState,
    StageScore,
)
from chassis.errors import Kind, NotFound
from chassis.rpc import RemoteError, connect, translated_errors
from chassis.tokens import ClientCredentials
from greenchain.footprint.v1 import footprint_pb2, footprint_pb2_grpc

SERVICE = "footprint"
STALE = "stale"

_STATES = {
    footprint_pb2.FOOTPRINT_STATE_CALCULATED: FootprintState.CALCULATED,
    footprint_pb2.FOOTPRINT_STATE_FROZEN: FootprintState.FROZEN,
    footprint_pb2.FOOTPRINT_STATE_DEPRECATED: FootprintState.DEPRECATED,
}


class GrpcFootprints:
    """Client of the footprint service.

    Parameters
    ----------
    target
        ``host:port``.
    credentials
        This service's own client, for reads that no person asked for.
    """

    def __init__(self, target: str, credentials: ClientCredentials) -> None:
        self._credentials = credentials
        # One channel serves all callers; each call carries the token of its own context.
        self._token: ContextVar[str] = ContextVar("footprint_token")
        self._channel = connect(target, self._token.get)
        self._stub = footprint_pb2_grpc.FootprintServiceStub(self._channel)

    def for_caller(self, footprint_id: str, token: str) -> FootprintReading:
        """Read with the caller's own bearer token."""
        return self._read(footprint_id, token)

    def for_tenant(self, footprint_id: str, tenant_id: str) -> FootprintReading:
        """Read as this service, acting for the footprint's owner."""
        return self._read(footprint_id, self._credentials.acting_for(tenant_id).token())

    def close(self) -> None:
        """Close the channel."""
        self._channel.close()

    def _read(self, footprint_id: str, token: str) -> FootprintReading:
        reset = self._token.set(token)
        try:
            with translated_errors(SERVICE):
                answer = self._stub.GetFootprint(
                    footprint_pb2.GetFootprintRequest(footprint_id=footprint_id)
                )
        except RemoteError as error:
            if error.kind is Kind.NOT_FOUND:
                raise NotFound(what="footprint", id=footprint_id) from error
            raise
        finally:
            self._token.reset(reset)
        return _reading(answer.footprint)


def _reading(message: footprint_pb2.Footprint) -> FootprintReading:
    # A state that this version does not know is no reason to certify.
    state = _STATES.get(message.state, FootprintState.CALCULATED)
    stale = next((flag.reason for flag in message.flags if flag.code == STALE), None)
    content = None if state is FootprintState.CALCULATED else _content(message)
    return FootprintReading(message.id, state, stale, content)


def _content(message: footprint_pb2.Footprint) -> Footprint:
    return Footprint(
        id=message.id,
        sha256=message.sha256,
        product_id=message.product_id,
        product_name_en=message.product_name_en,
        product_name_zh=message.product_name_zh,
        declared_unit=DeclaredUnit(message.declared_unit.amount, message.declared_unit.unit),
        boundary=message.boundary,
        kg_co2e=message.kg_co2e,
        stages=tuple(StageScore(stage.stage, stage.kg_co2e) for stage in message.stages),
        primary_data_share_percent=message.primary_data_share_percent,
        primary_activity_share_percent=message.primary_activity_share_percent,
        method_id=message.method_id,
        frozen_at=message.frozen_at.ToDatetime(tzinfo=UTC),
        evidence=tuple(
            Evidence(item.role, item.id, item.version, item.sha256) for item in message.evidence
        ),
    )
