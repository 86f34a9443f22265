"""What `footprint explain` prints, of a product that can be computed by hand.

A car takes 2 kg of steel itself and a motor that takes 1 kg; steel emits 1 kg of CO2 and takes
0.5 kWh of 0.8 kg CO2e: 1.4 each. Of 4.2 in all, two thirds go through the car's own steel.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from greenchain_cli import explaining, language
from greenchain_cli.clients import connections
from greenchain_cli.explanation_views import show_explanation
from greenchain_cli.main import run

ID = "6b6f6d0e-8f0b-4c55-9d80-2f0c0f3a6f10"
SOURCE = {
    "title": "Steel today",
    "locator": "Table 3",
    "doi_or_url": "",
    "licence": "CC BY 4.0",
    "year": 2021,
}


def process(
    key: str, kind: str, amount: float, per_unit: float, *exchanges: dict[str, Any]
) -> dict[str, Any]:
    name = key.partition("@")[0]
    return {
        "process": key,
        "activity_id": name,
        "kind": kind,
        "name": {"en": name.capitalize(), "zh": f"{name}（中文）"},
        "region": key.partition("@")[2] or "CN",
        "unit": "kg",
        "amount": amount,
        "kg_co2e": amount * per_unit,
        "exchanges": list(exchanges),
    }


def exchange(key: str, total: float, kg_co2e: float, **more: Any) -> dict[str, Any]:
    name = key.partition("@")[0]
    return {
        "line_id": f"{name}.1",
        "kind": "input",
        "input": key,
        "name": {"en": name.capitalize(), "zh": f"{name}（中文）"},
        "unit": "kg",
        "total": total,
        "kg_co2e": kg_co2e,
        "provenance": "secondary",
        "confidence": "verified in source text",
        "source": SOURCE,
        "parameters": [],
        **more,
    }


def explanation(**changes: Any) -> dict[str, Any]:
    unstated = {"provenance": None, "confidence": None, "source": None, "line_id": ""}
    return {
        "footprint_id": None,
        "product_id": "car",
        "name": {"en": "Car", "zh": "汽车"},
        "declared_unit": {"amount": 1.0, "unit": "vehicle"},
        "boundary": "cradle_to_gate",
        "method_id": "gwp",
        "dataset": {"id": "lci", "version": "1", "sha256": "0" * 64},
        "kg_co2e": 4.2,
        "equivalents": [],
        "data_quality": {
            "by_emission": dict.fromkeys(
                (
                    "primary",
                    "verified in source text",
                    "verified in secondary copy",
                    "computed",
                    "assumption",
                ),
                20.0,
            ),
            "by_weakest": {},
        },
        "processes": [
            process("car", "product", 1.0, 4.2, exchange("car/s", 1.0, 4.2, **unstated)),
            process(
                "car/s",
                "stage",
                1.0,
                4.2,
                exchange("steel@DE", 2.0, 2.8),
                exchange("motor@CN", 1.0, 1.4),
            )
            | {"activity_id": "manufacturing"},
            process(
                "steel@DE",
                "unit_process",
                3.0,
                1.4,
                exchange("co2", 3.0, 3.0, kind="emission", confidence="my own words"),
                exchange("power@DE", 1.5, 1.2, unit="kWh", provenance="assumed"),
            ),
            process("motor@CN", "unit_process", 1.0, 1.4, exchange("steel@DE", 1.0, 1.4)),
            process("power@DE", "system_process", 1.5, 0.8),
        ],
        **changes,
    }


def told(capsys: pytest.CaptureFixture[str], depth: int = 4, least: float = 1.0) -> list[str]:
    show_explanation(explanation(), depth, least)
    printed = capsys.readouterr().out.splitlines()
    return printed[next(at for at, line in enumerate(printed) if line.startswith("What")) + 2 :]


def shares(lines: list[str]) -> list[tuple[str, str]]:
    """Return share and name of each line that has figures."""
    return [
        (line.split(" %")[0].strip(), line.split("─")[-1].split("├ ")[-1].split("└ ")[-1])
        for line in lines
        if " %" in line
    ]


def test_what_several_take_is_divided_among_them(capsys: pytest.CaptureFixture[str]) -> None:
    # 4.2: own steel 2.8, of it 2 CO2 and 0.8 power; motor 1.4, its steel 1.4, of it 1.0 CO2.
    found = shares(told(capsys, depth=4))
    assert found[1:] == [
        ("100.0", "manufacturing"),
        ("66.7", "Steel · DE"),
        ("47.6", "emits Co2"),
        ("19.0", "Power · DE"),
        ("33.3", "Motor · CN"),
        ("33.3", "Steel · DE"),
        ("23.8", "emits Co2"),
        ("9.5", "Power · DE"),
    ]


def test_amounts_are_those_of_the_way(capsys: pytest.CaptureFixture[str]) -> None:
    powers = [line.split() for line in told(capsys) if "Power" in line]
    # 0.5 kWh for each kilogram
    assert [(row[3], row[4]) for row in powers] == [("1.000", "kWh"), ("0.5000", "kWh")]


@pytest.mark.parametrize(("depth", "count"), [(1, 2), (2, 4), (3, 7), (4, 9)])
def test_the_depth_ends_the_tree(
    depth: int, count: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len(shares(told(capsys, depth))) == count


def test_small_shares_are_summed_up(capsys: pytest.CaptureFixture[str]) -> None:
    found = shares(told(capsys, 4, least=20.0))
    assert ("19.0", "1 smaller") in found
    assert ("9.5", "1 smaller") in found
    assert not any("Power" in name for _, name in found)


def test_a_row_is_told_with_source_locator_year_confidence_and_provenance(
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = [line.lstrip(" │") for line in told(capsys)]
    row = "steel.1: Steel today, Table 3 (2021) · verified in source text · secondary"
    assert row in lines
    assert any(line.endswith("· my own words · secondary") for line in lines)
    # That a product has stages is nobody's number.
    assert not any(line.startswith(":") for line in lines)


def test_the_numbers_of_a_computed_amount_are_told_with_their_sources(
    capsys: pytest.CaptureFixture[str],
) -> None:
    meters = {"title": "Our meters", "locator": "page 3", "year": 2025}
    parameters = [
        {"id": "own", "value": 2.5, "unit": "kWh/kg", "source": meters, "confidence": "own record"},
        {"id": "guess", "value": 3.0, "unit": "-", "source": None, "confidence": "assumption"},
    ]
    found = explanation()
    computed = exchange("steel@DE", 2.0, 4.2, line_id="p.1", parameters=parameters)
    found["processes"][1]["exchanges"] = [computed]
    show_explanation(found, 4, 1.0)
    printed = capsys.readouterr().out
    assert "own = 2.5 kWh/kg: Our meters, page 3 (2025) · own record" in printed
    assert "guess = 3 -: assumption" in printed


@pytest.mark.parametrize(
    ("confidence", "provenance", "words"),
    [
        ("computed", "derived", "推算"),
        ("assumption", "assumed", "假设"),
        ("computed", "primary", "推算 · 初级"),
    ],
)
def test_what_says_the_same_is_said_once(
    confidence: str, provenance: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    language.speak("zh")
    found = explanation()
    found["processes"][1]["exchanges"] = [
        exchange("steel@DE", 2.0, 4.2, confidence=confidence, provenance=provenance)
    ]
    show_explanation(found, 2, 1.0)
    (row,) = (line for line in capsys.readouterr().out.splitlines() if "steel.1:" in line)
    assert row.endswith(f"(2021) · {words}")


def test_a_suppliers_declaration_is_its_own_source(capsys: pytest.CaptureFixture[str]) -> None:
    found = explanation()
    declared = {"source": None, "confidence": "declared by the supplier", "provenance": "primary"}
    found["processes"][2]["exchanges"] = [
        exchange("co2e", 3.0, 4.2, kind="emission", line_id="d-1", **declared)
    ]
    found["processes"][2]["kind"] = "supplier"
    show_explanation(found, 4, 1.0)
    printed = capsys.readouterr().out
    assert "d-1: declared by the supplier · primary" in printed
    assert "Steel · DE (supplier)" in printed


def test_a_result_of_zero_has_no_shares(capsys: pytest.CaptureFixture[str]) -> None:
    show_explanation(explanation(kg_co2e=0.0), 4, 1.0)
    assert "Steel · DE" in capsys.readouterr().out


def test_it_is_told_in_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    language.speak("zh")
    show_explanation(explanation(), 4, 20.0)
    printed = capsys.readouterr().out
    for text in ("汽车", "数据质量", "生产制造", "原文核实", "次级", "其余 1 项", "steel（中文）"):
        assert text in printed
    assert "smaller" not in printed


class Service:
    """Answers as `footprint` would."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def explanation(self, footprint_id: str) -> Any:
        self.asked.append(footprint_id)
        return explanation(footprint_id=footprint_id)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Service:
    answering = Service()

    @contextmanager
    def connected() -> Iterator[Service]:
        yield answering

    monkeypatch.setattr(connections, "footprint", connected)
    return answering


def test_an_id_is_asked_of_the_service(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["footprint", "explain", ID]) == 0
    assert service.asked == [ID]
    assert ID in capsys.readouterr().out


def test_a_footprint_has_its_own_method(
    service: Service, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["footprint", "explain", ID, "--method", "gwp"]) == 2
    assert service.asked == []
    assert "--method" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "is_id"),
    [(ID, True), ("lfp_battery_pack", False), ("./pack", False), (ID.upper(), False), ("", False)],
)
def test_an_id_is_told_from_a_name(given: str, is_id: bool) -> None:
    assert explaining.is_footprint_id(given) is is_id
