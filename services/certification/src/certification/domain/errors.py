"""Mistakes that the rules of a record's life can name."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import GreenchainError, Kind, Violation


@dataclass(eq=False)
class TransitionNotAllowed(GreenchainError):
    """The record's state does not admit the action."""

    code: ClassVar[str] = "certification.record.transition_not_allowed"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "A record that is {state} cannot be changed by {action}; possible from here: {possible}."
    )
    zh: ClassVar[str] = "状态为 {state} 的记录不能执行 {action}；当前可执行：{possible}。"

    action: str
    state: str
    possible: tuple[str, ...]


@dataclass(eq=False)
class RecordEnded(TransitionNotAllowed):
    """The record is in a final state; the code is the one of all actions that are not possible."""

    en: ClassVar[str] = (
        "A record that is {state} stays so: neither {action} nor any other action is possible."
    )
    zh: ClassVar[str] = "状态为 {state} 的记录已终结，不能再执行 {action} 或其他任何操作。"


@dataclass(eq=False)
class SameIdentity(GreenchainError):
    """Who acted in one part may not act in another: nobody both states and decides."""

    code: ClassVar[str] = "certification.record.same_identity"
    kind: ClassVar[Kind] = Kind.FORBIDDEN
    en: ClassVar[str] = (
        "You already acted on this record as {earlier_role}; {action} needs another identity, "
        "since applicant, verifier and decider must be three."
    )
    zh: ClassVar[str] = (
        "您已以 {earlier_role} 身份处理过本记录；{action} 须由另一身份执行，"
        "申请人、核查人与决定人必须是三个不同的身份。"
    )

    action: str
    earlier_role: str


@dataclass(eq=False)
class NotIndependent(Violation):
    """Verifier or certification body belongs to the applicant's own organisation."""

    code: ClassVar[str] = "certification.application.not_independent"
    en: ClassVar[str] = "{location} names the applicant's own organisation; name another one."
    zh: ClassVar[str] = "{location} 指向申请人自己的组织；请指定其他组织。"


@dataclass(eq=False)
class UnknownScheme(Violation):
    """No such scheme is in the data."""

    code: ClassVar[str] = "certification.scheme.unknown"
    en: ClassVar[str] = "There is no scheme {scheme}; use one of: {known}."
    zh: ClassVar[str] = "没有方案 {scheme}；请使用以下之一：{known}。"

    scheme: str
    known: tuple[str, ...]


@dataclass(eq=False)
class ApplicationDiffers(GreenchainError):
    """The footprint already has an application under the scheme, with other parties."""

    code: ClassVar[str] = "certification.application.differs"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Application {application_id} for this footprint and scheme names other parties; "
        "continue that one, or withdraw it and apply again."
    )
    zh: ClassVar[str] = (
        "该产品碳足迹在此方案下已有申请 {application_id}，但指定的机构不同；"
        "请继续该申请，或撤回后重新申请。"
    )

    application_id: str


@dataclass(eq=False)
class FootprintNotFrozen(GreenchainError):
    """Only a frozen footprint can be certified."""

    code: ClassVar[str] = "certification.footprint.not_frozen"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = "Footprint {footprint_id} is not frozen; freeze it first."
    zh: ClassVar[str] = "产品碳足迹 {footprint_id} 尚未冻结；请先冻结。"

    footprint_id: str


@dataclass(eq=False)
class FootprintStale(GreenchainError):
    """An input of the footprint was corrected since it was frozen."""

    code: ClassVar[str] = "certification.footprint.stale"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Footprint {footprint_id} is stale ({reason}); recompute it and apply with the new one."
    )
    zh: ClassVar[str] = (
        "产品碳足迹 {footprint_id} 已过时（{reason}）；请重新计算并以新的碳足迹申请。"
    )

    footprint_id: str
    reason: str


@dataclass(eq=False)
class FootprintDeprecated(GreenchainError):
    """The footprint was replaced by a later one."""

    code: ClassVar[str] = "certification.footprint.deprecated"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = "Footprint {footprint_id} was replaced; apply with its successor."
    zh: ClassVar[str] = "产品碳足迹 {footprint_id} 已被替代；请以替代它的碳足迹申请。"

    footprint_id: str


