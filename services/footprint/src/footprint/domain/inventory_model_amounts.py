"""Reading what an inventory model's objects have in common: ids, names, amounts, uncertainty."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice

from chassis.errors import Location
from footprint.domain.dataset import MOST_COMPARED
from footprint.domain.errors import NotText
from footprint.domain.formula import Formula, parse_formula
from footprint.domain.inventory_model import Amount, Name, Uncertainty, UncertaintyKind
from footprint.domain.inventory_model_errors import (
    FormulaSyntax,
    OutOfPlace,
    TakenPlace,
    UnfitUncertainty,
    UnknownReference,
)
from footprint.domain.json_reader import JsonReader
from footprint.domain.rows import LONGEST_TEXT, Violations

#: Kinds of things that have ids, with their Chinese names.
THINGS = {
    "source": "来源",
    "product": "产品",
    "flow": "基本流",
    "method": "方法",
    "parameter": "参数",
    "choice": "选择项",
    "activity": "活动",
    "exchange": "交换",
    "scenario": "情景",
    "option": "选项",
}
#: Kinds that stand in a list of the document, called by the plural.
_OWN_LISTS = ("source", "product", "flow", "parameter", "choice")
UNCERTAINTY_FIELDS = {
    UncertaintyKind.LOGNORMAL: ("gsd",),
    UncertaintyKind.NORMAL: ("sd",),
    UncertaintyKind.TRIANGULAR: ("min", "max"),
    UncertaintyKind.UNIFORM: ("min", "max"),
}
#: So many known ids are told where none is like an unknown one.
MOST_NAMED = 8
#: Beyond it a draw differs from the amount by more than any measurement could.
LARGEST_GSD = 1000.0

_AMOUNT_NOT_ZERO = ("a lognormal needs an amount other than zero", "对数正态分布要求数量非零")
_GSD = (
    f"gsd is a number from 1 to {LARGEST_GSD:g}, e.g. 1.1 for some ten percent",
    f"gsd 须为 1 至 {LARGEST_GSD:g} 之间的数，例如 1.1 约表示 10%",
)
_SD = ("sd is zero or more", "sd 须大于或等于零")
_OF_FORMULA = (
    "the computed value of a formula varies by a lognormal alone",
    "公式的计算值只能采用对数正态分布",
)
_OF_PARAMETER = (
    "a parameter with a formula varies with the parameters that it uses",
    "由公式计算的参数随其所用参数变化",
)


#: Stands where an amount could not be read; the document is refused before anyone uses it.
UNKNOWN = Amount(0.0)


@dataclass(slots=True)
class Scope:
    """Which ids there are, and where they stand.

    Attributes
    ----------
    places
        Path of each id, by kind of thing.
    options
        Options of each choice.
    """

    violations: Violations
    places: dict[str, dict[str, str]] = field(
        default_factory=lambda: {thing: {} for thing in THINGS}
    )
    options: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def at(self, thing: str, id_: str, field: str) -> Location:
        """Location of a field of a thing."""
        return Location(field=f"{self.places[thing][id_]}.{field}", id=id_)

    def declare(self, thing: str, reader: JsonReader, *, required: bool = True) -> str:
        """Read the id of a thing and note it if it is taken; empty if there is none."""
        id_ = reader.identifier("id", required=required)
        if not id_:
            return ""
        known = self.places[thing]
        if id_ in known:
            self.violations.add(TakenPlace(location=reader.at("id"), value=id_, first=known[id_]))
        known.setdefault(id_, reader.path)
        return id_

    def resolve(self, thing: str, reader: JsonReader, *, required: bool = True) -> str:
        """Read the field that names a thing; empty if there is none."""
        if isinstance(reader.values.get(thing), Mapping):
            advice = (
                f"Write the id of an entry of `{thing}s`.",
                f"请填写 {thing}s 中某一项的 id。",
            )
            self.violations.add(NotText(reader.at(thing), *advice))
            return ""
        id_ = reader.identifier(thing, required=required)
        if not id_:
            return ""
        return id_ if self.known(thing, id_, reader.at(thing)) else ""

    def known(self, thing: str, id_: str, at: Location) -> bool:
        """Tell whether a thing is known, and note it if it is not."""
        if id_ in self.places[thing]:
            return True
        self.refuse(thing, id_, at, self.places[thing])
        return False

    def refuse(self, thing: str, id_: str, at: Location, known: Iterable[str]) -> None:
        """Note an id that is not among those known, with the nearest of these, or some of them."""
        hint_en = hint_zh = ""
        if self.violations.may_suggest():
            names = list(islice(known, MOST_COMPARED))
            closest = get_close_matches(id_, names, n=1)
            if closest:
                hint_en = f" Did you mean {closest[0]!r}?"
                hint_zh = f"您是否指 {closest[0]!r}？"
            elif names:
                more, told = len(names) > MOST_NAMED, names[:MOST_NAMED]
                hint_en = f" Use one of: {', '.join(told)}{', …' if more else ''}"
                hint_zh = f"请使用以下之一：{'、'.join(told)}{' 等' if more else ''}"
                if thing == "source":
                    hint_en += ", or add it to `sources`"
                    hint_zh += "，或在 sources 中添加"
                hint_en, hint_zh = f"{hint_en}.", f"{hint_zh}。"
            elif thing in _OWN_LISTS:
                hint_en, hint_zh = f" Add it to `{thing}s` first.", f"请先在 {thing}s 中添加。"
            else:
                hint_en, hint_zh = " Add it first.", "请先添加。"
        self.violations.add(
            UnknownReference(
                location=at,
                thing=thing,
                thing_zh=THINGS[thing],
                value=id_,
                hint_en=hint_en,
                hint_zh=hint_zh,
            )
        )

    def option(self, choice: str, reader: JsonReader, name: str = "option") -> str:
        """Read an option of a choice, which may be unknown itself."""
        option = reader.identifier(name)
        if not option or choice not in self.options:
            return ""
        if option not in self.options[choice]:
            self.refuse("option", option, reader.at(name), self.options[choice])
            return ""
        return option


def read_name(reader: JsonReader, field: str = "name") -> Name:
    """Read a name or description in both languages."""
    texts = reader.object(field, ("en", "zh"))
    if texts is None:
        return Name()
    return Name(texts.text("en") or "", texts.text("zh") or "")


def read_amount(reader: JsonReader, scope: Scope, *, of_parameter: bool = False) -> Amount | None:
    """Read `amount` or `formula`, and `uncertainty`; None if something is wrong with them.

    The names of formulas are checked: parameters are read before what uses them, but for those
    of each other.
    """
    which = reader.one_field("amount", "formula")
    given: float | Formula | None = None
    if which == "amount":
        given = reader.number("amount")
    elif which == "formula":
        given = _read_formula(reader, None if of_parameter else scope)
    uncertainty = read_uncertainty(reader, given, of_parameter=of_parameter)
    return None if given is None else Amount(given, uncertainty)


def _read_formula(reader: JsonReader, scope: Scope | None) -> Formula | None:
    text = reader.text("formula", longest=LONGEST_TEXT)
    if text is None:
        return None
    try:
        formula = parse_formula(text, reader.at("formula"))
    except FormulaSyntax as violation:
        reader.violations.add(violation)
        return None
    if scope is not None:
        check_names(formula, reader.at("formula"), scope)
    return formula


def check_names(formula: Formula, at: Location, scope: Scope) -> None:
    """Note names that are no parameters."""
    for name in formula.names:
        scope.known("parameter", name, at)


def read_uncertainty(
    reader: JsonReader, given: float | Formula | None, *, of_parameter: bool
) -> Uncertainty | None:
    """Read `uncertainty` of an amount that was read before; None if there is none."""
    inner = reader.object("uncertainty", None)
    if inner is None:
        return None
    name = inner.one_of("type", [kind.value for kind in UncertaintyKind])
    if name is None:
        return None
    kind = UncertaintyKind(name)
    inner.refuse_unknown(("type", *UNCERTAINTY_FIELDS[kind]))
    if isinstance(given, Formula) and of_parameter:
        _refuse(inner, OutOfPlace, _OF_PARAMETER)
    elif isinstance(given, Formula) and kind is not UncertaintyKind.LOGNORMAL:
        _refuse(inner, OutOfPlace, _OF_FORMULA)
    numbers = {field: inner.number(field) for field in UNCERTAINTY_FIELDS[kind]}
    found = [number for number in numbers.values() if number is not None]
    if len(found) < len(numbers):
        return None
    if kind is UncertaintyKind.LOGNORMAL:
        if not 1.0 <= found[0] <= LARGEST_GSD:
            _refuse(inner, UnfitUncertainty, _GSD)
        if given == 0.0:
            _refuse(inner, UnfitUncertainty, _AMOUNT_NOT_ZERO)
        return Uncertainty(kind, gsd=found[0])
    if kind is UncertaintyKind.NORMAL:
        if found[0] < 0.0:
            _refuse(inner, UnfitUncertainty, _SD)
        return Uncertainty(kind, sd=found[0])
    if isinstance(given, float) and not found[0] <= given <= found[1]:
        amount, least, most = (f"{number:g}" for number in (given, *found))
        between = (
            f"the amount ({amount}) must lie between min ({least}) and max ({most})",
            f"数量（{amount}）须在 min（{least}）与 max（{most}）之间",
        )
        _refuse(inner, UnfitUncertainty, between)
    return Uncertainty(kind, minimum=found[0], maximum=found[1])


def _refuse(
    reader: JsonReader, kind: type[OutOfPlace] | type[UnfitUncertainty], rule: tuple[str, str]
) -> None:
    reader.violations.add(kind(location=reader.here, rule_en=rule[0], rule_zh=rule[1]))
