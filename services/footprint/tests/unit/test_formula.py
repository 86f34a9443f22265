import itertools
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Location
from footprint.adapters.formula_arrays import ARRAYS
from footprint.domain.formula import (
    DEEPEST_FORMULA,
    FLOATS,
    LONGEST_FORMULA,
    CyclicFormulas,
    Formula,
    evaluation_order,
    parse_formula,
)
from footprint.domain.inventory_model_errors import FormulaSyntax

HERE = Location(field="formula")
VALUES = {"a": 3.0, "b": -0.5, "zero": 0.0}


def read(text: str) -> Formula:
    return parse_formula(text, HERE)


def value(text: str, **values: float) -> float:
    return read(text).evaluate({**VALUES, **values}, FLOATS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 + 2 * 3", 7.0),
        ("(1 + 2) * 3", 9.0),
        ("7 - 2 - 1", 4.0),
        ("8 / 4 / 2", 1.0),
        ("2 ** 3 ** 2", 512.0),
        ("-2 ** 2", -4.0),
        ("2 ** -1", 0.5),
        ("--a", 3.0),
        ("+a - -b", 2.5),
        ("1e3 + .5 + 2.", 1002.5),
        ("min(a, b, 7)", -0.5),
        ("max(a, b, 7)", 7.0),
        ("abs(b) + sqrt(4) + exp(0) + log(1)", 3.5),
        ("2 * pi", 2 * math.pi),
        ("a > 2", 1.0),
        ("a > 2 and b > 2", 0.0),
        ("a > 2 or b > 2", 1.0),
        ("not a", 0.0),
        ("not a == 2", 1.0),
        ("not zero or 1 / zero", 1.0),
        ("1 if a < 2 else 2 if a < 4 else 3", 2.0),
        ("a if b else zero", 3.0),
        ("10 if a >= 3 and not b > 0 else 20", 10.0),
        ("1 / zero if zero != 0 else 5", 5.0),
        ("zero == 0 or 1 / zero > 1", 1.0),
        ("zero != 0 and 1 / zero > 1", 0.0),
        ("  a\n*\tb ", -1.5),
    ],
)
def test_a_formula_has_the_value_that_its_writing_suggests(text: str, expected: float) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "1 / zero",
        "zero / zero",
        "1 / (1 / zero)",
        "min(1 / zero, 1)",
        "(1 / zero) ** 0",
        "1 / zero > 1",
        "not 1 / zero",
        "1 / zero and a",
        "1 / zero or a",
        "a and 1 / zero",
        "1 if 1 / zero else 2",
        "sqrt(b)",
        "log(zero)",
        "exp(1000)",
        "1e308 * 10",
        "zero ** -1",
        "b ** 0.5",
        "1000 ** 1000",
    ],
)
def test_what_is_not_finite_spoils_all_that_uses_it(text: str) -> None:
    assert math.isnan(value(text))
    arrays = {name: np.array([number, number]) for name, number in VALUES.items()}
    assert np.isnan(read(text).evaluate(arrays, ARRAYS)).all()


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("", 1, "a number"),
        ("1 +", 4, "a number"),
        ("1 + * 2", 5, "a number"),
        ("(1 + 2", 7, "')'"),
        ("1 + 2)", 6, "an operator or the end"),
        ("2kg", 2, "an operator or the end"),
        ("a b", 3, "an operator or the end"),
        ("a(2)", 2, "an operator or the end"),
        ("sqrt 2", 6, "'('"),
        ("sqrt(2, 3)", 7, "')'"),
        ("min(2)", 6, "one more argument"),
        ("min()", 5, "a number"),
        ("1 < 2 < 3", 7, "'and'"),
        ("2 * not a", 5, "parentheses around 'not'"),
        ("1 if a", 7, "'else'"),
        ("if", 1, "a number"),
        ("2 ^ 3", 3, "an operator or the end"),
        ("a = 2", 3, "an operator or the end"),
        ("1e999", 1, "a finite number"),
        ("a.real", 2, "an operator or the end"),
        ("__import__('os')", 11, "an operator or the end"),
        ("'a'", 1, "a number"),
        ("a[0]", 2, "an operator or the end"),
        ("[1]", 1, "a number"),
        ("lambda: 1", 7, "an operator or the end"),
        ("产率", 1, "a number"),
        ("１", 1, "a number"),
        ("1_000", 2, "an operator or the end"),
        ("0x10", 2, "an operator or the end"),
        ("1j", 2, "an operator or the end"),
    ],
)
def test_a_fault_is_told_with_its_position(text: str, position: int, expected: str) -> None:
    with pytest.raises(FormulaSyntax) as refused:
        read(text)
    assert refused.value.position == position
    assert refused.value.expected_en.startswith(expected)
    assert f"第 {position} 个字符" in refused.value.message("zh")


