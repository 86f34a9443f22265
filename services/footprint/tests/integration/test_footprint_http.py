import copy
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from jsonschema import Draft202012Validator
from services.footprint.tests.fakes import METHOD, OWNER
from services.footprint.tests.methodology import header, line
from services.footprint.tests.world import Identity, SupplierServer, accepted

from chassis.errors import Forbidden, Unavailable
from chassis.identity import Role
from footprint.adapters.brightway import BrightwayEngine
from footprint.bootstrap import run_analysis
from footprint.data.shipped import load_example
from footprint.domain.dataset import Dataset
from footprint.domain.linking import link_product
from footprint.domain.product import ProductModel

UNKNOWN = "00000000-0000-4000-8000-000000000000"


class Exporter:
    """Calls the service as an exporter of the pack maker, unless told otherwise."""

    def __init__(self, client: TestClient, identity: Identity) -> None:
        self.client, self.identity = client, identity

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        tenant_id: str = OWNER,
        role: Role = Role.EXPORTER,
        language: str = "en",
    ) -> Response:
        headers = self.identity.bearer(role, tenant_id=tenant_id)
        headers["Accept-Language"] = language
        return self.client.request(method, f"/v1{path}", json=body, headers=headers)

    def import_example(self) -> str:
        example = load_example()
        body = {"header": example.header, "lines": example.lines, "sites": example.sites}
        answer = self.call("POST", "/product-models", body)
        assert answer.status_code in (200, 201), answer.text
        return str(answer.json()["id"])

    def import_lines(self, *lines: dict[str, Any], **changes: Any) -> Response:
        body = {"header": header(**changes), "lines": list(lines), "sites": []}
        return self.call("POST", "/product-models", body)

    def calculate(self, product_model_id: str, *, suppliers: bool = False) -> Response:
        body = {"method_id": METHOD, "use_supplier_data": suppliers}
        return self.call("POST", f"/product-models/{product_model_id}/footprints", body)


@pytest.fixture
def exporter(client: TestClient, identity: Identity) -> Exporter:
    return Exporter(client, identity)


