import math
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from footprint.adapters.brightway import BrightwayEngine
from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.domain.dataset import Dataset
from footprint.domain.linking import link_product
from footprint.domain.product_rows import parse_product_model
from footprint.domain.result import (
    FootprintResult,
    Scores,
    Solution,
    compare_engines,
    footprint_result,
    relative_difference,
)
from footprint.domain.rule_pack import AgreementRule
from footprint.domain.supplier import SupplierPcf

MakeLine = Callable[..., dict[str, Any]]
RULE = AgreementRule(1e-9, 100, 1e6, 9)


def scores(total: float, **stages: float) -> Scores:
    return Scores(engine="any", engine_version="1", total=total, stages=stages)


def solution(total: float, condition: float = 10.0, **stages: float) -> Solution:
    return Solution(scores(total, **stages), (), {}, {}, condition)


def test_equal_scores_agree() -> None:
    assert compare_engines(scores(2.0, a=2.0), solution(2.0, a=2.0), RULE).agree


def test_a_difference_above_the_tolerance_disagrees() -> None:
    assert not compare_engines(scores(2.0, a=2.0), solution(2.00001, a=2.00001), RULE).agree


def test_a_difference_of_one_stage_disagrees_though_the_totals_are_equal() -> None:
    one, other = scores(3.0, a=1.0, b=2.0), solution(3.0, a=2.0, b=1.0)
    assert not compare_engines(one, other, RULE).agree


def test_the_tolerance_grows_with_the_condition_number() -> None:
    # 100 · 1e7 · 2.2e-16 = 2.2e-7
    found = compare_engines(scores(1.0, a=1.0), solution(1.0 + 1e-7, 1e7, a=1.0 + 1e-7), RULE)
    assert (found.agree, found.ill_conditioned) == (True, True)


def test_stages_that_cancel_do_not_make_rounding_a_disagreement() -> None:
    one, other = scores(1e-9, a=1.0, b=-1.0), solution(1.0001e-9, a=1.0, b=-1.0)
    assert compare_engines(one, other, RULE).agree


def test_a_large_stage_beyond_the_boundary_hides_no_difference_of_the_headline() -> None:
    one, other = scores(2.0, a=2.0, use=1e12), solution(1.0, a=1.0, use=1e12)
    assert not compare_engines(one, other, RULE, beyond=("use",)).agree
    assert not compare_engines(
        one, other, RULE, scores(1.0, a=1.0, use=1e12), beyond=("use",)
    ).agree


def test_a_stage_beyond_the_boundary_must_agree_too() -> None:
    one, other = scores(1e12, a=1e12, use=2.0), solution(1e12, a=1e12, use=1.0)
    assert not compare_engines(one, other, RULE, beyond=("use",)).agree


@pytest.mark.parametrize("beyond", [math.nan, math.inf])
def test_what_is_not_a_number_never_agrees(beyond: float) -> None:
    one, other = scores(1.0, a=1.0, b=beyond), solution(1.0, a=1.0, b=beyond)
    assert not compare_engines(one, other, RULE).agree


def test_a_zero_footprint_agrees_with_itself() -> None:
    assert relative_difference(scores(0.0, a=0.0), scores(0.0, a=0.0)) == 0.0


def test_the_reference_decides_for_engines_that_differ_on_either_side_of_it() -> None:
    one, other = scores(1.0 - 0.8e-9, a=1.0), solution(1.0 + 0.8e-9, a=1.0)
    assert not compare_engines(one, other, RULE).agree
    assert compare_engines(one, other, RULE, scores(1.0, a=1.0)).agree


def test_the_reference_does_not_excuse_an_engine_that_is_wrong() -> None:
    one, other = scores(1.1, a=1.1), solution(1.0, a=1.0)
    assert not compare_engines(one, other, RULE, scores(1.0, a=1.0)).agree


SUPPLIER = SupplierPcf(
    declaration_id="d1",
    version=1,
    sha256="0" * 64,
    activity_id="steel",
    region="B",
    pcf_kg_co2e=2.0,
    unit="kg",
    primary_data_share_percent=10.0,
    primary_activity_share_percent=40.0,
    period_start=date(2025, 1, 1),
    period_end=date(2025, 12, 31),
)


def result(
    textbook: Dataset, *lines: dict[str, Any], supplier: SupplierPcf | None = None
) -> FootprintResult:
    header = {
        "format": "greenchain-product/1",
        "product_id": "pan",
        "name": {"en": "pan", "zh": "锅"},
        "declared_unit": {"amount": 1, "unit": "piece"},
        "plant_region": "B",
        "boundary": {
            "name": "cradle_to_gate",
            "stages": ["raw_materials", "manufacturing"],
            "beyond": ["end_of_life"],
        },
        "intermediates": [],
    }
    model = parse_product_model(header, lines, [], textbook)
    system = link_product(model, textbook, "gwp", suppliers=[supplier] if supplier else [])
    brightway, greenchain = BrightwayEngine().score(system), GreenchainEngine().solve(system)
    return footprint_result(
        system, brightway, greenchain, compare_engines(brightway, greenchain, RULE)
    )


