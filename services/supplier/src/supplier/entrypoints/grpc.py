"""The calls of the supplier service over gRPC: convert, hand to the use case, convert back."""

from collections.abc import AsyncIterator
from typing import Any

import grpc

from chassis.rpc import current_principal, run_blocking
from greenchain.supplier.v1 import supplier_pb2 as pb
from greenchain.supplier.v1 import supplier_pb2_grpc as stubs
from supplier.application.calculate_footprint import (
    get_activity_data,
    put_calculated_footprint,
    refuse_calculation,
)
from supplier.application.decide_declaration import accept_declaration, return_declaration
from supplier.application.discard_draft import discard_draft
from supplier.application.get_declaration import get_declaration
from supplier.application.list_data_requests import (
    list_data_requests,
    list_received_data_requests,
)
from supplier.application.list_granted_declarations import list_granted_declarations
from supplier.application.open_declaration import open_declaration
from supplier.application.ports import Context
from supplier.application.propose_data_requests import propose_data_requests
from supplier.application.send_data_request import send_data_request
from supplier.application.share_grants import list_grants, revoke_grant
from supplier.application.submit_declaration import submit_declaration
from supplier.domain.declaration import Plant
from supplier.entrypoints import read_messages as read
from supplier.entrypoints import write_messages as write
from supplier.entrypoints.record_stream import serve_record_stream

#: Records in one message of an answer.
RECORDS_PER_MESSAGE = 500


class DataRequests(stubs.DataRequestServiceServicer):
    """Data requests: proposed by footprints, sent by lead firms, seen by suppliers."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def ProposeDataRequests(
        self, request: pb.ProposeDataRequestsRequest, context: Any
    ) -> pb.ProposeDataRequestsResponse:
        parts = [read.part(part) for part in request.parts]
        requests = await run_blocking(
            propose_data_requests, self._context, current_principal(), parts
        )
        return pb.ProposeDataRequestsResponse(
            data_requests=[write.data_request(each) for each in requests]
        )

    async def SendDataRequest(
        self, request: pb.SendDataRequestRequest, context: Any
    ) -> pb.SendDataRequestResponse:
        sent = await run_blocking(
            send_data_request,
            self._context,
            current_principal(),
            request.data_request_id,
            request.supplier_tenant_id,
            read.stated_period(request.reference_period),
        )
        return pb.SendDataRequestResponse(data_request=write.data_request(sent))

    async def ListDataRequests(
        self, request: pb.ListDataRequestsRequest, context: Any
    ) -> pb.ListDataRequestsResponse:
        requests, token = await run_blocking(
            list_data_requests,
            self._context,
            current_principal(),
            request.page_size,
            request.page_token,
        )
        return pb.ListDataRequestsResponse(
            data_requests=[write.data_request(each) for each in requests], next_page_token=token
        )

    async def ListReceivedDataRequests(
        self, request: pb.ListReceivedDataRequestsRequest, context: Any
    ) -> pb.ListReceivedDataRequestsResponse:
        requests, token = await run_blocking(
            list_received_data_requests,
            self._context,
            current_principal(),
            request.page_size,
            request.page_token,
        )
        return pb.ListReceivedDataRequestsResponse(
            data_requests=[write.received_request(each) for each in requests],
            next_page_token=token,
        )


class Declarations(stubs.DeclarationServiceServicer):
    """Declarations: opened, filled and submitted by suppliers; decided on by lead firms."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def OpenDeclaration(
        self, request: pb.OpenDeclarationRequest, context: Any
    ) -> pb.OpenDeclarationResponse:
        opened = await run_blocking(
            open_declaration,
            self._context,
            current_principal(),
            request.data_request_id,
            Plant(request.plant_name, request.plant_region),
            read.stated_period(request.reference_period),
        )
        return pb.OpenDeclarationResponse(declaration=write.declaration(*opened))

    async def StreamActivityRecords(
        self,
        request_iterator: AsyncIterator[pb.StreamActivityRecordsRequest],
        context: Any,
    ) -> AsyncIterator[pb.StreamActivityRecordsResponse]:
        principal = current_principal()
        async for answer in serve_record_stream(self._context, principal, request_iterator):
            yield answer

    async def SubmitDeclaration(
        self, request: pb.SubmitDeclarationRequest, context: Any
    ) -> pb.SubmitDeclarationResponse:
        submitted = await run_blocking(
            submit_declaration,
            self._context,
            current_principal(),
            request.declaration_id,
            request.version,
        )
        return pb.SubmitDeclarationResponse(declaration=write.declaration(*submitted))

    async def DiscardDraft(
        self, request: pb.DiscardDraftRequest, context: Any
    ) -> pb.DiscardDraftResponse:
        await run_blocking(
            discard_draft,
            self._context,
            current_principal(),
            request.declaration_id,
            request.version,
        )
        return pb.DiscardDraftResponse()

    async def GetDeclaration(
        self, request: pb.GetDeclarationRequest, context: Any
    ) -> pb.GetDeclarationResponse:
        found = await run_blocking(
            get_declaration,
            self._context,
            current_principal(),
            request.declaration_id,
            request.version,
        )
        return pb.GetDeclarationResponse(declaration=write.declaration(*found))

    async def ListGrantedDeclarations(
        self, request: pb.ListGrantedDeclarationsRequest, context: Any
    ) -> pb.ListGrantedDeclarationsResponse:
        views = await run_blocking(
            list_granted_declarations,
            self._context,
            current_principal(),
            list(request.data_request_ids),
            read.state_filter(request.state),
        )
        return pb.ListGrantedDeclarationsResponse(
            declarations=[write.granted_declaration(view) for view in views]
        )

    async def AcceptDeclaration(
        self, request: pb.AcceptDeclarationRequest, context: Any
    ) -> pb.AcceptDeclarationResponse:
        view = await run_blocking(
            accept_declaration,
            self._context,
            current_principal(),
            read.version_reference(request.declaration),
        )
        return pb.AcceptDeclarationResponse(declaration=write.granted_declaration(view))

    async def ReturnDeclaration(
        self, request: pb.ReturnDeclarationRequest, context: Any
    ) -> pb.ReturnDeclarationResponse:
        view = await run_blocking(
            return_declaration,
            self._context,
            current_principal(),
            read.version_reference(request.declaration),
            request.reason,
        )
        return pb.ReturnDeclarationResponse(declaration=write.granted_declaration(view))


