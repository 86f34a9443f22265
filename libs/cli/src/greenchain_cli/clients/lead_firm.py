"""The lead firm's side of `supplier`, over gRPC."""

from collections.abc import Iterator
from typing import Any

import grpc
from chassis.rpc import raise_from
from greenchain.common.v1.common_pb2 import Period, VersionReference
from greenchain.supplier.v1 import supplier_pb2 as calls
from greenchain.supplier.v1.declaration_pb2 import (
    DataRequest,
    DeclarationState,
    GrantedDeclaration,
)
from greenchain.supplier.v1.supplier_pb2_grpc import DataRequestServiceStub, DeclarationServiceStub


class LeadFirm:
    """Sends data requests, sees what was granted, accepts or returns it.

    Parameters
    ----------
    channel
        Channel to `supplier` that carries the lead firm's token.
    """

    def __init__(self, channel: grpc.Channel) -> None:
        self._requests = DataRequestServiceStub(channel)
        self._declarations = DeclarationServiceStub(channel)

    def data_requests(self) -> Iterator[DataRequest]:
        """Yield the firm's own requests, oldest first."""
        token = ""
        while True:
            page = _called(
                self._requests.ListDataRequests, calls.ListDataRequestsRequest(page_token=token)
            )
            yield from page.data_requests
            token = page.next_page_token
            if not token:
                return

    def send(self, request_id: str, supplier: str, start: str, end: str) -> DataRequest:
        """Send a proposed request to a supplier's tenant for a period of days."""
        answer = _called(
            self._requests.SendDataRequest,
            calls.SendDataRequestRequest(
                data_request_id=request_id,
                supplier_tenant_id=supplier,
                reference_period=Period(start=start, end=end),
            ),
        )
        return _as(DataRequest, answer.data_request)

    def granted(
        self,
        request_id: str = "",
        state: DeclarationState = DeclarationState.DECLARATION_STATE_UNSPECIFIED,
    ) -> list[GrantedDeclaration]:
        """Return what suppliers granted, newest version of each declaration first."""
        answer = _called(
            self._declarations.ListGrantedDeclarations,
            calls.ListGrantedDeclarationsRequest(
                data_request_ids=[request_id] if request_id else [], state=state
            ),
        )
        return list(answer.declarations)

    def accept(self, version: VersionReference) -> GrantedDeclaration:
        """Accept exactly the version that was looked at."""
        answer = _called(
            self._declarations.AcceptDeclaration,
            calls.AcceptDeclarationRequest(declaration=version),
        )
        return _as(GrantedDeclaration, answer.declaration)

    def give_back(self, version: VersionReference, reason: str) -> GrantedDeclaration:
        """Return a version to its supplier with what should be mended."""
        answer = _called(
            self._declarations.ReturnDeclaration,
            calls.ReturnDeclarationRequest(declaration=version, reason=reason),
        )
        return _as(GrantedDeclaration, answer.declaration)
