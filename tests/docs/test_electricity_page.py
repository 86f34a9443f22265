"""The page on electricity: every factor, share and spread is that of the shipped dataset."""

import csv
import io
import re
from functools import cache

import pytest
from tests.docs.markdown import document, marked_table
from tests.docs.template_impacts import METHODOLOGY
from tests.docs.template_impacts import unit_scores as factors

from footprint.domain.dataset import Exchange

PAGE = document("docs/electricity.md")
FOLDER = "services/footprint/src/footprint/data/greenchain_lci"
DATASET = METHODOLOGY.dataset
FOSSIL, NONFOSSIL, NETWORK = (
    f"electricity_{part}_cn_2023" for part in ("fossil", "nonfossil", "network")
)


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(document(f"{FOLDER}/{name}.csv"))))


@cache
def direct(year: str = "2023") -> dict[str, float]:
    """Return the direct factors of a year by region [kg CO2 / kWh]."""
    table = rows("electricity_direct_factors")
    return {row["region"]: float(row["value"]) for row in table if row["year"] == year}


def supplier(region: str, year: int = 2023) -> str:
    return DATASET.markets[region, year].activity_id


def four(value: float) -> str:
    return f"{value:.4f}"


class Mix:
    """A Chinese mix of 2023 as the dataset has it."""

    def __init__(self, activity_id: str) -> None:
        by_input = {each.input_id: each for each in DATASET.exchanges[activity_id]}
        self.fossil: Exchange = by_input.pop(FOSSIL)
        self.network: Exchange = by_input.pop(NETWORK)
        (self.nonfossil,) = by_input.values()

    @property
    def is_own(self) -> bool:
        return self.nonfossil.input_id != NONFOSSIL

    @property
    def other_nonfossil(self) -> float:
        """Return the non-fossil value at the end of the uncertainty; of the nation its own."""
        bounds, amount = self.nonfossil.uncertainty, self.nonfossil.amount
        ends = [end for end in (bounds.minimum, bounds.maximum) if end not in (None, amount)]
        (end,) = ends or [amount]
        assert end is not None
        return factors()[self.nonfossil.input_id] * end / amount

    def factor(self, fossil: float, nonfossil: float) -> float:
        grid = factors()[NETWORK]
        return self.fossil.amount * fossil + self.nonfossil.amount * nonfossil + grid


@cache
def fossil_bounds() -> tuple[float, float]:
    """Return the ends of the fossil factor: weighted with gas, and meeting the official nation."""
    by_input = {each.input_id: each for each in DATASET.exchanges[FOSSIL]}
    bounds = by_input["co2e_aggregated"].uncertainty
    burned = by_input["co2_fossil"].amount
    assert bounds.minimum is not None
    assert bounds.maximum is not None
    return burned + bounds.minimum, burned + bounds.maximum


def test_the_numbers_of_the_rule_are_those_of_the_rows() -> None:
    fossil, grid = factors()[FOSSIL], factors()[NETWORK]
    assert f"s      = direct factor / {direct()['CN/fossil']} " in PAGE
    assert f"factor = s · {fossil:.3f} + (1 − s) · non-fossil + {grid:.4f}\n" in PAGE
    by_input = {each.input_id: each.amount for each in DATASET.exchanges[FOSSIL]}
    assert f"{by_input['co2_fossil']} kg fossil CO2 as such" in PAGE
    assert f"{by_input['co2e_aggregated']} kg CO2e aggregated" in PAGE


def test_the_ends_of_the_fossil_factor_are_those_of_its_uncertainty() -> None:
    low, high = fossil_bounds()
    nation = Mix(supplier("CN"))
    official = factors()["electricity_cn_2023_official"]
    with_gas = nation.factor(low, factors()[NONFOSSIL])
    assert f"it would be {low:.4f} and the nation {with_gas:.4f}" in PAGE
    assert f"({100 * (with_gas / official - 1):.1f} % against the official value)" in PAGE
    assert f"it would be {high:.4f}. These" in PAGE
    assert nation.factor(high, factors()[NONFOSSIL]) == pytest.approx(official, abs=5e-5)


def test_the_non_fossil_mean_of_the_nation_is_that_of_its_technologies() -> None:
    technologies = [each.input_id for each in DATASET.exchanges[NONFOSSIL]]
    stated = ", ".join(four(factors()[each]) for each in technologies)
    assert re.search(rf"with\s+{stated}: \*\*{factors()[NONFOSSIL]:.4f}\*\*", PAGE)


def test_what_can_be_told_by_gas_is_the_direct_part() -> None:
    mix = Mix(supplier("CN"))
    share = 100 * mix.fossil.amount * direct()["CN/fossil"] / factors()[supplier("CN")]
    assert f"{share:.0f} % of the national factor" in PAGE


