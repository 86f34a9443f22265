"""Real servers around the footprint service: token issuer, and a supplier service over gRPC."""

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from fastapi import FastAPI
from services.footprint.tests.fakes import METHOD, OWNER, SUPPLIER, sha

from chassis.caller import current_principal
from chassis.errors import GreenchainError, NotFound
from chassis.http_server import HttpServer, bind
from chassis.identity import Principal, Role
from chassis.issuer import Client, hash_secret, token_router
from chassis.rpc import RpcServer
from chassis.tokens import StaticKeys, TokenIssuer, TokenVerifier, new_signing_key
from footprint.data.shipped import load_dataset, load_example
from footprint.domain.declaration import DatasetReference
from greenchain.common.v1 import common_pb2
from greenchain.supplier.v1 import declaration_pb2, supplier_pb2, supplier_pb2_grpc

SECRET = "a long random string"
_KINDS = {
    "electricity": declaration_pb2.ACTIVITY_KIND_ELECTRICITY,
    "fuel": declaration_pb2.ACTIVITY_KIND_FUEL,
    "material": declaration_pb2.ACTIVITY_KIND_MATERIAL,
    "direct_emission": declaration_pb2.ACTIVITY_KIND_DIRECT_EMISSION,
    "output": declaration_pb2.ACTIVITY_KIND_OUTPUT,
}
YEAR = common_pb2.Period(start="2025-01-01", end="2025-12-31")


def record(row: dict[str, str]) -> declaration_pb2.ActivityRecord:
    """Give a row of a shipped supplier file as a message."""
    return declaration_pb2.ActivityRecord(
        record_id=row["record_id"],
        period=common_pb2.Period(start=row["period_start"], end=row["period_end"]),
        kind=_KINDS[row["kind"]],
        item_id=row["item_id"],
        quantity=common_pb2.Quantity(amount=float(row["amount"]), unit=row["unit"]),
        evidence=row["evidence"],
    )


def reference(version: int) -> common_pb2.VersionReference:
    """Name a version of the declaration that the supplier service holds."""
    return common_pb2.VersionReference(
        id="declaration-1", version=version, sha256=sha(str(version))
    )


def accepted(version: int = 1, kg_co2e: float = 10.0) -> declaration_pb2.GrantedDeclaration:
    """Give an accepted declaration of cathode, all fields granted."""
    dataset = DatasetReference.of(load_dataset())
    return declaration_pb2.GrantedDeclaration(
        declaration=reference(version),
        state=declaration_pb2.DECLARATION_STATE_ACCEPTED,
        data_request_id="request-1",
        supplier_tenant_id=SUPPLIER,
        activity_id="lfp_cathode",
        plant_region="CN-SC",
        reference_period=YEAR,
        calculated_footprint=declaration_pb2.CalculatedFootprint(
            footprint_id=f"supplier-footprint-{version}",
            kg_co2e_per_unit=kg_co2e,
            unit="kg",
            primary_data_share_percent=1.0,
            primary_activity_share_percent=40.0,
            method_id=METHOD,
            dataset=declaration_pb2.DatasetReference(
                id=dataset.id, version=dataset.version, sha256=dataset.sha256
            ),
            sha256=sha("f"),
        ),
        grant_id="grant-1",
    )


