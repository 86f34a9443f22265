"""A small language for amounts that are computed: arithmetic, comparisons, conditionals.

Nothing of it reaches Python's own parser or evaluator. A formula is read once into steps in
reverse Polish notation; evaluating them is one loop over a stack, for floats as for arrays of
samples. The grammar binds as Python's does::

    expression = test ["if" test "else" expression]
    test       = operand {operator operand}         or < and < not < comparison < + - < * / < ± < **
    operand    = ("+" | "-" | "not") operand | number | name | function "(" arguments ")"
               | "(" expression ")"

Comparisons give 1 or 0, any number but 0 is true. What is not finite (a division by zero, the root
of a negative number, an overflow) spoils all that uses it; a conditional uses the side it takes.
"""

import math
import operator
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from typing import Any, NoReturn, TypeVar

from chassis.errors import Location
from footprint.domain.inventory_model_errors import FormulaSyntax

Value = TypeVar("Value")

#: Longest formula [characters] and deepest nesting [levels]: what a person can still check.
LONGEST_FORMULA, DEEPEST_FORMULA = 500, 30
CONSTANTS: Mapping[str, float] = {"pi": math.pi}
#: Number of arguments; `min` and `max` take two or more, two at a time.
FUNCTIONS: Mapping[str, int] = {"min": 2, "max": 2, "abs": 1, "sqrt": 1, "exp": 1, "log": 1}
#: Names that no parameter may have.
RESERVED = frozenset({"and", "or", "not", "if", "else", *CONSTANTS, *FUNCTIONS})
NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)

_TOKEN = re.compile(
    r"(?P<number>(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?)|(?P<name>[A-Za-z_]\w*)"
    r"|\*\*|<=|>=|==|!=|[-+*/()<>,]",
    re.ASCII,
)
_COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
_BINDING = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(_COMPARISONS, 4),
    **dict.fromkeys("+-", 5),
    **dict.fromkeys("*/", 6),
    "**": 8,
}
_UNARY = {"not": ("not", 3), "-": ("negative", 7), "+": ("positive", 7)}

# What was expected where a formula cannot be read on, in both languages.
_OPERAND = ("a number, a name or '('", "数值、名称或“(”")
_OPERATOR = ("an operator or the end", "运算符或公式结尾")
_CLOSING = ("')' or an operator", "“)”或运算符")
_OPENING = ("'(' after the function", "函数名后的“(”")
_COMMA = ("one more argument", "更多参数")
_ELSE = ("'else'", "“else”")
_SINGLE_COMPARISON = ("'and' between two comparisons", "两个比较之间的“and”")
_PARENTHESIZED = ("parentheses around 'not'", "“not”外加括号")
_SHALLOW = (f"at most {DEEPEST_FORMULA} levels", f"至多 {DEEPEST_FORMULA} 层嵌套")
_SHORT = (f"at most {LONGEST_FORMULA} characters", f"至多 {LONGEST_FORMULA} 个字符")
_FINITE = ("a finite number", "有限数值")


