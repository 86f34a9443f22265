"""Why an analysis cannot be asked, run, cancelled or read, each with a stable code, bilingual."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import GreenchainError, Kind, Violation


@dataclass(eq=False)
class UnknownKind(GreenchainError):
    """There is no such analysis."""

    code: ClassVar[str] = "footprint.analysis.unknown_kind"
    en: ClassVar[str] = "There is no analysis {name!r}. Use one of: {known}."
    zh: ClassVar[str] = "没有分析 {name!r}。请使用以下之一：{known}。"

    name: str
    known: tuple[str, ...]


@dataclass(eq=False)
class OutOfBounds(Violation):
    """A number that an option does not take."""

    code: ClassVar[str] = "footprint.analysis.out_of_bounds"
    en: ClassVar[str] = "{location}: {value:g} is not possible. Give {what}."
    zh: ClassVar[str] = "{location}：不能为 {value:g}。请填写{what_zh}。"

    value: float
    what: str
    what_zh: str


@dataclass(eq=False)
class NoVariant(Violation):
    """A comparison without the other side."""

    code: ClassVar[str] = "footprint.analysis.no_variant"
    en: ClassVar[str] = (
        "A comparison needs the other variant: give with_demand, with_scenario or both, different "
        "from demand and scenario."
    )
    zh: ClassVar[str] = (
        "比较需要另一个方案：请填写 with_demand 或 with_scenario（或两者），且与 demand 和 "
        "scenario 不同。"
    )


@dataclass(eq=False)
class NoBackground(Violation):
    """A background is to be treated apart, and there is none."""

    code: ClassVar[str] = "footprint.analysis.no_background"
    en: ClassVar[str] = (
        "{location}: no activity of the model is marked as background. Mark those that are, or "
        "leave the option out."
    )
    zh: ClassVar[str] = "{location}：模型中没有标记为背景的活动。请标记背景活动，或不使用此选项。"


@dataclass(eq=False)
class OpenBackground(Violation):
    """A background that cannot be treated apart: it takes from the foreground.

    Attributes
    ----------
    names
        Ids of the exchanges by which it does.
    """

    code: ClassVar[str] = "footprint.analysis.open_background"
    en: ClassVar[str] = (
        "{location}: activities of the background exchange products of the foreground: {names}. "
        "Mark what makes them as background too, or leave the option out."
    )
    zh: ClassVar[str] = (
        "{location}：背景活动涉及前景的产品：{names}。请将其生产活动也标记为背景，或不使用此选项。"
    )

    names: tuple[str, ...]


@dataclass(eq=False)
class TooLarge(Violation):
    """More than this service takes on for one analysis."""

    code: ClassVar[str] = "footprint.analysis.too_large"
    en: ClassVar[str] = (
        "{count} {what} are more than this service takes on, which is {most}. Ask for less, or run "
        "it with the command line on a machine of your own."
    )
    zh: ClassVar[str] = (
        "{what_zh}为 {count}，超过此服务的上限 {most}。请减少，或在自己的机器上用命令行运行。"
    )

    count: int
    most: int
    what: str
    what_zh: str


@dataclass(eq=False)
class TooManyOpen(GreenchainError):
    """The tenant has as many analyses waiting or running as it may."""

    code: ClassVar[str] = "footprint.analysis.too_many_open"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "{most} analyses of yours wait or run, which is the most. Wait until one has ended, or "
        "cancel one."
    )
    zh: ClassVar[str] = "您已有 {most} 项分析在等待或运行，达到上限。请等待其结束或取消其一。"

    most: int


@dataclass(eq=False)
class AnalysisNotDone(GreenchainError):
    """The result of an analysis was asked for, and there is none."""

    code: ClassVar[str] = "footprint.analysis.not_done"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Analysis {analysis_id} is {state}, so there is no result. Follow its events until it is "
        "done; submit it anew if it failed or was cancelled."
    )
    zh: ClassVar[str] = (
        "分析 {analysis_id} 的状态为 {state}，没有结果。请跟踪其事件直至完成；若失败或已取消，"
        "请重新提交。"
    )

    analysis_id: str
    state: str


@dataclass(eq=False)
class AnalysisEnded(GreenchainError):
    """An analysis that has ended cannot be cancelled."""

    code: ClassVar[str] = "footprint.analysis.ended"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = "Analysis {analysis_id} is {state} already and cannot be cancelled."
    zh: ClassVar[str] = "分析 {analysis_id} 已处于状态 {state}，无法取消。"

    analysis_id: str
    state: str


@dataclass(eq=False)
class ResultTooLarge(GreenchainError):
    """A result beyond what this service stores."""

    code: ClassVar[str] = "footprint.analysis.result_too_large"
    en: ClassVar[str] = (
        "The result has {size} bytes; at most {most} are stored. Ask for fewer methods, samples or "
        "nodes, leave out all_scores, or use the command line."
    )
    zh: ClassVar[str] = (
        "结果大小为 {size} 字节，最多保存 {most} 字节。请减少方法、样本或节点，不使用 all_scores，"
        "或改用命令行。"
    )

    size: int
    most: int


@dataclass(eq=False)
class AnalysisKeepsDying(GreenchainError):
    """The process that computed it has ended without a word, several times."""

    code: ClassVar[str] = "footprint.analysis.keeps_dying"
    kind: ClassVar[Kind] = Kind.INTERNAL
    en: ClassVar[str] = (
        "The process that computed this analysis ended {attempts} times without a result, perhaps "
        "for want of memory. Ask for fewer samples or methods, or use the command line."
    )
    zh: ClassVar[str] = (
        "计算此分析的进程 {attempts} 次未产生结果即终止，可能是内存不足。请减少样本或方法，"
        "或改用命令行。"
    )

    attempts: int


@dataclass(eq=False)
class SingularModel(GreenchainError):
    """A model whose equations have no unique solution.

    Attributes
    ----------
    names
        Ids of the activities, or of the products, that have none.
    """

    code: ClassVar[str] = "footprint.analysis.singular"
    en: ClassVar[str] = (
        "The model has no unique solution: {cause}: {names}. Check amounts, and which products are "
        "made."
    )
    zh: ClassVar[str] = "模型没有唯一解：{cause_zh}：{names}。请检查数量以及各产品由何活动产出。"

    cause: str
    cause_zh: str
    names: tuple[str, ...]


@dataclass(eq=False)
class SingularSample(SingularModel):
    """One sample of a model has no unique solution."""

    code: ClassVar[str] = "footprint.analysis.singular_sample"
    en: ClassVar[str] = (
        "Sample {sample} has no unique solution: {cause}: {names}. Narrow the uncertainty of "
        "amounts there."
    )
    zh: ClassVar[str] = "样本 {sample} 没有唯一解：{cause_zh}：{names}。请缩小其中数量的不确定性。"

    sample: int


@dataclass(eq=False)
class SingularScenario(SingularModel):
    """One scenario of a model has no unique solution."""

    code: ClassVar[str] = "footprint.analysis.singular_scenario"
    en: ClassVar[str] = (
        "Scenario {scenario} has no unique solution: {cause}: {names}. Check its changes."
    )
    zh: ClassVar[str] = "情景 {scenario} 没有唯一解：{cause_zh}：{names}。请检查其更改。"

    scenario: str


@dataclass(eq=False)
class NotComputable(GreenchainError):
    """What the engine refuses for a reason of its own.

    Attributes
    ----------
    names
        Ids of what is meant; of the model where no more is known.
    """

    code: ClassVar[str] = "footprint.analysis.not_computable"
    en: ClassVar[str] = (
        "The model cannot be computed: {reason}. Check amounts and units of: {names}."
    )
    zh: ClassVar[str] = "模型无法计算：{reason_zh}。请检查以下各项的数量与单位：{names}。"

    reason: str
    reason_zh: str
    names: tuple[str, ...]
