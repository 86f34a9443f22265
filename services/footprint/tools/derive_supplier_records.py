"""Derive the example suppliers' activity records from the cited activities.

Run after a change of the dataset or of ``suppliers/changes.json``::

    python services/footprint/tools/derive_supplier_records.py

No random number is involved; a test checks that the shipped files are what this writes.
"""

import csv
import io
import json
from calendar import monthrange
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from chassis import units
from footprint.data.shipped import load_dataset
from footprint.domain.dataset import Dataset, ExchangeKind

SUPPLIERS = Path(str(resources.files("footprint.data"))) / "examples/lfp_battery_pack/suppliers"
FIELDS = (
    "record_id",
    "period_start",
    "period_end",
    "kind",
    "item_id",
    "amount",
    "unit",
    "evidence",
    "note",
)
ROOF = "electricity_pv_cn_2023"
HEAT = "heat_natural_gas"

Record = dict[str, str]


def supplier_files() -> dict[str, str]:
    """Return the text of every file by its name."""
    changes = json.loads((SUPPLIERS / "changes.json").read_text(encoding="utf-8"))
    dataset = load_dataset()
    files = {}
    for plant, change in changes["plants"].items():
        records = list(_year(change, changes["year"], dataset))
        files[f"{plant}.csv"] = _csv(records)
        if change["corrections"]:
            files[f"{plant}_corrected.csv"] = _csv(_corrected(records, change["corrections"]))
    return files


def _year(change: Mapping[str, Any], year: int, dataset: Dataset) -> Iterator[Record]:
    for month in range(1, 13):
        for kind, item_id, amount, unit, evidence in _month(change, month - 1, dataset):
            yield {
                "record_id": f"{change['activity_id']}.{year}-{month:02d}.{item_id}",
                "period_start": f"{year}-{month:02d}-01",
                "period_end": f"{year}-{month:02d}-{monthrange(year, month)[1]}",
                "kind": kind,
                "item_id": item_id,
                "amount": amount,
                "unit": unit,
                "evidence": f"illustrative: {evidence}",
                "note": "illustrative, derived from the cited activity",
            }


def _month(
    change: Mapping[str, Any], month: int, dataset: Dataset
) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield kind, item, amount, unit and evidence of one month's records."""
    tonnes = change["output_t"][month]
    activity_id = change["activity_id"]
    made = units.convert(tonnes, "t", dataset.activities[activity_id].unit)
    yield "output", activity_id, str(tonnes), "t", "packing list"
    for exchange in dataset.exchanges[activity_id]:
        amount = made * exchange.amount
        item_id = exchange.input_id
        if item_id == dataset.electricity_reference:
            amount *= change["electricity_factor"][month]
            heat = amount * change["heat_for_electricity_percent"] / 100
            roof = (amount - heat) * change["roof_share_percent"][month] / 100
            yield "electricity", item_id, f"{amount - heat - roof:.0f}", "kWh", "grid meter"
            yield "electricity", ROOF, f"{roof:.0f}", "kWh", "inverter meter"
            if heat:
                burnt = units.convert(heat, "kWh", "MJ")
                yield "fuel", HEAT, f"{burnt:.0f}", "MJ", "gas meter"
        elif exchange.kind is ExchangeKind.ELEMENTARY:
            # What the furnace gives off follows the material that goes in.
            amount = units.convert(amount * change["material_factor"][month], "kg", "t")
            yield "direct_emission", item_id, f"{amount:.3f}", "t", "mass balance"
        else:
            amount *= change["material_factor"][month]
            if exchange.unit == "kg":
                weighed = units.convert(amount, "kg", "t")
                yield "material", item_id, f"{weighed:.3f}", "t", "weighbridge"
            else:
                yield "material", item_id, f"{amount:.0f}", exchange.unit, "flow meter"


def _corrected(records: list[Record], corrections: Mapping[str, Mapping[str, Any]]) -> list[Record]:
    corrected = []
    for record in records:
        change = corrections.get(record["record_id"])
        if change is not None:
            amount = float(record["amount"]) * change["factor"]
            record = {
                **record,
                "amount": f"{amount:.0f}",
                "evidence": f"illustrative: {change['evidence']}",
            }
        corrected.append(record)
    return corrected


def _csv(records: list[Record]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, FIELDS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


if __name__ == "__main__":
    for file_name, content in supplier_files().items():
        (SUPPLIERS / file_name).write_text(content, encoding="utf-8", newline="")
