"""Methods of a bundle become rows of a dataset; the bundles here are made up."""

from dataclasses import replace

import pytest

from footprint.adapters.brightway import bundled_methods
from footprint.adapters.brightway.bundled_methods import load_bundled_flows, load_bundled_methods
from footprint.data.shipped import load_dataset
from footprint.domain.bundled_method_errors import (
    AmbiguousMethodName,
    MethodBundleMissing,
    MethodCountsNothing,
    MethodThere,
    NoSuchBundledMethod,
)
from footprint.domain.bundled_methods import (
    BundledFlow,
    BundledMethod,
    method_called,
    method_rows,
    methods_like,
)
from footprint.domain.dataset import ActivityKind
from footprint.domain.dataset_document import Row
from footprint.domain.rows import LONGEST_ID

SO2 = BundledFlow("so2", "kg", "a1", "Sulfur dioxide", "air", 1.0)
GAS = BundledFlow("fossil_gas", "MJ", "b2", "Gas, natural", "natural resource/in ground", 0.25)
CO2 = BundledFlow("co2_fossil", "kg", "c3", "Carbon dioxide, fossil", "air", 1.0)
CO = BundledFlow("co", "kg", "d4", "Carbon monoxide, fossil", "air", 1.0)
FLOWS = (SO2, GAS, CO2, CO)


def made_up(*name: str, unit: str = "points", **factors: float) -> BundledMethod:
    return BundledMethod(name, unit, factors, "bundle 1.0")


ACID = made_up("EF v9", "acidification", "AE", unit="mol H+-Eq", a1=1.31, x9=7.0)
NO_LT = made_up("EF v9 no LT", "acidification no LT", "AE no LT", unit="mol H+-Eq", a1=1.31)
ENERGY = made_up("Ours", "energy: all", "MJ (net)", b2=40.0)
WARMING = made_up("Panel", "climate change", "GWP 7", unit="kg CO2-Eq", c3=1.0, d4=1.5)
METHODS = (NO_LT, ACID, ENERGY, WARMING)


def rows(method: BundledMethod, table: str) -> list[Row]:
    return method_rows(method, FLOWS, load_dataset())[table]


class TestNames:
    def test_words_find_in_any_order_and_letter_case(self) -> None:
        assert methods_like(METHODS, "ae EF acid") == (NO_LT, ACID)
        assert methods_like(METHODS, "") == METHODS

    def test_a_full_name_is_enough_where_another_one_has_its_words_too(self) -> None:
        assert method_called(METHODS, "ef v9 |  acidification | AE") is ACID

    def test_enough_words_are_a_name(self) -> None:
        assert method_called(METHODS, "energy net") is ENERGY

    def test_too_few_words_are_answered_with_the_names_that_have_them(self) -> None:
        with pytest.raises(AmbiguousMethodName) as refused:
            method_called(METHODS, "acidification")
        assert refused.value.count == 2
        assert refused.value.candidates == (NO_LT.full_name, ACID.full_name)

    @pytest.mark.parametrize("name", ["noise", "", "  "])
    def test_a_name_that_nothing_has_is_refused(self, name: str) -> None:
        with pytest.raises(NoSuchBundledMethod):
            method_called(METHODS, name)

    def test_names_that_differ_at_the_end_alone_have_ids_of_their_own_that_fit(self) -> None:
        long = "a very long name " * 10
        ids = {made_up("Ours", long, f"{end}").id for end in ("one", "two")}
        assert len(ids) == 2
        assert all(len(id_) <= LONGEST_ID for id_ in ids)


