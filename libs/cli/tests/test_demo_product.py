"""Which products the demonstration can tell its story of."""

from pathlib import Path

import pytest

from chassis.errors import GreenchainError
from greenchain_cli.demo.product_check import PartsNotAskedFor, check_parts, check_requests
from greenchain_cli.demo.scenario import shipped_example
from greenchain_cli.main import run


def test_what_the_suppliers_make_is_enough() -> None:
    check_parts({"copper_foil", "lfp_cathode", "electrolyte"})


def test_what_the_suppliers_make_and_the_product_lacks_is_said() -> None:
    with pytest.raises(GreenchainError) as raised:
        check_parts({"copper_foil", "electrolyte"})

    assert raised.value.attributes() == {
        "made": "lfp_cathode, copper_foil",
        "missing": "lfp_cathode",
    }


def test_a_part_that_weighs_too_little_is_named() -> None:
    with pytest.raises(PartsNotAskedFor, match="copper_foil"):
        check_requests(["lfp_cathode"])


def test_an_unfit_product_is_refused_before_anything_starts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    product = tmp_path / "product"
    product.mkdir()
    example = shipped_example()
    (product / "product.json").write_bytes(example.joinpath("product.json").read_bytes())
    bom = example.joinpath("bom.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in bom if ",lfp_cathode," not in line]
    (product / "bom.csv").write_text("".join(kept), encoding="utf-8")
    state = tmp_path / "state"

    assert run(["demo", "--product", str(product), "--state", str(state)]) == 3
    assert "demo.product.parts_not_bought" in capsys.readouterr().err
    assert not state.exists()