def problem(answer: Response, status: int) -> dict[str, Any]:
    """Return the body of an answer that must be a problem."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    return body


def places(answer: Response) -> set[tuple[str, int | None, str | None, str]]:
    """Return what was refused: code, row, line and field."""
    return {
        (item["code"].rpartition(".")[2], item["row"], item["id"], item["field"])
        for item in problem(answer, 422)["violations"]
    }


class TestTheMainJob:
    def test_import_calculate_freeze_read(
        self, exporter: Exporter, pack: ProductModel, dataset: Dataset
    ) -> None:
        calculated = exporter.calculate(exporter.import_example()).json()
        assert calculated["state"] == "calculated"
        by_bw2calc = BrightwayEngine().score(link_product(pack, dataset, METHOD))
        assert calculated["kg_co2e"] == pytest.approx(by_bw2calc.total, rel=1e-9)
        frozen = exporter.call("POST", f"/footprints/{calculated['id']}/freeze").json()
        assert frozen["state"] == "frozen"
        assert len(frozen["sha256"]) == 64
        assert exporter.call("GET", f"/footprints/{calculated['id']}").json() == frozen

    def test_the_stages_sum_to_the_headline(self, exporter: Exporter) -> None:
        footprint = exporter.calculate(exporter.import_example()).json()
        assert sum(footprint["stages"].values()) == pytest.approx(footprint["kg_co2e"])
        assert set(footprint["beyond_boundary"]) == {"distribution", "end_of_life"}
        assert sum(site["kg_co2e"] for site in footprint["sites"]) == pytest.approx(
            footprint["kg_co2e"]
        )

    def test_suppliers_data_are_read_in_the_callers_name(
        self, exporter: Exporter, supplier: SupplierServer
    ) -> None:
        supplier.granted = [accepted()]
        footprint = exporter.calculate(exporter.import_example(), suppliers=True).json()
        ((_, caller),) = supplier.callers
        assert (caller.tenant_id, caller.roles) == (OWNER, frozenset({Role.EXPORTER}))
        (declaration,) = footprint["declarations"]
        assert (declaration["id"], declaration["kg_co2e_per_unit"]) == ("declaration-1", 10.0)

    def test_parts_are_proposed_with_their_share(
        self, exporter: Exporter, supplier: SupplierServer
    ) -> None:
        product_model_id = exporter.import_example()
        footprint = exporter.calculate(product_model_id).json()
        answer = exporter.call(
            "POST",
            f"/product-models/{product_model_id}/data-requests",
            {"footprint_id": footprint["id"]},
        )
        requests = answer.json()["data_requests"]
        assert requests[0]["activity_id"] == "lfp_cathode"
        assert requests[0]["state"] == "proposed"
        assert [part.activity_id for part in supplier.proposed] == [
            request["activity_id"] for request in requests
        ]

    def test_the_list_has_pages(self, exporter: Exporter) -> None:
        product_model_id = exporter.import_example()
        made = {exporter.calculate(product_model_id).json()["id"] for _ in range(3)}
        first = exporter.call("GET", "/footprints?limit=2").json()
        second = exporter.call("GET", f"/footprints?limit=2&after={first['next']}").json()
        assert {item["id"] for item in first["footprints"] + second["footprints"]} == made
        assert second["next"] is None

    def test_a_lead_firm_reads_and_does_not_write(self, exporter: Exporter) -> None:
        product_model_id = exporter.import_example()
        path = f"/product-models/{product_model_id}"
        assert exporter.call("GET", path, role=Role.LEAD_FIRM).status_code == 200
        body = {"method_id": METHOD}
        refused = exporter.call("POST", f"{path}/footprints", body, role=Role.LEAD_FIRM)
        assert problem(refused, 403)["code"] == Forbidden.code

    def test_a_product_as_an_inventory_model_has_its_score(self, exporter: Exporter) -> None:
        product_model_id = exporter.import_example()
        footprint = exporter.calculate(product_model_id).json()
        answer = exporter.call("GET", f"/product-models/{product_model_id}/inventory-model")
        found = run_analysis("calculate", answer.json(), {"methods": [METHOD]})
        assert found["results"][0]["score"] == pytest.approx(footprint["kg_co2e"], rel=1e-9)


class TestBadInput:
    @pytest.mark.parametrize(
        ("bad", "place"),
        [
            (line("x", "lfp_cathode", unit="furlong"), ("unknown_unit", 2, "x", "unit")),
            (line("x", "lfp_cathode", unit="kWh"), ("wrong_dimension", 2, "x", "unit")),
            (line("x", "no_such_input"), ("unlinked", 2, "x", "input_id")),
            (line("x", "lfp_cathode", -1.0), ("negative_amount", 2, "x", "amount")),
            (line("x", "lfp_cathode", "nan"), ("non_finite_amount", 2, "x", "amount")),
            (line("x", "lfp_cathode", "1e999"), ("non_finite_amount", 2, "x", "amount")),
            (line("x", "lfp_cathode", "a lot"), ("not_a_number", 2, "x", "amount")),
            (line("x", "lfp_cathode", {"kg": 1}), ("not_a_number", 2, "x", "amount")),
            (line("p.1", "lfp_cathode"), ("duplicate", 2, "p.1", "line_id")),
            (line("x", "small_pack"), ("self_loop", 2, "x", "input_id")),
            (line("x", "lfp_cathode", price=3), ("unknown_field", 2, "x", "price")),
        ],
    )
    def test_a_bad_row_is_named_beside_the_others(
        self, exporter: Exporter, bad: dict[str, Any], place: tuple[object, ...]
    ) -> None:
        answer = exporter.import_lines(
            line("p.1", "copper_foil"), bad, line("p.3", "copper_foil", -2.0)
        )
        assert {place, ("negative_amount", 3, "p.3", "amount")} <= places(answer)

    def test_a_self_loop_is_named(self, exporter: Exporter) -> None:
        part = {"id": "part", "name": {"en": "part", "zh": "部件"}, "unit": "kg", "region": "CN"}
        answer = exporter.import_lines(
            line("p.1", "part"),
            line("p.2", "part", stage="", consumer_id="part"),
            intermediates=[part],
        )
        assert places(answer) == {("self_loop", 2, "p.2", "input_id")}

    def test_a_zero_reference_flow_is_named(self, exporter: Exporter) -> None:
        answer = exporter.import_lines(
            line("p.1", "copper_foil"), declared_unit={"amount": 0, "unit": "kwh_capacity"}
        )
        assert {place[0] for place in places(answer)} == {"bad_reference_flow"}

    def test_a_cycle_without_solution_names_its_activities(self, exporter: Exporter) -> None:
        part = {"name": {"en": "part", "zh": "部件"}, "unit": "kg", "region": "CN"}
        imported = exporter.import_lines(
            line("p.1", "part_a"),
            line("a.1", "part_b", 2.0, stage="", consumer_id="part_a"),
            line("b.1", "part_a", 0.5, stage="", consumer_id="part_b"),
            intermediates=[{"id": "part_a", **part}, {"id": "part_b", **part}],
        ).json()
        refused = problem(exporter.calculate(imported["id"]), 422)
        assert refused["code"].startswith("footprint.system.")
        assert len(refused["attributes"]["activities"]) == 2
        assert exporter.call("GET", "/footprints").json()["footprints"] == []

    def test_an_unknown_method_is_named(self, exporter: Exporter) -> None:
        path = f"/product-models/{exporter.import_example()}/footprints"
        refused = problem(exporter.call("POST", path, {"method_id": "mine"}), 422)
        assert refused["code"] == "footprint.method.unknown"

    def test_nothing_is_stored_of_a_refused_product(self, exporter: Exporter) -> None:
        exporter.import_lines(line("p.1", "lfp_cathode"), line("p.2", "lfp_cathode", -1.0))
        mended = exporter.import_lines(line("p.1", "lfp_cathode"), line("p.2", "lfp_cathode", 1.0))
        assert mended.json()["version"] == 1

    def test_a_duplicate_submission_gives_the_same_version(self, exporter: Exporter) -> None:
        first = exporter.import_lines(line("p.1", "lfp_cathode"))
        second = exporter.import_lines(line("p.1", "lfp_cathode"))
        assert (first.status_code, second.status_code) == (201, 200)
        assert first.json()["id"] == second.json()["id"]
        assert (first.json()["created"], second.json()["created"]) == (True, False)

    def test_a_changed_product_is_the_next_version(self, exporter: Exporter) -> None:
        exporter.import_lines(line("p.1", "lfp_cathode"))
        changed = exporter.import_lines(line("p.1", "lfp_cathode", 3.0)).json()
        assert changed["version"] == 2

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            ('{"method_id": "a", "method_id": "b"}', 400),
            ('{"method_id": NaN}', 400),
            ('{"method_id": "a", "owner": "me"}', 422),
            ('{"method_id": 1}', 422),
            ("{", 400),
        ],
    )
    def test_the_body_is_read_strictly(
        self, exporter: Exporter, identity: Identity, body: str, status: int
    ) -> None:
        answer = exporter.client.post(
            f"/v1/product-models/{exporter.import_example()}/footprints",
            content=body,
            headers={**identity.bearer(Role.EXPORTER), "Content-Type": "application/json"},
        )
        problem(answer, status)

    def test_the_problem_speaks_chinese(self, exporter: Exporter) -> None:
        body = {
            "header": header(),
            "lines": [line("p.1", "lfp_cathode", -1.0)],
            "sites": [],
        }
        answer = exporter.call("POST", "/product-models", body, language="zh-CN")
        (violation,) = problem(answer, 422)["violations"]
        place, _, told = violation["message"].partition("：")
        assert place == "lines 第 1 行（p.1），字段 amount"
        assert told == "-1.0 为负数。请填写大于或等于零的数。"


class TestSupplierService:
    def test_a_supplier_that_is_down_is_said_so(
        self, exporter: Exporter, supplier: SupplierServer
    ) -> None:
        supplier.refusal = Unavailable("database")
        answer = exporter.calculate(exporter.import_example(), suppliers=True)
        problem(answer, 503)

    def test_a_number_of_another_method_is_refused(
        self, exporter: Exporter, supplier: SupplierServer
    ) -> None:
        declared = accepted()
        declared.calculated_footprint.method_id = "ipcc_ar6_gwp100_v1"
        supplier.granted = [declared]
        answer = exporter.calculate(exporter.import_example(), suppliers=True)
        assert problem(answer, 409)["code"] == "footprint.declaration.method_differs"

    @pytest.mark.parametrize("hidden", ["declaration", "reference_period", "plant_region"])
    def test_a_grant_that_hides_what_is_needed_is_refused(
        self, exporter: Exporter, supplier: SupplierServer, hidden: str
    ) -> None:
        declared = accepted()
        declared.ClearField(hidden)  # type: ignore[arg-type]
        supplier.granted = [declared]
        answer = exporter.calculate(exporter.import_example(), suppliers=True)
        refused = problem(answer, 409)
        assert refused["code"] == "footprint.declaration.incomplete_grant"
        assert refused["attributes"]["fields"] == [hidden]

    def test_a_grant_of_something_not_bought_hides_what_it_likes(
        self, exporter: Exporter, supplier: SupplierServer
    ) -> None:
        other = accepted()
        other.activity_id = "yellow_phosphorus"
        other.ClearField("plant_region")
        supplier.granted = [accepted(), other]
        answer = exporter.calculate(exporter.import_example(), suppliers=True)
        assert answer.status_code == 201, answer.text


class TestIsolation:
    """Another tenant's id looks like an unknown one, in every operation that takes an id."""

    OPERATIONS = (
        ("GET", "/product-models/{product_model}", None),
        ("GET", "/product-models/{product_model}/inventory-model", None),
        ("POST", "/product-models/{product_model}/footprints", {"method_id": METHOD}),
        (
            "POST",
            "/product-models/{product_model}/data-requests",
            {"footprint_id": "{footprint}"},
        ),
        ("GET", "/footprints/{footprint}", None),
        ("GET", "/footprints/{footprint}/explanation", None),
        ("POST", "/footprints/{footprint}/freeze", None),
        ("GET", "/footprints?after={footprint}", None),
    )

    def test_every_operation_with_an_id_is_listed(self, client: TestClient) -> None:
        paths = client.get("/openapi.json").json()["paths"]
        taking = {
            (method.upper(), path)
            for path, operations in paths.items()
            for method in operations
            # Those are in test_analyses_http.py and test_backgrounds_http.py.
            if "{" in path and not path.startswith(("/v1/analyses", "/v1/backgrounds"))
        }
        listed = {
            (
                method,
                "/v1"
                + path.partition("?")[0]
                .replace("model}", "model_id}")
                .replace("{footprint}", "{footprint_id}"),
            )
            for method, path, _ in self.OPERATIONS
            if "?" not in path
        }
        assert listed == taking

    @pytest.mark.parametrize(("method", "path", "body"), OPERATIONS)
    def test_a_foreign_id_looks_unknown(
        self, exporter: Exporter, method: str, path: str, body: dict[str, str] | None
    ) -> None:
        product_model_id = exporter.import_example()
        footprint_id = exporter.calculate(product_model_id).json()["id"]

        def answer(product_model: str, footprint: str) -> dict[str, Any]:
            ids = {"product_model": product_model, "footprint": footprint}
            sent = {name: value.format(**ids) for name, value in (body or {}).items()}
            refused = exporter.call(method, path.format(**ids), sent or None, tenant_id="other")
            said = problem(refused, 404)
            text = copy.deepcopy(said)
            text.pop("request_id")
            return {
                name: str(value).replace(product_model, "ID").replace(footprint, "ID")
                for name, value in text.items()
            }

        unknown = "11111111-0000-4000-8000-000000000000"
        assert answer(product_model_id, footprint_id) == answer(UNKNOWN, unknown)

    def test_another_tenants_footprints_are_not_listed(self, exporter: Exporter) -> None:
        exporter.calculate(exporter.import_example())
        assert exporter.call("GET", "/footprints", tenant_id="other").json()["footprints"] == []

    def test_without_a_token_nothing_answers(self, client: TestClient) -> None:
        assert problem(client.get("/v1/footprints"), 401)["code"] == "unauthenticated"


