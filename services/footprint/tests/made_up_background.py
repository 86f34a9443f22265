"""Backgrounds that are made up for tests: chains, waste that is treated, and loops."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from footprint.adapters.backgrounds.collected import (
    About,
    Cells,
    Collected,
    CollectedActivity,
    CollectedFlow,
)

ABOUT = About("made-up", "1", "Made-up background", "None: nobody's data", 2024, "csv")
FLOWS = (
    CollectedFlow("f0", "Carbon dioxide, fossil", "air/unspecified", "124-38-9", "kilogram"),
    CollectedFlow("f1", "Methane, fossil", "air/urban air close to ground", "74-82-8", "kilogram"),
    CollectedFlow("f2", "Sulfur dioxide", "air/unspecified", "7446-09-5", "gram"),
    CollectedFlow("f3", "Unheard-of dust", "air", "", "kilogram"),
    CollectedFlow("f4", "Land, occupied", "natural resource/land", "", "square meter-year"),
)
#: Suppliers that nearly everybody buys from, as electricity and transport are: in loops.
HUBS = 300


@dataclass(frozen=True)
class Size:
    """How much is made up."""

    activities: int
    inputs: int


def make_background(size: Size, seed: int = 1) -> Collected:
    """Return a background with so many inputs for each activity.

    Hubs buy from each other and from anybody, so that most activities stand in one loop.
    """
    rng = np.random.default_rng(seed)
    n, hubs = size.activities, min(HUBS, size.activities // 4)
    consumer = np.repeat(np.arange(n), size.inputs)
    count = len(consumer)
    # Most inputs come from hubs, some from before in the chain; few go round.
    supplier = rng.zipf(1.3, count) % hubs
    back = rng.random(count) < 0.15
    supplier[back] = rng.integers(0, np.maximum(consumer[back], 1))
    round_ = (consumer < hubs) & (rng.random(count) < 0.3)
    supplier[round_] = rng.integers(0, n, int(round_.sum()))
    amount = rng.lognormal(-5.0, 1.5, count).clip(0.0, 0.5) / size.inputs * 5.0
    own = np.arange(n)
    keep = supplier != consumer
    # One in fifty treats waste: it takes its product, and who needs it gives it away.
    sign = np.where(own % 50 == 7, -1.0, 1.0)
    technosphere = Cells(
        np.concatenate([own, supplier[keep]]),
        np.concatenate([own, consumer[keep]]),
        np.concatenate([sign, -amount[keep] * sign[supplier[keep]]]),
    )
    emitter = np.repeat(own, 4)
    biosphere = Cells(
        rng.integers(0, len(FLOWS), len(emitter)), emitter, rng.lognormal(-2.0, 1.0, len(emitter))
    )
    activities = [
        CollectedActivity(
            code=f"{place:032x}",
            name=f"production of thing {place}",
            reference_product=f"thing {place}",
            unit="kilowatt hour" if place % 10 == 3 else "kilogram",
            location="GLO" if place % 3 else "CN",
        )
        for place in range(n)
    ]
    return Collected(activities, FLOWS, technosphere, biosphere)


def write_csv(collected: Collected, folder: Path) -> None:
    """Write a background without waste as CSV tables."""
    codes = [each.code for each in collected.activities]
    units = [each.unit for each in collected.activities]
    tables: dict[str, list[tuple[object, ...]]] = {
        "activities": [("id", "name_en", "reference_product", "unit", "location", "valid_year")],
        "elementary_flows": [("id", "name_en", "compartment", "cas", "unit")],
        "exchanges": [("activity_id", "exchange_type", "input_id", "amount", "unit")],
    }
    for each in collected.activities:
        tables["activities"].append(
            (each.code, each.name, each.reference_product, each.unit, each.location, 2024)
        )
    for flow in collected.flows:
        place = flow.compartment.replace("/", ", ")
        tables["elementary_flows"].append((flow.key, flow.name, place, flow.cas, flow.unit))
    cells = collected.technosphere
    for row, column, amount in zip(
        cells.row.tolist(), cells.column.tolist(), cells.amount.tolist(), strict=True
    ):
        if row != column:
            exchange = (codes[column], "technosphere", codes[row], repr(-amount), units[row])
            tables["exchanges"].append(exchange)
    cells = collected.biosphere
    for row, column, amount in zip(
        cells.row.tolist(), cells.column.tolist(), cells.amount.tolist(), strict=True
    ):
        flow = collected.flows[row]
        tables["exchanges"].append((codes[column], "elementary", flow.key, repr(amount), flow.unit))
    for name, rows in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(rows)
