"""The use case of analyses, with the real engines: textbook models, the arithmetic beside them."""

import copy
import json
import math
from dataclasses import replace
from typing import Any

import pytest
from services.footprint.tests.analysis_models import (
    PARAMETRIZED_SCORE,
    model,
    parametrized,
    pressed_part,
)

from footprint.adapters.analysis_engine import GreenchainAnalyses
from footprint.adapters.analysis_sampling import SCORES_SHOWN
from footprint.adapters.brightway import BrightwayScores
from footprint.adapters.rule_packs import RULE_PACK, load_rule_pack
from footprint.application.analyses import Engines, run_analysis
from footprint.application.analysis_ports import Progress, Variant
from footprint.domain.analysis_errors import (
    NotComputable,
    SingularModel,
    SingularScenario,
    UnknownKind,
)
from footprint.domain.analysis_options import Question
from footprint.domain.analysis_result import Calculation, Sampled

ENGINES = Engines(
    own=GreenchainAnalyses(),
    record=BrightwayScores(),
    rule=load_rule_pack(RULE_PACK).agreement,
)
#: 12 of steel, −1.2 of avoided cement, 0.6 of the landfill; see `pressed_part`.
SCORE = 11.4


def run(
    kind: str,
    document: dict[str, Any],
    *,
    engines: Engines = ENGINES,
    progress: Progress | None = None,
    **options: Any,
) -> dict[str, Any]:
    """Run an analysis and give its result with that of the method `gwp` beside."""
    found = run_analysis(kind, document, options, engines=engines, progress=progress)
    json.dumps(found, allow_nan=False)
    of_method: dict[str, Any] = next(
        each for each in found["results"] if each["method"]["id"] == "gwp"
    )
    return found | of_method


def by_id(parts: list[dict[str, Any]]) -> dict[str, float]:
    return {part["id"]: part["score"] for part in parts}


class TestCalculate:
    def test_multi_output_waste_and_runs_of_two_kilograms(self) -> None:
        found = run("calculate", pressed_part())
        assert found["score"] == pytest.approx(SCORE)
        assert found["agreement"]["brightway"] == pytest.approx(SCORE, rel=1e-12)
        assert found["agreement"]["agree"]
        assert found["warnings"] == []
        supply = {each["activity"]: each["amount"] for each in found["supply"]}
        assert supply == pytest.approx(
            {"press": 2.0, "steel_works": 3.0, "cement_plant": -1.5, "landfill": 2.0}
        )
        (co2,) = found["inventory"]
        assert (co2["flow"], co2["unit"], co2["compartment"]) == ("co2", "kg", "air")
        assert co2["amount"] == pytest.approx(SCORE)

    def test_contributions_are_divided_in_six_ways(self) -> None:
        parts = run("calculate", pressed_part())["contributions"]
        assert by_id(parts["activities"]) == pytest.approx(
            {"steel_works": 12.0, "cement_plant": -1.2, "landfill": 0.6}
        )
        assert [part["id"] for part in parts["activities"]] == [
            "steel_works",
            "cement_plant",
            "landfill",
        ]
        assert by_id(parts["stages"]) == pytest.approx({"materials": 10.8, "": 0.6})
        assert by_id(parts["provinces"]) == pytest.approx({"CN-JX": 12.0, "": -0.6})
        for name, division in parts.items():
            assert sum(by_id(division).values()) == pytest.approx(SCORE), name
            assert sum(part["share"] for part in division) == pytest.approx(1.0), name

    def test_the_header_says_what_was_asked(self) -> None:
        found = run(
            "calculate",
            pressed_part(),
            methods=["gwp"],
            demand={"product": "steel", "amount": 5},
            scenario="clean",
        )
        # 2.5 runs: 2 kg of CO2 each, and 1.25 kg of cement avoided.
        assert found["score"] == pytest.approx(2.5 * 2.0 - 1.25 * 0.8)
        assert found["demand"] == {"product": "steel", "amount": 5.0, "unit": "kg"}
        assert found["scenario"] == "clean"
        assert [each["method"]["id"] for each in found["results"]] == ["gwp"]
        assert found["model"]["id"] == "textbook"
        assert len(found["model"]["sha256"]) == 64

    def test_waste_is_asked_for_by_a_negative_amount(self) -> None:
        found = run("calculate", pressed_part(), demand={"product": "waste", "amount": -4})
        assert found["score"] == pytest.approx(4 * 0.3)

    def test_a_method_without_factors_scores_nothing(self) -> None:
        found = run("calculate", pressed_part())
        none = next(each for each in found["results"] if each["method"]["id"] == "none")
        assert (none["score"], none["agreement"]["brightway"]) == (0.0, 0.0)
        assert none["contributions"]["activities"] == []

    def test_a_loop_without_solution_is_named(self) -> None:
        document = pressed_part()
        # 1 kg of steel takes 1 kg of cement in place of giving 0.25 kg, which takes 1 kg of steel.
        document["activities"][1]["outputs"] = [{"product": "steel", "amount": 1}]
        document["activities"][1]["inputs"] = [{"product": "cement", "amount": 1}]
        document["activities"][2]["inputs"] = [{"product": "steel", "amount": 1}]
        with pytest.raises(SingularModel) as refused:
            run("calculate", document)
        assert set(refused.value.names) == {"steel_works", "cement_plant"}
        assert "steel_works" in refused.value.message("zh")

    def test_too_large_numbers_are_named(self) -> None:
        document = pressed_part()
        document["activities"][1]["emissions"][0]["amount"] = 1e308
        document["demand"]["amount"] = 1e6
        with pytest.raises(NotComputable):
            run("calculate", document)

    def test_an_unknown_kind_is_refused(self) -> None:
        with pytest.raises(UnknownKind):
            run_analysis("guess", pressed_part(), {}, engines=ENGINES)


