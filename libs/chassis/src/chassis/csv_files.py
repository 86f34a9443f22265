"""Tables in CSV files as people and spreadsheets save them.

Columns stand in any order, by name. Lines that begin with ``#`` may stand before the header. UTF-8,
with or without a byte-order mark. What spreadsheets add is passed over: blank rows, unnamed empty
columns at the end, quotation marks around a comment that holds a comma.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from io import StringIO
from itertools import dropwhile
from typing import ClassVar

from chassis.errors import Location, Violation

#: So many names of a header, and so much of each, are compared with the known ones.
_MOST_COMPARED, _LONGEST_NAME = 100, 80
SEPARATORS = {";": ("semicolons", "分号"), "\t": ("tabs", "制表符")}


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A data row.

    Attributes
    ----------
    number
        Counted from 1, without blank rows.
    line
        Row of the file as a spreadsheet counts it.
    values
        Cells by column, without blanks around them.
    """

    number: int
    line: int
    values: dict[str, str]


@dataclass(eq=False)
class OtherEncoding(Violation):
    """The file is not in UTF-8; a spreadsheet's plain "CSV" is not where Windows is Chinese."""

    code: ClassVar[str] = "file.csv.encoding"
    en: ClassVar[str] = (
        "Line {line} of the file is not in UTF-8. Save it as “CSV UTF-8 (Comma delimited)” in "
        "Excel or WPS, not as plain CSV or Unicode text."
    )
    zh: ClassVar[str] = (
        "文件第 {line} 行不是 UTF-8 编码。请在 Excel 或 WPS 中另存为“CSV UTF-8（逗号分隔）”，"
        "不要选择普通 CSV（GBK 编码）或“Unicode 文本”。"
    )

    line: int


@dataclass(eq=False)
class OtherSeparator(Violation):
    """The columns are separated by something else than commas."""

    code: ClassVar[str] = "file.csv.separator"
    en: ClassVar[str] = "The columns are separated by {name_en}. Save the file with commas."
    zh: ClassVar[str] = "各列以{name_zh}分隔，请另存为以英文逗号分隔的文件。"

    name_en: str
    name_zh: str


@dataclass(eq=False)
class UnreadableFile(Violation):
    """The file is no CSV."""

    code: ClassVar[str] = "file.csv.unreadable"
    en: ClassVar[str] = (
        "Line {line} of the file cannot be read as CSV: {reason}. Look for a quotation mark "
        "without its partner there or above."
    )
    zh: ClassVar[str] = (
        "文件第 {line} 行无法按 CSV 读取（{reason}）。请检查该行及以上各行的引号是否成对。"
    )

    line: int
    reason: str


@dataclass(eq=False)
class EmptyFile(Violation):
    """There is not even a header."""

    code: ClassVar[str] = "file.csv.empty"
    en: ClassVar[str] = "The file has no header. Its first line must name the columns: {columns}."
    zh: ClassVar[str] = "文件没有表头。第一行须列出以下列名：{columns}。"

    columns: tuple[str, ...]


@dataclass(eq=False)
class MissingColumn(Violation):
    """A column of the format is not there."""

    code: ClassVar[str] = "file.csv.missing_column"
    en: ClassVar[str] = "Column {column!r} is missing. Add it; the columns are: {columns}."
    zh: ClassVar[str] = "缺少列 {column!r}，请补充。应有的列：{columns}。"

    column: str
    columns: tuple[str, ...]
    optional: tuple[str, ...] = ()

    def message(self, language: str = "en") -> str:
        """Say the error, with the columns that may stand there beside."""
        text = Violation.message(self, language)
        if not self.optional:
            return text
        if language == "zh":
            return f"{text}可选的列：{'、'.join(self.optional)}。"
        return f"{text} Optional: {', '.join(self.optional)}."


@dataclass(eq=False)
class RepeatedColumn(Violation):
    """A column stands there twice."""

    code: ClassVar[str] = "file.csv.repeated_column"
    en: ClassVar[str] = "Column {column!r} stands in the header more than once. Keep one of them."
    zh: ClassVar[str] = "表头中列 {column!r} 重复出现，请只保留一列。"

    column: str


@dataclass(eq=False)
class UnknownColumn(Violation):
    """A column is not one of the format's."""

    code: ClassVar[str] = "file.csv.unknown_column"
    en: ClassVar[str] = "The format has no column {column!r}. Remove it, or mend its name."
    zh: ClassVar[str] = "该格式没有列 {column!r}，请删除该列或更正列名。"

    column: str
    closest: str = ""

    def message(self, language: str = "en") -> str:
        """Say the error, with the most similar name that is not there yet, if there is one."""
        text = Violation.message(self, language)
        if not self.closest:
            return text
        if language == "zh":
            return f"{text}您是否指 {self.closest!r}？"
        return f"{text} Did you mean {self.closest!r}?"


