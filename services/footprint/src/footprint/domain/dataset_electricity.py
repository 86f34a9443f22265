"""The one rule that Chinese electricity of a year is derived by.

The fossil share of a region is its direct factor over that of fossil power; the rest is
non-fossil, and every kWh goes through the grid. The nation and its provinces follow it alike.
"""

from collections.abc import Iterator

from footprint.domain.dataset import ActivityKind, Dataset, ElectricityMarket, ExchangeKind
from footprint.domain.dataset_document import DatasetDocument
from footprint.domain.dataset_findings import (
    FactorWithoutMix,
    Finding,
    MixBreaksRule,
    MixWithoutFactor,
)

NATION, FOSSIL = "CN", "CN/fossil"
_FOSSIL, _NON_FOSSIL, _GRID = (
    "electricity_fossil_cn_",
    "electricity_nonfossil_cn_",
    "electricity_network_cn_",
)
#: Shares are written with six decimals.
_ROUNDING = 1e-5


def check_electricity(dataset: Dataset, document: DatasetDocument) -> Iterator[Finding]:
    """Yield Chinese mixes that do not follow from the direct factors of their year.

    A year is looked at if it has direct factors and a Chinese market. A market of an official total
    follows from nothing: nothing is asked of it.
    """
    factors = {
        (row["region"], int(float(row["year"]))): float(row["value"])
        for row in document.rows("electricity_direct_factors")
    }
    markets = {place: market for place, market in dataset.markets.items() if _is_chinese(place[0])}
    years = {year for _, year in markets} & {year for region, year in factors if region == FOSSIL}
    for (region, year), market in markets.items():
        official = dataset.activities[market.activity_id].kind is ActivityKind.SYSTEM_PROCESS
        if year not in years or official:
            continue
        if (region, year) not in factors:
            at = document.at("markets", "region", dataset.electricity_reference, region, str(year))
            yield MixWithoutFactor(at, region, year)
            continue
        direct, fossil = factors[region, year], factors[FOSSIL, year]
        yield from _check_mix(dataset, document, market, direct, fossil)
    for region, year in factors:
        if year in years and _is_chinese(region) and (region, year) not in markets:
            at = document.at("electricity_direct_factors", "region", str(year), region)
            yield FactorWithoutMix(at, region, year)


def _is_chinese(region: str) -> bool:
    """Tell whether it is the nation or a province, not a grid or a part of the mix."""
    return region == NATION or (region.startswith(f"{NATION}-") and "/" not in region)


def _check_mix(
    dataset: Dataset,
    document: DatasetDocument,
    market: ElectricityMarket,
    direct: float,
    fossil: float,
) -> Iterator[Finding]:
    share, year = direct / fossil, market.year
    expected = {
        f"{_FOSSIL}{year}": share,
        f"{_NON_FOSSIL}…": 1.0 - share,
        f"{_GRID}{year}": 1.0,
    }
    amounts = dict.fromkeys(expected, 0.0)
    lines: dict[str, str] = {}
    for exchange in dataset.exchanges[market.activity_id]:
        if exchange.kind is ExchangeKind.ELEMENTARY:
            continue
        part = exchange.input_id
        if part.startswith(_NON_FOSSIL) and part.endswith(str(year)):
            part = f"{_NON_FOSSIL}…"
        amounts[part] = amounts.get(part, 0.0) + exchange.amount
        lines[part] = exchange.line_id
    for part, amount in amounts.items():
        wanted = expected.get(part, 0.0)
        if abs(amount - wanted) > _ROUNDING:
            line_id = lines.get(part, dataset.exchanges[market.activity_id][0].line_id)
            yield MixBreaksRule(
                location=document.at("exchanges", "amount", line_id),
                activity_id=market.activity_id,
                part=part,
                amount=amount,
                expected=wanted,
                region=market.region,
                year=year,
                direct=direct,
                fossil=fossil,
            )