class _Off:
    """An engine of record that is off by a millionth."""

    def scores(self, of: Variant, question: Question) -> tuple[float, ...]:
        return tuple(score * (1 + 1e-6) for score in ENGINES.record.scores(of, question))


class _IllConditioned(GreenchainAnalyses):
    def calculate(self, of: Variant, question: Question) -> Calculation:
        found = super().calculate(of, question)
        return replace(found, scores=tuple(replace(each, condition=1e8) for each in found.scores))


class TestAgreement:
    def test_engines_that_differ_are_told_of_with_the_reference(self) -> None:
        found = run("calculate", pressed_part(), engines=replace(ENGINES, record=_Off()))
        assert [warning["code"] for warning in found["warnings"]] == ["engines_disagree"]
        agreement = found["agreement"]
        assert not agreement["agree"]
        # Relative to 12 + 1.2 + 0.6, not to the score that is left of them.
        assert agreement["relative_difference"] == pytest.approx(1e-6 * SCORE / 13.8)
        assert agreement["reference"] == pytest.approx(SCORE, rel=1e-14)

    def test_an_ill_conditioned_model_is_told_of_and_given_more_room(self) -> None:
        engines = replace(ENGINES, own=_IllConditioned(), record=_Off())
        found = run("calculate", pressed_part(), engines=engines)
        # 100 κ ε = 100 · 1e8 · 2.2e-16 is above a millionth.
        assert [warning["code"] for warning in found["warnings"]] == ["ill_conditioned"]
        assert found["agreement"]["agree"]


class _Doubtful(GreenchainAnalyses):
    def calculate(self, of: Variant, question: Question) -> Calculation:
        return replace(super().calculate(of, question), solved_directly=300)

    def sample(
        self, of: Variant, question: Question, progress: Progress | None
    ) -> tuple[tuple[Sampled, ...], str]:
        results, instruction_set = super().sample(of, question, progress)
        return tuple(replace(each, resolved=3) for each in results), instruction_set


