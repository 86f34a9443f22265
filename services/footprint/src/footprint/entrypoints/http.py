"""The HTTP operations of the footprint service."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Response

from chassis.clock import Clock
from chassis.identity import Principal
from chassis.web import Caller, Route
from footprint.adapters.supplier_service import SupplierService
from footprint.application.backgrounds import bought_activities
from footprint.application.calculate_footprint import calculate_footprint
from footprint.application.explain_footprint import explain_footprint
from footprint.application.freeze_footprint import freeze_footprint
from footprint.application.import_product_model import get_product_model, import_product_model
from footprint.application.ports import Methodology, UnitOfWorkFor
from footprint.application.product_inventory_model import product_inventory_model
from footprint.application.propose_data_requests import propose_data_requests
from footprint.application.read_footprints import get_footprint, list_footprints
from footprint.domain.product_footprint import ProductFootprint
from footprint.entrypoints import http_examples
from footprint.entrypoints.http_answers import (
    data_request_out,
    footprint_out,
    product_model_out,
    summary_out,
)
from footprint.entrypoints.http_explanations import ExplanationOut, explanation_out
from footprint.entrypoints.http_models import (
    CalculationIn,
    DataRequestsOut,
    FootprintOut,
    FootprintPageOut,
    ProductModelIn,
    ProductModelOut,
    ProposalIn,
)

PAGE_SIZE, MAX_PAGE_SIZE = 50, 200


@dataclass(frozen=True, slots=True)
class Wiring:
    """What the operations are wired to."""

    methodology: Methodology
    open_uow: UnitOfWorkFor
    supplier_service: SupplierService
    clock: Clock


def footprint_router(wiring: Wiring) -> APIRouter:
    """Return the operations under ``/v1``."""
    router = APIRouter(route_class=Route, prefix="/v1")
    _add_product_models(router, wiring)
    _add_footprints(router, wiring)
    return router


def _add_product_models(router: APIRouter, wiring: Wiring) -> None:
    @router.post("/product-models", status_code=201, tags=["product models"])
    def post_product_model(
        body: Annotated[ProductModelIn, Body(openapi_examples=http_examples.PRODUCT_MODEL)],
        caller: Caller,
        response: Response,
    ) -> ProductModelOut:
        """Import a product model. Role: exporter.

        The same content again answers 200 with the version that is there; another content of the
        same product is its next version. Every bad row is reported, and nothing is stored.
        """
        stored, created = import_product_model(
            body.document(),
            caller=caller,
            dataset=wiring.methodology.dataset,
            open_uow=wiring.open_uow,
            clock=wiring.clock,
            backgrounds=wiring.methodology.backgrounds,
        )
        response.status_code = 201 if created else 200
        return product_model_out(stored, created=created)

    @router.get("/product-models/{product_model_id}", tags=["product models"])
    def read_product_model(product_model_id: str, caller: Caller) -> ProductModelOut:
        """Read an imported version of a product model. Roles: exporter, lead firm."""
        stored = get_product_model(product_model_id, caller=caller, open_uow=wiring.open_uow)
        return product_model_out(stored)

    @router.get("/product-models/{product_model_id}/inventory-model", tags=["product models"])
    def read_inventory_model(product_model_id: str, caller: Caller) -> dict[str, Any]:
        """Read a product linked to the dataset, as `POST /analyses` takes it. Role: exporter.

        It is a document `greenchain-inventory/1` with the product's parameters, choices and
        uncertainty; each option that is not taken is a scenario.
        """
        return product_inventory_model(
            product_model_id,
            caller=caller,
            methodology=wiring.methodology,
            open_uow=wiring.open_uow,
        )

    @router.post(
        "/product-models/{product_model_id}/footprints", status_code=201, tags=["footprints"]
    )
    def post_footprint(
        product_model_id: str,
        body: Annotated[CalculationIn, Body(openapi_examples=http_examples.CALCULATION)],
        caller: Caller,
    ) -> FootprintOut:
        """Calculate a footprint by both engines. Role: exporter."""
        suppliers = wiring.supplier_service.for_caller() if body.use_supplier_data else None
        footprint = calculate_footprint(
            product_model_id,
            body.method_id,
            supplier_data=suppliers,
            caller=caller,
            methodology=wiring.methodology,
            open_uow=wiring.open_uow,
            clock=wiring.clock,
        )
        return _shown(footprint, caller, wiring)

    @router.post("/product-models/{product_model_id}/data-requests", tags=["data requests"])
    def post_data_requests(
        product_model_id: str,
        body: Annotated[ProposalIn, Body(openapi_examples=http_examples.PROPOSAL)],
        caller: Caller,
    ) -> DataRequestsOut:
        """Propose data requests for the bought parts that weigh in a footprint. Role: exporter."""
        requests = propose_data_requests(
            product_model_id,
            body.footprint_id,
            supplier_data=wiring.supplier_service.for_caller(),
            caller=caller,
            dataset=wiring.methodology.dataset,
            rules=wiring.methodology.rules,
            open_uow=wiring.open_uow,
        )
        return DataRequestsOut(data_requests=[data_request_out(each) for each in requests])


def _add_footprints(router: APIRouter, wiring: Wiring) -> None:
    @router.get("/footprints", tags=["footprints"])
    def read_footprints(
        caller: Caller,
        after: Annotated[str, Query(max_length=100)] = "",
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)] = PAGE_SIZE,
    ) -> FootprintPageOut:
        """List the caller's footprints, newest first. Roles: exporter, lead firm."""
        # One more than asked for tells whether there is a next page.
        found = list_footprints(
            after=after, limit=limit + 1, caller=caller, open_uow=wiring.open_uow
        )
        shown = found[:limit]
        return FootprintPageOut(
            footprints=[summary_out(summary) for summary in shown],
            next=shown[-1].id if len(found) > limit else None,
        )

    @router.get("/footprints/{footprint_id}", tags=["footprints"])
    def read_footprint(footprint_id: str, caller: Caller) -> FootprintOut:
        """Read a footprint with all that it rests on. Roles: exporter, lead firm."""
        footprint = get_footprint(footprint_id, caller=caller, open_uow=wiring.open_uow)
        return _shown(footprint, caller, wiring)

    @router.get("/footprints/{footprint_id}/explanation", tags=["footprints"])
    def read_explanation(
        footprint_id: str,
        caller: Caller,
        least_percent: Annotated[
            float,
            Query(
                ge=0,
                le=100,
                description="Leave out processes and exchanges with a smaller share of the "
                "headline [%]; all are some 600 kB for a battery pack.",
            ),
        ] = 0.0,
    ) -> ExplanationOut:
        """Explain a footprint down to every row that it rests on. Roles: exporter, lead firm.

        Its inputs are linked and solved again. Refused where the dataset that it pins is not at
        hand, and where they give another number.
        """
        found = explain_footprint(
            footprint_id,
            caller=caller,
            methodology=wiring.methodology,
            open_uow=wiring.open_uow,
        )
        return explanation_out(found, least_percent)

    @router.post("/footprints/{footprint_id}/freeze", tags=["footprints"])
    def post_freeze(footprint_id: str, caller: Caller) -> FootprintOut:
        """Freeze a footprint: it never changes again. Freezing twice is harmless. Role: exporter.

        Both engines must agree and no cited declaration may have been corrected since.
        """
        footprint = freeze_footprint(
            footprint_id,
            caller=caller,
            rules=wiring.methodology.rules,
            open_uow=wiring.open_uow,
            clock=wiring.clock,
        )
        return _shown(footprint, caller, wiring)


def _shown(footprint: ProductFootprint, caller: Principal, wiring: Wiring) -> FootprintOut:
    methodology = wiring.methodology
    bought = bought_activities(footprint.content, methodology.backgrounds, caller.tenant_id)
    return footprint_out(footprint, methodology.dataset, bought)
