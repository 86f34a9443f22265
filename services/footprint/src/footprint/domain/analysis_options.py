"""What may be asked of an analysis, read from untrusted options."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from footprint.domain.analysis import AnalysisKind
from footprint.domain.analysis_errors import (
    NoBackground,
    NoVariant,
    OpenBackground,
    OutOfBounds,
    TooLarge,
)
from footprint.domain.errors import MissingField, NotAList, NotOneOf, NotText
from footprint.domain.inventory_model import Demand, Direction, InventoryModel
from footprint.domain.json_reader import JsonReader
from footprint.domain.rows import LONGEST_ID, Violations

BACKGROUNDS = ("model", "fixed", "sampled")
#: Enough for two digits of a standard deviation; quantiles at 2.5 % rest on 25 samples.
SAMPLES = 1000
SEED = 1
#: Inputs that a list of the most sensitive shows.
TOP = 20
#: Share of the score below which a branch is not followed [-]; usual for Sankey diagrams.
CUTOFF = 0.005
#: Nodes of a traversal: more than a picture can show.
MAX_NODES = 500
#: Names that a refusal lists; a large model has more than anybody reads.
_MOST_NAMES = 20
#: Bounds of options: (least, most, in words, 用中文).
_BOUNDS: Mapping[str, tuple[int, int, str, str]] = {
    "samples": (2, 10_000_000, "a whole number from 2 to 10,000,000", "2 至 10000000 的整数"),
    "seed": (0, 2**32 - 1, "a whole number from 0 to 4,294,967,295", "0 至 4294967295 的整数"),
    "top": (1, 1000, "a whole number from 1 to 1,000", "1 至 1000 的整数"),
    "max_nodes": (1, 100_000, "a whole number from 1 to 100,000", "1 至 100000 的整数"),
}
_COMMON = ("methods", "demand")
#: The options of each kind.
FIELDS: Mapping[AnalysisKind, tuple[str, ...]] = {
    AnalysisKind.CALCULATE: (*_COMMON, "scenario"),
    AnalysisKind.MONTE_CARLO: (
        *_COMMON,
        "scenario",
        "samples",
        "seed",
        "background",
        "characterization",
        "all_scores",
    ),
    AnalysisKind.COMPARE: (
        *_COMMON,
        "scenario",
        "with_demand",
        "with_scenario",
        "samples",
        "seed",
        "characterization",
    ),
    AnalysisKind.SENSITIVITY: (
        *_COMMON,
        "scenario",
        "samples",
        "seed",
        "top",
        "characterization",
    ),
    AnalysisKind.TRAVERSE: (*_COMMON, "scenario", "cutoff", "max_nodes"),
    AnalysisKind.SCENARIOS: _COMMON,
}
_SAMPLED = (AnalysisKind.MONTE_CARLO, AnalysisKind.COMPARE, AnalysisKind.SENSITIVITY)


@dataclass(frozen=True, slots=True)
class Question:
    """An analysis' options, complete.

    Attributes
    ----------
    scenario
        Of the model; None for the model as it stands.
    samples, seed
        Of what is sampled.
    background
        ``model`` samples the whole system, ``fixed`` and ``sampled`` keep the scores of background
        activities or sample them apart.
    characterization
        Whether characterization factors vary, too.
    all_scores
        Whether the result holds the score of each sample, however many there are.
    with_demand, with_scenario
        The other variant of a comparison.
    top
        How many inputs a list of the most sensitive shows.
    cutoff
        Share of the score below which a traversal follows no branch [-].
    max_nodes
        Nodes of a traversal at most.
    """

    kind: AnalysisKind
    methods: tuple[str, ...]
    demand: Demand
    scenario: str | None = None
    samples: int = SAMPLES
    seed: int = SEED
    background: str = "model"
    characterization: bool = False
    all_scores: bool = False
    with_demand: Demand | None = None
    with_scenario: str | None = None
    top: int = TOP
    cutoff: float = CUTOFF
    max_nodes: int = MAX_NODES

    @property
    def scores(self) -> int:
        """How many scores are sampled [1]."""
        variants = 2 if self.kind is AnalysisKind.COMPARE else 1
        sampled = self.samples if self.kind in _SAMPLED else 1
        return sampled * len(self.methods) * variants

    @property
    def first(self) -> tuple[Demand, str | None]:
        """The variant that is asked about."""
        return self.demand, self.scenario

    @property
    def other(self) -> tuple[Demand, str | None]:
        """The variant that it is compared with; what is not named is that of the first."""
        return self.with_demand or self.demand, self.with_scenario or self.scenario


def read_question(
    kind: AnalysisKind,
    options: Mapping[str, Any],
    model: InventoryModel | None,
    violations: Violations,
    *,
    most_scores: int | None = None,
) -> Question | None:
    """Read options, noting all that is wrong; None if the question cannot be asked.

    Parameters
    ----------
    model
        None if it could not be read: then names are not looked up, and there is no question.
    most_scores
        Scores that are sampled at most [1]; None for any number.
    """
    known = len(violations.found)
    reader = _Options(JsonReader(options, violations, path="options"), model)
    reader.json.refuse_unknown(FIELDS[kind])
    read: dict[str, Any] = {"methods": reader.methods(), "demand": reader.demand("demand")}
    for name in FIELDS[kind]:
        if name in _BOUNDS:
            read[name] = reader.whole(name)
        elif name in ("characterization", "all_scores"):
            read[name] = reader.json.boolean(name)
        elif name in ("scenario", "with_scenario"):
            read[name] = reader.scenario(name)
    if "with_demand" in FIELDS[kind]:
        read["with_demand"] = reader.demand("with_demand")
    if options.get("background") is not None and "background" in FIELDS[kind]:
        read["background"] = reader.json.one_of("background", BACKGROUNDS)
    if "cutoff" in FIELDS[kind]:
        read["cutoff"] = reader.share("cutoff")
    if len(violations.found) > known or model is None:
        return None
    given = {name: value for name, value in read.items() if value is not None}
    question = Question(kind, **{"demand": model.demand, **given})
    if question.background != "model":
        _check_background(_under(model, question.scenario), reader.json)
    if kind is AnalysisKind.COMPARE and question.other == question.first:
        violations.add(NoVariant(reader.json.at("with_demand")))
    if most_scores is not None and question.scores > most_scores:
        what = ("scores (samples × methods × variants)", "样本数 × 方法数 × 方案数")
        violations.add(TooLarge(reader.json.at("samples"), question.scores, most_scores, *what))
    return question


def _under(model: InventoryModel, scenario: str | None) -> InventoryModel:
    changes = {each.id: each for each in model.scenarios}
    return model.under(changes[scenario]) if scenario else model


def _check_background(model: InventoryModel, reader: JsonReader) -> None:
    """Note why a background cannot be treated apart: there is none, or it is not closed."""
    behind = [activity for activity in model.activities if activity.background]
    at = reader.at("background")
    if not behind:
        reader.violations.add(NoBackground(at))
    made = {activity.product for activity in behind}
    open_ = [
        exchange.id
        for activity in behind
        for exchange in activity.exchanges
        if exchange.direction is not Direction.EMISSION and exchange.item not in made
    ]
    if open_:
        reader.violations.add(OpenBackground(at, tuple(open_[:_MOST_NAMES])))


@dataclass(frozen=True, slots=True)
class _Options:
    """Reads single options; what is absent or wrong is None, and what is wrong is noted."""

    json: JsonReader
    model: InventoryModel | None

    def whole(self, name: str) -> int | None:
        least, most, *words = _BOUNDS[name]
        number = self.json.number(name, required=False)
        if number is None:
            return None
        if not (number.is_integer() and least <= number <= most):
            self._out_of_bounds(name, number, *words)
            return None
        return int(number)

    def share(self, name: str) -> float | None:
        number = self.json.number(name, required=False)
        if number is not None and not 0.0 <= number < 1.0:
            self._out_of_bounds(name, number, "a share from 0 to below 1", "小于 1 的非负比例")
            return None
        return number

    def scenario(self, name: str) -> str | None:
        known = [scenario.id for scenario in self.model.scenarios] if self.model else None
        return self._known(name, self.json.identifier(name, required=False), known)

    def methods(self) -> tuple[str, ...]:
        """Return the methods asked for, those of the model if none are named."""
        known = tuple(method.id for method in self.model.methods) if self.model else None
        value = self.json.values.get("methods")
        if value is None:
            return known or ()
        if not isinstance(value, list):
            self.json.violations.add(NotAList(self.json.at("methods"), "text"))
            return ()
        if not value:
            self.json.violations.add(MissingField(self.json.at("methods")))
        for item in value:
            if isinstance(item, str):
                self._known("methods", item, known)
            else:
                self.json.violations.add(NotText(self.json.at("methods")))
        return tuple(dict.fromkeys(item for item in value if isinstance(item, str)))

    def demand(self, name: str) -> Demand | None:
        reader = self.json.object(name, ("product", "amount"))
        if reader is None:
            return None
        known = [product.id for product in self.model.products] if self.model else None
        inner = _Options(reader, self.model)
        product = inner._known("product", reader.identifier("product"), known)
        amount = reader.number("amount")
        if amount == 0.0:
            inner._out_of_bounds("amount", 0.0, "an amount other than 0", "非零数量")
        return Demand(product, amount) if product and amount else None

    def _known(self, field: str, name: str | None, known: Collection[str] | None) -> str | None:
        if not name:
            return None
        if known is not None and name not in known:
            shown = name[:LONGEST_ID].encode("utf-8", "replace").decode()
            allowed = tuple(sorted(known)[:_MOST_NAMES])
            self.json.violations.add(NotOneOf(self.json.at(field), shown, allowed))
            return None
        return name

    def _out_of_bounds(self, field: str, number: float, words: str, chinese: str) -> None:
        self.json.violations.add(OutOfBounds(self.json.at(field), number, words, chinese))