@pytest.mark.parametrize(
    ("kind", "options", "told"), [("calculate", {}, "300 "), ("montecarlo", {"samples": 5}, "3 ")]
)
def test_what_was_solved_directly_is_told(kind: str, options: dict[str, Any], told: str) -> None:
    found = run(kind, pressed_part(), engines=replace(ENGINES, own=_Doubtful()), **options)
    (warning,) = found["warnings"]
    assert warning["code"] == "solved_directly"
    assert warning["message"]["en"].startswith(told)
    assert run(kind, pressed_part(), **options)["warnings"] == []


class TestMonteCarlo:
    def test_the_spread_is_that_of_the_lognormal(self) -> None:
        found = run("montecarlo", pressed_part(), samples=20_000, methods=["gwp"])
        # Score = 0.6 + 10.8 X, X lognormal with median 1 and σ = ln 1.2.
        sigma = math.log(1.2)
        summary = found["summary"]
        mean = 0.6 + 10.8 * math.exp(sigma**2 / 2)
        deviation = 10.8 * math.sqrt(math.expm1(sigma**2)) * math.exp(sigma**2 / 2)
        assert summary["mean"] == pytest.approx(mean, abs=5 * deviation / math.sqrt(20_000))
        assert summary["standard_deviation"] == pytest.approx(deviation, rel=0.05)
        assert summary["median"] == pytest.approx(SCORE, rel=0.01)
        assert summary["quantiles"]["0.975"] == pytest.approx(
            0.6 + 10.8 * math.exp(1.96 * sigma), rel=0.03
        )
        assert found["above_deterministic"] == pytest.approx(0.5, abs=0.02)
        assert "above" in found["note"]["en"]
        assert sum(summary["histogram"]["counts"]) == 20_000
        assert len(summary["histogram"]["edges"]) == len(summary["histogram"]["counts"]) + 1
        assert summary["convergence"]["samples"][-1] == 20_000

    def test_scores_are_all_there_when_asked_for(self) -> None:
        few = run("montecarlo", pressed_part(), samples=SCORES_SHOWN + 10, methods=["gwp"])
        every = run(
            "montecarlo",
            pressed_part(),
            samples=SCORES_SHOWN + 10,
            methods=["gwp"],
            all_scores=True,
        )
        assert len(every["scores"]) == SCORES_SHOWN + 10
        assert few["scores"] == every["scores"][:SCORES_SHOWN]
        assert few["summary"] == every["summary"]
        assert sorted(every["scores"])[0] == every["summary"]["minimum"]

    def test_the_same_seed_gives_the_same_and_another_one_another(self) -> None:
        first, again, other = (
            run("montecarlo", pressed_part(), samples=50, seed=seed)["scores"] for seed in (7, 7, 8)
        )
        assert first == again
        assert first != other

    @pytest.mark.parametrize("background", ["fixed", "sampled"])
    def test_a_background_that_does_not_vary_may_be_kept(self, background: str) -> None:
        whole = run("montecarlo", pressed_part(), samples=40)["scores"]
        apart = run("montecarlo", pressed_part(), samples=40, background=background)["scores"]
        assert apart == pytest.approx(whole, rel=1e-12)

    def test_a_fixed_background_does_not_vary(self) -> None:
        document = pressed_part()
        document["activities"][3]["emissions"][0]["uncertainty"] = {"type": "normal", "sd": 0.1}
        document["activities"][0]["inputs"][0].pop("uncertainty")
        fixed = run("montecarlo", document, samples=20, background="fixed")
        assert fixed["summary"]["standard_deviation"] == pytest.approx(0.0, abs=1e-12)
        assert run("montecarlo", document, samples=20)["summary"]["standard_deviation"] > 0.05

    def test_factors_vary_when_asked_for(self) -> None:
        document = pressed_part()
        document["activities"][0]["inputs"][0].pop("uncertainty")
        factor = document["methods"][0]["factors"][0]
        factor["uncertainty"] = {"type": "normal", "sd": 0.1}
        assert run("montecarlo", document, samples=20)["summary"]["maximum"] == pytest.approx(SCORE)
        varied = run("montecarlo", document, samples=2000, characterization=True)
        assert varied["summary"]["standard_deviation"] == pytest.approx(0.1 * SCORE, rel=0.1)

    def test_progress_is_told_and_may_end_the_work(self) -> None:
        told: list[tuple[int, int]] = []
        run("montecarlo", pressed_part(), samples=30, progress=lambda *at: told.append(at))
        assert told[-1] == (30, 30)

        class Enough(Exception):
            pass

        def stop(done: int, total: int) -> None:
            raise Enough

        with pytest.raises(Enough):
            run("montecarlo", pressed_part(), samples=30, progress=stop)