@dataclass(eq=False)
class StatementNotCompliant(GreenchainError):
    """Only a statement that concludes `compliant` lets the body issue."""

    code: ClassVar[str] = "certification.decision.statement_not_compliant"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "The statement concludes {conclusion}; a record can be issued only on `compliant`. "
        "Reject the application, giving the reason."
    )
    zh: ClassVar[str] = (
        "核查声明的结论为 {conclusion}；仅当结论为 compliant 时方可颁发。请拒绝该申请并说明理由。"
    )

    conclusion: str


@dataclass(eq=False)
class ReasonMissing(Violation):
    """A transition needs a reason."""

    code: ClassVar[str] = "certification.record.reason_missing"
    en: ClassVar[str] = "{location} is empty; say why in a sentence."
    zh: ClassVar[str] = "{location} 为空；请用一句话说明理由。"


@dataclass(eq=False)
class UnfitText(Violation):
    """A text holds a character that cannot be seen."""

    code: ClassVar[str] = "certification.text.unfit"
    en: ClassVar[str] = (
        "{location} holds {character}, a control character or one that cannot be seen; remove it."
    )
    zh: ClassVar[str] = "{location} 含有控制字符或不可见字符 {character}；请删除。"

    character: str


@dataclass(eq=False)
class FieldEmpty(Violation):
    """A text of the statement is empty."""

    code: ClassVar[str] = "certification.statement.field_empty"
    en: ClassVar[str] = "{location} is empty; fill it in."
    zh: ClassVar[str] = "{location} 为空；请填写。"


@dataclass(eq=False)
class OtherFootprintVersion(Violation):
    """The statement is about another version of the footprint."""

    code: ClassVar[str] = "certification.statement.other_footprint"
    en: ClassVar[str] = (
        "{location} is {stated}, but the application is about {expected}. A statement holds for "
        "one footprint version only: verify that one."
    )
    zh: ClassVar[str] = (
        "{location} 为 {stated}，但申请针对的是 {expected}。"
        "一份声明仅适用于一个碳足迹版本：请核查该版本。"
    )

    stated: str
    expected: str


@dataclass(eq=False)
class OtherMethod(Violation):
    """The statement names another characterization method than the footprint."""

    code: ClassVar[str] = "certification.statement.other_method"
    en: ClassVar[str] = (
        "{location} is {stated}, but the footprint was calculated by {expected}; state about that "
        "method."
    )
    zh: ClassVar[str] = (
        "{location} 为 {stated}，但该碳足迹按 {expected} 计算；请针对该方法出具声明。"
    )

    stated: str
    expected: str


@dataclass(eq=False)
class UnknownStatementType(Violation):
    """The scheme does not accept this kind of statement."""

    code: ClassVar[str] = "certification.statement.unknown_type"
    en: ClassVar[str] = (
        "{location} is {stated}, which this scheme does not accept; use one of: {known}."
    )
    zh: ClassVar[str] = "{location} 为 {stated}，本方案不接受；请使用以下之一：{known}。"

    stated: str
    known: tuple[str, ...]


@dataclass(eq=False)
class ConflictOfInterest(Violation):
    """The verifier does not declare to be free of conflicts of interest."""

    code: ClassVar[str] = "certification.statement.conflict_of_interest"
    en: ClassVar[str] = (
        "{location} must be true: who has a conflict of interest cannot state; name another."
    )
    zh: ClassVar[str] = "{location} 必须为 true：存在利益冲突的核查人不得出具声明；请更换核查人。"


@dataclass(eq=False)
class ImpossibleDate(Violation):
    """The statement's date lies before the footprint or in the future."""

    code: ClassVar[str] = "certification.statement.impossible_date"
    en: ClassVar[str] = "{location} is {stated}; give a day from {earliest} to {latest}."
    zh: ClassVar[str] = "{location} 为 {stated}；请填写 {earliest} 至 {latest} 之间的日期。"

    stated: str
    earliest: str
    latest: str
