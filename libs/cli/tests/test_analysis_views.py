"""What `footprint calculate`, `traverse` and `scenarios` print for a model file."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from rich.cells import cell_len

from greenchain_cli import language

WIDTHS = [60, 80, 120]
KWH = "kg CO2e"

Shown = Callable[..., str]


def named(id_: str, en: str = "", zh: str = "", **more: Any) -> dict[str, Any]:
    return {"id": id_, "name": {"en": en, "zh": zh}, **more}


def found(kind: str, *results: dict[str, Any], **more: Any) -> dict[str, Any]:
    method = {"method": named("gwp100", "Warming", "增温", unit=KWH)}
    return {
        "format": "greenchain-analysis/1",
        "kind": kind,
        "model": named("pack", "Battery pack", "电池包", sha256="5" * 40),
        "demand": {"product": "pack", "amount": 2.0, "unit": "piece"},
        "scenario": None,
        "engine": {"name": "greenchain", "version": "0.1.0"},
        "warnings": [],
        "results": [method | result for result in results],
        **more,
    }


def part(id_: str, score: float, whole: float, en: str = "", zh: str = "") -> dict[str, Any]:
    return named(id_, en, zh, score=score, share=score / whole if whole else None)


def calculation(score: float = 8.0, activities: Any = None, **more: Any) -> dict[str, Any]:
    stages = [part("use", 10.0, score), part("end_of_life", -2.0, score)] if score else []
    empty = [part("", score, score)]
    return found(
        "calculate",
        {
            "score": score,
            "agreement": {
                "brightway": score,
                "greenchain": score,
                "relative_difference": 3.2e-16,
                "tolerance": 1e-9,
                "condition": 12.0,
                "agree": True,
                "reference": None,
            },
            "contributions": {
                "activities": activities or [part("cell", score, score, "Cell", "电芯")],
                "flows": [part("co2", score, score, "Carbon dioxide", "二氧化碳")],
                "stages": stages,
                "suppliers": empty,
                "sites": empty,
                "provinces": [part("CN-SC", score, score)],
            },
        },
        supply=[named("cell", activity="cell", amount=2.0)],
        inventory=[
            {
                "flow": "co2",
                "name": {"en": "Carbon dioxide", "zh": "二氧化碳"},
                "compartment": "air",
                "unit": "kg",
                "amount": 8.0,
                "without_factor": [],
            }
        ],
        **more,
    )


def fits(printed: str, width: int) -> bool:
    """Tell whether pictures and tables fit; a terminal breaks prose by itself."""
    lines = [line for line in printed.splitlines() if "  " in line.strip()]
    return max(map(cell_len, lines)) <= width


class TestCalculation:
    def test_it_names_what_was_calculated(self, shown: Shown) -> None:
        printed = shown(calculation())
        for told in (
            "Battery pack (pack)",
            "2 piece pack",
            "Warming (gwp100) [kg CO2e]",
            "8.000 kg CO2e",
            "agree (relative difference 3.2e-16)",
            "greenchain 0.1.0",
        ):
            assert told in printed

    def test_a_negative_stage_goes_to_the_other_side(self, shown: Shown) -> None:
        use, credit = (
            line for line in shown(calculation()).splitlines() if line[:3] in ("use", "end")
        )
        assert use.split()[-2:] == ["125.0", "%"]
        assert credit.split()[-2:] == ["-25.0", "%"]
        # 10 and −2 on 32 cells: 26.7 to the right of zero, 5.3 to the left.
        assert (use.count("█"), credit.count("█")) == (26, 5)
        assert use.index("█") > credit.index("█")

    def test_divisions_that_the_model_does_not_make_are_left_out(self, shown: Shown) -> None:
        printed = shown(calculation())
        assert "By province" in printed
        assert "By supplier" not in printed
        assert "By site" not in printed

    def test_stages_and_provinces_are_called_by_their_names(self, shown: Shown) -> None:
        printed = shown(calculation())
        assert "end of life" in printed
        assert "CN-SC Sichuan" in printed

    def test_what_states_no_stage_is_told(self, shown: Shown) -> None:
        result = calculation()
        result["results"][0]["contributions"]["stages"].append(part("", 0.5, 8.0))
        assert "not stated" in shown(result)

    def test_many_activities_are_summed_up_to_the_score(self, shown: Shown) -> None:
        parts = [part(f"a{n}", 1.0, 14.0) for n in range(14)]
        line = next(
            line for line in shown(calculation(14.0, parts)).splitlines() if "others" in line
        )
        assert line.split()[:2] == ["4", "others"]
        assert line.split()[-3:] == ["4.000", "28.6", "%"]

    def test_a_score_of_zero_has_no_shares(self, shown: Shown) -> None:
        printed = shown(calculation(0.0))
        assert "nan" not in printed
        assert next(line for line in printed.splitlines() if line.startswith("Cell")).endswith("–")

    def test_the_inventory_is_shown_with_its_units(self, shown: Shown) -> None:
        assert "Carbon dioxide   air          8.000 kg" in shown(calculation())

    def test_flows_without_a_factor_are_warned_of(self, shown: Shown) -> None:
        of = calculation()
        assert "uncharacterized" not in shown(of)
        of["inventory"][0]["without_factor"] = ["gwp20"]
        assert "gwp20 has no factor" in shown(of)
        assert "as zero: Carbon dioxide" in shown(of)
        language.speak("zh")
        assert "按零计：二氧化碳" in shown(of)

    def test_flows_of_one_name_are_told_apart_and_none_twice(self, shown: Shown) -> None:
        of = calculation()
        nox = of["inventory"][0] | {
            "name": {"en": "Nitrogen oxides", "zh": "氮氧化物"},
            "without_factor": ["gwp20"],
        }
        of["inventory"] = [nox, nox, nox | {"compartment": "water"}]
        assert "Nitrogen oxides (air), Nitrogen oxides (water)" in shown(of)
        language.speak("zh")
        assert "：氮氧化物（air）、氮氧化物（water）" in shown(of)

    def test_sites_that_are_the_provinces_are_shown_once(self, shown: Shown) -> None:
        of = calculation()
        parts = of["results"][0]["contributions"]
        parts["sites"] = [part("CN-SC", 8.0, 8.0, "CN-SC", "CN-SC")]
        printed = shown(of)
        assert re.search(r"By site\n.*\nCN-SC Sichuan", printed)
        assert "An emission counts where" in printed
        assert "By province" not in printed
        parts["sites"] = [part("chengdu", 8.0, 8.0)]
        printed = shown(of)
        assert re.search(r"By site\n.*\nchengdu", printed)
        assert re.search(r"By province\n.*\nCN-SC Sichuan", printed)

    def test_warnings_are_told(self, shown: Shown) -> None:
        warning = {"code": "ill_conditioned", "message": {"en": "Check it.", "zh": "请检查。"}}
        printed = shown(calculation(warnings=[warning]))
        assert "Warning ill_conditioned\nCheck it." in printed

    def test_engines_that_do_not_agree_are_seen(self, shown: Shown) -> None:
        result = calculation()
        agreement = {"agree": False, "brightway": 8.5, "reference": 8.25}
        result["results"][0]["agreement"] |= agreement
        printed = shown(result)
        assert "DO NOT AGREE" in printed
        assert [line.split()[:2] for line in printed.splitlines() if line.endswith("kg CO2e")][
            1:4
        ] == [["brightway", "8.500"], ["greenchain", "8.000"], ["reference", "8.250"]]

    def test_it_is_shown_in_chinese(self, shown: Shown) -> None:
        language.speak("zh")
        printed = shown(calculation())
        for told in (
            "电池包 (pack)",
            "增温 (gwp100)",
            "按阶段",
            "电芯",
            "二氧化碳",
            "清单",
            "一致",
        ):
            assert told in printed
        assert "By " not in printed

    @pytest.mark.parametrize("spoken", language.LANGUAGES)
    @pytest.mark.parametrize("width", WIDTHS)
    def test_it_fits(self, shown: Shown, width: int, spoken: str) -> None:
        language.speak(spoken)
        names = (
            "Electricity, high voltage, coal, Sichuan",
            "四川省高压燃煤发电与输配电（含线损）",
        )
        assert fits(shown(calculation(8.0, [part("x", 8.0, 8.0, *names)]), width), width)


def node(id_: int, depth: int, cumulative: float, **more: Any) -> dict[str, Any]:
    return {
        "id": id_,
        "activity": f"a{id_}",
        "name": {"en": f"Activity {id_}", "zh": f"活动 {id_}"},
        "stage": "",
        "depth": depth,
        "supply": 1.0,
        "cumulative": cumulative,
        "direct": 0.0,
        "rest": 0.0,
        "share": cumulative / 10.0,
        "loop": False,
    } | more


def traversal(score: float = 10.0, **more: Any) -> dict[str, Any]:
    # 0 takes 2 (6.0) and 1 (3.5) and rest (0.5); 2 takes 3, which is 0 again; best first.
    nodes = [
        node(0, 0, 10.0, rest=0.5),
        node(1, 1, 3.5, direct=3.5),
        node(2, 1, 6.0, direct=4.0),
        node(3, 2, 2.0, direct=1.0, rest=1.0, loop=True),
    ]
    edges = [{"from": 1, "to": 0}, {"from": 2, "to": 0}, {"from": 3, "to": 2}]
    return found(
        "traverse",
        {
            "score": score,
            "nodes": nodes,
            "edges": edges,
            "coverage": 0.85,
            "rest": 1.5,
            "cut": 0,
            **more,
        },
    )


class TestTraversal:
    def test_inputs_stand_below_their_consumer_the_heaviest_first(self, shown: Shown) -> None:
        lines = shown(traversal()).splitlines()
        first = next(n for n, line in enumerate(lines) if line.endswith("activity"))
        assert lines[first : first + 6] == [
            "kg CO2e    share  direct  activity",
            "  10.00  100.0 %       0  Activity 0",
            "  6.000   60.0 %   4.000  ├ Activity 2",
            "  2.000   20.0 %   1.000  │ └ Activity 3 ↻",
            "  3.500   35.0 %   3.500  ├ Activity 1",
            " 0.5000    5.0 %          └ rest",
        ]

    def test_activities_without_a_name_are_told_by_their_ids(self, shown: Shown) -> None:
        of = traversal()
        for each in of["results"][0]["nodes"]:
            each["name"] = {"en": "", "zh": ""}
        printed = shown(of)
        assert all(id_ in printed for id_ in ("a0", "a1", "a2", "a3 ↻"))

    def test_stages_are_called_by_their_names(self, shown: Shown) -> None:
        of = traversal()
        stage = {"name": dict.fromkeys(language.LANGUAGES, "raw_materials")}
        of["results"][0]["nodes"][2] |= stage | {"stage": "raw_materials"}
        language.speak("zh")
        assert "├ 原材料获取与预处理" in shown(of)

    def test_coverage_rest_and_loops_are_told(self, shown: Shown) -> None:
        printed = shown(traversal(cut=3))
        assert "coverage  85.0 %" in printed
        assert "rest      1.500 kg CO2e" in printed
        assert "cut       3" in printed
        assert "↻ has been visited" in printed

    def test_without_a_loop_no_sign_is_explained(self, shown: Shown) -> None:
        result = traversal()
        result["results"][0]["nodes"][3]["loop"] = False
        assert "↻" not in shown(result)

    def test_a_score_of_zero_has_no_shares(self, shown: Shown) -> None:
        assert "coverage  –" in shown(traversal(0.0, coverage=None))

    def test_a_chain_deeper_than_pythons_stack_is_shown(self, shown: Shown) -> None:
        nodes = [node(n, n, 10.0) for n in range(2000)]
        edges = [{"from": n + 1, "to": n} for n in range(1999)]
        printed = shown(traversal(nodes=nodes, edges=edges), 60)
        assert re.search("… +└ Activity 1999", printed)
        assert fits(printed, 60)

    @pytest.mark.parametrize("spoken", language.LANGUAGES)
    @pytest.mark.parametrize("width", WIDTHS)
    def test_it_fits(self, shown: Shown, width: int, spoken: str) -> None:
        language.speak(spoken)
        result = traversal()
        result["results"][0]["nodes"][3]["name"] = {"en": "x" * 90, "zh": "四川省燃煤发电" * 9}
        assert fits(shown(result, width), width)


def scenarios(base: float = 10.0, *scores: float) -> dict[str, Any]:
    each = [
        named(
            f"s{n}",
            f"Scenario {n}",
            f"情景 {n}",
            score=score,
            difference=score - base,
            relative_difference=(score - base) / base if base else None,
            way="update",
        )
        for n, score in enumerate(scores)
    ]
    return found("scenarios", {"score": base, "scenarios": each})


class TestScenarios:
    def test_each_stands_beside_the_base_with_its_difference(self, shown: Shown) -> None:
        printed = shown(scenarios(10.0, 8.0, 12.5))
        rows = {line.split("  ")[0]: line.split() for line in printed.splitlines()}
        assert rows["base"][-1] == "10.00"
        assert rows["Scenario 0 (s0)"][-4:] == ["8.000", "-2.000", "-20.0", "%"]
        assert rows["Scenario 1 (s1)"][-4:] == ["12.50", "+2.500", "+25.0", "%"]

    def test_what_solving_leaves_is_no_difference(self, shown: Shown) -> None:
        printed = shown(scenarios(10.0, 10.0 + 1e-14))
        row = next(line for line in printed.splitlines() if line.startswith("Scenario 0"))
        assert row.split()[-4:] == ["10.00", "=", "+0.0", "%"]

    def test_a_base_of_zero_has_no_relative_difference(self, shown: Shown) -> None:
        line = next(
            line for line in shown(scenarios(0.0, -1.0)).splitlines() if line.startswith("Scen")
        )
        assert line.split()[-3:] == ["-1.000", "-1.000", "–"]

    @pytest.mark.parametrize("spoken", language.LANGUAGES)
    @pytest.mark.parametrize("width", WIDTHS)
    def test_they_fit(self, shown: Shown, width: int, spoken: str) -> None:
        language.speak(spoken)
        assert fits(shown(scenarios(10.0, -8.0, 1e9, 1e-12, 0.0), width), width)