class TestCompare:
    def test_variants_are_compared_on_the_same_draws(self) -> None:
        found = run("compare", pressed_part(), with_scenario="clean", samples=200)
        # Score = 0.6 + (12 − 1.2) X against 0.6 + (6 − 1.2) X: the difference is 6 X.
        assert (found["first"]["score"], found["other"]["score"]) == pytest.approx((11.4, 5.4))
        assert found["probability_lower"] == 0.0
        assert found["interval"][1] < 0.05
        spread = found["difference"]
        first = found["first"]["summary"]
        assert spread["mean"] == pytest.approx((first["mean"] - 0.6) * 6 / 10.8)
        assert spread["minimum"] == pytest.approx((first["minimum"] - 0.6) * 6 / 10.8)
        assert found["ratio"]["minimum"] > 1.0

    def test_the_other_variant_is_named(self) -> None:
        other = {"product": "steel", "amount": 1}
        found = run_analysis(
            "compare",
            pressed_part(),
            {"with_demand": other, "samples": 10, "methods": ["gwp"]},
            engines=ENGINES,
        )
        assert found["other"] == {
            "demand": {"product": "steel", "amount": 1.0, "unit": "kg"},
            "scenario": None,
        }
        # Steel itself is certain: 4/2 − 0.25 × 0.8.
        (result,) = found["results"]
        assert result["other"]["summary"]["mean"] == pytest.approx(1.8)

    def test_progress_is_that_of_both(self) -> None:
        told: list[tuple[int, int]] = []
        run(
            "compare",
            pressed_part(),
            with_scenario="clean",
            samples=10,
            progress=lambda *at: told.append(at),
        )
        assert told[-1] == (20, 20)
        assert [done for done, _ in told] == sorted(done for done, _ in told)


