"""What the use cases of analyses need of the world around them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self

from footprint.domain.analysis import Analysis
from footprint.domain.analysis_options import Question
from footprint.domain.analysis_result import (
    Calculation,
    Compared,
    Sampled,
    ScenarioTable,
    Sensitivity,
    Unfolded,
)
from footprint.domain.inventory_model import Demand, InventoryModel

#: Takes samples done and samples in all; may raise, which ends the analysis.
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Variant:
    """A model, with a scenario's changes worked in, and what is asked of it."""

    model: InventoryModel
    demand: Demand


class AnalysisEngine(Protocol):
    """Computes analyses; answers have one entry for each method of the question.

    Every call raises `SingularModel` or `NotComputable` for a model without a solution. Those that
    draw samples also return the kind of processor instructions that they used.
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...

    def calculate(self, of: Variant, question: Question) -> Calculation: ...

    def reference(self, of: Variant, question: Question) -> tuple[float, ...]:
        """Return scores in extended precision, for a comparison in doubt."""
        ...

    def sample(
        self, of: Variant, question: Question, progress: Progress | None
    ) -> tuple[tuple[Sampled, ...], str]: ...

    def compare(
        self, first: Variant, other: Variant, question: Question, progress: Progress | None
    ) -> tuple[tuple[Compared, ...], str]: ...

    def sensitivity(
        self, of: Variant, question: Question, progress: Progress | None
    ) -> tuple[tuple[Sensitivity, ...], str]: ...

    def traverse(self, of: Variant, question: Question) -> tuple[Unfolded, ...]: ...

    def scenarios(self, of: Variant, question: Question) -> tuple[ScenarioTable, ...]: ...


class RecordScores(Protocol):
    """The engine whose scores ours are checked against."""

    def scores(self, of: Variant, question: Question) -> tuple[float, ...]:
        """Return the score of each method; raises as `AnalysisEngine` does."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """What one service takes on.

    Attributes
    ----------
    exchanges
        Of one model [1].
    scores
        Of one analysis [1]: samples × methods, twice that for a comparison.
    open
        Analyses of one tenant that wait or run [1].
    reading
        Amounts that reading one model's scenarios looks at [1].
    entries
        Of one result that is told entry by entry [1]: nodes, contributions, scenarios × methods.
    """

    exchanges: int
    scores: int
    open: int
    reading: int
    entries: int


class Analyses(Protocol):
    """Analyses of the tenant at hand."""

    def add(self, analysis: Analysis, model: Mapping[str, Any]) -> None:
        """Store an analysis with its model, and queue it."""
        ...

    def get(self, analysis_id: str) -> Analysis:
        """Return an analysis; `NotFound` for unknown and foreign ids alike."""
        ...

    def page(self, *, after: str, limit: int) -> tuple[Analysis, ...]:
        """Return analyses newest first, from behind the one whose id is `after`."""
        ...

    def count_open(self) -> int:
        """Count those that wait or run."""
        ...

    def end(self, analysis: Analysis) -> None:
        """Store the end of an analysis: it leaves the queue and its model is deleted."""
        ...

    def result(self, analysis_id: str) -> str:
        """Return the result of one that is done, as JSON."""
        ...


class AnalysesUnitOfWork(Protocol):
    """A transaction of one tenant; leaving it without `commit` undoes everything."""

    @property
    def analyses(self) -> Analyses: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def commit(self) -> None: ...


class AnalysesUnitOfWorkFor(Protocol):
    """Opens a unit of work for a tenant."""

    def __call__(self, tenant_id: str, *, read_only: bool = False) -> AnalysesUnitOfWork: ...
