"""What can be wrong with taking over a method of the bundle that bw2io ships."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import GreenchainError, Kind


@dataclass(eq=False)
class MethodBundleMissing(GreenchainError):
    """The library that ships the bundle is not installed."""

    code: ClassVar[str] = "footprint.bundled_method.bundle_missing"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "{package} is not installed; it ships the bundle of methods. Install it with: pip install "
        "'greenchain-footprint[backgrounds]'."
    )
    zh: ClassVar[str] = (
        "未安装 {package}，评价方法包由其提供。安装命令：pip install "
        "'greenchain-footprint[backgrounds]'。"
    )

    package: str


@dataclass(eq=False)
class NoSuchBundledMethod(GreenchainError):
    """No name in the bundle has all of these words."""

    code: ClassVar[str] = "footprint.bundled_method.unknown"
    kind: ClassVar[Kind] = Kind.NOT_FOUND
    en: ClassVar[str] = (
        "No method of the bundle has all words of {name!r} in its name. List them with: greenchain "
        "footprint data methods."
    )
    zh: ClassVar[str] = (
        "方法包中没有名称包含 {name!r} 所有词的方法。可用以下命令列出：greenchain footprint data "
        "methods。"
    )

    name: str


@dataclass(eq=False)
class AmbiguousMethodName(GreenchainError):
    """Several names in the bundle have all of these words."""

    code: ClassVar[str] = "footprint.bundled_method.ambiguous"
    en: ClassVar[str] = (
        "{count} methods have all words of {name!r} in their names. Give one name in full, in "
        "quotation marks; the first are: {candidates}."
    )
    zh: ClassVar[str] = (
        "有 {count} 个方法的名称包含 {name!r} 的所有词。请给出其中一个完整名称并加引号；前几个为："
        "{candidates}。"
    )

    name: str
    count: int
    candidates: tuple[str, ...]


@dataclass(eq=False)
class MethodCountsNothing(GreenchainError):
    """A method whose factors are all of flows that the dataset does not have."""

    code: ClassVar[str] = "footprint.bundled_method.counts_nothing"
    en: ClassVar[str] = (
        "{name} counts none of the dataset's flows, so every figure of it would be empty. Choose a "
        "method that `greenchain footprint data methods` shows with at least one flow."
    )
    zh: ClassVar[str] = (
        "{name} 不计入数据集中的任何流，其结果必为空。请选择 greenchain footprint data methods 中计"
        "入至少一个流的方法。"
    )

    name: str


@dataclass(eq=False)
class MethodThere(GreenchainError):
    """The dataset has a method of this id already."""

    code: ClassVar[str] = "footprint.bundled_method.there_already"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "The dataset has the method {method_id} already; nothing was added. To take it over anew, "
        "remove its rows from methods.csv, characterization.csv and coverage.csv first."
    )
    zh: ClassVar[str] = (
        "数据集中已有方法 {method_id}，未作任何更改。如需重新加入，请先从 methods.csv、"
        "characterization.csv 和 coverage.csv 中删除其各行。"
    )

    method_id: str
