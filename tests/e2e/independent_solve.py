"""The headline once more, from the shipped tables, by a dense solve that shares no code with us.

Reads the CSV files as a stranger would and knows the rules of linking alone: an activity per site,
grid electricity from the market of the consumer's region, the default route of every reference,
published totals where they were published, suppliers' records divided by their output, suppliers'
footprints for the maker's own lines.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np

METHOD = "ipcc_ar6_gwp100_v2"
# What the records' units are in the units of the tables.
IN_TABLE_UNIT = {("t", "kg"): 1000.0}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class Background:
    """Unit scores [kg CO2e / unit] of every activity at some regions, by one dense solve.

    Parameters
    ----------
    regions
        Where consumers stand, besides the default region.
    """

    def __init__(self, folder: Path, regions: Iterable[str], method: str = METHOD) -> None:
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        self.header = package["greenchain"]
        self.activities = {row["id"]: row for row in rows(folder / "activities.csv")}
        self.flows = {row["id"]: row for row in rows(folder / "elementary_flows.csv")}
        self.factors = {
            row["flow_id"]: float(row["factor"])
            for row in rows(folder / "characterization.csv")
            if row["method_id"] == method
        }
        climate = {row["id"] for row in rows(folder / "methods.csv") if row["kind"] == "climate"}
        gases = {
            row["flow_id"]
            for row in rows(folder / "characterization.csv")
            if row["method_id"] in climate
        }
        # What is no greenhouse gas in any method does not count; a gas without a factor would.
        assert gases <= self.factors.keys()
        self.market = {
            row["region"]: row["activity_id"]
            for row in rows(folder / "markets.csv")
            if row["year"] == str(self.header["electricity_year"])
        }
        self.route = {
            row["reference_id"]: row["activity_id"]
            for row in rows(folder / "routes.csv")
            if row["is_default"] == "true"
        }
        self.index: dict[tuple[str, str], int] = {}
        for region in {self.header["default_region"], *regions}:
            for activity_id in self.activities:
                self.index.setdefault(self.place(activity_id, region, region), len(self.index))
        size = len(self.index)
        technosphere, impact = np.eye(size), np.zeros(size)
        by_activity = defaultdict(list)
        for row in rows(folder / "exchanges.csv"):
            by_activity[row["activity_id"]].append(row)
        for (activity_id, region), column in self.index.items():
            for row in by_activity[activity_id]:
                amount = float(row["amount"])
                if row["exchange_type"] == "elementary":
                    impact[column] += amount * self.factors.get(row["input_id"], 0.0)
                else:
                    at = self.place(row["input_id"], self.header["default_region"], region)
                    technosphere[self.index[at], column] -= amount
        self.scores = np.linalg.solve(technosphere.T, impact)

    def place(self, activity_id: str, own_region: str, consumer_region: str) -> tuple[str, str]:
        """Which instance a consumer buys from."""
        if activity_id == self.header["electricity_reference"]:
            activity_id, own_region = self.market[consumer_region], consumer_region
        activity_id = self.route.get(activity_id, activity_id)
        activity = self.activities[activity_id]
        if activity["kind"] == "system_process":
            return activity_id, activity["location"]
        return activity_id, own_region

    def per_table_unit(self, item_id: str, unit: str) -> float:
        """How much of the item's own unit a stated unit is."""
        own = (self.activities.get(item_id) or self.flows[item_id])["unit"]
        return 1.0 if unit == own else IN_TABLE_UNIT[unit, own]

    def score(self, activity_id: str, consumer_region: str) -> float:
        at = self.place(activity_id, self.header["default_region"], consumer_region)
        return float(self.scores[self.index[at]])


def supplier_footprint(background: Background, records: Path, region: str) -> float:
    """Return a plant's footprint [kg CO2e / unit of output] from its monthly records."""
    total, output = 0.0, 0.0
    for row in rows(records):
        amount = float(row["amount"]) * background.per_table_unit(row["item_id"], row["unit"])
        if row["kind"] == "output":
            output += amount
        elif row["kind"] == "direct_emission":
            total += amount * background.factors[row["item_id"]]
        else:
            total += amount * background.score(row["item_id"], region)
    return total / output


def product_footprint(
    background: Background, folder: Path, suppliers: dict[str, float]
) -> dict[str, float]:
    """Return the product's stages [kg CO2e / declared unit]."""
    header = json.loads((folder / "product.json").read_text(encoding="utf-8"))
    stages: dict[str, float] = defaultdict(float)
    for row in rows(folder / "bom.csv"):
        unit_score = suppliers.get(row["input_id"])
        if unit_score is None:
            unit_score = background.score(row["input_id"], header["plant_region"])
        assert background.per_table_unit(row["input_id"], row["unit"]) == 1.0
        stages[row["stage"]] += float(row["amount"]) * unit_score
    return dict(stages)