def pan(textbook: Dataset, line: MakeLine, *, supplier: bool = False) -> FootprintResult:
    """Compute a pan whose parts are computed by hand in the tests below."""
    own = {"stage": "manufacturing", "activity_data": "own_plant"}
    return result(
        textbook,
        line("steel", "steel", 3, "kg"),  # as a supplier's: 6 kg CO2e
        line("lime", "lime", 5, "kg", activity_data="own_plant"),  # 1
        line("power", "grid", 20, "kWh", **own),  # 2
        line("furnace", "co2", 1, "kg", **own),  # 1
        line("scrap", "lime", 50, "kg", stage="end_of_life"),
        supplier=SUPPLIER if supplier else None,
    )


def test_stages_sum_to_the_headline(textbook: Dataset, line: MakeLine) -> None:
    found = pan(textbook, line, supplier=True)
    assert found.pcf_kg_co2e == pytest.approx(10.0, rel=1e-14)
    assert math.fsum(found.stages.values()) == pytest.approx(found.pcf_kg_co2e, rel=1e-12)


def test_contributions_by_process_and_site_sum_to_the_headline(
    textbook: Dataset, line: MakeLine
) -> None:
    found = pan(textbook, line)
    for groups in (found.by_process(), found.by_site()):
        assert math.fsum(groups.values()) == pytest.approx(found.pcf_kg_co2e, rel=1e-12)


def test_contributions_by_stage_sum_to_the_stage(textbook: Dataset, line: MakeLine) -> None:
    found = pan(textbook, line)
    for stage, score in {**found.stages, **found.beyond_boundary}.items():
        parts = [part.kg_co2e for part in found.processes if part.stage == stage]
        assert math.fsum(parts) == pytest.approx(score, rel=1e-12)


def test_lines_inside_the_boundary_sum_to_the_headline(textbook: Dataset, line: MakeLine) -> None:
    found = pan(textbook, line)
    assert "scrap" not in {part.line_id for part in found.lines}
    total = math.fsum(part.kg_co2e for part in found.lines)
    assert total == pytest.approx(found.pcf_kg_co2e, rel=1e-12)


def test_the_primary_data_share_counts_own_emissions_and_the_suppliers_share(
    textbook: Dataset, line: MakeLine
) -> None:
    # furnace 1 kg, and 10 % of the supplier's 6 kg, of 10 kg
    found = pan(textbook, line, supplier=True)
    assert found.primary_data_share_percent == pytest.approx(16.0, rel=1e-12)


def test_a_characterized_total_is_no_primary_data(textbook: Dataset, line: MakeLine) -> None:
    own = {"stage": "manufacturing", "activity_data": "own_plant"}
    found = result(textbook, line("total", "co2e", 5, "kg CO2e", **own))
    assert found.pcf_kg_co2e == 5.0
    shares = (found.primary_data_share_percent, found.primary_activity_share_percent)
    assert shares == (0.0, 0.0)


def test_a_negative_line_weighs_by_its_size_in_a_share(textbook: Dataset, line: MakeLine) -> None:
    # furnace 1 and 10 % of |-6|, of 1 + 6 + 3
    own = {"stage": "manufacturing", "activity_data": "own_plant"}
    credit = replace(SUPPLIER, pcf_kg_co2e=-2.0)
    found = result(
        textbook,
        line("steel", "steel", 3, "kg"),
        line("lime", "lime", 15, "kg"),
        line("furnace", "co2", 1, "kg", **own),
        supplier=credit,
    )
    assert found.pcf_kg_co2e == pytest.approx(-2.0, rel=1e-12)
    assert found.primary_data_share_percent == pytest.approx(16.0, rel=1e-12)


def test_the_primary_activity_share_counts_own_energy_but_no_materials(
    textbook: Dataset, line: MakeLine
) -> None:
    # furnace 1, power 2, and 40 % of the supplier's 6, of 10; lime is the plant's own amount only
    found = pan(textbook, line, supplier=True)
    assert found.primary_activity_share_percent == pytest.approx(54.0, rel=1e-12)


def test_a_product_without_any_emission_has_no_shares(textbook: Dataset, line: MakeLine) -> None:
    found = result(textbook, line("lime", "lime", 0, "kg"))
    assert (found.pcf_kg_co2e, found.primary_data_share_percent) == (0.0, 0.0)
