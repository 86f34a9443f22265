"""JSON as RFC 8259 means it: no duplicate keys, NaN, Infinity, huge numbers or half characters."""

import json
import math
import re
from collections.abc import Iterable
from typing import Any

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def loads(value: bytes) -> Any:
    """Parse JSON; raises `ValueError` that says what is wrong.

    Python's own reader takes the last of two equal keys, and other readers the first: two services
    would then act on different values of one signed or checked document.
    """
    try:
        document = json.loads(
            value.decode("utf-8"),
            object_pairs_hook=_unique_keys,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
        if _SURROGATE.search(value):
            # Half a character has no UTF-8 form: it could be neither stored nor answered.
            json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise ValueError("a text holds half of a character (a lone surrogate)") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    return document


def _unique_keys(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for name, value in pairs:
        if name in members:
            raise ValueError(f"key {name[:40]!r} occurs twice in one object")
        members[name] = value
    return members


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text[:20]} is beyond the range of numbers")
    return number


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