@dataclass(frozen=True, slots=True)
class Apply:
    """Replace the last `count` values of the stack by what the operation makes of them."""

    operation: str
    count: int


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula that has been read.

    Attributes
    ----------
    text
        As it was written.
    steps
        Numbers, names of parameters and operations, in reverse Polish notation.
    names
        Parameters that it uses, in the order of their first use.
    """

    text: str
    steps: tuple[float | str | Apply, ...]
    names: tuple[str, ...]

    def evaluate(
        self,
        values: Mapping[str, Value],
        operations: Mapping[str, Callable[..., Any]],
    ) -> Value | float:
        """Compute the formula; NaN where it has no finite value.

        Parameters
        ----------
        values
            Values of all names.
        operations
            How the kind of values is calculated with, by the names of `FLOATS`; arguments of
            `if` are the value if true, the condition and the value if false.
        """
        stack: list[Any] = []
        for step in self.steps:
            if isinstance(step, Apply):
                arguments = stack[-step.count :]
                del stack[-step.count :]
                stack.append(operations[step.operation](*arguments))
            else:
                stack.append(values[step] if isinstance(step, str) else step)
        result: Value | float = stack.pop()
        return result

    def used(self, values: Mapping[str, float]) -> tuple[str, ...]:
        """Tell the parameters that it uses, with their values."""
        return tuple(f"{name} = {values[name]:g}" for name in self.names)


def parse_formula(text: str, at: Location) -> Formula:
    """Read a formula; its names are not looked up.

    Raises
    ------
    FormulaSyntax
        With the position of the first fault.
    """
    if len(text) > LONGEST_FORMULA:
        raise FormulaSyntax(
            at, f"{text[:40]}…", LONGEST_FORMULA + 1, text[LONGEST_FORMULA], *_SHORT
        )
    parser = _Parser(text, at)
    parser.expression(0)
    if parser.token:
        parser.fail(_OPERATOR)
    names = dict.fromkeys(step for step in parser.steps if isinstance(step, str))
    return Formula(text, tuple(parser.steps), tuple(names))


class _Parser:
    """Reads by precedence climbing and writes reverse Polish notation."""

    def __init__(self, text: str, at: Location) -> None:
        self.text, self.at = text, at
        self.steps: list[float | str | Apply] = []
        self.tokens = self._tokens()
        self.token, self.kind, self.position = next(self.tokens)

    def _tokens(self) -> Iterator[tuple[str, str, int]]:
        position = 0
        while position < len(self.text):
            if self.text[position] in " \t\r\n":
                position += 1
            elif match := _TOKEN.match(self.text, position):
                yield match[0], match.lastgroup or "", position
                position = match.end()
            else:
                # Not a token of the language; whoever reads it refuses it where it stands.
                yield self.text[position], "", position
                position += 1
        yield "", "", position

    def fail(self, expected: tuple[str, str]) -> NoReturn:
        raise FormulaSyntax(self.at, self.text, self.position + 1, self.token, *expected)

    def take(self) -> str:
        token = self.token
        if token:
            self.token, self.kind, self.position = next(self.tokens)
        return token

    def expect(self, token: str, expected: tuple[str, str]) -> None:
        if self.token != token:
            self.fail(expected)
        self.take()

    def expression(self, depth: int) -> None:
        self.test(1, depth)
        if self.token == "if":
            self.take()
            self.test(1, depth)
            self.expect("else", _ELSE)
            self.expression(depth + 1)
            self.steps.append(Apply("if", 3))

    def test(self, least: int, depth: int) -> None:
        """Read operands between operators that bind at least as tightly as `least`."""
        if depth > DEEPEST_FORMULA:
            self.fail(_SHALLOW)
        if self.token in _UNARY:
            name, binding = _UNARY[self.token]
            if name == "not" and least > binding:
                self.fail(_PARENTHESIZED)
            self.take()
            self.test(binding, depth + 1)
            self.steps.append(Apply(name, 1))
        else:
            self.operand(depth)
        while (binding := _BINDING.get(self.token, 0)) >= least:
            operation = self.take()
            # a ** b ** c is a ** (b ** c); all others group from the left.
            self.test(binding if operation == "**" else binding + 1, depth + 1)
            self.steps.append(Apply(operation, 2))
            if operation in _COMPARISONS and self.token in _COMPARISONS:
                self.fail(_SINGLE_COMPARISON)

    def operand(self, depth: int) -> None:
        if self.kind == "number":
            number = float(self.token)
            if not math.isfinite(number):
                self.fail(_FINITE)
            self.take()
            self.steps.append(number)
        elif self.token in FUNCTIONS:
            self.call(depth)
        elif self.token in CONSTANTS:
            self.steps.append(CONSTANTS[self.take()])
        elif self.kind == "name" and self.token not in RESERVED:
            self.steps.append(self.take())
        else:
            self.expect("(", _OPERAND)
            self.expression(depth + 1)
            self.expect(")", _CLOSING)

    def call(self, depth: int) -> None:
        name = self.take()
        self.expect("(", _OPENING)
        self.expression(depth + 1)
        if FUNCTIONS[name] == 1:
            self.steps.append(Apply(name, 1))
        elif self.token != ",":
            self.fail(_COMMA)
        while FUNCTIONS[name] == 2 and self.token == ",":
            self.take()
            self.expression(depth + 1)
            self.steps.append(Apply(name, 2))
        self.expect(")", _CLOSING)


def evaluation_order(formulas: Mapping[str, Formula]) -> tuple[str, ...]:
    """Order names so that each comes after those that it uses.

    Raises
    ------
    CyclicFormulas
        If formulas use each other.
    """
    graph = {name: formula.names for name, formula in formulas.items()}
    try:
        order = tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        # Each of the list is used by the next one; its first and last are the same.
        raise CyclicFormulas(tuple(reversed(error.args[1]))) from error
    return tuple(name for name in order if name in formulas)


class CyclicFormulas(ValueError):
    """Formulas that use each other.

    Attributes
    ----------
    names
        Along the cycle, each using the next, the first again at the end.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(" → ".join(names))
        self.names = names


def _spoiled(function: Callable[..., float]) -> Callable[..., float]:
    """Make NaN of what is not finite, and of whatever uses it."""

    def applied(*arguments: float) -> float:
        if any(map(math.isnan, arguments)):
            return math.nan
        try:
            result = float(function(*arguments))
        except (ArithmeticError, ValueError):
            return math.nan
        return result if math.isfinite(result) else math.nan

    return applied


def _truth(value: float) -> float:
    return value if math.isnan(value) else float(value != 0.0)


def _and(left: float, right: float) -> float:
    return _truth(left) if math.isnan(left) or not left else _truth(right)


def _or(left: float, right: float) -> float:
    return _truth(left) if math.isnan(left) or left else _truth(right)


def _if(value: float, condition: float, other: float) -> float:
    return condition if math.isnan(condition) else value if condition else other


_PLAIN: Mapping[str, Callable[..., float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "**": math.pow,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "negative": operator.neg,
    "positive": operator.pos,
    "not": operator.not_,
    "min": min,
    "max": max,
    "abs": abs,
    "sqrt": math.sqrt,
    "exp": math.exp,
    "log": math.log,
}
#: Operations on floats.
FLOATS: Mapping[str, Callable[..., float]] = {
    **{name: _spoiled(function) for name, function in _PLAIN.items()},
    "and": _and,
    "or": _or,
    "if": _if,
}
