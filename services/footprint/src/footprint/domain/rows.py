"""Reading untrusted rows field by field, collecting every violation instead of the first."""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis import units
from chassis.errors import InvalidInput, Location, Violation
from footprint.domain.errors import (
    MissingField,
    NegativeAmount,
    NonFiniteAmount,
    NotANumber,
    NotOneOf,
    NotText,
    UnfitText,
    UnknownField,
    UnknownUnit,
    WrongDimension,
)

#: float() also takes "1_000", "١" and "infinity"; a bill of materials should not.
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
#: Longest name of a field that is repeated in the place of a violation [characters].
LONGEST_FIELD = 80
#: Longest identifier and longest other text [characters].
LONGEST_ID, LONGEST_TEXT = 128, 1000
#: So many unknown ids of an input are compared with the known ones; thousands would take minutes.
MOST_SUGGESTED = 20
_NOT_FINITE = frozenset({"nan", "inf", "infinity"})


@dataclass(slots=True)
class Violations:
    """All violations of one input so far."""

    found: list[Violation] = field(default_factory=list)
    suggested: int = 0

    def add(self, violation: Violation) -> None:
        self.found.append(violation)

    def may_suggest(self) -> bool:
        """Tell whether one more unknown id may be compared with the known ones, and count it."""
        self.suggested += 1
        return self.suggested <= MOST_SUGGESTED

    def raise_if_any(self) -> None:
        """Raise `InvalidInput` with everything that was found."""
        if self.found:
            raise InvalidInput(violations=tuple(self.found))


@dataclass(frozen=True, slots=True)
class RowReader:
    """Reads the fields of one row (or of a header, `row` None) and notes what is wrong.

    Every `read` method returns None after it has noted a violation.
    """

    values: Mapping[str, Any]
    violations: Violations
    row: int | None = None
    id: str | None = None
    table: str = ""

    def at(self, name: str) -> Location:
        """Location of a field of this row."""
        id_ = self.id and shown(self.id, LONGEST_ID)
        return Location(field=shown(name), row=self.row, id=id_, table=self.table)

    def refuse_unknown(self, known: Iterable[str]) -> None:
        """Note fields that the format does not have: a misspelt column must not be ignored."""
        names = tuple(known)
        for name in self.values:
            if name not in names:
                self.violations.add(UnknownField(location=self.at(str(name)), known=names))

    def identifier(self, name: str, *, required: bool = True) -> str | None:
        """Read what names something."""
        return self.text(name, required=required, longest=LONGEST_ID)

    def text(self, name: str, *, required: bool = True, longest: int = LONGEST_TEXT) -> str | None:
        """Read a text; an optional one that is absent reads as empty."""
        value = self.values.get(name)
        if value is None or (isinstance(value, str) and not value.strip()):
            if required:
                self.violations.add(MissingField(location=self.at(name)))
                return None
            return ""
        if not isinstance(value, str):
            self.violations.add(NotText(location=self.at(name)))
            return None
        text = value.strip()
        if not fits(text, longest):
            self.violations.add(UnfitText(location=self.at(name), longest=longest))
            return None
        return text

    def one_of(self, name: str, allowed: Iterable[str]) -> str | None:
        """Read a text out of a closed list."""
        value = self.text(name)
        choices = tuple(allowed)
        if value is not None and value not in choices:
            self.violations.add(NotOneOf(location=self.at(name), value=value, allowed=choices))
            return None
        return value

    def finite(self, name: str, *, required: bool = True) -> float | None:
        """Read a finite number, from a number or from its text."""
        value = self.values.get(name)
        if isinstance(value, str):
            value = value.strip()
        if value is None or value == "":
            if required:
                self.violations.add(MissingField(location=self.at(name)))
            return None
        number = _as_float(value)
        if number is None:
            self.violations.add(NotANumber(location=self.at(name), value=shown(str(value), 40)))
            return None
        if not math.isfinite(number):
            self.violations.add(NonFiniteAmount(location=self.at(name), value=str(value)[:40]))
            return None
        return number

    def not_negative(self, name: str) -> float | None:
        """Read a finite number of zero or more."""
        number = self.finite(name)
        if number is not None and number < 0.0:
            self.violations.add(NegativeAmount(location=self.at(name), value=number))
            return None
        return number

    def amount_in(self, unit: str, item_id: str) -> float | None:
        """Read `amount` and `unit` of this row and convert to `unit`, that of `item_id`."""
        given = self.text("unit")
        amount = self.not_negative("amount")
        if given is None:
            return None
        if not units.is_known(given):
            self.violations.add(UnknownUnit(location=self.at("unit"), unit=given, expected=unit))
            return None
        if not units.same_dimension(given, unit):
            self.violations.add(
                WrongDimension(location=self.at("unit"), item_id=item_id, unit=given, expected=unit)
            )
            return None
        if amount is None:
            return None
        converted = units.convert(amount, given, unit)
        if not math.isfinite(converted):
            self.violations.add(NonFiniteAmount(location=self.at("amount"), value=str(amount)))
            return None
        return converted


def shown(text: str, longest: int = LONGEST_FIELD) -> str:
    """Return the start of a text as any answer can be encoded with it.

    Whoever writes JSON can write halves of surrogate pairs, which UTF-8 has not.
    """
    return text[:longest].encode("utf-8", "replace").decode()


def fits(text: str, longest: int) -> bool:
    """Tell whether a text is short enough and free of what databases refuse.

    That is control characters (but for tabs and line ends) and halves of surrogate pairs.
    """
    if len(text) > longest or text.isprintable():
        return len(text) <= longest
    return all(
        unicodedata.category(character) not in ("Cc", "Cs") or character in "\t\r\n"
        for character in text
    )


def _as_float(value: object) -> float | None:
    """Return the number that `value` states, infinite if it is too large, None if it is none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:
            return math.inf
    if isinstance(value, str):
        if _NUMBER.fullmatch(value):
            return float(value)
        if value.lstrip("+-").lower() in _NOT_FINITE:
            return math.nan
    return None
