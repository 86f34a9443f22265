"""What `footprint montecarlo`, `compare` and `sensitivity` print."""

from collections.abc import Callable
from typing import Any

import pytest
from rich.cells import cell_len

from greenchain_cli import language

WIDTHS = [60, 80, 120]

Shown = Callable[..., str]


def found(kind: str, result: dict[str, Any], **more: Any) -> dict[str, Any]:
    name = {"en": "", "zh": ""}
    return {
        "format": "greenchain-analysis/1",
        "kind": kind,
        "model": {"id": "pack", "name": name, "sha256": "5" * 40},
        "demand": {"product": "pack", "amount": 1.0, "unit": "piece"},
        "scenario": None,
        "engine": {"name": "greenchain", "version": "0.1.0", "instruction_set": "avx2"},
        "warnings": [],
        "results": [{"method": {"id": "gwp100", "unit": "kg CO2e", "name": name}} | result],
        **more,
    }


def summary(low: float = 8.0, high: float = 16.0, **more: Any) -> dict[str, Any]:
    """Return the summary of scores that are spread evenly."""
    span = high - low
    probabilities = ("0.025", "0.05", "0.25", "0.5", "0.75", "0.95", "0.975")
    middle = (low + high) / 2
    samples = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000]
    halves = [span / (3 * n**0.5) for n in samples]
    return {
        "samples": 10000,
        "mean": middle,
        "standard_deviation": span / 3.464,
        "standard_error": span / 346.4,
        "median": middle,
        "minimum": low,
        "maximum": high,
        "quantiles": {each: low + float(each) * span for each in probabilities},
        "histogram": {"edges": [low + n * span / 20 for n in range(21)], "counts": [500] * 20},
        "convergence": {
            "samples": samples,
            "mean": [middle for _ in samples],
            "standard_error": [half / 2 for half in halves],
            "lower": [middle - half for half in halves],
            "upper": [middle + half for half in halves],
        },
        **more,
    }


def fits(printed: str, width: int) -> bool:
    """Tell whether pictures and tables fit; a terminal breaks prose by itself."""
    lines = [line for line in printed.splitlines() if "  " in line.strip()]
    return max(map(cell_len, lines)) <= width


def monte_carlo(**more: Any) -> dict[str, Any]:
    result = {
        "score": 11.0,
        "summary": summary(),
        "above_deterministic": 0.625,
        "note": {"en": "The mean lies above.", "zh": "均值偏高。"},
        "resolved": 0,
        "scores": [],
    }
    return found("montecarlo", result | more)


class TestMonteCarlo:
    def test_it_names_what_the_samples_say(self, shown: Shown) -> None:
        printed = shown(monte_carlo())
        for told in (
            "score, deterministic        11.00",
            "mean                        12.00",
            "samples                     10000",
            "2.5 % quantile              8.200",
            "97.5 % quantile             15.80",
            "The mean lies above.",
            "62.5 % of the samples lie above the deterministic score.",
            "greenchain 0.1.0 (avx2)",
        ):
            assert told in printed

    def test_interval_median_and_deterministic_score_stand_on_the_axis(self, shown: Shown) -> None:
        axis = next(line for line in shown(monte_carlo()).splitlines() if line.count("─") > 20)
        # 8 … 16 on 64 cells: eight cells a unit.
        assert [axis.index(mark) for mark in "├◆┼┤"] == [1, 24, 32, 62]

    def test_the_mean_is_seen_to_settle(self, shown: Shown) -> None:
        lines = shown(monte_carlo()).split("Convergence")[1].splitlines()
        widths = [line.count("█") for line in lines if "±" in line]
        assert widths[0] > 20
        assert widths == sorted(widths, reverse=True)
        assert [line.split()[0] for line in lines if "±" in line][-1] == "10000"

    def test_samples_that_were_solved_directly_are_told(self, shown: Shown) -> None:
        assert "directly" not in shown(monte_carlo())
        assert "3 samples were solved directly." in shown(monte_carlo(resolved=3))

    def test_one_sample_has_no_spread(self, shown: Shown) -> None:
        nothing: dict[str, list[float]] = {
            each: [] for each in ("samples", "mean", "standard_error", "lower", "upper")
        }
        one = summary(
            9.0, 9.0, standard_deviation=None, standard_error=None, convergence=nothing
        ) | {"histogram": {"edges": [9.0, 9.0], "counts": [1]}}
        printed = shown(monte_carlo(summary=one))
        assert "standard" not in printed
        assert "Convergence" not in printed

    @pytest.mark.parametrize("spoken", language.LANGUAGES)
    @pytest.mark.parametrize("width", WIDTHS)
    @pytest.mark.parametrize("ends", [(8.0, 16.0), (-3e-9, 2e-9), (0.0, 0.0), (-2e12, -1e12)])
    def test_it_fits(
        self, shown: Shown, width: int, spoken: str, ends: tuple[float, float]
    ) -> None:
        language.speak(spoken)
        assert fits(shown(monte_carlo(summary=summary(*ends)), width), width)

    def test_it_is_shown_in_chinese(self, shown: Shown) -> None:
        language.speak("zh")
        printed = shown(monte_carlo())
        for told in ("中位数", "均值偏高。", "62.5 % 的样本高于确定性得分。", "均值的收敛"):
            assert told in printed
        assert "quantile" not in printed