class TestRows:
    def test_a_method_is_for_screening_and_says_what_it_leaves_out(self) -> None:
        (method,) = rows(ACID, "methods")
        assert method["id"] == "ef_v9_acidification_ae"
        assert (method["category"], method["kind"]) == ("acidification", "other")
        assert (method["verdict"], method["threshold_percent"]) == ("screening", "33")
        assert "1 of its 2 factors" in method["note_en"]

    def test_a_factor_is_that_of_the_bundle_for_our_unit(self) -> None:
        (acid,) = rows(ACID, "characterization")
        assert (acid["factor"], acid["unit"]) == ("1.31", "mol H+-Eq/kg")
        assert acid["confidence"] == "verified in source text"
        (gas,) = rows(ENERGY, "characterization")
        assert (float(gas["factor"]), gas["unit"]) == (10.0, "points/MJ")
        assert gas["confidence"] == "computed"
        assert "40.0 per unit" in gas["note"]

    def test_coverage_follows_from_the_rows_of_each_activity(self) -> None:
        dataset = load_dataset()
        told = {row["activity_id"]: row["coverage"] for row in rows(ACID, "coverage")}
        assert set(told) == {
            activity.id
            for activity in dataset.activities.values()
            if activity.kind is not ActivityKind.MARKET_REFERENCE
        }
        with_so2 = {row.activity_id for row in dataset.rows.values() if row.input_id == "so2"}
        assert {id_ for id_, coverage in told.items() if coverage == "partial"} == with_so2
        assert with_so2
        assert all("not judged" in row["reason"] for row in rows(ACID, "coverage"))

    def test_a_climate_method_counts_0_what_it_leaves_out_and_no_published_totals(self) -> None:
        dataset = load_dataset()
        (method,) = rows(WARMING, "methods")
        assert (method["kind"], method["unit"]) == ("climate", "kg CO2e")
        assert method["threshold_percent"] == "0"
        own = {
            row["flow_id"]: float(row["factor"])
            for row in rows(WARMING, "characterization")
            if row["method_id"] == method["id"]
        }
        gases = set(dataset.factors["ipcc_ar6_gwp100_v2"]) - {dataset.aggregated_flow}
        assert own == dict.fromkeys(gases, 0.0) | {"co2_fossil": 1.0, "co": 1.5}
        assert "coverage" not in method_rows(WARMING, FLOWS, dataset)

    def test_other_climate_methods_count_0_what_the_new_one_alone_counts(self) -> None:
        climate = {each.id for each in load_dataset().methods.values() if each.is_climate}
        others = [row for row in rows(WARMING, "characterization") if row["flow_id"] == "co"][1:]
        assert {row["method_id"] for row in others} == climate
        assert {row["factor"] for row in others} == {"0"}

    def test_a_method_that_counts_no_flow_is_refused(self) -> None:
        with pytest.raises(MethodCountsNothing):
            method_rows(made_up("Ours", "noise", "h", x9=1.0), FLOWS, load_dataset())

    def test_a_flow_in_another_unit_than_the_table_was_made_for_is_not_counted(self) -> None:
        with pytest.raises(MethodCountsNothing):
            method_rows(ACID, (replace(SO2, unit="g"),), load_dataset())

    def test_a_method_that_is_there_is_refused(self) -> None:
        dataset = load_dataset()
        there = next(iter(dataset.methods.values()))
        held = replace(dataset, methods={ACID.id: there})
        with pytest.raises(MethodThere):
            method_rows(ACID, FLOWS, held)


def test_each_flow_but_published_totals_and_dust_of_no_size_has_its_code() -> None:
    flows = {flow.flow_id: flow.unit for flow in load_bundled_flows()}
    shipped = {flow.id: flow.unit for flow in load_dataset().flows.values()}
    assert len(load_bundled_flows()) == len(flows)
    assert shipped.items() - flows.items() == {
        ("co2e_aggregated", "kg CO2e"),
        ("pm_unspecified", "kg"),
    }
    assert flows.items() <= shipped.items()


def test_a_machine_without_the_bundle_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bundled_methods, "find_spec", lambda _: None)
    with pytest.raises(MethodBundleMissing, match="greenchain-footprint\\[backgrounds\\]"):
        load_bundled_methods()
