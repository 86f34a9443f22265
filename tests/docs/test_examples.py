"""The examples in the documents hold: formats parse, figures are those of the data, sums add up."""

import csv
import io
import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from tests.docs.markdown import (
    DOCUMENTS,
    ROOT,
    blocks,
    document,
    marked_block,
    marked_table,
    name_of,
    read,
    tables,
)

from certification.domain.record import FlagCode
from certification.domain.states import TRANSITIONS
from certification.domain.states import State as RecordState
from chassis import units
from chassis.errors import Violation
from footprint.data.shipped import load_dataset
from footprint.domain.dataset import Dataset
from footprint.domain.plant_rows import parse_plant
from footprint.domain.product_footprint import STALE, FootprintState
from footprint.domain.product_rows import parse_product_model
from footprint.domain.result import Scores, Solution, compare_engines, footprint_result
from footprint.domain.rule_pack import AgreementRule
from footprint.domain.supplier import SupplierPcf
from footprint.domain.system import ForegroundLine, LinkedSystem, Process, ProcessKind
from greenchain.supplier.v1 import declaration_pb2
from supplier.domain.activity import FITTING_UNITS, ActivityKind, StatedRecord
from supplier.domain.period import Period, StatedPeriod
from supplier.domain.record_checks import Frame, check_completeness, read_records
from supplier.domain.transitions import TRANSITIONS as DECLARATION_TRANSITIONS
from supplier.domain.transitions import DataRequestState, DeclarationState
from supplier_client import read_records as read_record_file

