"""What a lead firm does: send requests, look at what was granted, decide."""

from collections.abc import Iterable, Iterator

import grpc

from chassis.rpc import translated_errors
from greenchain.common.v1 import common_pb2
from greenchain.supplier.v1 import declaration_pb2, supplier_pb2, supplier_pb2_grpc
from supplier_client.client import SERVICE, Client, pages


class LeadFirmClient(Client):
    """A lead firm's side of the service. Blocking; may be shared by threads.

    Parameters
    ----------
    channel
        From `chassis.rpc.connect`, or use `LeadFirmClient.connect`.
    """

    def __init__(self, channel: grpc.Channel) -> None:
        super().__init__(channel)
        self._requests = supplier_pb2_grpc.DataRequestServiceStub(channel)
        self._declarations = supplier_pb2_grpc.DeclarationServiceStub(channel)

    def propose_requests(
        self, parts: Iterable[tuple[str, str, float]]
    ) -> list[declaration_pb2.DataRequest]:
        """Propose requests for parts: activity, unit, share of the footprint [%].

        A product with a proposed request keeps it and gets the new share; one whose requests were
        all sent gets a new one.
        """
        asked = supplier_pb2.ProposeDataRequestsRequest(
            parts=[
                supplier_pb2.ProposedPart(
                    activity_id=activity_id, unit=unit, share_of_footprint_percent=share
                )
                for activity_id, unit, share in parts
            ]
        )
        with translated_errors(SERVICE):
            return list(self._requests.ProposeDataRequests(asked).data_requests)

    def requests(self) -> Iterator[declaration_pb2.DataRequest]:
        """Go through the own requests, oldest first."""
        asked = supplier_pb2.ListDataRequestsRequest
        return pages(lambda token: self._requests.ListDataRequests(asked(page_token=token)))

    def send_request(
        self, data_request_id: str, supplier_tenant_id: str, reference_period: tuple[str, str]
    ) -> declaration_pb2.DataRequest:
        """Send a proposed request to a supplier; the period is its first and last day."""
        start, end = reference_period
        asked = supplier_pb2.SendDataRequestRequest(
            data_request_id=data_request_id,
            supplier_tenant_id=supplier_tenant_id,
            reference_period=common_pb2.Period(start=start, end=end),
        )
        with translated_errors(SERVICE):
            return self._requests.SendDataRequest(asked).data_request

    def granted_declarations(
        self,
        data_request_ids: Iterable[str] = (),
        state: declaration_pb2.DeclarationState.ValueType = (
            declaration_pb2.DECLARATION_STATE_UNSPECIFIED
        ),
    ) -> list[declaration_pb2.GrantedDeclaration]:
        """List what suppliers granted, the newest version of each declaration first."""
        asked = supplier_pb2.ListGrantedDeclarationsRequest(
            data_request_ids=data_request_ids, state=state
        )
        with translated_errors(SERVICE):
            return list(self._declarations.ListGrantedDeclarations(asked).declarations)

    def accept(
        self, declaration: common_pb2.VersionReference
    ) -> declaration_pb2.GrantedDeclaration:
        """Accept a version, named by the content that was looked at."""
        asked = supplier_pb2.AcceptDeclarationRequest(declaration=declaration)
        with translated_errors(SERVICE):
            return self._declarations.AcceptDeclaration(asked).declaration

    def give_back(
        self, declaration: common_pb2.VersionReference, reason: str
    ) -> declaration_pb2.GrantedDeclaration:
        """Return a version to its supplier with a reason."""
        asked = supplier_pb2.ReturnDeclarationRequest(declaration=declaration, reason=reason)
        with translated_errors(SERVICE):
            return self._declarations.ReturnDeclaration(asked).declaration