class TestSensitivity:
    def test_variance_is_shared_by_parameter_exchange_and_choice(self) -> None:
        found = run("sensitivity", parametrized(), samples=2000, methods=["gwp"])
        sigma = math.log(1.1)
        parts = {
            "intensity": (4 * 0.1) ** 2,
            "itself": 16 * math.exp(sigma**2) * math.expm1(sigma**2),
            "route": 0.25 * 0.75 * (3 - 1) ** 2,
        }
        variance = sum(parts.values())
        assert found["score"] == pytest.approx(PARAMETRIZED_SCORE)
        assert found["variance"] == pytest.approx(variance, rel=1e-6)
        assert found["sampled_variance"] == pytest.approx(variance, rel=0.1)
        shares = {each["input"]["id"]: each["variance_share"] for each in found["inputs"]}
        assert shares == pytest.approx(
            {name: part / variance for name, part in parts.items()}, rel=1e-6
        )
        assert list(shares) == sorted(parts, key=lambda name: -parts[name])

    def test_inputs_are_named_with_amount_gradient_and_source(self) -> None:
        inputs = {
            each["input"]["id"]: each
            for each in run("sensitivity", parametrized(), samples=200)["inputs"]
        }
        parameter = inputs["intensity"]
        assert parameter["input"] == {
            "kind": "parameter",
            "id": "intensity",
            "activity": "",
            "item": "",
            "unit": "kg",
            "source": "own",
            "confidence": "",
        }
        assert (parameter["amount"], parameter["gradient"]) == pytest.approx((2.0, 4.0))
        assert 0.2 < parameter["rank_correlation"] < 0.8
        choice = inputs["route"]
        assert choice["input"]["kind"] == "choice"
        assert (choice["amount"], choice["gradient"], choice["rank_correlation"]) == (None,) * 3

    def test_an_input_is_positive_as_in_the_model(self) -> None:
        found = run("sensitivity", pressed_part(), samples=100, methods=["gwp"])
        (steel,) = found["inputs"]
        assert steel["input"]["activity"] == "press"
        assert (steel["input"]["source"], steel["input"]["confidence"]) == ("own", "computed")
        assert (steel["input"]["item"], steel["input"]["unit"]) == ("steel", "kg")
        # Two parts, 1.8 kg CO2e per kg of steel.
        assert (steel["amount"], steel["gradient"]) == pytest.approx((3.0, 3.6))
        assert steel["rank_correlation"] == pytest.approx(1.0)
        (bar,) = found["tornado"]
        low = 3.0 * math.exp(-1.6448536 * math.log(1.2))
        assert bar["low"]["amount"] == pytest.approx(low, rel=1e-6)
        assert bar["low"]["score"] == pytest.approx(0.6 + 3.6 * low, rel=1e-6)
        assert bar["high"]["score"] > SCORE

    def test_the_tornado_evaluates_parameters_and_options(self) -> None:
        bars = {
            bar["input"]["id"]: bar
            for bar in run("sensitivity", parametrized(), samples=100)["tornado"]
        }
        low, high = bars["route"]["low"], bars["route"]["high"]
        assert (low["option"], high["option"]) == ("short", "long")
        assert (low["score"], high["score"]) == pytest.approx(
            (PARAMETRIZED_SCORE, PARAMETRIZED_SCORE + 2)
        )
        swing = 4 * 1.6448536 * 0.1
        assert bars["intensity"]["low"]["score"] == pytest.approx(PARAMETRIZED_SCORE - swing)
        assert bars["intensity"]["high"]["amount"] == pytest.approx(2 + 0.16448536)

    def test_an_option_that_is_never_taken_swings_nothing(self) -> None:
        document = parametrized()
        (works,) = document["activities"]
        never = {"choice": "route", "option": "never"}
        works["emissions"].append({"flow": "co2", "amount": 100, "when": never})
        document["choices"][0]["options"].append({"id": "never", "probability": 0})
        found = run("sensitivity", document, samples=50)
        (bar,) = (bar for bar in found["tornado"] if bar["input"]["id"] == "route")
        assert bar["high"]["option"] == "long"
        assert found["variance"] < 2.0

    def test_only_the_top_is_shown(self) -> None:
        found = run("sensitivity", parametrized(), samples=100, top=1)
        assert [len(found[name]) for name in ("inputs", "tornado")] == [1, 1]

    def test_a_model_without_uncertainty_has_no_inputs(self) -> None:
        document = pressed_part()
        document["activities"][0]["inputs"][0].pop("uncertainty")
        found = run("sensitivity", document, samples=10)
        assert (found["inputs"], found["tornado"], found["variance"]) == ([], [], 0.0)


