"""Impacts of the shipped templates by every method, against bw2calc and the files' own factors.

Where a flow counts by its place, the oracle makes one flow of each place.
"""

import csv
from dataclasses import replace
from functools import cache
from importlib import resources

import pytest

from footprint.adapters.brightway import BrightwayEngine
from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.data.shipped import load_dataset, load_product_template, product_template_names
from footprint.domain.dataset import Verdict
from footprint.domain.impacts import Impact, impacts
from footprint.domain.linking import link_product
from footprint.domain.product_rows import read_product_document
from footprint.domain.system import LinkedSystem

HEADLINE = "ipcc_ar6_gwp100_v2"


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    path = resources.files("footprint.data").joinpath("greenchain_lci", f"{name}.csv")
    return tuple(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


METHODS = tuple(row["id"] for row in table("methods"))


@cache
def solved(template: str) -> tuple[LinkedSystem, dict[str, Impact]]:
    """Return a template with all its impacts, also those that its data do not support."""
    dataset = load_dataset()
    all_shown = replace(
        dataset,
        methods={
            id_: replace(method, threshold_percent=0.0, verdict=Verdict.SUPPORTED)
            for id_, method in dataset.methods.items()
        },
    )
    model = read_product_document(load_product_template(template), dataset)
    system = link_product(model, dataset, HEADLINE)
    found = impacts(system, GreenchainEngine().solve(system), all_shown)
    return system, {impact.method_id: impact for impact in found}


def placed(system: LinkedSystem, method_id: str) -> LinkedSystem:
    """Return the system with a flow for each place, and the factors of a method for them."""
    factors = {
        row["flow_id"]: float(row["factor"])
        for row in table("characterization")
        if row["method_id"] == method_id
    }
    places = {
        row["location"]: float(row["factor"])
        for row in table("regional_factors")
        if row["method_id"] == method_id
    }

    def of(flow: str, region: str) -> float:
        if not places or flow not in factors:
            return factors.get(flow, 0.0)
        country = region.split("-")[0]
        known = [each for each in (region, country, "GLO") if each in places]
        return factors[flow] * places[known[0]] if known else 0.0

    emissions, by_place = [], {}
    for emission in system.emissions:
        region = system.processes[emission.process].region
        flow = f"{emission.flow_id}@{region}"
        by_place[flow] = of(emission.flow_id, region)
        emissions.append(replace(emission, flow_id=flow))
    return replace(system, emissions=tuple(emissions), factors=by_place)


@pytest.mark.parametrize("method_id", METHODS)
@pytest.mark.parametrize("template", product_template_names())
def test_every_impact_is_what_bw2calc_gives(template: str, method_id: str) -> None:
    system, found = solved(template)
    impact, expected = found[method_id], BrightwayEngine().score(placed(system, method_id))
    if impact.amount is None:
        # No row has a flow of the method: nothing is told, which is not zero.
        assert set(expected.stages.values()) == {0.0}
        return
    stages = {**impact.stages, **impact.beyond_boundary}
    scale = sum(abs(score) for score in expected.stages.values()) or 1.0
    assert impact.amount == pytest.approx(expected.total, rel=1e-9, abs=1e-12 * scale)
    assert stages == pytest.approx(expected.stages, rel=1e-9, abs=1e-12 * scale)


@pytest.mark.parametrize("template", product_template_names())
def test_what_is_not_separable_is_what_bw2calc_gives_of_published_totals(template: str) -> None:
    system, found = solved(template)
    dataset = load_dataset()
    alone = dict.fromkeys(system.factors, 0.0) | {dataset.aggregated_flow: 1.0}
    expected = BrightwayEngine().score(replace(system, factors=alone)).total
    told = {id_: impact.not_separable_kg_co2e for id_, impact in found.items()}
    counting = {
        row["method_id"]
        for row in table("characterization")
        if row["flow_id"] == dataset.aggregated_flow
    }
    for id_, apart in told.items():
        if id_ in counting or not dataset.methods[id_].is_climate:
            assert apart is None
        else:
            assert apart == pytest.approx(expected, rel=1e-9)
