"""Why a step is refused as a whole; `violations` says what is wrong with single fields."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import GreenchainError, InvalidInput, Kind


@dataclass(eq=False)
class WrongState(GreenchainError):
    """The step is not possible from where the thing stands."""

    code: ClassVar[str] = "supplier.state.wrong"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "{what} {id} is {state}; it cannot become {wanted}. Read it again, and go on from the "
        "state in which it is."
    )
    zh: ClassVar[str] = (
        "{what} {id} 当前状态为 {state}，不能变为 {wanted}。请重新读取，并按其当前状态继续。"
    )

    what: str
    id: str
    state: str
    wanted: str


@dataclass(eq=False)
class AlreadySent(GreenchainError):
    """A request goes to one supplier for one period."""

    code: ClassVar[str] = "supplier.request.already_sent"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Data request {data_request_id} was already sent to {supplier_tenant_id}; it is {state}. "
        "To ask again, another supplier, or for another period, propose the product again and "
        "send the new request (greenchain supplier requests --state proposed)."
    )
    zh: ClassVar[str] = (
        "数据请求 {data_request_id} 已发送给 {supplier_tenant_id}，当前状态为 {state}。"
        "如需再次提出请求、向其他供应商或就其他期间提出请求，请重新提议该产品并发送新的请求"
        "（greenchain supplier requests --state proposed）。"
    )

    data_request_id: str
    supplier_tenant_id: str
    state: str


@dataclass(eq=False)
class OtherContent(GreenchainError):
    """The caller looked at other content than what is held."""

    code: ClassVar[str] = "supplier.declaration.other_content"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Version {version} of declaration {declaration_id} has not the content {sha256}. Read it "
        "again and decide on what it says now."
    )
    zh: ClassVar[str] = (
        "声明 {declaration_id} 第 {version} 版的内容与 {sha256} 不符，请重新读取后再决定。"
    )

    declaration_id: str
    version: int
    sha256: str


@dataclass(eq=False)
class LaterVersion(GreenchainError):
    """The supplier has corrected the version that somebody decides on."""

    code: ClassVar[str] = "supplier.declaration.later_version"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Version {version} of declaration {declaration_id} was corrected; version {later} is the "
        "newest. Decide on that one."
    )
    zh: ClassVar[str] = (
        "声明 {declaration_id} 第 {version} 版已被更正，最新为第 {later} 版，请就最新版作出决定。"
    )

    declaration_id: str
    version: int
    later: int


@dataclass(eq=False)
class NothingToDecide(GreenchainError):
    """A version whose footprint could not be calculated is its supplier's to mend."""

    code: ClassVar[str] = "supplier.declaration.nothing_to_decide"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "No footprint could be calculated from version {version} of declaration {declaration_id}, "
        "so there is nothing to accept or return. The supplier was told why and has to submit the "
        "next version."
    )
    zh: ClassVar[str] = (
        "声明 {declaration_id} 第 {version} 版无法算出碳足迹，因此无从接受或退回。"
        "原因已告知供应商，请等待其提交下一版本。"
    )

    declaration_id: str
    version: int


@dataclass(eq=False)
class OtherResult(GreenchainError):
    """A second calculation of the same version gave another result."""

    code: ClassVar[str] = "supplier.declaration.other_result"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Version {version} of declaration {declaration_id} already has the calculated footprint "
        "{held}; another result was refused. Read that footprint."
    )
    zh: ClassVar[str] = (
        "声明 {declaration_id} 第 {version} 版已有核算结果 {held}，拒绝写入不同的结果。请读取该结果"
        "。"
    )

    declaration_id: str
    version: int
    held: str


@dataclass(eq=False)
class DraftHasOtherRecords(GreenchainError):
    """A draft's period cannot be moved away from under its records."""

    code: ClassVar[str] = "supplier.declaration.draft_has_other_records"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "The open draft, version {version} of declaration {declaration_id}, holds records outside "
        "{period}, for example {record_id!r}. Open it with a period that covers them, or discard "
        "the draft (greenchain supplier declare --afresh)."
    )
    zh: ClassVar[str] = (
        "声明 {declaration_id} 第 {version} 版草稿含有 {period} 以外的记录，例如 {record_id!r}。"
        "请使用能覆盖这些记录的期间，或丢弃该草稿（greenchain supplier declare --afresh）。"
    )

    declaration_id: str
    version: int
    period: str
    record_id: str


@dataclass(eq=False)
class NotADraft(GreenchainError):
    """Records are added to drafts only."""

    code: ClassVar[str] = "supplier.declaration.not_a_draft"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Version {version} of declaration {declaration_id} is {state} and takes no more records. "
        "Open the next version to correct it."
    )
    zh: ClassVar[str] = (
        "声明 {declaration_id} 第 {version} 版为 {state}，不再接收记录。如需更正，请打开下一版本。"
    )

    declaration_id: str
    version: int
    state: str


@dataclass(eq=False)
class NotDiscardable(GreenchainError):
    """What was submitted stays, for whoever looked at it."""

    code: ClassVar[str] = "supplier.declaration.not_discardable"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Version {version} of declaration {declaration_id} is {state}; only a draft can be "
        "discarded. Open the next version to correct it."
    )
    zh: ClassVar[str] = (
        "声明 {declaration_id} 第 {version} 版为 {state}，只有草稿可以丢弃。"
        "如需更正，请打开下一版本。"
    )

    declaration_id: str
    version: int
    state: str


@dataclass(eq=False)
class DraftNotSubmitted(InvalidInput):
    """A draft lacks something as a whole; it stays a draft."""

    code: ClassVar[str] = "supplier.declaration.not_submitted"
    en: ClassVar[str] = (
        "The draft was not submitted; it stays open. Add what is missing, or, to replace records "
        "that it holds, discard it and send all records again (greenchain supplier declare "
        "--afresh). Violations:"
    )
    zh: ClassVar[str] = (
        "草稿未提交，仍保持打开。请补充缺少的内容；如需更换已保存的记录，请丢弃草稿并重新发送全部记录"
        "（greenchain supplier declare --afresh）。问题如下："
    )


@dataclass(eq=False)
class DeclarationUnchanged(GreenchainError):
    """A new version says what the one before says, so that it corrects nothing."""

    code: ClassVar[str] = "supplier.declaration.unchanged"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Nothing was corrected: version {version} of declaration {declaration_id} says exactly "
        "what version {before} says, so it was not submitted. To correct something, declare the "
        "changed records afresh (greenchain supplier declare --afresh)."
    )
    zh: ClassVar[str] = (
        "没有任何更正：声明 {declaration_id} 第 {version} 版与第 {before} 版内容完全相同，"
        "未予提交。"
        "如需更正，请以修改后的记录重新申报（greenchain supplier declare --afresh）。"
    )

    declaration_id: str
    version: int
    before: int


@dataclass(eq=False)
class SameIdentity(GreenchainError):
    """One identity may not both state and decide."""

    code: ClassVar[str] = "supplier.identity.same"
    kind: ClassVar[Kind] = Kind.FORBIDDEN
    en: ClassVar[str] = (
        "Whoever took part in stating declaration {declaration_id} cannot decide on it. Let "
        "another identity of the lead firm do it."
    )
    zh: ClassVar[str] = (
        "参与编制声明 {declaration_id} 的身份不能对其作出决定，请由链主企业的其他身份操作。"
    )

    declaration_id: str