INVENTORY = ROOT / "services/footprint/src/footprint/data/greenchain_lci"
JANUARY = Period(date(2025, 1, 1), date(2025, 1, 31))


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def inventory(name: str) -> list[dict[str, str]]:
    return rows_of(read(INVENTORY / f"{name}.csv"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_json_examples_are_json(path: Path) -> None:
    for block in blocks(read(path)):
        if block.language == "json":
            json.loads(block.text)


def test_the_python_example_of_an_error_runs_and_speaks_both_languages() -> None:
    names: dict[str, object] = {}
    exec(marked_block(document("CONTRIBUTING.md"), "check: python"), names)
    error = names["SealBroken"](parcel_id="7")  # type: ignore[operator]
    assert "7" in error.message("en")
    assert "7" in error.message("zh")


# ------------------------------------------------------------------------------------- formats


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    return load_dataset()


def test_the_example_of_a_product_model_is_accepted(dataset: Dataset) -> None:
    text = document("docs/product-model.md")
    model = parse_product_model(
        json.loads(marked_block(text, "check: product-model header")),
        rows_of(marked_block(text, "check: product-model lines")),
        rows_of(marked_block(text, "check: product-model sites")),
        dataset,
    )
    assert len(model.lines) == 6
    assert model.lines[1].amount == pytest.approx(0.35)  # 350 g in kg


def test_the_example_of_activity_records_is_accepted_by_footprint(dataset: Dataset) -> None:
    rows = rows_of(marked_block(document("docs/activity-records.md"), "check: activity-records"))
    plant = parse_plant(
        activity_id="lfp_cathode",
        region="CN-SC",
        period_start=JANUARY.start,
        period_end=JANUARY.end,
        rows=rows,
        dataset=dataset,
    )
    assert plant.output == pytest.approx(100_000.0)  # 100 t in kg


def test_the_example_of_activity_records_is_accepted_by_client_and_supplier(
    tmp_path: Path,
) -> None:
    file = tmp_path / "records.csv"
    file.write_text(marked_block(document("docs/activity-records.md"), "check: activity-records"))
    stated = [
        StatedRecord(
            record_id=record.record_id,
            period=StatedPeriod(record.period.start, record.period.end),
            kind=declaration_pb2.ActivityKind.Name(record.kind)
            .removeprefix("ACTIVITY_KIND_")
            .lower(),
            item_id=record.item_id,
            amount=record.quantity.amount,
            unit=record.quantity.unit,
            evidence=record.evidence,
        )
        for record in read_record_file(file)
    ]
    frame = Frame("lfp_cathode", "kg", JANUARY)
    violations: list[Violation] = []
    read_rows = read_records(stated, frame, violations)
    check_completeness([row.record for row in read_rows], frame, violations)
    assert violations == []


def test_the_units_that_fit_a_kind_of_record_are_those_of_the_code() -> None:
    listed = {
        row[0].strip("`"): tuple(re.findall(r"`([^`]+)`", row[2]))
        for header, rows in tables(document("docs/activity-records.md"))
        if header[0] == "kind"
        for row in rows
    }
    assert listed.pop("output") == ()
    assert listed == {kind.value: fitting for kind, fitting in FITTING_UNITS.items()}
    assert {*listed, "output"} == {kind.value for kind in ActivityKind}


# ------------------------------------------------------------------------------------- figures


def numbers(cell: str) -> list[int]:
    """Return the whole numbers of a cell that are no part of a word or year, as it tells them."""
    return [int(number) for number in re.findall(r"(?<![\w-])\d+(?![\w-])", cell)]


def count(name: str, **columns: str) -> int:
    """Count the rows of a table with these values in these columns."""
    return sum(
        all(row[column] == value for column, value in columns.items()) for row in inventory(name)
    )


def test_the_figures_of_the_inventory_are_those_of_its_files() -> None:
    text = document("docs/data.md")
    stated = {
        re.sub(r" [^ -~]+$", "", row[0]): row[1] for row in marked_table(text, "check: inventory ")
    }
    kinds = ("unit_process", "system_process", "market_reference")
    verdicts = ("supported", "screening", "not_supported")
    markets = inventory("markets")
    regions = {row["region"] for row in markets}
    years = sorted({row["year"] for row in markets})
    places = sorted({row["compartment"].partition(",")[0] for row in inventory("elementary_flows")})
    whole = {row["id"] for row in inventory("licences") if row["redistribution"] == "whole"}
    taken = sum(row["licence_id"] in whole for row in inventory("sources"))
    routes = inventory("routes")
    climate = count("methods", kind="climate")
    expected = {
        "activities": [len(inventory("activities")), *(count("activities", kind=k) for k in kinds)],
        "exchanges": [
            len(inventory("exchanges")),
            count("exchanges", exchange_type="technosphere"),
            count("exchanges", exchange_type="elementary"),
        ],
        "elementary flows": [
            len(inventory("elementary_flows")),
            *(
                sum(row["compartment"].startswith(place) for row in inventory("elementary_flows"))
                for place in places
            ),
        ],
        "methods": [
            len(inventory("methods")),
            climate,
            len(inventory("methods")) - climate,
            *(count("methods", verdict=verdict) for verdict in verdicts),
        ],
        "characterization factors": [
            len(inventory("characterization")),
            len(inventory("regional_factors")),
        ],
        "electricity markets": [
            len(markets),
            len(regions),
            sum(region.startswith("CN-") for region in regions),
            *(number for year in years for number in (count("markets", year=year), int(year))),
        ],
        "routes": [len(routes), len({row["reference_id"] for row in routes})],
        "sources": [len(inventory("sources")), taken, len(inventory("sources")) - taken],
        "amounts from IEA PVPS T12-19": [
            sum("t12_19" in row["source_id"] for row in inventory("exchanges"))
        ],
        "contents of elements": [len(inventory("compositions"))],
        "retired ids": [len(inventory("retired"))],
    }
    assert {name: numbers(cell) for name, cell in stated.items()} == expected
    assert all(kind.replace("_", " ") in stated["activities"] for kind in kinds)
    assert all(place in stated["elementary flows"] for place in places)
    version = json.loads(read(INVENTORY / "datapackage.json"))["version"]
    assert f"greenchain-lci {version}" in text


def test_the_counts_of_confidence_are_those_of_the_rows() -> None:
    exchanges = Counter(row["confidence"] for row in inventory("exchanges"))
    activities = Counter(row["confidence"] for row in inventory("activities"))
    stated = marked_table(document("docs/data.md"), "check: confidence ")
    assert {row[0].strip("`"): (int(row[2]), int(row[3])) for row in stated} == {
        name: (exchanges[name], activities[name]) for name in exchanges | activities
    }


def test_the_electricity_factors_are_those_of_the_inventory() -> None:
    """By hand: fossil part and non-fossil part at their factors, and the grid."""
    year = "2023"
    rows = inventory("exchanges")
    factors = {
        row["flow_id"]: float(row["factor"])
        for row in inventory("characterization")
        if row["method_id"] == "ipcc_ar6_gwp100_v2"
    }

    def of(activity_id: str) -> float:
        """Add up an activity of electricity, whose inputs lead to published totals alone."""
        return sum(
            float(row["amount"])
            * (
                of(row["input_id"])
                if row["exchange_type"] == "technosphere"
                else factors.get(row["input_id"], 0.0)
            )
            for row in rows
            if row["activity_id"] == activity_id
        )

    markets = {
        row["region"]: row["activity_id"]
        for row in inventory("markets")
        if row["year"] == year and row["region"].partition("-")[0] == "CN"
    }
    direct = {
        row["region"]: float(row["value"])
        for row in inventory("electricity_direct_factors")
        if row["year"] == year
    }
    stated = marked_table(document("docs/data.md"), "check: electricity ")
    assert [row[0].split()[0] for row in stated] == sorted(markets)
    for place, activity, factor, share in stated:
        region = place.split()[0]
        assert activity.strip("`") == markets[region]
        assert factor == f"{of(markets[region]):.4f}", region
        assert share == f"{100 * direct[region] / direct['CN/fossil']:.1f} %", region


# --------------------------------------------------------------------------------- nomenclature


def test_the_units_are_those_of_the_code_one_quantity_a_row() -> None:
    rows = marked_table(document("docs/nomenclature.md"), "check: units ")
    groups = [re.findall(r"`([^`]+)`", row[1]) for row in rows]
    assert sorted(unit for group in groups for unit in group) == sorted(units.NAMES)
    for group in groups:
        assert all(units.same_dimension(group[0], unit) for unit in group)
    firsts = [group[0] for group in groups]
    assert not any(units.same_dimension(a, b) for a in firsts for b in firsts if a != b)


def test_the_states_and_flags_are_those_of_the_code() -> None:
    rows = marked_table(document("docs/nomenclature.md"), "check: states ")
    stated = {
        row[0].split()[0]: tuple(frozenset(re.findall(r"`([^`]+)`", cell)) for cell in row[1:])
        for row in rows
    }
    none: frozenset[str] = frozenset()
    assert stated == {
        "DataRequest": (frozenset(DataRequestState), none),
        "Declaration": (frozenset(DeclarationState), none),
        "Footprint": (frozenset(FootprintState), frozenset({STALE})),
        "GreenProductRecord": (frozenset(RecordState), frozenset(FlagCode)),
    }


def test_the_transitions_of_a_declaration_are_those_of_the_code() -> None:
    text = document("docs/nomenclature.md")
    stated = {
        (source, target): frozenset(roles)
        for row in marked_table(text, "check: declaration-transitions ")
        for sources, (target,), roles in [[re.findall(r"`([^`]+)`", cell) for cell in row[2:]]]
        for source in sources or [None]
    }
    assert stated == {
        step: roles
        for step, roles in DECLARATION_TRANSITIONS.items()
        if isinstance(step[1], DeclarationState)
    }


def test_the_transitions_of_a_record_are_those_of_the_code() -> None:
    rows = marked_table(document("docs/nomenclature.md"), "check: transitions ")
    stated = {
        row[0].strip("`"): tuple(frozenset(re.findall(r"`([^`]+)`", cell)) for cell in row[2:])
        for row in rows
    }
    assert stated == {
        action: (row.from_states, frozenset({row.to_state}), row.roles)
        for action, row in TRANSITIONS.items()
    }


def test_the_shares_worked_by_hand_are_those_that_the_domain_computes() -> None:
    text = document("docs/nomenclature.md")
    parts = [
        (float(row[1]), float(row[2]), float(row[3]))
        for row in marked_table(text, "example: shares ")
    ]
    result = _result_of(parts)
    results = re.findall(r"= +([\d.]+) (?:kg CO2e|%)$", text, re.MULTILINE)
    footprint, absolute, primary_data, primary_activity = map(float, results)
    assert result.pcf_kg_co2e == pytest.approx(footprint)
    assert sum(abs(emission) for emission, _, _ in parts) == pytest.approx(absolute)
    assert result.primary_data_share_percent == pytest.approx(primary_data)
    assert result.primary_activity_share_percent == pytest.approx(primary_activity)


def _result_of(parts: list[tuple[float, float, float]]):  # type: ignore[no-untyped-def]
    """Build the example's system: one stage whose lines cause the given emissions.

    A share of 100 and 100 is the plant's own emission, 0 and 100 its own energy, anything else a
    supplier's footprint or background data.
    """
    processes = [
        Process("product", "product", "CN", ProcessKind.PRODUCT, "piece", "", ""),
        Process("stage", "stage", "CN", ProcessKind.STAGE, "1", "", ""),
    ]
    unit_scores = [0.0, 0.0]
    foreground, suppliers, factors = [], {}, {}
    for number, (emission, data_share, activity_share) in enumerate(parts):
        own_emission, own_energy = data_share == 100, (data_share, activity_share) == (0, 100)
        supplier, flow_id = None, None
        if own_emission:
            flow_id = f"flow_{number}"
            factors[flow_id] = emission
        else:
            supplier = len(processes)
            processes.append(
                Process(f"p{number}", "p", "CN", ProcessKind.UNIT_PROCESS, "kg", "", "")
            )
            unit_scores.append(emission)
            if not own_energy and activity_share:
                suppliers[supplier] = SupplierPcf(
                    declaration_id="d",
                    version=1,
                    sha256="0" * 64,
                    activity_id="p",
                    region="CN",
                    pcf_kg_co2e=emission,
                    unit="kg",
                    primary_data_share_percent=data_share,
                    primary_activity_share_percent=activity_share,
                    period_start=JANUARY.start,
                    period_end=JANUARY.end,
                )
        foreground.append(
            ForegroundLine(
                line_id=f"l{number}",
                input_id=f"p{number}",
                input_key=f"p{number}",
                supplier=supplier,
                flow_id=flow_id,
                consumer=1,
                amount=1.0,
                own_plant=own_emission or own_energy,
            )
        )
    total = sum(emission for emission, _, _ in parts)
    system = LinkedSystem(
        method_id="m",
        processes=tuple(processes),
        links=(),
        emissions=(),
        factors=factors,
        product=0,
        stages={"stage": 1},
        beyond={},
        foreground=tuple(foreground),
        suppliers=suppliers,
    )
    scores = Scores("by hand", "1", total, {"stage": total})
    supply = (0.0, *(1.0 for _ in processes[1:]))
    solution = Solution(
        scores=scores,
        unit_scores=tuple(unit_scores),
        supply={"stage": supply},
        contributions={"stage": tuple(0.0 for _ in processes)},
        condition=1.0,
    )
    rule = AgreementRule(1e-9, 100, 1e6, 9)
    return footprint_result(system, scores, solution, compare_engines(scores, solution, rule))