@dataclass
class SupplierServer(
    supplier_pb2_grpc.DataRequestServiceServicer,
    supplier_pb2_grpc.DeclarationServiceServicer,
    supplier_pb2_grpc.CalculationServiceServicer,
):
    """Answers as the supplier service would; remembers who asked for what."""

    granted: list[declaration_pb2.GrantedDeclaration] = field(default_factory=list)
    records: list[declaration_pb2.ActivityRecord] = field(
        default_factory=lambda: [
            record(row) for row in load_example().supplier_records["cathode_maker"]
        ]
    )
    refusal: GreenchainError | None = None
    callers: list[tuple[str, Principal]] = field(default_factory=list)
    proposed: list[supplier_pb2.ProposedPart] = field(default_factory=list)
    put: list[declaration_pb2.CalculatedFootprint] = field(default_factory=list)
    refused: list[supplier_pb2.RefuseCalculationRequest] = field(default_factory=list)
    refusal_of_refusals: list[GreenchainError] = field(default_factory=list)

    def register(self, server: grpc.aio.Server) -> None:
        """Add the three services."""
        supplier_pb2_grpc.add_DataRequestServiceServicer_to_server(self, server)
        supplier_pb2_grpc.add_DeclarationServiceServicer_to_server(self, server)
        supplier_pb2_grpc.add_CalculationServiceServicer_to_server(self, server)

    def _called(self, what: str) -> None:
        self.callers.append((what, current_principal()))
        if self.refusal is not None:
            raise self.refusal

    async def ProposeDataRequests(
        self, request: supplier_pb2.ProposeDataRequestsRequest, context: Any
    ) -> supplier_pb2.ProposeDataRequestsResponse:
        self._called("propose")
        self.proposed.extend(request.parts)
        return supplier_pb2.ProposeDataRequestsResponse(
            data_requests=[
                declaration_pb2.DataRequest(
                    id=f"request-{part.activity_id}",
                    state=declaration_pb2.DATA_REQUEST_STATE_PROPOSED,
                    lead_firm_tenant_id=OWNER,
                    activity_id=part.activity_id,
                    unit=part.unit,
                    share_of_footprint_percent=part.share_of_footprint_percent,
                )
                for part in request.parts
            ]
        )

    async def ListGrantedDeclarations(
        self, request: supplier_pb2.ListGrantedDeclarationsRequest, context: Any
    ) -> supplier_pb2.ListGrantedDeclarationsResponse:
        self._called("granted")
        assert request.state == declaration_pb2.DECLARATION_STATE_ACCEPTED
        return supplier_pb2.ListGrantedDeclarationsResponse(declarations=self.granted)

    async def GetActivityData(
        self, request: supplier_pb2.GetActivityDataRequest, context: Any
    ) -> AsyncIterator[supplier_pb2.GetActivityDataResponse]:
        self._called("activity data")
        if request.declaration.id != "declaration-1":
            raise NotFound("declaration", request.declaration.id)
        yield supplier_pb2.GetActivityDataResponse(
            declaration=declaration_pb2.Declaration(
                id="declaration-1",
                version=request.declaration.version,
                sha256=sha(str(request.declaration.version)),
                state=declaration_pb2.DECLARATION_STATE_SUBMITTED,
                activity_id="lfp_cathode",
                plant_region="CN-SC",
                reference_period=YEAR,
            )
        )
        for sequence, start in enumerate(range(0, len(self.records), 50), start=1):
            yield supplier_pb2.GetActivityDataResponse(
                batch=supplier_pb2.RecordBatch(
                    sequence=sequence, records=self.records[start : start + 50]
                )
            )

    async def PutCalculatedFootprint(
        self, request: supplier_pb2.PutCalculatedFootprintRequest, context: Any
    ) -> supplier_pb2.PutCalculatedFootprintResponse:
        self._called("put")
        self.put.append(request.calculated_footprint)
        return supplier_pb2.PutCalculatedFootprintResponse()

    async def RefuseCalculation(
        self, request: supplier_pb2.RefuseCalculationRequest, context: Any
    ) -> supplier_pb2.RefuseCalculationResponse:
        self._called("refuse")
        self.refused.append(request)
        if self.refusal_of_refusals:
            raise self.refusal_of_refusals.pop()
        return supplier_pb2.RefuseCalculationResponse()


@dataclass(frozen=True, slots=True)
class Identity:
    """The embedded issuer, served."""

    issuer: TokenIssuer
    verifier: TokenVerifier
    token_url: str
    jwks_url: str

    def token(self, *roles: Role, tenant_id: str = OWNER) -> str:
        """Give a token."""
        return self.issuer.issue("someone", tenant_id, roles)

    def bearer(self, *roles: Role, tenant_id: str = OWNER) -> dict[str, str]:
        """Give the header that carries a token."""
        return {"Authorization": f"Bearer {self.token(*roles, tenant_id=tenant_id)}"}


@contextmanager
def serve_identity() -> Iterator[Identity]:
    """Serve the token issuer, with a client of the footprint service."""
    listener = bind("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    issuer = TokenIssuer(url, new_signing_key())
    client = Client(
        client_id="footprint",
        secret_hash=hash_secret(SECRET),
        tenant_id="platform",
        roles=frozenset({Role.FOOTPRINT_SERVICE}),
        may_act_for_tenants=True,
    )
    app = FastAPI()
    app.include_router(token_router(issuer, [client]))
    server = HttpServer(app, listener)
    server.start()
    try:
        yield Identity(
            issuer,
            TokenVerifier(StaticKeys(issuer.jwks()), issuer.issuer),
            f"{url}/oauth/token",
            f"{url}/.well-known/jwks.json",
        )
    finally:
        server.stop()


@contextmanager
def serve_supplier(supplier: SupplierServer, verifier: TokenVerifier) -> Iterator[str]:
    """Serve the supplier service on a real socket; gives its address."""
    server = RpcServer(verifier, [supplier.register])
    server.start()
    try:
        yield server.target
    finally:
        server.stop()
