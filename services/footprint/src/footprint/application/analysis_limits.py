"""What a service takes on of an analysis; looked at before anything is read that takes long."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from chassis.errors import GreenchainError, Kind, Location, Violation
from footprint.application.analysis_ports import Limits
from footprint.domain.analysis import AnalysisKind
from footprint.domain.analysis_errors import TooLarge
from footprint.domain.analysis_options import Question
from footprint.domain.inventory_model import Direction, InventoryModel

#: Violations that one refusal tells; whoever mends so many sends the rest again.
MOST_VIOLATIONS = 1000
#: Names in one list of options, and options; more than any model's methods.
MOST_LISTED = 1000
#: Time that a parameter and a change take in a scenario, in that of an exchange [1], as measured.
_PARAMETER, _CHANGE = 4, 20
#: Models of one tenant that are read or wait to be read at the same time [1].
_MOST_READING = 4


@dataclass(eq=False)
class Repeated(Violation):
    """A list that names something twice."""

    code: ClassVar[str] = "footprint.analysis.repeated"
    en: ClassVar[str] = "{location}: {count} entries are repeated. Name each once."
    zh: ClassVar[str] = "{location}：有 {count} 个重复项。每项只填一次。"

    count: int


@dataclass(eq=False)
class MoreViolations(Violation):
    """What a refusal does not list."""

    code: ClassVar[str] = "footprint.analysis.more_violations"
    en: ClassVar[str] = "{count} more violations are not listed. Mend these first."
    zh: ClassVar[str] = "另有 {count} 个问题未列出。请先更正以上问题。"

    count: int


@dataclass(eq=False)
class TooManyAtOnce(GreenchainError):
    """The tenant sends models faster than they are read."""

    code: ClassVar[str] = "footprint.analysis.too_many_at_once"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "{most} models of yours are being read, which is the most. Send the next one when one of "
        "them is answered."
    )
    zh: ClassVar[str] = "您已有 {most} 个模型正在读取，达到上限。请在其中之一得到答复后再提交。"

    most: int


@dataclass(eq=False)
class OutOfTime(GreenchainError):
    """An analysis that takes longer than this service computes."""

    code: ClassVar[str] = "footprint.analysis.out_of_time"
    en: ClassVar[str] = (
        "The analysis was not done after {seconds:g} s, the longest that this service computes. "
        "Ask for fewer samples, methods or scenarios, or use the command line."
    )
    zh: ClassVar[str] = (
        "分析在 {seconds:g} 秒内未完成，达到此服务的计算时限。"
        "请减少样本、方法或情景，或改用命令行。"
    )

    seconds: float


@dataclass(eq=False)
class OutOfMemory(GreenchainError):
    """An analysis that asks for more memory than this service gives."""

    code: ClassVar[str] = "footprint.analysis.out_of_memory"
    en: ClassVar[str] = (
        "The analysis needs more memory than the {most} bytes that this service gives. Ask for "
        "fewer samples, methods or nodes, or use the command line."
    )
    zh: ClassVar[str] = (
        "分析所需内存超过此服务提供的 {most} 字节。请减少样本、方法或节点，或改用命令行。"
    )

    most: int


class ReadingTurns:
    """Lets models be read one after the other: reading holds the interpreter."""

    def __init__(self) -> None:
        self._turn, self._counting = threading.Lock(), threading.Lock()
        self._reading: dict[str, int] = {}

    @contextmanager
    def turn(self, tenant_id: str) -> Iterator[None]:
        """Wait for a turn.

        Raises
        ------
        TooManyAtOnce
            If so many requests of the tenant wait already that others would find no thread.
        """
        with self._counting:
            if self._reading.get(tenant_id, 0) >= _MOST_READING:
                raise TooManyAtOnce(_MOST_READING)
            self._reading[tenant_id] = self._reading.get(tenant_id, 0) + 1
        try:
            with self._turn:
                yield
        finally:
            with self._counting:
                self._reading[tenant_id] -= 1
                if not self._reading[tenant_id]:
                    del self._reading[tenant_id]


def too_large_to_read(
    model: Mapping[str, Any], options: Mapping[str, Any], limits: Limits
) -> Iterator[Violation]:
    """Yield what is too large in untrusted model and options, without reading them."""
    exchanges = sum(_exchanges(model))
    if exchanges > limits.exchanges:
        what = ("exchanges", "交换数")
        yield TooLarge(Location("activities"), exchanges, limits.exchanges, *what)
    elif (work := _scenario_work(model)) > limits.reading:
        yield TooLarge(
            Location("scenarios"),
            work,
            limits.reading,
            "amounts to look at (scenarios × activities, parameters and exchanges of what changes)",
            "需检查的数量（情景 × 活动、参数及所变更活动的交换）",
        )
    methods = options.get("methods")
    counts = {"options": len(options)}
    if isinstance(methods, list):
        counts["options.methods"] = len(methods)
    for place, count in counts.items():
        if count > MOST_LISTED:
            yield TooLarge(Location(place), count, MOST_LISTED, "entries", "条目数")
    if isinstance(methods, list) and len(methods) <= MOST_LISTED:
        names = [name for name in methods if isinstance(name, str)]
        if repeated := len(names) - len(set(names)):
            yield Repeated(Location("options.methods"), repeated)


def too_large_to_tell(
    question: Question, model: InventoryModel, limits: Limits
) -> Iterator[Violation]:
    """Yield what is too large in a result that is told entry by entry."""
    kinds = {
        AnalysisKind.CALCULATE: (
            len(model.activities),
            "methods",
            "contributions (activities × methods)",
            "贡献项（活动数 × 方法数）",
        ),
        AnalysisKind.TRAVERSE: (
            question.max_nodes,
            "max_nodes",
            "nodes (max_nodes × methods)",
            "节点（max_nodes × 方法数）",
        ),
        AnalysisKind.SCENARIOS: (
            len(model.scenarios),
            "methods",
            "scores (scenarios × methods)",
            "得分（情景数 × 方法数）",
        ),
    }
    if question.kind in kinds:
        each, field, *what = kinds[question.kind]
        if (count := each * len(question.methods)) > limits.entries:
            yield TooLarge(Location(f"options.{field}"), count, limits.entries, *what)


def _entries(document: object, name: str) -> list[Any]:
    found = document.get(name) if isinstance(document, Mapping) else None
    return found if isinstance(found, list) else []


def _exchanges(model: Mapping[str, Any]) -> list[int]:
    """Count the exchanges of each activity."""
    return [
        sum(len(_entries(activity, direction)) for direction in Direction)
        for activity in _entries(model, "activities")
    ]


def _scenario_work(model: Mapping[str, Any]) -> int:
    """Count what checking the scenarios looks at, at most: it builds anew what they change."""
    exchanges = _exchanges(model)
    largest = max(exchanges, default=0)
    computed = sum(
        count
        for activity, count in zip(_entries(model, "activities"), exchanges, strict=True)
        if any(
            isinstance(exchange, Mapping) and "formula" in exchange
            for direction in Direction
            for exchange in _entries(activity, direction)
        )
    )
    always = len(exchanges) + _PARAMETER * len(_entries(model, "parameters"))
    work = 0
    for scenario in _entries(model, "scenarios"):
        changes = _entries(scenario, "changes")
        named = sum(isinstance(change, Mapping) and "exchange" in change for change in changes)
        of_parameters = any(
            isinstance(change, Mapping) and "parameter" in change for change in changes
        )
        changed = min(named * largest, sum(exchanges)) + of_parameters * computed
        work += always + _CHANGE * len(changes) + min(changed, sum(exchanges))
    return work
