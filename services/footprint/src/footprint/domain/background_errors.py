"""What can be wrong with a background of one's own, or with what a product says of it."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import GreenchainError, Kind, Violation


@dataclass(eq=False)
class BackgroundNotThere(Violation):
    """A product names a background that its tenant does not have."""

    code: ClassVar[str] = "footprint.background.not_there"
    en: ClassVar[str] = (
        "{location}: there is no background {background!r} in version {version!r}. Upload it, or "
        "give its file with --background."
    )
    zh: ClassVar[str] = (
        "{location}：没有版本为 {version!r} 的背景数据 {background!r}。请上传，或用 --background "
        "给出其文件。"
    )

    background: str
    version: str
    known: tuple[str, ...]

    def message(self, language: str = "en") -> str:
        """Say the error, with what is there if anything is."""
        text = Violation.message(self, language)
        if not self.known:
            return text
        if language == "zh":
            return f"{text}已有：{'、'.join(self.known)}。"
        return f"{text} There are: {', '.join(self.known)}."


@dataclass(eq=False)
class BackgroundTwice(Violation):
    """A product and its parts name one background in two versions."""

    code: ClassVar[str] = "footprint.background.two_versions"
    en: ClassVar[str] = (
        "{location}: background {background!r} is named in the versions {versions}. Name one, in "
        "the product and all of its parts."
    )
    zh: ClassVar[str] = (
        "{location}：背景数据 {background!r} 同时使用了版本 {versions}。产品及其所有部件须使用同一"
        "版本。"
    )

    background: str
    versions: tuple[str, ...]


@dataclass(eq=False)
class UnfitBackgroundId(Violation):
    """An id or a version that could not be part of another name."""

    code: ClassVar[str] = "footprint.background.unfit_id"
    en: ClassVar[str] = (
        "{location}: {value!r} does not fit. Use 1 to {longest} letters, digits, dots, hyphens, "
        "plus signs and underscores, the first a letter or digit."
    )
    zh: ClassVar[str] = (
        "{location}：{value!r} 不符合要求。请使用 1 到 {longest} 个字母、数字、点、连字符、加号或下"
        "划线，首位须为字母或数字。"
    )

    value: str
    longest: int


@dataclass(eq=False)
class NoSuchBackgroundActivity(Violation):
    """A line names an activity that the background does not have."""

    code: ClassVar[str] = "footprint.background.unknown_activity"
    en: ClassVar[str] = (
        "{location}: background {background!r} has no activity {activity!r}{hint_en}. Search it "
        "with: greenchain footprint background search."
    )
    zh: ClassVar[str] = (
        "{location}：背景数据 {background!r} 中没有活动 {activity!r}{hint_zh}。可用以下命令搜索："
        "greenchain footprint background search。"
    )

    background: str
    activity: str
    hint_en: str
    hint_zh: str


@dataclass(eq=False)
class UnfitBackgroundUnit(Violation):
    """A line buys an activity whose unit the platform does not have."""

    code: ClassVar[str] = "footprint.background.unfit_unit"
    en: ClassVar[str] = (
        "{location}: {activity!r} is counted in {unit!r}, which is no unit of the platform. Buy an "
        "activity that contains it."
    )
    zh: ClassVar[str] = (
        "{location}：{activity!r} 以 {unit!r} 计量，平台没有该单位。请改用包含它的其他活动。"
    )

    activity: str
    unit: str


@dataclass(eq=False)
class BackgroundNotAtHand(GreenchainError):
    """A stored product rests on a background that its tenant no longer has."""

    code: ClassVar[str] = "footprint.background.not_at_hand"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "The product rests on background {background!r} {version!r}, which is not at hand. Upload "
        "it again."
    )
    zh: ClassVar[str] = "该产品使用背景数据 {background!r} {version!r}，但当前没有。请重新上传。"

    background: str
    version: str


@dataclass(eq=False)
class BackgroundExists(GreenchainError):
    """A version was uploaded before, with other content."""

    code: ClassVar[str] = "footprint.background.exists"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Background {background!r} {version!r} is there with other content. Footprints rest on "
        "it, so it never changes: upload this one as another version."
    )
    zh: ClassVar[str] = (
        "背景数据 {background!r} {version!r} 已存在且内容不同。已有碳足迹以其为依据，不得更改：请以"
        "其他版本号上传。"
    )

    background: str
    version: str


@dataclass(eq=False)
class BackgroundNamedOtherwise(GreenchainError):
    """A file says another id or version than it was uploaded under."""

    code: ClassVar[str] = "footprint.background.named_otherwise"
    en: ClassVar[str] = (
        "The file is background {background!r} {version!r}. Upload it under that name, or import "
        "it anew with another."
    )
    zh: ClassVar[str] = (
        "该文件是背景数据 {background!r} {version!r}。请以该名称上传，或以其他名称重新导入。"
    )

    background: str
    version: str


@dataclass(eq=False)
class TooManyBackgrounds(GreenchainError):
    """A tenant has as many backgrounds as it may."""

    code: ClassVar[str] = "footprint.background.too_many"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = "Your organisation has {most} versions of backgrounds; no more are kept."
    zh: ClassVar[str] = "贵组织已有 {most} 个背景数据版本，不再接收更多。"

    most: int


@dataclass(eq=False)
class BackgroundsTooLarge(GreenchainError):
    """The files of a tenant's backgrounds would take more room than they may."""

    code: ClassVar[str] = "footprint.background.no_room"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "The backgrounds of your organisation would take more than {limit} bytes together. Leave "
        "out of this one what you do not need."
    )
    zh: ClassVar[str] = "贵组织的背景数据合计将超过 {limit} 字节。请删去其中不需要的内容。"

    limit: int