def test_every_example_of_the_openapi_document_works(
    exporter: Exporter, client: TestClient, supplier: SupplierServer
) -> None:
    supplier.granted = [accepted()]
    document = client.get("/openapi.json").json()
    ids = {"footprint_id": UNKNOWN, "product_model_id": UNKNOWN}
    tried = 0
    for path in sorted(document["paths"], key=len):
        for method, operation in document["paths"][path].items():
            content = operation.get("requestBody", {}).get("content", {})
            # Others are files.
            for media in (content[kind] for kind in content if kind == "application/json"):
                for example in media["examples"].values():
                    body = example["value"]
                    if "footprint_id" in body:
                        body = body | {"footprint_id": ids["footprint_id"]}
                    route = path.removeprefix("/v1").format(**ids)
                    answer = exporter.call(method.upper(), route, body)
                    assert answer.status_code in (200, 201, 202), answer.text
                    schema = {
                        "$ref": "#/components/schemas/"
                        + operation["responses"][next(iter(operation["responses"]))]["content"][
                            "application/json"
                        ]["schema"]["$ref"].rpartition("/")[2],
                        "components": document["components"],
                    }
                    Draft202012Validator(schema).validate(answer.json())
                    tried += 1
                    if route == "/product-models":
                        ids["product_model_id"] = answer.json()["id"]
                    elif route.endswith("/footprints"):
                        ids["footprint_id"] = answer.json()["id"]
    assert tried == 6