def test_a_formula_may_be_as_long_as_the_limit_and_no_longer() -> None:
    longest = "1" + "+1" * ((LONGEST_FORMULA - 1) // 2)
    assert value(longest) == (LONGEST_FORMULA - 1) // 2 + 1
    with pytest.raises(FormulaSyntax, match="at most"):
        read(" " * LONGEST_FORMULA + "1")


@pytest.mark.parametrize(
    "nested",
    [
        lambda n: "(" * n + "1" + ")" * n,
        lambda n: "-" * n + "1",
        lambda n: "1**" * n + "1",
        lambda n: "abs(" * n + "1" + ")" * n,
        lambda n: "1 if 1 else " * n + "1",
        lambda n: "not " * n + "1",
    ],
)
def test_nesting_is_limited(nested: Any) -> None:
    assert math.isfinite(value(nested(DEEPEST_FORMULA)))
    with pytest.raises(FormulaSyntax):
        read(nested(DEEPEST_FORMULA + 1))
    with pytest.raises(FormulaSyntax):
        read("(" * LONGEST_FORMULA)


def test_names_are_told_in_the_order_of_their_first_use() -> None:
    assert read("b * max(a, c) + a - pi").names == ("b", "a", "c")


def test_formulas_are_ordered_by_what_they_use() -> None:
    formulas = {"net": read("gross * yields"), "gross": read("a + b"), "other": read("2")}
    order = evaluation_order(formulas)
    assert sorted(order) == ["gross", "net", "other"]
    assert order.index("gross") < order.index("net")


def test_a_cycle_is_told_along_its_uses() -> None:
    formulas = {"x": read("y + 1"), "y": read("2 * z"), "z": read("x"), "free": read("x")}
    with pytest.raises(CyclicFormulas) as refused:
        evaluation_order(formulas)
    names = refused.value.names
    assert names[0] == names[-1]
    assert set(names) == {"x", "y", "z"}
    assert all(after in formulas[name].names for name, after in itertools.pairwise(names))


# ------------------------------------------------------------------ Python itself as the oracle

literals = st.floats(0.0, 1000.0).map(repr)
names = st.sampled_from(["a", "b", "zero"])


def deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    comparisons = st.builds(
        "({} {} {})".format, inner, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), inner
    )
    conditions = st.one_of(
        comparisons,
        st.builds("({} and {})".format, comparisons, comparisons),
        st.builds("({} or not {})".format, comparisons, comparisons),
    )
    return st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("{} {} {}".format, inner, st.sampled_from("+-*/"), inner),
        st.builds("-{}".format, inner),
        st.builds("({}) ** {}".format, inner, st.integers(-3, 3)),
        st.builds("{}({}, {})".format, st.sampled_from(["min", "max"]), inner, inner),
        st.builds("abs({})".format, inner),
        st.builds("sqrt({})".format, inner),
        st.builds("exp(min({}, 5))".format, inner),
        st.builds("({} if {} else {})".format, inner, conditions, inner),
        conditions,
    )


formulas = st.recursive(literals | names, deeper, max_leaves=12).filter(lambda t: len(t) < 400)
floats = st.floats(-1e3, 1e3)


class Finite(float):
    """A float of Python's that refuses to become infinite on the way."""


def finite(name: str) -> Callable[..., Any]:
    def method(*arguments: float) -> Any:
        result = getattr(float, name)(*arguments)
        if isinstance(result, float) and not math.isfinite(result):
            raise OverflowError
        return Finite(result) if isinstance(result, float) else result

    return method


for operation in ("add", "sub", "mul", "truediv", "pow"):
    for name in (f"__{operation}__", f"__r{operation}__"):
        setattr(Finite, name, finite(name))
for name in ("__neg__", "__abs__"):
    setattr(Finite, name, finite(name))

PYTHON: dict[str, Any] = {
    "min": min,
    "max": max,
    "abs": abs,
    "sqrt": lambda number: Finite(math.sqrt(number)),
    "exp": lambda number: Finite(math.exp(number)),
    "Finite": Finite,
}
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d*)?(?:e[+-]?\d+)?")


def by_python(text: str, **values: float) -> float:
    checked = NUMBER.sub(r"Finite(\g<0>)", text)
    known = {name: Finite(value) for name, value in values.items()}
    try:
        return float(eval(checked, {"__builtins__": {}}, PYTHON | known))
    except (ArithmeticError, ValueError):
        return math.nan


@given(formulas, floats, floats)
def test_formulas_have_the_values_that_python_gives(text: str, a: float, b: float) -> None:
    expected = by_python(text, a=a, b=b, zero=0.0)
    assert value(text, a=a, b=b) == pytest.approx(expected, rel=1e-12, nan_ok=True)


@given(formulas, st.lists(st.tuples(floats, floats), min_size=1, max_size=9))
def test_arrays_have_the_values_that_floats_have(
    text: str, samples: list[tuple[float, float]]
) -> None:
    a, b = (np.array(column) for column in zip(*samples, strict=True))
    found = read(text).evaluate({"a": a, "b": b, "zero": np.zeros(len(a))}, ARRAYS)
    expected = [value(text, a=left, b=right) for left, right in samples]
    drawn = np.broadcast_to(found, (len(samples),))
    np.testing.assert_allclose(drawn, expected, rtol=1e-9, atol=0.0, equal_nan=True)


TOKENS = ["a", "1", "2.5", "(", ")", ",", "if", "else", "not", "and", "or", "min", "sqrt", " "]
TOKENS += ["**", "*", "/", "+", "-", "<", "<=", "==", "!=", "1e", ".", "é", "\0", "'", "\ud800"]


@given(st.text(max_size=60) | st.lists(st.sampled_from(TOKENS), max_size=40).map("".join))
def test_any_text_is_a_formula_or_a_syntax_fault(text: str) -> None:
    try:
        formula = read(text)
    except FormulaSyntax as refused:
        fault = refused
    else:
        result = formula.evaluate(dict.fromkeys(formula.names, 2.0), FLOATS)
        assert isinstance(result, float)
        assert not math.isinf(result)
        return
    assert 1 <= fault.position <= len(text) + 1
