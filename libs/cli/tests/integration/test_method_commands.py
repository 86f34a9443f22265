"""Commands around the methods of the bundle: what they list, add and refuse."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from footprint.adapters.brightway import bundled_methods
from greenchain_cli.main import run

Ask = Callable[..., Any]
ACID = "EF v3.1 | acidification | accumulated exceedance (AE)"


@pytest.fixture(autouse=True)
def _apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.needs("brightway")
def test_methods_are_listed_by_words(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    found = ask("data", "methods", "v3.1 EN15804 acidification")["methods"]
    assert [(each["unit"], each["flows_counted"]) for each in found] == [("mol H+-Eq", 5)]
    assert len(ask("data", "methods")["methods"]) == 762
    assert ask("data", "methods", "no such words")["methods"] == []
    assert run(["footprint", "data", "methods", "EF v3.1 acidification"]) == 0
    assert ACID in capsys.readouterr().out


@pytest.mark.needs("brightway")
def test_a_method_is_added_once_and_shown(ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["footprint", "data", "add-method", ACID, "--to", "ours"]) == 0
    shown = capsys.readouterr().out
    assert "ours (made as a copy of the shipped dataset)" in shown
    assert "ef_v3_1_acidification_accumulated_exceedance_ae" in shown
    error = ask("data", "add-method", ACID, "--to", "ours", code=3)
    assert error["code"] == "footprint.bundled_method.there_already"


@pytest.mark.needs("brightway")
@pytest.mark.parametrize(
    ("name", "code", "error"),
    [
        ("EF v3.1 acidification", 3, "ambiguous"),
        ("EF v3.1 noise of cars", 4, "unknown"),
        ("EF v3.1 EN15804 water use", 3, "counts_nothing"),
    ],
)
def test_a_name_that_cannot_be_added_makes_no_folder(
    name: str, code: int, error: str, ask: Ask
) -> None:
    told = ask("data", "add-method", name, "--to", "ours", code=code)
    assert told["code"] == f"footprint.bundled_method.{error}"
    if error == "ambiguous":
        assert ACID in told["attributes"]["candidates"]
    assert not Path("ours").exists()


@pytest.mark.parametrize("words", [("methods",), ("add-method", ACID, "--to", "ours")])
def test_a_machine_without_the_bundle_is_told_what_to_install(
    words: tuple[str, ...], ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundled_methods, "find_spec", lambda _: None)
    error = ask("data", *words, code=3)
    assert error["code"] == "footprint.bundled_method.bundle_missing"
    assert "pip install 'greenchain-footprint[backgrounds]'" in error["message"]