@dataclass(eq=False)
class TooManyUploads(GreenchainError):
    """A tenant uploads several backgrounds at once."""

    code: ClassVar[str] = "footprint.background.too_many_uploads"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Your organisation uploads {most} backgrounds already. Wait until they are there; one that "
        "broke off is forgotten within an hour."
    )
    zh: ClassVar[str] = (
        "贵组织已有 {most} 个背景数据正在上传。请等待其完成；中断的上传将在一小时内清除。"
    )

    most: int


@dataclass(eq=False)
class NotABackground(GreenchainError):
    """A file or folder that is none, or that is damaged."""

    code: ClassVar[str] = "footprint.background.unreadable"
    en: ClassVar[str] = (
        "{name} is no greenchain-background/1: {reason_en}. Make it with: greenchain footprint "
        "background import."
    )
    zh: ClassVar[str] = (
        "{name} 不是 greenchain-background/1：{reason_zh}。请用以下命令生成：greenchain footprint "
        "background import。"
    )

    name: str
    reason_en: str
    reason_zh: str


@dataclass(eq=False)
class BackgroundTooLarge(GreenchainError):
    """More than the service takes."""

    code: ClassVar[str] = "footprint.background.too_large"
    en: ClassVar[str] = (
        "The background, or a table of it, has more than {limit} bytes unpacked. Leave out what "
        "you do not need."
    )
    zh: ClassVar[str] = "背景数据或其中的表解压后超过 {limit} 字节。请删去不需要的内容。"

    limit: int


@dataclass(eq=False)
class UnsolvableBackground(GreenchainError):
    """A loop of activities that has no solution."""

    code: ClassVar[str] = "footprint.background.unsolvable"
    en: ClassVar[str] = (
        "Background {background!r} has no solution. Look at the amounts of: {activities}."
    )
    zh: ClassVar[str] = "背景数据 {background!r} 无解。请检查以下活动的数量：{activities}。"

    background: str
    activities: tuple[str, ...]


@dataclass(eq=False)
class UnproductiveBackground(GreenchainError):
    """A loop of activities that would give amounts below zero."""

    code: ClassVar[str] = "footprint.background.unproductive"
    en: ClassVar[str] = (
        "Background {background!r} has a loop of {count} activities that consume more of each "
        "other than they give, among them: {activities}. Check their amounts, or buy what does "
        "not need them."
    )
    zh: ClassVar[str] = (
        "背景数据 {background!r} 中有 {count} 个活动构成的循环，相互消耗的量超过其产出，其中包括："
        "{activities}。请检查其数量，或引用不需要这些活动的产品。"
    )

    background: str
    count: int
    activities: tuple[str, ...]


@dataclass(eq=False)
class IntractableBackground(GreenchainError):
    """A large loop of activities that is solved in no time that a service could wait."""

    code: ClassVar[str] = "footprint.background.intractable"
    en: ClassVar[str] = (
        "Background {background!r} has a loop of {count} activities that takes too long to solve "
        "here, among them: {activities}. Look for amounts by which it nearly consumes itself, or "
        "calculate without the service, with --background."
    )
    zh: ClassVar[str] = (
        "背景数据 {background!r} 中有 {count} 个活动构成的循环，求解耗时过长，其中包括："
        "{activities}。请检查是否有接近自我消耗的数量，或使用 --background 在本地计算。"
    )

    background: str
    count: int
    activities: tuple[str, ...]


@dataclass(eq=False)
class CannotImport(GreenchainError):
    """What a background was to be made of cannot be used."""

    code: ClassVar[str] = "footprint.background.cannot_import"
    en: ClassVar[str] = "{source} cannot be imported: {reason_en}."
    zh: ClassVar[str] = "无法导入 {source}：{reason_zh}。"

    source: str
    reason_en: str
    reason_zh: str


@dataclass(eq=False)
class ImporterMissing(GreenchainError):
    """The libraries that read other formats are not installed."""

    code: ClassVar[str] = "footprint.background.importer_missing"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "{package} is not installed; it reads Brightway projects and EcoSpold2. Install it with: "
        "pip install 'greenchain-footprint[backgrounds]'."
    )
    zh: ClassVar[str] = (
        "未安装 {package}，读取 Brightway 项目和 EcoSpold2 需要它。安装命令：pip install "
        "'greenchain-footprint[backgrounds]'。"
    )

    package: str