def test_the_nation_stands_beside_its_official_value() -> None:
    derived = {2023: factors()[supplier("CN")], 2024: factors()[supplier("CN", 2024)]}
    official = factors()["electricity_cn_2023_official"]
    table = {row[0]: row for row in marked_table(PAGE, "check: electricity-nation ")}
    assert table["2023"][1].startswith(f"{derived[2023]:.4f} (`{supplier('CN')}`")
    assert table["2023"][2].startswith(f"{official:.4f} (`electricity_cn_2023_official`")
    assert table["2023"][3] == f"{100 * (derived[2023] / official - 1):.2f} %"
    assert table["2024"][2].startswith(f"{derived[2024]:.4f} (`{supplier('CN', 2024)}`")
    residual = Mix("electricity_cn_residual_2023")
    assert table["2023 residual"][1].startswith(
        f"{factors()['electricity_cn_residual_2023']:.4f} (`electricity_cn_residual_2023`"
    )
    assert residual.fossil.amount == pytest.approx(
        direct()["CN/without-market-traded-nonfossil"] / direct()["CN/fossil"], abs=1e-6
    )
    more = 100 * (factors()["electricity_cn_residual_2023"] / derived[2023] - 1)
    assert f"(+{more:.1f} % against the average)" in PAGE
    assert (four(derived[2023]), four(official)) == ("0.6188", "0.6205")


def test_the_table_of_provinces_is_that_of_the_dataset() -> None:
    table = marked_table(PAGE, "check: electricity-provinces ")
    provinces = {region for region, year in DATASET.markets if year == 2023 and "-" in region}
    assert sorted(row[1] for row in table) == sorted({*provinces, "CN"})
    low, high = fossil_bounds()
    for _, region, stated_direct, share, nonfossil, origin, covers, factor, spread, mean in table:
        id_ = supplier(region)
        mix = Mix(id_)
        own, other = factors()[mix.nonfossil.input_id], mix.other_nonfossil
        ends = mix.factor(low, min(own, other)), mix.factor(high, max(own, other))
        assert stated_direct == four(direct()[region]), region
        assert share == four(direct()[region] / direct()["CN/fossil"]), region
        assert float(share) == pytest.approx(mix.fossil.amount, abs=5e-5), region
        assert nonfossil == four(own), region
        assert factor == f"**{factors()[id_]:.4f}**", region
        assert spread == f"{ends[0]:.3f}–{ends[1]:.3f}", region
        if region == "CN":
            assert mean == f"official {factors()['electricity_cn_2023_official']:.4f}"
            continue
        comment = DATASET.activities[id_].technology_comment
        assert mix.is_own == (origin == "own"), region
        assert [covers.replace(" ", "")] == re.findall(r"covers (?:only )?(\d+%)", comment), region
        with_mean = mix.factor(factors()[FOSSIL], factors()[NONFOSSIL])
        assert mean == four(with_mean), region


def test_the_choice_of_the_non_fossil_part_moves_factors_by_what_is_said() -> None:
    table = marked_table(PAGE, "check: electricity-provinces ")
    codes = [row[1] for row in table if row[5] == "own"]
    assert f"{len(codes)} provinces" in PAGE
    moved = {}
    for region in codes:
        mix = Mix(supplier(region))
        moved[region] = abs(
            mix.factor(factors()[FOSSIL], factors()[NONFOSSIL]) - factors()[supplier(region)]
        )
    largest = max(moved, key=lambda region: moved[region])
    assert largest == "CN-SC"
    assert f"by at most {moved[largest]:.4f} (Sichuan)" in " ".join(PAGE.split())


def test_the_technologies_are_those_of_both_years() -> None:
    technologies = ["coal", "gas", "hydro", "nuclear", "wind", "pv", "csp", "biomass", "network"]
    table = marked_table(PAGE, "check: electricity-technologies ")
    stated = [tuple(row[1:]) for row in table]
    expected = [
        tuple(four(factors()[f"electricity_{each}_cn_{year}"]) for year in (2023, 2024))
        for each in technologies
    ]
    losses = four(factors()["electricity_network_losses_cn_2024"])
    assert stated == [*expected, ("not published", losses)]


def test_the_years_are_those_of_the_markets() -> None:
    table = {row[0]: row for row in marked_table(PAGE, "check: electricity-years ")}
    foreign = {
        year: len(
            {
                region
                for region, of in DATASET.markets
                if of == int(year) and not region.startswith("CN")
            }
        )
        for year in table
    }
    stated = {year: int((re.match(r"\d+", row[4]) or ["0"])[0]) for year, row in table.items()}
    assert stated == foreign


def test_other_countries_are_those_with_a_market() -> None:
    regions = sorted({region for region, _ in DATASET.markets if not region.startswith("CN")})
    (named,) = re.findall(r"(\d+) regions \(([^)]+)\)", PAGE)
    assert int(named[0]) == len(regions)
    assert re.split(r",\s+", named[1]) == regions


@pytest.mark.parametrize(
    "id_",
    [
        *(f"electricity_cn_ember_{year}" for year in (2022, 2023, 2024)),
        *(f"electricity_cd_{year}" for year in (2022, 2023)),
        "electricity_gb_2025",
        "electricity_gb_2024",
        "electricity_de_2023",
    ],
)
def test_a_factor_that_is_told_in_prose_is_that_of_its_activity(id_: str) -> None:
    assert four(factors()[id_]) in PAGE
