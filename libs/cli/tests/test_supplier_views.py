"""What the supplier commands print."""

import pytest

from greenchain.common.v1.common_pb2 import Period, VersionReference
from greenchain.supplier.v1 import declaration_pb2 as pb
from greenchain.supplier.v1 import supplier_pb2
from greenchain_cli import language
from greenchain_cli.supplier_views import (
    plain,
    show_declaration,
    show_granted_list,
    show_grants,
    show_requests,
)

YEAR = Period(start="2025-01-01", end="2025-12-31")
FOOTPRINT = pb.CalculatedFootprint(
    footprint_id="f-1", kg_co2e_per_unit=26.382874758624606, unit="kg"
)


def granted() -> pb.GrantedDeclaration:
    return pb.GrantedDeclaration(
        declaration=VersionReference(id="d-1", version=1, sha256="a" * 64),
        state=pb.DECLARATION_STATE_CALCULATED,
        data_request_id="r-1",
        supplier_tenant_id="cathode-maker",
        activity_id="lfp_cathode",
        plant_region="CN-SC",
        reference_period=YEAR,
        calculated_footprint=FOOTPRINT,
    )


def test_states_are_named_as_everywhere_else() -> None:
    assert plain(granted())["state"] == "calculated"


def test_purposes_are_named_as_everywhere_else() -> None:
    grant = supplier_pb2.Grant(purpose=supplier_pb2.GRANT_PURPOSE_OWN_CALCULATION)

    assert plain(grant)["purpose"] == "own_calculation"


def test_figures_are_rounded_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    show_granted_list([plain(granted())])

    assert "26.38 kg CO2e / kg" in capsys.readouterr().out


def test_a_declaration_is_shown_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    declaration = pb.Declaration(
        id="d-1",
        version=2,
        sha256="a" * 64,
        state=pb.DECLARATION_STATE_RETURNED,
        data_request_id="r-1",
        activity_id="lfp_cathode",
        plant_name="Plant",
        plant_region="CN-SC",
        reference_period=YEAR,
        record_count=96,
        calculated_footprint=FOOTPRINT,
        return_reason="meter?",
    )

    show_declaration(plain(declaration))

    printed = capsys.readouterr().out
    assert "{" not in printed
    for told in ("CN-SC Sichuan", "2025-01-01 – 2025-12-31", "returned", "meter?", "26.38 kg"):
        assert told in printed


def test_headers_and_states_speak_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    language.speak("zh")
    request = pb.DataRequest(
        id="r-1", state=pb.DATA_REQUEST_STATE_FULFILLED, activity_id="lfp_cathode", unit="kg"
    )

    show_requests([plain(request)])

    printed = capsys.readouterr().out
    assert "数据请求" in printed
    assert "已满足" in printed


def test_a_grant_says_to_whom_and_which_fields(capsys: pytest.CaptureFixture[str]) -> None:
    grant = supplier_pb2.Grant(
        id="g-1",
        declaration_id="d-1",
        grantee="pack-maker",
        purpose=supplier_pb2.GRANT_PURPOSE_PRODUCT_FOOTPRINT,
        fields=["calculated_footprint", "plant_region"],
    )
    grant.valid_from.FromJsonString("2026-01-01T00:00:00Z")
    grant.valid_until.FromJsonString("2036-01-01T00:00:00Z")

    show_grants([plain(grant)])

    printed = capsys.readouterr().out
    for told in ("g-1", "pack-maker", "product footprint", "calculated_footprint, plant_region"):
        assert told in printed
