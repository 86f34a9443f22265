"""What a person reads who made a mistake: whose it is, what it came to, and what to do, once."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from services.footprint.tests.textbook_salts import header

from chassis.errors import GreenchainError, InvalidInput, Location, Violation
from footprint.domain import (
    dataset_errors,
    dataset_file_errors,
    dataset_findings,
    errors,
    inventory_model_errors,
)
from footprint.domain.dataset import Dataset
from footprint.domain.formula import parse_formula
from footprint.domain.product_parts import ProductDocument
from footprint.domain.product_rows import parse_product_model

MakeLine = Callable[..., dict[str, Any]]
MODULES = (dataset_errors, dataset_file_errors, dataset_findings, errors, inventory_model_errors)


def refusals(*arguments: Any) -> tuple[Violation, ...]:
    with pytest.raises(InvalidInput) as refused:
        parse_product_model(*arguments)
    return refused.value.violations


def messages(*arguments: Any) -> list[str]:
    return [each.message() for each in refusals(*arguments)]


def chinese(*arguments: Any) -> list[str]:
    return [each.message("zh") for each in refusals(*arguments)]


def kinds() -> Iterator[type[GreenchainError]]:
    for module in MODULES:
        for found in vars(module).values():
            if (
                isinstance(found, type)
                and issubclass(found, GreenchainError)
                and "zh" in vars(found)
            ):
                yield found


@pytest.mark.parametrize("kind", list(kinds()), ids=lambda kind: kind.__name__)
def test_a_field_is_set_apart_from_the_chinese_that_follows_it(kind: type[GreenchainError]) -> None:
    _, place, after = kind.zh.partition("{location}")
    assert not place or after[0] in "：，。 "


@pytest.mark.parametrize("sources", [[], [{"id": "meters", "title": "Meters"}]])
def test_an_unknown_source_is_to_be_added(
    salts: Dataset, line: MakeLine, sources: list[dict[str, str]]
) -> None:
    parameter = {"id": "salted", "amount": 2, "source": "xyz"}
    product: tuple[Any, ...] = (
        header(parameters=[parameter], sources=sources),
        [line("1", "salt", 1, "kg")],
        [],
    )
    (en,), (zh,) = messages(*product, salts), chinese(*product, salts)
    at = "parameters[0].source"
    assert en.startswith(f"field {at} (salted): there is no source 'xyz'. ")
    assert zh.startswith(f"字段 {at}（salted）：没有来源 'xyz'。")
    assert "dd it to `sources`" in en
    assert "在 sources 中添加" in zh


def test_a_source_in_place_of_its_id_is_not_to_be_quoted(salts: Dataset, line: MakeLine) -> None:
    parameter = {"id": "salted", "amount": 2, "source": {"title": "Meters"}}
    product: tuple[Any, ...] = header(parameters=[parameter]), [line("1", "salt", 1, "kg")], []
    place = "parameters[0].source"
    assert messages(*product, salts) == [
        f"field {place} (salted) must be a text. Write the id of an entry of `sources`."
    ]
    assert chinese(*product, salts) == [
        f"字段 {place}（salted）：必须为文本。请填写 sources 中某一项的 id。"
    ]


def test_an_amount_out_of_its_bounds_is_told_with_them_and_whose_it_is(
    salts: Dataset, line: MakeLine
) -> None:
    bounds = {"type": "triangular", "min": 0.876, "max": 0.99}
    parameter = {"id": "cell_yield", "amount": 95, "uncertainty": bounds}
    product: tuple[Any, ...] = header(parameters=[parameter]), [line("1", "salt", 1, "kg")], []
    assert messages(*product, salts) == [
        "field parameters[0].uncertainty (cell_yield) does not fit: the amount (95) must lie "
        "between min (0.876) and max (0.99)."
    ]
    assert chinese(*product, salts) == [
        "字段 parameters[0].uncertainty（cell_yield）：不合理，数量（95）须在 min（0.876）与 "
        "max（0.99）之间。"
    ]


def test_a_plant_without_a_market_is_told_once_and_with_the_year(
    salts: Dataset, line: MakeLine
) -> None:
    part = {"name": {"en": "part", "zh": "部件"}, "unit": "kg"}
    rows = [
        line("1", "salt", 1, "kg", consumer_id="lid", stage=""),
        line("2", "lid", 1, "kg"),
    ]
    product: tuple[Any, ...] = (
        header(plant_region="C", intermediates=[{"id": "lid", **part}]),
        rows,
        [],
    )
    assert messages(*product, salts) == [
        "field plant_region: no electricity market is known for 'C' in 2024. Use one of: A, B."
    ]
    assert chinese(*product, salts) == [
        "字段 plant_region：没有 'C' 2024 年的电力市场数据。请使用以下之一：A、B。"
    ]


def test_a_region_known_in_another_year_is_told_with_it(salts: Dataset, line: MakeLine) -> None:
    markets = {key: each for key, each in salts.markets.items() if key != ("B", 2025)}
    dataset = replace(salts, markets=markets)
    product: tuple[Any, ...] = header(electricity_year=2025), [line("1", "salt", 1, "kg")], []
    assert messages(*product, dataset) == [
        "field plant_region: no electricity market is known for 'B' in 2025. Set the year to 2024, "
        "or use one of: A."
    ]
    assert chinese(*product, dataset) == [
        "字段 plant_region：没有 'B' 2025 年的电力市场数据。请将年份设为 2024，或使用以下之一：A。"
    ]


def test_a_province_known_in_another_year_may_be_its_country(
    salts: Dataset, line: MakeLine
) -> None:
    market = salts.markets["A", 2024]
    places = [("A", 2024), ("CN", 2024), ("CN", 2025), ("CZ", 2025), ("A", 2025), ("CN-SC", 2024)]
    dataset = replace(salts, markets=dict.fromkeys(places, market))
    product: tuple[Any, ...] = (
        header(plant_region="CN-SC", electricity_year=2025),
        [line("1", "salt", 1, "kg")],
        [],
    )
    (en,), (zh,) = messages(*product, dataset), chinese(*product, dataset)
    assert en.endswith("Set the year to 2024, or use one of: CN.")
    assert zh.endswith("请将年份设为 2024，或使用以下之一：CN。")


def test_the_nearest_of_many_regions_are_told_and_how_many_there_are(
    salts: Dataset, line: MakeLine
) -> None:
    market = salts.markets["A", 2024]
    codes = ["A", "B", "CN", "CN-SC", *(f"X{number}" for number in range(20))]
    dataset = replace(salts, markets={(code, 2024): market for code in codes})
    product: tuple[Any, ...] = header(plant_region="CN-SX"), [line("1", "salt", 1, "kg")], []
    (en,), (zh,) = messages(*product, dataset), chinese(*product, dataset)
    assert "in 2024. Use one of: CN, CN-SC, " in en
    assert en.endswith(", … (24 in all).")
    assert zh.endswith(" 等（共 24 个）。")
    assert en.count(",") == 12  # Twelve codes, and what stands for the others.


def test_a_formula_without_a_value_is_told_whole_with_its_parameters(
    salts: Dataset, line: MakeLine
) -> None:
    long = "salted / cell_yield + 0 * (salted + salted + salted + salted)"
    parameters = [
        {"id": "salted", "amount": 2},
        {"id": "cell_yield", "amount": 0},
        {"id": "more", "formula": long},
    ]
    rows = [line("1", "salt", "", "kg", formula=long), line("2", "salt", "", "kg", formula="more")]
    product: tuple[Any, ...] = header(parameters=parameters), rows, []
    assert [each.code.rpartition(".")[2] for each in refusals(*product, salts)] == [
        "formula_not_finite",
        "formula_not_finite",
    ]
    told = f"{long!r} has no finite value with salted = 2, cell_yield = 0. "
    of_parameter, of_line = messages(*product, salts)
    assert of_parameter.startswith(f"field parameters[2].formula (more): {told}")
    assert told in of_line
    assert all(
        f"{long!r} 在 salted = 2、cell_yield = 0 时" in zh for zh in chinese(*product, salts)
    )


def test_the_end_of_a_formula_is_called_so() -> None:
    with pytest.raises(inventory_model_errors.FormulaSyntax) as refused:
        parse_formula("(1 + 2", Location(field="formula"))
    assert refused.value.message() == (
        "field formula: '(1 + 2' cannot be read at character 7: the end where ')' or an operator "
        "is expected."
    )
    assert refused.value.message("zh") == (
        "字段 formula：无法解析 '(1 + 2'，第 7 个字符处公式已结束，此处应为“)”或运算符。"
    )


def test_a_number_that_cannot_be_read_is_told_once(salts: Dataset, line: MakeLine) -> None:
    more = {
        "parameters": [{"id": "capacity", "amount": "60"}, {"id": "more", "formula": "capacity"}],
        "equivalents": [
            {
                "id": "pack",
                "name": {"en": "pack", "zh": "包"},
                "unit": "piece",
                "formula": "1 / more",
            }
        ],
    }
    product: tuple[Any, ...] = (
        header(**more),
        [line("1", "salt", "", "kg", formula="1 / capacity")],
        [],
    )
    (en,), (zh,) = messages(*product, salts), chinese(*product, salts)
    assert en.startswith("field parameters[0].amount (capacity): '60' is not a number.")
    assert zh.startswith("字段 parameters[0].amount（capacity）：'60' 不是数值。")


@pytest.mark.parametrize(
    ("there", "en", "zh"),
    [
        (
            ("other",),
            "It is looked for in parts/pot/; parts/ holds: other.",
            "查找位置为 parts/pot/，parts/ 中现有：other。",
        ),
        (
            (),
            "It is looked for in parts/pot/; nothing stands in parts/. "
            "Put its product model there.",
            "查找位置为 parts/pot/，而 parts/ 中没有任何产品。请将其产品模型放在该处。",
        ),
    ],
)
def test_a_part_that_is_not_there_is_told_with_where_it_is_looked_for(
    salts: Dataset, line: MakeLine, there: tuple[str, ...], en: str, zh: str
) -> None:
    documents = {name: ProductDocument(header(product_id=name), [], []) for name in there}
    part = {"id": "inner", "product_id": "pot"}
    product: tuple[Any, ...] = (
        header(parts=[part]),
        [line("1", "inner", 1, "piece")],
        [],
        salts,
        documents,
    )
    place = "parts[0].product_id"
    assert messages(*product) == [f"field {place} (inner): there is no product 'pot'. {en}"]
    assert chinese(*product) == [f"字段 {place}（inner）：没有产品 'pot'。{zh}"]


def test_a_document_as_a_whole_names_no_place_within(salts: Dataset, line: MakeLine) -> None:
    product: tuple[Any, ...] = json.loads(json.dumps(header(id="pan", parts=7)))
    (_, of_parts) = refusals(product, [line("1", "salt", 1, "kg")], [], salts)
    assert of_parts.location == Location(field="parts")
