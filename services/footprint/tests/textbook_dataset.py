"""Datasets that can be computed by hand, made of rows."""

import csv
import json
from pathlib import Path
from typing import Any

from footprint.domain.dataset import Dataset
from footprint.domain.dataset_columns import PEDIGREE
from footprint.domain.dataset_document import ALL_COLUMNS, DatasetDocument

#: Columns by which a row of a dataset says where it comes from.
CITED = {
    "source_id": "textbook",
    "source_locator": "page 1",
    "confidence": "verified in source text",
}


HEADER: dict[str, Any] = {
    "name": "textbook",
    "version": "1",
    "greenchain": {
        "description": {"en": "Of a textbook.", "zh": "取自教科书。"},
        "default_region": "A",
        "electricity_year": 2024,
        "electricity_reference": "grid",
        "aggregated_flow": "co2e",
    },
}

Table = list[dict[str, str]]


def textbook_dataset(activities: Table, exchanges: Table, **more: Table) -> Dataset:
    """Return a dataset of some activities, with two regions and the methods `gwp` and `gwp20`."""
    return textbook_document(activities, exchanges, **more).dataset()


def textbook_document(activities: Table, exchanges: Table, **more: Table) -> DatasetDocument:
    """Return the same, unread."""
    tables = {
        "licences": [
            {
                "id": "fact",
                "title": "single fact",
                "url": "",
                "redistribution": "fact",
                "evidence": "-",
            }
        ],
        "sources": [
            {
                "id": "textbook",
                "title": "textbook",
                "year": "2024",
                "doi_or_url": "",
                "licence_id": "fact",
                "evidence": "read",
                "note": "",
            }
        ],
        "activities": activities,
        "exchanges": exchanges,
        "elementary_flows": [flow("co2", "kg"), flow("co2e", "kg CO2e"), flow("ch4", "kg")],
        "methods": [method("gwp"), method("gwp20")],
        "characterization": [
            factor("gwp", "co2", 1, "kg"),
            factor("gwp", "co2e", 1, "kg CO2e"),
            factor("gwp20", "co2", 1, "kg"),
            factor("gwp20", "ch4", 80, "kg"),
        ],
        "markets": [market("A", "power_a"), market("B", "power_b")],
        **{
            name: []
            for name in ("regional_factors", "coverage", "routes", "compositions", "retired")
        },
        **more,
    }
    return DatasetDocument(HEADER, tables, "0" * 64)


def write_dataset(folder: Path, document: DatasetDocument) -> Path:
    """Write a dataset as a package of CSV files."""
    folder.mkdir(parents=True, exist_ok=True)
    resources = [{"path": f"{name}.csv"} for name in document.tables]
    header = {**document.header, "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(header), encoding="utf-8")
    for name, rows in document.tables.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, ALL_COLUMNS[name], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder


def composition(item_id: str, element: str, kg_per_unit: float) -> dict[str, str]:
    """Return a row of `compositions.csv`."""
    content = {"item_id": item_id, "element": element, "kg_per_unit": str(kg_per_unit)}
    return {**content, **CITED}


def market(region: str, activity_id: str, year: int = 2024) -> dict[str, str]:
    """Return a row of `markets.csv`."""
    return {
        "reference_id": "grid",
        "region": region,
        "year": str(year),
        "activity_id": activity_id,
        "note": "",
        **CITED,
    }


def method(id_: str, **more: str) -> dict[str, str]:
    """Return a row of `methods.csv`."""
    return {
        "id": id_,
        "name_en": id_,
        "name_zh": id_,
        "category": "climate_change",
        "unit": "kg CO2e",
        "version": "1",
        "kind": "climate",
        "threshold_percent": "0",
        "verdict": "supported",
        "note_en": "-",
        "note_zh": "-",
        "source_id": "textbook",
        "source_locator": "page 1",
        **more,
    }


def activity(id_: str, unit: str, kind: str, **more: str) -> dict[str, str]:
    """Return a row of `activities.csv`."""
    return {
        "id": id_,
        "name_en": id_,
        "name_zh": id_,
        "reference_product": more.get("product", id_),
        "unit": unit,
        "location": more.get("location", "A"),
        "kind": kind,
        "sector": more.get("sector", "materials"),
        "valid_year": "2024",
        "technology_comment": "",
        **dict.fromkeys(PEDIGREE, "1"),
        **CITED,
    }


def exchange(of: str, kind: str, input_id: str, amount: float, unit: str) -> dict[str, str]:
    """Return a row of `exchanges.csv`."""
    return {
        "line_id": f"{of}.{input_id}",
        "activity_id": of,
        "exchange_type": kind,
        "input_id": input_id,
        "amount": str(amount),
        "unit": unit,
        "uncertainty_type": "none",
        "gsd": "",
        "min": "",
        "max": "",
        **CITED,
    }


def flow(id_: str, unit: str) -> dict[str, str]:
    """Return a row of `elementary_flows.csv`."""
    names = {"name_en": id_, "name_zh": id_}
    return {"id": id_, "compartment": "air", "cas": "", "unit": unit, **names}


def factor(method_id: str, flow_id: str, value: float, unit: str) -> dict[str, str]:
    """Return a row of `characterization.csv`."""
    return {
        "method_id": method_id,
        "flow_id": flow_id,
        "factor": str(value),
        "unit": f"kg CO2e/{unit}",
        "note": "",
        **CITED,
    }