class TestTraverse:
    def test_direct_and_rest_sum_to_the_score(self) -> None:
        found = run("traverse", pressed_part(), methods=["gwp"])
        nodes, edges = found["nodes"], found["edges"]
        parts = sum(node["direct"] + node["rest"] for node in nodes)
        assert parts == pytest.approx(SCORE)
        assert nodes[0]["activity"] == "press"
        assert nodes[0]["cumulative"] == pytest.approx(SCORE)
        assert {node["activity"] for node in nodes} >= {"steel_works", "landfill"}
        assert all(edge["from"] > edge["to"] for edge in edges)
        assert len(edges) == len(nodes) - 1
        steel = next(edge for edge in edges if edge["product"] == "steel")
        assert (steel["amount"], steel["unit"]) == (pytest.approx(6.0), "kg")

    def test_what_is_below_the_cutoff_is_left_to_the_rest(self) -> None:
        found = run("traverse", pressed_part(), methods=["gwp"], cutoff=0.5)
        assert "landfill" not in {node["activity"] for node in found["nodes"]}
        assert found["rest"] == pytest.approx(sum(node["rest"] for node in found["nodes"]))
        assert found["coverage"] < 1.2
        assert sum(node["direct"] for node in found["nodes"]) + found["rest"] == pytest.approx(
            SCORE
        )

    def test_room_for_one_node(self) -> None:
        found = run("traverse", pressed_part(), methods=["gwp"], max_nodes=1)
        assert len(found["nodes"]) == 1
        assert found["cut"] >= 1


class TestScenarios:
    def test_each_is_set_beside_the_base(self) -> None:
        found = run("scenarios", pressed_part(), methods=["gwp"])
        assert found["score"] == pytest.approx(SCORE)
        # Clean: 3 runs at 2 kg. Of cement: 6 kg of it at 0.8 kg, no steel.
        expected = {"clean": 6 - 1.2 + 0.6, "of_cement": 6 * 0.8 + 0.6}
        assert {each["id"]: each["score"] for each in found["scenarios"]} == pytest.approx(expected)
        for each in found["scenarios"]:
            assert each["difference"] == pytest.approx(expected[each["id"]] - SCORE)
            assert each["relative_difference"] == pytest.approx(each["difference"] / SCORE)
            assert each["way"] in ("update", "sweeps", "solve")

    def test_they_agree_with_the_model_under_each(self) -> None:
        for scenario in ("clean", "of_cement"):
            alone = run("calculate", pressed_part(), scenario=scenario)["score"]
            table = run("scenarios", pressed_part())["scenarios"]
            assert by_id(table)[scenario] == pytest.approx(alone, rel=1e-12)

    def test_one_without_solution_is_named(self) -> None:
        document = model(
            [
                {
                    "id": name,
                    "product": made,
                    "outputs": [{"product": made, "amount": 1}],
                    "inputs": [{"id": f"{made}_of", "product": taken, "amount": 0.5}],
                    "emissions": [{"flow": "co2", "amount": 1}],
                }
                for name, made, taken in (("first", "a", "b"), ("second", "b", "a"))
            ],
            "a",
            scenarios=[
                {"id": "fine", "changes": [{"exchange": "a_of", "amount": 1}]},
                {
                    "id": "endless",
                    "changes": [
                        {"exchange": "a_of", "amount": 1},
                        {"exchange": "b_of", "amount": 1},
                    ],
                },
            ],
        )
        with pytest.raises(SingularScenario) as refused:
            run("scenarios", document)
        assert refused.value.scenario == "endless"
        assert set(refused.value.names) == {"first", "second"}

    def test_a_model_without_scenarios_has_an_empty_table(self) -> None:
        assert run("scenarios", copy.deepcopy(parametrized()))["scenarios"] == []


class TestMethods:
    @pytest.mark.parametrize(("characterization", "computed"), [(False, 1), (True, 2)])
    def test_methods_that_are_not_asked_for_are_not_computed(
        self, monkeypatch: pytest.MonkeyPatch, characterization: bool, computed: int
    ) -> None:
        seen = []
        sample = GreenchainAnalyses.sample

        def counted(*arguments: Any) -> Any:
            seen.append(len(arguments[1].model.methods))
            return sample(*arguments)

        monkeypatch.setattr(GreenchainAnalyses, "sample", counted)
        options: dict[str, Any] = {"samples": 20, "characterization": characterization}
        one = run("montecarlo", pressed_part(), methods=["gwp"], **options)
        both = run("montecarlo", pressed_part(), **options)
        assert seen == [computed, 2]
        assert one["scores"] == both["scores"]
        assert one["score"] == both["score"]
