"""What distinguishes two datasets, by numbers that are computed by hand."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services.footprint.tests.conftest import SOURCE
from services.footprint.tests.textbook_dataset import (
    Table,
    activity,
    exchange,
    textbook_document,
)

from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.application.datasets import diff
from footprint.domain.dataset_diff import Change, FieldChange, RowChange, row_changes
from footprint.domain.dataset_document import DatasetDocument
from footprint.domain.product_parts import ProductDocument
from footprint.domain.product_rows import LINE_FIELDS
from footprint.local.data_answers import difference


def document(steel: float = 1.0, **more: Table) -> DatasetDocument:
    """Return a dataset with steel (2 kWh of electricity, emits `steel` kg CO2) and lime."""
    activities = [
        activity("grid", "kWh", "market_reference", product="Electricity", sector="energy"),
        activity("power_a", "kWh", "system_process", product="Electricity", sector="energy"),
        activity("power_b", "kWh", "system_process", product="Electricity", sector="energy"),
        activity("steel", "kg", "unit_process"),
        activity("lime", "kg", "system_process"),
    ]
    exchanges = [
        exchange("power_a", "elementary", "co2e", 0.5, "kg CO2e"),
        exchange("power_b", "elementary", "co2e", 0.1, "kg CO2e"),
        exchange("steel", "technosphere", "grid", 2, "kWh"),
        exchange("steel", "elementary", "co2", steel, "kg"),
        exchange("lime", "elementary", "co2e", 0.2, "kg CO2e"),
    ]
    return textbook_document(**{"activities": activities, "exchanges": exchanges, **more})


def tray() -> ProductDocument:
    """Return a tray of 3 kg of steel, whose plant uses 1 kWh."""

    def line(id_: str, stage: str, input_id: str, amount: str, unit: str) -> dict[str, Any]:
        row = dict.fromkeys(LINE_FIELDS, "") | {"activity_data": "literature", **SOURCE}
        of_row = {"line_id": id_, "stage": stage, "input_id": input_id, "unit": unit}
        return row | of_row | {"amount": amount}

    stages = ["raw_materials", "manufacturing"]
    header = {
        "format": "greenchain-product/1",
        "product_id": "tray",
        "name": {"en": "Tray", "zh": "托盘"},
        "declared_unit": {"amount": 1, "unit": "piece"},
        "plant_region": "A",
        "boundary": {"name": "cradle_to_gate", "stages": stages, "beyond": []},
        "intermediates": [],
    }
    lines = [
        line("tray.01", "raw_materials", "steel", "3", "kg"),
        line("tray.02", "manufacturing", "grid", "1", "kWh"),
    ]
    return ProductDocument(header, lines, [])


def test_equal_datasets_differ_in_no_row() -> None:
    assert list(row_changes(document(), document())) == []


def test_where_rows_stand_does_not_matter() -> None:
    old = document()
    new = document(exchanges=list(reversed(old.rows("exchanges"))))  # type: ignore[arg-type]
    assert list(row_changes(old, new)) == []


def test_a_changed_cell_is_named_with_both_contents() -> None:
    assert list(row_changes(document(1.0), document(0.8))) == [
        RowChange("exchanges", "steel.co2", Change.CHANGED, (FieldChange("amount", "1.0", "0.8"),))
    ]


def test_rows_of_one_side_alone_are_added_or_removed() -> None:
    other = [activity("slag", "kg", "unit_process")]
    new = document(activities=other)
    found = {(each.key, each.change) for each in row_changes(document(), new)}
    assert found == {
        ("slag", Change.ADDED),
        *((id_, Change.REMOVED) for id_ in ("grid", "power_a", "power_b", "steel", "lime")),
    }


def test_a_table_that_one_side_lacks_is_all_added() -> None:
    note = {"activity_id": "steel", "element": "C", "reason_en": "-", "reason_zh": "-"}
    assert list(row_changes(document(), document(balance_notes=[note]))) == [
        RowChange("balance_notes", "steel/C", Change.ADDED)
    ]


AMOUNTS = st.dictionaries(
    st.sampled_from(["steel.grid", "steel.co2", "lime.co2e", "power_a.co2e"]),
    st.sampled_from(["0.1", "0.2", "0.3"]),
)


def with_amounts(amounts: dict[str, str]) -> DatasetDocument:
    """Return a dataset without the exchanges that `amounts` leaves out."""
    rows = [
        {**row, "amount": amounts[row["line_id"]]}
        for row in document().rows("exchanges")
        if row["line_id"] in amounts
    ]
    return document(exchanges=rows)


@given(one=AMOUNTS, other=AMOUNTS)
def test_forth_and_back_are_each_others_mirror(one: dict[str, str], other: dict[str, str]) -> None:
    old, new = with_amounts(one), with_amounts(other)
    mirrored = {
        (
            each.key,
            {Change.ADDED: Change.REMOVED, Change.REMOVED: Change.ADDED}.get(
                each.change, each.change
            ),
            tuple(FieldChange(f.column, f.new, f.old) for f in each.fields),
        )
        for each in row_changes(new, old)
    }
    assert {(each.key, each.change, each.fields) for each in row_changes(old, new)} == mirrored
    assert {each.key for each in row_changes(old, new)} == {
        key for key in {*one, *other} if one.get(key) != other.get(key)
    }


def test_a_product_differs_by_stage_and_by_activity() -> None:
    # Old: 3 · (1 + 2 · 0.5) + 0.5 = 6.5. New: steel emits 0.8 and A's power 0.4 kg CO2e/kWh:
    # 3 · (0.8 + 2 · 0.4) + 0.4 = 5.2. Steel itself: 3.0 → 2.4. Power: 7 kWh, 3.5 → 2.8.
    new = document(0.8)
    changed = [
        {**row, "amount": "0.4"} if row["line_id"] == "power_a.co2e" else dict(row)
        for row in new.rows("exchanges")
    ]
    found = diff(
        document(), document(exchanges=changed), {"tray": tray()}, "gwp", GreenchainEngine()
    )
    (product,) = found.products
    assert product.difference == pytest.approx(-1.3)
    assert product.difference_percent == pytest.approx(-20.0)
    assert product.old is not None
    assert product.new is not None
    assert product.old.solution.scores.stages == pytest.approx(
        {"raw_materials": 6.0, "manufacturing": 0.5}
    )
    assert product.new.solution.scores.stages == pytest.approx(
        {"raw_materials": 4.8, "manufacturing": 0.4}
    )
    power, steel = product.contributors()
    assert (power.activity_id, power.old, power.new) == ("power_a", *_about(3.5, 2.8))
    assert (steel.activity_id, steel.old, steel.new) == ("steel", *_about(3.0, 2.4))


def _about(*values: float) -> tuple[Any, ...]:
    return tuple(pytest.approx(value) for value in values)


def test_a_product_that_one_dataset_cannot_read_says_why() -> None:
    old = document()
    less = [row for row in old.rows("activities") if row["id"] != "steel"]
    rows = [row for row in old.rows("exchanges") if row["activity_id"] != "steel"]
    before = document(activities=less, exchanges=rows)  # type: ignore[arg-type]
    found = diff(before, old, {"tray": tray()}, "gwp", GreenchainEngine())
    (product,) = found.products
    assert (product.old, product.difference, product.contributors()) == (None, None, ())
    assert product.new is not None
    assert "steel" in product.refusals["old"].message()


def test_a_product_that_one_dataset_cannot_solve_says_why() -> None:
    loop = exchange("lime", "technosphere", "steel", 1, "kg")
    back = exchange("steel", "technosphere", "lime", 1, "kg")
    rows = [*document().rows("exchanges"), loop, back]
    new = document(exchanges=rows)  # type: ignore[arg-type]
    found = diff(document(), new, {"tray": tray()}, "gwp", GreenchainEngine())
    (product,) = found.products
    assert product.old is not None
    assert (product.new, product.difference) == (None, None)
    (reason,) = difference(found)["products"][0]["refused"]["new"]
    assert "steel@A" in reason["en"]
    assert "steel@A" in reason["zh"]


def test_contributions_that_only_round_otherwise_are_none() -> None:
    found = diff(document(), document(), {"tray": tray()}, "gwp", GreenchainEngine())
    assert found.products[0].contributors() == ()
    assert found.products[0].difference == 0.0
