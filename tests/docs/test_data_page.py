"""The page on the data: what is aggregated, which sources carry it, where the report is."""

import csv
import io
import re
from collections import Counter
from dataclasses import replace

import pytest
from tests.docs.markdown import document, marked_table
from tests.docs.template_impacts import (
    METHOD,
    METHODOLOGY,
    aggregated_percent,
    impacts_of,
    impacts_of_model,
)

from footprint.data.shipped import load_example, load_product_template
from footprint.domain.product_rows import parse_product_model, read_product_document

PAGE = document("docs/data.md")
PLAIN = " ".join(PAGE.split())
DATA = "services/footprint/src/footprint/data"
DATASET = METHODOLOGY.dataset
REPORT = "iea_pvps_t12_19"
EXAMPLE = "example"


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(document(f"{DATA}/{name}.csv"))))


def table(name: str) -> list[dict[str, str]]:
    return rows(f"greenchain_lci/{name}")


AGGREGATED = {row[0].split("`")[1]: row[1:] for row in marked_table(PAGE, "check: aggregated ")}


@pytest.mark.parametrize("product", AGGREGATED)
def test_the_aggregated_share_is_what_is_computed(product: str) -> None:
    if product == EXAMPLE:
        example = load_example()
        found = impacts_of_model(
            parse_product_model(example.header, example.lines, example.sites, DATASET)
        )
    else:
        found = impacts_of(product)
    headline, unit, share = AGGREGATED[product]
    assert headline == f"{found[METHOD].amount:,.1f}"
    assert share == f"{aggregated_percent(found):.1f} %"
    assert unit.startswith("kg CO2e / ")


def test_the_share_of_a_car_driven_in_china_is_what_is_computed() -> None:
    car = load_product_template("bev_compact")
    sites = {"use": {"region": "CN", "year": DATASET.electricity_year}}
    header = {**car.header, "boundary": {**car.header["boundary"], "stage_sites": sites}}
    model = read_product_document(replace(car, header=header), DATASET)
    share = aggregated_percent(impacts_of_model(model))
    assert f"Driven on the Chinese grid, with the rest as it is, {share:.0f} % of it" in PLAIN


def test_the_sources_carry_as_many_exchanges_as_is_said() -> None:
    carried = Counter(row["source_id"] for row in table("exchanges"))
    sources = {row["id"]: row for row in table("sources")}
    licences = {row["id"]: row["redistribution"] for row in table("licences")}
    for named, number, licence, redistribution in marked_table(PAGE, "check: sources "):
        ids = re.findall(r"`([^`]+)`", named)
        if ids[0].endswith("…"):
            ids = [id_ for id_ in sources if id_.startswith(ids[0].rstrip("…"))]
        assert int(number) == sum(carried[id_] for id_ in ids), named
        assert {sources[id_]["licence_id"] for id_ in ids} == {licence.strip("`")}, named
        assert redistribution == licences[licence.strip("`")]


def test_the_activities_with_amounts_of_the_cited_report_are_named() -> None:
    activities = {row["activity_id"] for row in table("exchanges") if row["source_id"] == REPORT}
    (listed,) = re.findall(r"They are in ([^.]+)\.", PLAIN)
    assert set(re.findall(r"`([^`]+)`", listed)) == activities
    open_cases = PAGE[PAGE.index("## Open cases of licences") :]
    (cell,) = re.findall(r"^\| (.+?) \| single amounts of IEA PVPS", open_cases, re.MULTILINE)
    assert set(re.findall(r"`([^`]+)`", cell)) == activities


def test_the_templates_cite_the_report_in_as_many_lines_as_is_said() -> None:
    cited = []
    for template in ("pv_module_topcon_mono", "pv_module_perc_mono"):
        lines = rows(f"products/{template}/bom")
        cited.append(sum("T12-19" in " ".join(filter(None, line.values())) for line in lines))
    assert f"The PV templates cite it for {cited[0]} and {cited[1]} lines" in PLAIN


def test_no_exchange_has_a_source_that_is_refused() -> None:
    refused = {row["id"] for row in table("licences") if row["redistribution"] == "refused"}
    sources = {row["id"] for row in table("sources") if row["licence_id"] in refused}
    assert refused
    assert not {row["source_id"] for row in table("exchanges")} & sources
