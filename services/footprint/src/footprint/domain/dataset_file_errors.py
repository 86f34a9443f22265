"""What can be wrong with the files of a dataset, beside what can be wrong with their rows."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import GreenchainError, Violation


@dataclass(eq=False)
class UnfitFileName(Violation):
    """A name or version of a dataset that would not stay within the name of a file."""

    code: ClassVar[str] = "footprint.dataset.unfit_file_name"
    en: ClassVar[str] = (
        "{location}: {value!r} cannot be part of the name of a file. Use at most {longest} "
        "letters, digits, `.`, `-`, `_` and `+`, a letter or digit first."
    )
    zh: ClassVar[str] = (
        "{location}：{value!r} 不能用于文件名。请使用不超过 {longest} 个字母、数字、`.`、`-`、`_` "
        "和 `+`，并以字母或数字开头。"
    )

    value: str
    longest: int


@dataclass(eq=False)
class NoFossilFactor(Violation):
    """A direct factor of fossil power that is zero: shares are counted in it."""

    code: ClassVar[str] = "footprint.dataset.no_fossil_factor"
    en: ClassVar[str] = (
        "{location}: fossil power cannot emit nothing; every mix of {year} is a share of this "
        "factor. Write the published one."
    )
    zh: ClassVar[str] = (
        "{location}：化石电力的直接因子不能为零，{year} 年各电力结构均按其比例推算。请填写公布值。"
    )

    year: str


@dataclass(eq=False)
class UnreadableArchive(GreenchainError):
    """An archive of a dataset that is broken, locked, or unpacks to more than anybody holds."""

    code: ClassVar[str] = "footprint.dataset.unreadable_archive"
    en: ClassVar[str] = (
        "The archive {path} cannot be read: it is damaged, has a password, or unpacks to more than "
        "{most_megabytes} MB. Get it anew, or unpack it and name the folder."
    )
    zh: ClassVar[str] = (
        "无法读取归档文件 {path}：文件已损坏、设有密码，或解压后超过 {most_megabytes} MB。"
        "请重新获取，或解压后指定文件夹。"
    )

    path: str
    most_megabytes: int
