from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from services.footprint.tests.fakes import Memory, clock
from services.footprint.tests.methodology import shipped
from services.footprint.tests.scenario import frozen_with_supplier

from footprint.adapters.lock_file import lock_file_evidence
from footprint.domain.product import DeclaredUnit
from footprint.domain.product_footprint import (
    Evidence,
    Flag,
    FootprintDeprecated,
    ProductFootprint,
)
from footprint.entrypoints.http_answers import footprint_out

RULE = shipped().rules.agreement


@pytest.fixture(scope="module")
def frozen() -> ProductFootprint:
    return frozen_with_supplier(Memory())


def test_the_hash_does_not_see_rounding_noise(frozen: ProductFootprint) -> None:
    result = replace(
        frozen.content.result, pcf_kg_co2e=frozen.content.result.pcf_kg_co2e * (1 + 1e-14)
    )
    noisy = replace(frozen.content, result=result)
    assert noisy.canonical(RULE) == frozen.content.canonical(RULE)


@pytest.mark.parametrize(
    "role",
    ["product_model", "dataset", "method", "rule_pack", "declaration", "supplier_footprint"],
)
def test_the_hash_sees_every_pinned_input(frozen: ProductFootprint, role: str) -> None:
    assert role in {item.role for item in frozen.content.evidence}
    evidence = tuple(
        replace(item, sha256="0" * 64) if item.role == role else item
        for item in frozen.content.evidence
    )
    changed = replace(frozen.content, evidence=evidence)
    assert changed.canonical(RULE) != frozen.content.canonical(RULE)


@pytest.mark.parametrize(
    "change",
    [
        {"pcf_kg_co2e": 1.0},
        {"stages": {"raw_materials": 1.0, "manufacturing": 0.0}},
        {"beyond_boundary": {"distribution": 1.0}},
        {"primary_data_share_percent": 99.0},
        {"primary_activity_share_percent": 99.0},
        {"method_id": "other"},
    ],
)
def test_the_hash_sees_every_result(frozen: ProductFootprint, change: dict[str, Any]) -> None:
    changed = replace(frozen.content, result=replace(frozen.content.result, **change))
    assert changed.canonical(RULE) != frozen.content.canonical(RULE)


@pytest.mark.parametrize("unit", [DeclaredUnit(2.0, "kwh_capacity"), DeclaredUnit(1.0, "kg")])
def test_the_hash_sees_the_declared_unit(frozen: ProductFootprint, unit: DeclaredUnit) -> None:
    changed = replace(frozen.content, declared_unit=unit)
    assert changed.canonical(RULE) != frozen.content.canonical(RULE)


def test_a_recalculation_of_the_same_inputs_has_the_same_hash(frozen: ProductFootprint) -> None:
    again = frozen_with_supplier(Memory())
    assert again.id != frozen.id
    assert again.sha256 == frozen.sha256


def test_the_linked_supplier_footprint_is_pinned(frozen: ProductFootprint) -> None:
    (cited,) = frozen.content.declarations
    pinned = [item for item in frozen.content.evidence if item.role == "supplier_footprint"]
    assert pinned == [
        Evidence(
            "supplier_footprint", cited.supplier_footprint_id, "1", cited.supplier_footprint_sha256
        )
    ]


def test_the_same_flag_is_raised_once(frozen: ProductFootprint) -> None:
    footprint = replace(frozen)
    flag = Flag("stale", "declaration_corrected", "declaration-1", clock().now())
    assert footprint.flag(flag)
    assert not footprint.flag(replace(flag))
    assert len(footprint.flags) == 1


def test_a_footprint_has_one_successor(frozen: ProductFootprint) -> None:
    footprint = replace(frozen)
    footprint.replaced_by(replace(frozen, id="second"))
    with pytest.raises(FootprintDeprecated, match="second"):
        footprint.replaced_by(replace(frozen, id="third"))


def test_an_ill_conditioned_system_is_said_so(frozen: ProductFootprint) -> None:
    result = frozen.content.result
    doubtful = replace(result, engines=replace(result.engines, ill_conditioned=True))
    dataset = shipped().dataset
    shown = footprint_out(
        replace(frozen, content=replace(frozen.content, result=doubtful)), dataset
    )
    assert [warning.code for warning in shown.warnings] == ["ill_conditioned"]
    assert footprint_out(frozen, dataset).warnings == []


def test_processes_and_lines_are_shown_by_name(frozen: ProductFootprint) -> None:
    shown = footprint_out(frozen, shipped().dataset)
    names = {each.activity_id: each.name.zh for each in shown.processes}
    assert names["lfp_cathode"] == "磷酸铁锂(单元过程)"
    by_line = {each.input_id: each.name.zh for each in shown.lines}
    assert by_line["lfp_cathode"] == "磷酸铁锂(单元过程)"


def test_what_the_dataset_does_not_know_is_shown_by_its_id(frozen: ProductFootprint) -> None:
    shown = footprint_out(frozen, replace(shipped().dataset, activities={}, flows={}))
    assert {each.name.en for each in shown.processes} == {
        each.activity_id for each in shown.processes
    }


def test_a_lock_file_that_is_not_at_hand_is_said_so() -> None:
    evidence = lock_file_evidence(None)
    assert (evidence.version, evidence.sha256) == ("not available", "")


def test_a_lock_file_is_pinned_by_its_bytes(tmp_path: Path) -> None:
    path = tmp_path / "requirements.lock"
    path.write_bytes(b"numpy==2.4\n")
    first = lock_file_evidence(path)
    path.write_bytes(b"numpy==2.5\n")
    assert len(first.sha256) == 64
    assert lock_file_evidence(path).sha256 != first.sha256