@dataclass(eq=False)
class WrongFieldCount(Violation):
    """A row does not have one field per column."""

    code: ClassVar[str] = "file.csv.field_count"
    en: ClassVar[str] = (
        "The row has {count} fields, the header {expected}. Quote fields that hold a comma."
    )
    zh: ClassVar[str] = "该行有 {count} 个字段，表头有 {expected} 个。含逗号的字段请加引号。"

    count: int
    expected: int


def read_rows(
    content: bytes,
    file: str,
    violations: list[Violation],
    *,
    columns: Sequence[str] | None,
    optional: Sequence[str] = (),
) -> Iterator[CsvRow]:
    """Go through the data rows; what is wrong with the form of the file goes to `violations`.

    Parameters
    ----------
    file
        Name of the file, for places.
    columns, optional
        Columns that must, and that may stand in the header; None: whichever stand there. A header
        with faults has no rows, since each of them would be at fault.
    """
    rows = _rows(content, file, violations)
    line, names = next(rows, (1, []))
    if columns is None:
        columns = tuple(filter(None, dict.fromkeys(name.strip() for name in names)))
    header = _header(names, Location("", table=file, line=line), violations, columns, optional)
    if not header:
        return
    for number, (line, fields) in enumerate(rows, start=1):
        if not any(field.strip() for field in fields[len(header) :]):
            fields = fields[: len(header)]
        if len(fields) != len(header):
            place = Location("", row=number, table=file, line=line)
            violations.append(
                WrongFieldCount(location=place, count=len(fields), expected=len(header))
            )
            continue
        values = {name: field.strip() for name, field in zip(header, fields, strict=True)}
        yield CsvRow(number, line, values)


def _rows(
    content: bytes, file: str, violations: list[Violation]
) -> Iterator[tuple[int, list[str]]]:
    """Go through header and rows with their lines, without blank ones; end where it is no CSV."""
    whole_file = Location("", table=file)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        violations.append(OtherEncoding(location=whole_file, line=line))
        return
    lines = list(StringIO(text, newline=""))
    table = list(dropwhile(lambda line: line.startswith(("#", '"#')), lines))
    comments = len(lines) - len(table)
    reader = csv.reader(table, strict=True)
    try:
        # Not by the reader's own count: a cell with line breaks is one row to a spreadsheet.
        for line, row in enumerate(reader, start=comments + 1):
            if any(field.strip() for field in row):
                yield line, row
    except csv.Error as error:
        line = comments + reader.line_num
        violations.append(UnreadableFile(location=whole_file, line=line, reason=str(error)))


def _header(
    names: list[str],
    place: Location,
    violations: list[Violation],
    columns: Sequence[str],
    optional: Sequence[str],
) -> list[str]:
    """Return the names of the columns; none if one of them is wrong."""
    names = [name.strip() for name in names]
    while names and not names[-1]:
        names.pop()
    if not names:
        # Unless the file could not be read at all, which was said.
        if not any(each.location.table == place.table for each in violations):
            violations.append(EmptyFile(location=_in(place, ""), columns=tuple(columns)))
        return []
    known = (*columns, *optional)
    if len(names) == 1:
        for separator, (name_en, name_zh) in SEPARATORS.items():
            if separator in names[0] and set(known) & set(names[0].split(separator)):
                violations.append(
                    OtherSeparator(location=_in(place, ""), name_en=name_en, name_zh=name_zh)
                )
                return []
    free = [name for name in known if name not in names]
    meant = {
        name: closest[0]
        for name in dict.fromkeys(names[:_MOST_COMPARED])
        if name not in known
        and (closest := get_close_matches(name[:_LONGEST_NAME].lower(), free, n=1, cutoff=0.75))
    }
    # A misspelt column is one fault, not two.
    found: list[Violation] = [
        MissingColumn(_in(place, name), name, tuple(columns), tuple(optional))
        for name in columns
        if name not in names and name not in meant.values()
    ]
    found += [
        RepeatedColumn(location=_in(place, name), column=name)
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    found += [
        UnknownColumn(location=_in(place, name), column=name, closest=meant.get(name, ""))
        for name in dict.fromkeys(names)
        if name not in known
    ]
    violations.extend(found)
    return [] if found else names


def _in(place: Location, field: str) -> Location:
    return Location(field, table=place.table, line=place.line)
