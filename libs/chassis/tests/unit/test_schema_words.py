"""What Pydantic refuses is said in both languages."""

import datetime
import re
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chassis.schema_words import TEXTS, schema_texts

Finite = Annotated[float, Field(allow_inf_nan=False)]
Bounded = Annotated[float, Field(gt=0, lt=10)]
Between = Annotated[float, Field(ge=0, le=10)]
Short = Annotated[str, Field(min_length=2, max_length=3, pattern="^[a-z]*$")]
Few = Annotated[list[int], Field(min_length=1, max_length=2)]


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"


class Closed(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str


CASES: list[tuple[Any, Any, str]] = [
    (Closed, {}, "missing"),
    (Closed, {"name": "x", "other": 1}, "extra_forbidden"),
    (Closed, [], "model_type"),
    (str, 1, "string_type"),
    (Short, "a", "string_too_short"),
    (Short, "abcd", "string_too_long"),
    (Short, "AB", "string_pattern_mismatch"),
    (int, [], "int_type"),
    (int, "x", "int_parsing"),
    (int, 1.5, "int_from_float"),
    (float, [], "float_type"),
    (float, "x", "float_parsing"),
    (Finite, float("inf"), "finite_number"),
    (bool, [], "bool_type"),
    (bool, "x", "bool_parsing"),
    (dict[str, int], 1, "dict_type"),
    (list[int], 1, "list_type"),
    (Few, [], "too_short"),
    (Few, [1, 2, 3], "too_long"),
    (Colour, "blue", "enum"),
    (Literal["red", "green"], "blue", "literal_error"),
    (Bounded, 0, "greater_than"),
    (Bounded, 10, "less_than"),
    (Between, -1, "greater_than_equal"),
    (Between, 11, "less_than_equal"),
    (datetime.date, [], "date_type"),
    (datetime.date, "x", "date_from_datetime_parsing"),
    (datetime.date, "2025-01-01T01:00:00", "date_from_datetime_inexact"),
]


def refused(schema: Any, value: Any) -> dict[str, Any]:
    with pytest.raises(ValidationError) as raised:
        TypeAdapter(schema).validate_python(value)
    (error,) = raised.value.errors()
    return dict(error)


@pytest.mark.parametrize(("schema", "value", "kind"), CASES, ids=[case[2] for case in CASES])
def test_each_sort_of_error_is_said_in_both_languages(schema: Any, value: Any, kind: str) -> None:
    error = refused(schema, value)
    english, chinese = schema_texts(error)

    assert error["type"] == kind
    assert kind in TEXTS
    assert re.search("[\u4e00-\u9fff]", english) is None
    assert re.search("[\u4e00-\u9fff]", chinese) is not None
    assert "{" not in english + chinese


def test_what_is_allowed_is_named() -> None:
    error = refused(Literal["red", "green", "blue"], "x")

    assert schema_texts(error) == (
        "It must be one of: red, green, blue.",
        "必须是以下之一：red、green、blue。",
    )


def test_an_error_without_words_keeps_its_sort() -> None:
    error = {"type": "odd", "msg": "It is odd"}

    assert schema_texts(error) == ("It is odd (odd)", "不符合接口定义（odd）。")
