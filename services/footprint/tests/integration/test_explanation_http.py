"""Explanations over HTTP, of shipped templates on real databases."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from jsonschema import Draft202012Validator
from services.footprint.tests.fakes import METHOD, OWNER
from services.footprint.tests.world import Identity
from sqlalchemy import text

from chassis.database import Database
from chassis.identity import Role
from footprint.data.shipped import load_product_template
from footprint.domain.product_parts import ProductDocument
from footprint.local.explanations import explain

TEMPLATE = "lfp_battery_pack"


def body(document: ProductDocument) -> dict[str, Any]:
    return {
        "header": document.header,
        "lines": document.lines,
        "sites": document.sites,
        "parts": {name: body(part) for name, part in document.parts.items()},
    }


class Exporter:
    """Calls the service as an exporter, unless told otherwise."""

    def __init__(self, client: TestClient, identity: Identity) -> None:
        self.client, self.identity = client, identity

    def call(
        self,
        method: str,
        path: str,
        sent: object = None,
        *,
        role: Role = Role.EXPORTER,
        tenant_id: str = OWNER,
    ) -> Response:
        headers = self.identity.bearer(role, tenant_id=tenant_id)
        return self.client.request(method, f"/v1{path}", json=sent, headers=headers)

    def calculate(self, template: str = TEMPLATE) -> dict[str, Any]:
        imported = self.call("POST", "/product-models", body(load_product_template(template)))
        assert imported.status_code == 201, imported.text
        path = f"/product-models/{imported.json()['id']}/footprints"
        calculated = self.call("POST", path, {"method_id": METHOD})
        assert calculated.status_code == 201, calculated.text
        footprint: dict[str, Any] = calculated.json()
        return footprint

    def explanation(self, footprint_id: str, query: str = "", **more: Any) -> Response:
        return self.call("GET", f"/footprints/{footprint_id}/explanation{query}", **more)


@pytest.fixture
def exporter(client: TestClient, identity: Identity) -> Exporter:
    return Exporter(client, identity)


@pytest.fixture
def footprint(exporter: Exporter) -> dict[str, Any]:
    return exporter.calculate()


def explained(answer: Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_an_explanation_is_of_the_footprint_and_says_what_it_says(
    exporter: Exporter, footprint: dict[str, Any]
) -> None:
    found = explained(exporter.explanation(footprint["id"]))
    assert found["footprint_id"] == footprint["id"]
    assert found["kg_co2e"] == pytest.approx(footprint["kg_co2e"], rel=1e-9)
    assert found["stages"] == pytest.approx(footprint["stages"], rel=1e-9)
    for name in ("product_id", "name", "declared_unit", "boundary", "method_id"):
        assert found[name] == footprint[name]
    (pinned,) = [item for item in footprint["evidence"] if item["role"] == "dataset"]
    assert found["dataset"] == {name: pinned[name] for name in ("id", "version", "sha256")}
    assert [each["method_id"] for each in found["impacts"]] == [
        each["method_id"] for each in footprint["impacts"]
    ]
    for name in ("by_emission", "by_weakest"):
        shares = found["data_quality"][name]
        assert shares == pytest.approx(footprint["data_quality"][name], abs=1e-9)
        assert sum(shares.values()) == pytest.approx(100.0)


def test_every_exchange_leads_to_a_process_that_is_explained_or_is_emitted(
    exporter: Exporter, footprint: dict[str, Any]
) -> None:
    found = explained(exporter.explanation(footprint["id"]))
    processes = {each["process"]: each for each in found["processes"]}
    for process in found["processes"]:
        parts = [exchange["kg_co2e"] for exchange in process["exchanges"]]
        assert sum(parts) == pytest.approx(process["kg_co2e"], rel=1e-9, abs=1e-9)
        inputs = [each for each in process["exchanges"] if each["kind"] == "input"]
        assert {each["input"] for each in inputs} <= set(processes)


def test_every_exchange_has_its_source(exporter: Exporter, footprint: dict[str, Any]) -> None:
    found = explained(exporter.explanation(footprint["id"]))
    exchanges = [each for process in found["processes"] for each in process["exchanges"]]
    stated = [each for each in exchanges if each["line_id"]]
    # All but that the product has two stages.
    assert len(exchanges) - len(stated) == 2
    assert len(stated) > 100
    for each in stated:
        assert each["source"]["title"]
        assert each["source"]["locator"]
        assert each["source"]["licence"]
        assert each["confidence"]
        assert each["provenance"] in ("primary", "secondary", "derived", "assumed")


def test_a_small_share_can_be_left_out(exporter: Exporter, footprint: dict[str, Any]) -> None:
    whole = explained(exporter.explanation(footprint["id"]))
    part = explained(exporter.explanation(footprint["id"], "?least_percent=5"))
    assert part["processes"][0]["process"] == whole["processes"][0]["process"]
    assert 1 < len(part["processes"]) < len(whole["processes"])
    for process in part["processes"]:
        for each in (process, *process["exchanges"]):
            assert abs(each["share_percent"]) >= 5.0
    for refused in ("101", "-1", "nan"):
        query = f"?least_percent={refused}"
        assert exporter.explanation(footprint["id"], query).status_code == 422


@pytest.mark.parametrize(
    ("role", "status"), [(Role.LEAD_FIRM, 200), (Role.SUPPLIER, 403), (Role.VERIFIER, 403)]
)
def test_who_reads_footprints_reads_explanations(
    role: Role, status: int, exporter: Exporter, footprint: dict[str, Any]
) -> None:
    assert exporter.explanation(footprint["id"], role=role).status_code == status


def test_nobody_explains_the_footprint_of_another_organisation(
    exporter: Exporter, footprint: dict[str, Any]
) -> None:
    of_another = exporter.explanation(footprint["id"], tenant_id="somebody-else")
    of_nobody = exporter.explanation("0" * 8, tenant_id="somebody-else")
    assert (of_another.status_code, of_nobody.status_code) == (404, 404)
    assert of_another.json()["code"] == of_nobody.json()["code"]


def test_a_footprint_is_told_in_other_units_and_by_every_method(
    footprint: dict[str, Any],
) -> None:
    (pack,) = footprint["equivalents"]
    assert pack["id"] == "pack"
    assert pack["kg_co2e"] == pytest.approx(footprint["kg_co2e"] * pack["declared_units"])
    own = next(each for each in footprint["impacts"] if each["method_id"] == METHOD)
    assert own["amount"] == pytest.approx(footprint["kg_co2e"], rel=1e-9)
    assert own["not_separable_kg_co2e"] is None
    for impact in footprint["impacts"]:
        coverage = impact["coverage"]
        covered = min(coverage["inputs_percent"], coverage["climate_percent"])
        is_enough = 0.0 < covered >= coverage["threshold_percent"]
        is_shown = is_enough and impact["verdict"] != "not_supported"
        assert (impact["amount"] is not None) == is_shown
        assert sum(impact["stages"].values()) == pytest.approx(impact["amount"] or 0.0)


def test_what_is_told_beside_the_headline_is_kept(
    exporter: Exporter, footprint: dict[str, Any]
) -> None:
    path = f"/footprints/{footprint['id']}"
    assert exporter.call("GET", path).json() == footprint
    frozen = exporter.call("POST", f"{path}/freeze").json()
    assert exporter.call("GET", path).json() == frozen
    for name in ("impacts", "data_quality", "equivalents"):
        assert frozen[name] == footprint[name]


def test_a_product_that_is_not_stored_is_explained_alike(
    exporter: Exporter, footprint: dict[str, Any]
) -> None:
    stored = explained(exporter.explanation(footprint["id"]))
    here = explain(TEMPLATE, METHOD)
    brought = explain(body(load_product_template(TEMPLATE)), METHOD)
    assert here == brought
    assert here | {"footprint_id": footprint["id"]} == stored


def test_a_part_is_explained_within_its_product(exporter: Exporter) -> None:
    found = explained(exporter.explanation(exporter.calculate("bev_compact")["id"]))
    keys = {each["process"] for each in found["processes"]}
    assert "battery/lfp_battery_pack" in keys
    assert found["product_id"] == "bev_compact"


def test_a_footprint_of_another_dataset_is_not_explained_by_this_one(
    exporter: Exporter, footprint: dict[str, Any], everything: Database
) -> None:
    def forge(content: dict[str, Any]) -> None:
        (pinned,) = [item for item in content["evidence"] if item["role"] == "dataset"]
        pinned["version"] = "0.1.0"

    _rewrite(everything, footprint["id"], forge)
    refused = exporter.explanation(footprint["id"])
    assert refused.status_code == 409
    assert refused.json()["code"] == "footprint.dataset.not_at_hand"
    assert "0.1.0" in refused.json()["detail"]


def test_another_number_than_the_stored_one_is_not_explained(
    exporter: Exporter, footprint: dict[str, Any], everything: Database
) -> None:
    def forge(content: dict[str, Any]) -> None:
        content["result"]["pcf_kg_co2e"] *= 1.0001

    _rewrite(everything, footprint["id"], forge)
    refused = exporter.explanation(footprint["id"])
    assert refused.status_code == 409
    assert refused.json()["code"] == "footprint.explanation.differs"


def test_a_footprint_of_an_earlier_release_is_still_read_and_explained(
    exporter: Exporter, footprint: dict[str, Any], everything: Database
) -> None:
    def forge(content: dict[str, Any]) -> None:
        for name in ("impacts", "data_quality", "equivalents"):
            del content[name]

    _rewrite(everything, footprint["id"], forge)
    read = exporter.call("GET", f"/footprints/{footprint['id']}").json()
    assert (read["impacts"], read["data_quality"], read["equivalents"]) == ([], None, [])
    assert explained(exporter.explanation(footprint["id"]))["data_quality"]


def test_the_openapi_document_describes_the_answer(
    exporter: Exporter, footprint: dict[str, Any], client: TestClient
) -> None:
    document = client.get("/openapi.json").json()
    for name, answer in (
        ("ExplanationOut", exporter.explanation(footprint["id"]).json()),
        ("FootprintOut", footprint),
    ):
        schema = {
            "$ref": f"#/components/schemas/{name}",
            "components": document["components"],
        }
        Draft202012Validator(schema).validate(answer)
        assert set(answer) == set(document["components"]["schemas"][name]["properties"])


def _rewrite(
    everything: Database, footprint_id: str, change: Callable[[dict[str, Any]], None]
) -> None:
    """Change the stored content of a footprint behind the service's back."""
    with everything.system_transaction() as session:
        connection = session.connection()
        read = text("SELECT content FROM footprint WHERE id = :id")
        (held,) = connection.execute(read, {"id": footprint_id}).one()
        content = json.loads(held) if isinstance(held, str) else held
        change(content)
        write = text("UPDATE footprint SET content = :content WHERE id = :id")
        connection.execute(write, {"id": footprint_id, "content": json.dumps(content)})