class Calculations(stubs.CalculationServiceServicer):
    """What the footprint service pulls under the supplier's own tenant, puts back or refuses."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def GetActivityData(
        self, request: pb.GetActivityDataRequest, context: Any
    ) -> AsyncIterator[pb.GetActivityDataResponse]:
        declaration, version, records = await run_blocking(
            get_activity_data,
            self._context,
            current_principal(),
            read.version_reference(request.declaration),
        )
        yield pb.GetActivityDataResponse(declaration=write.declaration(declaration, version))
        for sequence, start in enumerate(range(0, len(records), RECORDS_PER_MESSAGE), start=1):
            batch = write.record_batch(sequence, records[start : start + RECORDS_PER_MESSAGE])
            yield pb.GetActivityDataResponse(batch=batch)

    async def PutCalculatedFootprint(
        self, request: pb.PutCalculatedFootprintRequest, context: Any
    ) -> pb.PutCalculatedFootprintResponse:
        held = await run_blocking(
            put_calculated_footprint,
            self._context,
            current_principal(),
            read.version_reference(request.declaration),
            read.calculated_footprint(request.calculated_footprint),
        )
        return pb.PutCalculatedFootprintResponse(declaration=write.declaration(*held))

    async def RefuseCalculation(
        self, request: pb.RefuseCalculationRequest, context: Any
    ) -> pb.RefuseCalculationResponse:
        held = await run_blocking(
            refuse_calculation,
            self._context,
            current_principal(),
            read.version_reference(request.declaration),
            read.reasons(request.violations),
        )
        return pb.RefuseCalculationResponse(declaration=write.declaration(*held))


class Grants(stubs.GrantServiceServicer):
    """What a supplier shares, with whom, what for and until when."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def ListGrants(
        self, request: pb.ListGrantsRequest, context: Any
    ) -> pb.ListGrantsResponse:
        grants = await run_blocking(
            list_grants, self._context, current_principal(), request.declaration_id
        )
        return pb.ListGrantsResponse(grants=[write.grant(grant) for grant in grants])

    async def RevokeGrant(
        self, request: pb.RevokeGrantRequest, context: Any
    ) -> pb.RevokeGrantResponse:
        grant = await run_blocking(
            revoke_grant, self._context, current_principal(), request.grant_id
        )
        return pb.RevokeGrantResponse(grant=write.grant(grant))


def register(context: Context, server: grpc.aio.Server) -> None:
    """Add the four services to a server."""
    stubs.add_DataRequestServiceServicer_to_server(DataRequests(context), server)
    stubs.add_DeclarationServiceServicer_to_server(Declarations(context), server)
    stubs.add_CalculationServiceServicer_to_server(Calculations(context), server)
    stubs.add_GrantServiceServicer_to_server(Grants(context), server)
