"""What does not fit a request's schema, in both languages, by Pydantic's type of the error."""

from collections.abc import Mapping
from typing import Any

TEXTS: Mapping[str, tuple[str, str]] = {
    "missing": ("It is missing.", "缺少该字段。"),
    "extra_forbidden": ("It is not known here; remove it.", "未知字段，请删除。"),
    "json_invalid": ("It is not JSON.", "不是有效的 JSON。"),
    "string_type": ("It must be a text.", "必须是文本。"),
    "string_too_short": (
        "It must have at least {min_length} characters.",
        "至少需要 {min_length} 个字符。",
    ),
    "string_too_long": (
        "It may have at most {max_length} characters.",
        "最多允许 {max_length} 个字符。",
    ),
    "string_pattern_mismatch": (
        "It must have the form {pattern}.",
        "必须符合格式 {pattern}。",
    ),
    "int_type": ("It must be a whole number.", "必须是整数。"),
    "int_parsing": ("It must be a whole number.", "必须是整数。"),
    "int_from_float": ("It must be a whole number.", "必须是整数。"),
    "float_type": ("It must be a number.", "必须是数字。"),
    "float_parsing": ("It must be a number.", "必须是数字。"),
    "finite_number": (
        "It must be a finite number.",
        "必须是有限的数值。",
    ),
    "bool_type": ("It must be true or false.", "必须是 true 或 false。"),
    "bool_parsing": ("It must be true or false.", "必须是 true 或 false。"),
    "dict_type": ("It must be an object.", "必须是 JSON 对象。"),
    "model_type": ("It must be an object.", "必须是 JSON 对象。"),
    "model_attributes_type": ("It must be an object.", "必须是 JSON 对象。"),
    "list_type": ("It must be a list.", "必须是列表。"),
    "too_short": (
        "It must have at least {min_length} items.",
        "至少需要 {min_length} 项。",
    ),
    "too_long": ("It may have at most {max_length} items.", "最多允许 {max_length} 项。"),
    "enum": ("It must be one of: {expected}.", "必须是以下之一：{expected}。"),
    "literal_error": ("It must be one of: {expected}.", "必须是以下之一：{expected}。"),
    "greater_than": ("It must be greater than {gt}.", "必须大于 {gt}。"),
    "greater_than_equal": ("It must be at least {ge}.", "不得小于 {ge}。"),
    "less_than": ("It must be less than {lt}.", "必须小于 {lt}。"),
    "less_than_equal": ("It must be at most {le}.", "不得大于 {le}。"),
    "date_type": ("It must be a day, YYYY-MM-DD.", "必须是日期（YYYY-MM-DD）。"),
    "date_parsing": ("It must be a day, YYYY-MM-DD.", "必须是日期（YYYY-MM-DD）。"),
    "date_from_datetime_parsing": (
        "It must be a day, YYYY-MM-DD.",
        "必须是日期（YYYY-MM-DD）。",
    ),
    "date_from_datetime_inexact": (
        "It must be a day, YYYY-MM-DD.",
        "必须是日期（YYYY-MM-DD）。",
    ),
}
"""English and Chinese, with the values that Pydantic tells of the error."""


def schema_texts(error: Mapping[str, Any]) -> tuple[str, str]:
    """Say what one of Pydantic's errors means, in English and in Chinese.

    >>> schema_texts({"type": "greater_than", "msg": "…", "ctx": {"gt": 0}})
    ('It must be greater than 0.', '必须大于 0。')
    """
    kind, told = error["type"], error.get("ctx", {})
    if kind not in TEXTS:
        return f"{error['msg']} ({kind})", f"不符合接口定义（{kind}）。"
    english, chinese = TEXTS[kind]
    said = told.get("expected")
    if isinstance(said, str):
        names, last = said.replace("'", ""), " or "
        english = english.replace("{expected}", names.replace(last, ", "))
        chinese = chinese.replace("{expected}", names.replace(last, "、").replace(", ", "、"))
    return english.format(**told), chinese.format(**told)
