"""One cathode plant's year, small enough to check by hand."""

import calendar
from collections.abc import Iterable
from dataclasses import replace

from supplier.domain.activity import StatedRecord
from supplier.domain.calculated_footprint import CalculatedFootprint, DatasetReference
from supplier.domain.declaration import Plant
from supplier.domain.period import StatedPeriod
from supplier.domain.refusal import Reason

YEAR = StatedPeriod("2025-01-01", "2025-12-31")
PLANT = Plant("Suining cathode plant", "CN-SC")


def month(number: int) -> StatedPeriod:
    last = calendar.monthrange(2025, number)[1]
    return StatedPeriod(f"2025-{number:02}-01", f"2025-{number:02}-{last}")


def record(
    record_id: str,
    kind: str,
    item_id: str,
    unit: str,
    period: StatedPeriod = YEAR,
    amount: float = 10.0,
    evidence: str = "meter 7",
) -> StatedRecord:
    return StatedRecord(record_id, period, kind, item_id, amount, unit, evidence)


OUTPUT = record("output.1", "output", "lfp_cathode", "t", amount=1000.0)
POWER = record("power.1", "electricity", "electricity_grid", "kWh", amount=2.5e6)
CO2 = record("co2.1", "direct_emission", "co2_fossil", "kg", amount=300.0)
RECORDS = (OUTPUT, POWER, CO2)
CORRECTED = (OUTPUT, replace(POWER, amount=2.4e6), CO2)


def monthly(*records: StatedRecord) -> list[StatedRecord]:
    """Split yearly records into twelve months each."""
    return [
        replace(
            each,
            record_id=f"{each.record_id}.{number:02}",
            period=month(number),
            amount=each.amount / 12,
        )
        for number in range(1, 13)
        for each in records
    ]


def batches(records: Iterable[StatedRecord], size: int) -> list[list[StatedRecord]]:
    held = list(records)
    return [held[start : start + size] for start in range(0, len(held), size)]


FOOTPRINT_OF_CATHODE = CalculatedFootprint(
    footprint_id="fp-1",
    kg_co2e_per_unit=8.5,
    unit="kg",
    primary_data_share_percent=3.5,
    primary_activity_share_percent=40.0,
    method_id="ipcc_ar6_gwp100_v2",
    dataset=DatasetReference("greenchain-lci", "1.0.0", "a" * 64),
    sha256="b" * 64,
)

REASON = Reason(
    code="footprint.input.unlinked",
    record_id="power.1",
    field="item_id",
    en="nothing in the dataset is called 'electricity_gird'. Did you mean electricity_grid?",
    zh="数据集中没有 'electricity_gird'。您是否指 electricity_grid？",
)
