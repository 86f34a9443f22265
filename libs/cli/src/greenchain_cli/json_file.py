"""Reads a JSON object from a file that a person wrote."""

import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from chassis.errors import Location, Violation
from greenchain_cli.errors import MalformedFile

# What Python's reader says, by how it begins, in words for people.
_REASONS = {
    "Unterminated string": (
        "a text begins here that no quotation mark ends",
        "此处开始的文本缺少结束的引号",
    ),
    "Expecting property name": (
        "a name in double quotes is expected, and no comma before a closing brace",
        "此处应为双引号括起的名称；右花括号前不能有逗号",
    ),
    "Expecting value": (
        "a value is expected: a number, a text in double quotes, a list or an object",
        "此处应为数值、双引号括起的文本、列表或对象",
    ),
    "Expecting ',' delimiter": ("a comma or a closing bracket is missing", "缺少逗号或右括号"),
    "Expecting ':' delimiter": ("a colon is missing after the name", "名称后缺少冒号"),
    "Extra data": (
        "something follows the end of the object; remove it",
        "对象之后还有内容，请删除",
    ),
    "Invalid control character": (
        "a text holds a line break or tab; write \\n or \\t",
        "文本中含有换行或制表符，请写作 \\n 或 \\t",
    ),
    "Invalid \\escape": ("a backslash must be written twice", "反斜杠须写两次"),
}
# Python reads longer whole numbers only on request; none of them is a finite float64.
_LONGEST_INTEGER = 400


class _RepeatedName(ValueError):
    """A name occurs twice in one object."""


def read_object(path: Path, violations: list[Violation]) -> dict[str, Any]:
    """Read a JSON object; an empty one if there are violations.

    Numbers that JSON cannot hold, such as NaN or 1e999, are kept as they are written: the service
    refuses them by name and place.
    """

    def refuse(en: str, zh: str) -> dict[str, Any]:
        place = Location("", table=path.name)
        violations.append(MalformedFile(location=place, reason_en=en, reason_zh=zh))
        return {}

    try:
        content = json.loads(
            path.read_bytes().decode("utf-8-sig"),
            object_pairs_hook=_unique,
            parse_constant=str,
            parse_float=_number,
            parse_int=_integer,
        )
        json.dumps(content, ensure_ascii=False).encode("utf-8")
    except json.JSONDecodeError as error:
        place = (
            f"line {error.lineno}, column {error.colno}",
            (f"第 {error.lineno} 行第 {error.colno} 列"),
        )
        en, zh = next(
            (words for start, words in _REASONS.items() if error.msg.startswith(start)),
            ("this is not JSON", "不是有效的 JSON"),
        )
        return refuse(f"{place[0]}: {en}.", f"{place[1]}：{zh}。")
    except _RepeatedName as error:
        return refuse(
            f"name {error} occurs twice in one object; keep one of them.",
            f"同一对象中名称 {error} 重复出现，请只保留一个。",
        )
    except UnicodeDecodeError:
        return refuse(
            "it is not in UTF-8; save it as UTF-8.", "文件不是 UTF-8 编码，请另存为 UTF-8。"
        )
    except UnicodeEncodeError:
        return refuse(
            "a text holds half a character (a lone surrogate); write the character itself.",
            "文本中含有半个字符（孤立代理项），请直接写出该字符。",
        )
    except RecursionError:
        return refuse("it is nested too deeply.", "嵌套层次过深。")
    if not isinstance(content, dict):
        return refuse("it must hold one JSON object, {…}.", "文件内容必须是一个 JSON 对象 {…}。")
    return content


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise _RepeatedName(repr(name))
        members[name] = value
    return members


def _number(text: str) -> float | str:
    number = float(text)
    return number if math.isfinite(number) else text


def _integer(text: str) -> int | str:
    return int(text) if len(text) < _LONGEST_INTEGER else text