def comparison(**more: Any) -> dict[str, Any]:
    result = {
        "first": {"score": 11.0, "summary": summary()},
        "other": {"score": 12.5, "summary": summary(9.0, 17.0)},
        "probability_lower": 0.75,
        "interval": [0.72, 0.78],
        "ties": 0,
        "difference": summary(-3.0, 1.0),
        "ratio": summary(0.5, 1.5),
    }
    other = {"demand": {"product": "pack", "amount": 1.0, "unit": "piece"}, "scenario": "brine"}
    return found("compare", result | more, other=other)


class TestComparison:
    def test_it_says_how_probably_the_first_is_lower(self, shown: Shown) -> None:
        printed = shown(comparison())
        assert (
            "The first variant is lower with a probability of 75.0 % "
            "(95 % interval 72.0 % … 78.0 %)." in printed
        )
        lower, higher = (line for line in printed.splitlines() if " is lower  " in line)
        assert (lower.count("█"), higher.count("█")) == (32, 10)

    def test_it_says_so_of_the_variant_that_is_lower_more_often(self, shown: Shown) -> None:
        assert (
            "The other variant is lower with a probability of 90.0 % "
            "(95 % interval 88.0 % … 92.0 %)."
        ) in shown(comparison(probability_lower=0.1, interval=[0.08, 0.12]))
        language.speak("zh")
        assert "第一方案更低的概率为 75.0 %" in shown(comparison())

    def test_both_variants_are_named(self, shown: Shown) -> None:
        printed = shown(comparison())
        assert "other scenario  brine" in printed
        assert "first  11.00          12.00  8.200 … 15.80" in printed
        assert "other  12.50          13.00  9.200 … 16.80" in printed

    def test_the_difference_is_drawn_with_zero_on_its_axis(self, shown: Shown) -> None:
        axis = next(line for line in shown(comparison()).splitlines() if line.count("─") > 20)
        # −3 … 1 on 64 cells: 16 cells a unit.
        assert axis.index("0") == 48

    def test_where_all_differences_have_one_sign_zero_is_not_on_the_axis(
        self, shown: Shown
    ) -> None:
        printed = shown(comparison(difference=summary(1.0, 2.0)))
        axis = next(line for line in printed.splitlines() if line.count("─") > 20)
        assert "0" not in axis
        assert "no difference" not in printed

    def test_equal_samples_are_on_neither_side(self, shown: Shown) -> None:
        assert "equal" not in shown(comparison())
        samples = summary(-3.0, 1.0)["samples"]
        printed = shown(comparison(probability_lower=0.6, ties=samples // 2))
        assert (
            "In 50.0 % of the samples both are equal, in 35.0 % the first is lower, "
            "in 15.0 % the other." in printed
        )
        assert "probability" not in printed
        language.speak("zh")
        assert "50.0 % 的样本两者相等" in shown(
            comparison(probability_lower=0.6, ties=samples // 2)
        )


def an_input(id_: str, **more: Any) -> dict[str, str]:
    empty = dict.fromkeys(("activity", "item", "unit", "source", "confidence"), "")
    return {"kind": "exchange", "id": id_} | empty | more


STEEL = an_input(
    "bicycle_assembly.inputs.0", item="steel", unit="kg", source="own", confidence="measured"
)
ROUTE = an_input("lithium_route", kind="choice")


def sensitivity(**more: Any) -> dict[str, Any]:
    result = {
        "score": 12.0,
        "variance": 4.0,
        "sampled_variance": 6.25,
        "note": {"en": "", "zh": ""},
        "inputs": [
            {
                "input": STEEL,
                "amount": 12.0,
                "gradient": 2.2,
                "variance_share": 0.8,
                "rank_correlation": -0.9,
            },
            {
                "input": ROUTE,
                "amount": None,
                "gradient": None,
                "variance_share": 0.2,
                "rank_correlation": None,
            },
        ],
        "tornado": [
            {
                "input": STEEL,
                "low": {"amount": 10.0, "option": "", "score": 16.0},
                "high": {"amount": 14.0, "option": "", "score": 8.0},
            },
            {
                "input": ROUTE,
                "low": {"amount": None, "option": "brine", "score": 10.0},
                "high": {"amount": None, "option": "spodumene", "score": 12.0},
            },
        ],
    }
    return found("sensitivity", result | more)


class TestSensitivity:
    def test_a_tornado_shows_how_far_each_input_moves_the_score(self, shown: Shown) -> None:
        printed = shown(sensitivity(), 120).split("Share of the variance")[0]
        steel = next(line for line in printed.splitlines() if "inputs.0 (own)" in line)
        route = next(line for line in printed.splitlines() if line.startswith("lithium_route"))
        # 8 … 16 on 32 cells: four cells a unit.
        assert (steel.count("█"), route.count("█")) == (32, 8)
        assert steel.split()[-2:] == ["16.00", "8.000"]
        assert route.split()[-2:] == ["10.00", "12.00"]

    def test_shares_of_the_variance_name_the_exchange_and_its_source(self, shown: Shown) -> None:
        lines = shown(sensitivity(), 120).split("Share of the variance")[1].splitlines()
        steel = next(line for line in lines if "bicycle_assembly.inputs.0 (own)" in line)
        assert steel.split()[-3:] == ["80.0", "%", "-0.90"]
        assert next(line for line in lines if "lithium" in line).endswith("–")

    def test_each_input_is_listed_with_how_it_varies(self, shown: Shown) -> None:
        lines = shown(sensitivity(), 120).split("The inputs")[1].splitlines()
        steel = next(line for line in lines if "inputs.0" in line)
        assert steel.split("  ", 1)[1].split() == [
            *["steel", "10.00", "…", "14.00", "kg", "own", "measured"]
        ]
        assert "brine … spodumene" in next(line for line in lines if "lithium" in line)

    def test_a_number_without_a_unit_has_none(self, shown: Shown) -> None:
        result = sensitivity()
        result["results"][0]["tornado"][0]["input"] = STEEL | {"unit": "1"}
        assert "10.00 … 14.00      own" in shown(result, 120)

    def test_first_order_stands_beside_the_samples(self, shown: Shown) -> None:
        printed = shown(sensitivity())
        assert "standard deviation, first order  2.000" in printed
        assert "standard deviation, sampled      2.500" in printed

    def test_variances_that_differ_are_told_of(self, shown: Shown) -> None:
        note = {"en": "far from that of the samples", "zh": "相差很大"}
        assert note["en"] in shown(sensitivity(note=note))
        language.speak("zh")
        assert note["zh"] in shown(sensitivity(note=note))

    def test_a_model_in_which_nothing_varies_says_so(self, shown: Shown) -> None:
        printed = shown(sensitivity(inputs=[], tornado=[], variance=0.0, sampled_variance=0.0))
        assert "No amount of this model varies." in printed

    @pytest.mark.parametrize("spoken", language.LANGUAGES)
    @pytest.mark.parametrize("width", WIDTHS)
    def test_it_fits(self, shown: Shown, width: int, spoken: str) -> None:
        language.speak(spoken)
        assert fits(shown(sensitivity(), width), width)
