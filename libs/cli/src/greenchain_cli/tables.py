"""Reads the tables and product folders of the documented formats."""

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from greenchain_cli.errors import MalformedFile, MissingFile


@dataclass(frozen=True, slots=True)
class ProductFolder:
    """The three files of a product, as read; the service checks what they say.

    Attributes
    ----------
    header
        Content of `product.json`.
    lines, sites
        Rows of `bom.csv` and `sites.csv`.
    """

    header: dict[str, Any]
    lines: list[dict[str, str]]
    sites: list[dict[str, str]]


def read_product(folder: Path) -> ProductFolder:
    """Read `product.json`, `bom.csv` and, if there is one, `sites.csv`."""
    sites = folder / "sites.csv"
    return ProductFolder(
        header=read_object(folder / "product.json"),
        lines=read_rows(folder / "bom.csv"),
        sites=read_rows(sites) if sites.exists() else [],
    )


def read_object(path: Path) -> dict[str, Any]:
    """Read a JSON object."""
    try:
        content = json.loads(_text(path))
    except json.JSONDecodeError as error:
        raise MalformedFile(
            path=str(path),
            reason_en=f"line {error.lineno}, column {error.colno} is not JSON: {error.msg}.",
            reason_zh=f"第 {error.lineno} 行第 {error.colno} 列不是有效的 JSON。",
        ) from None
    if not isinstance(content, dict):
        raise MalformedFile(
            path=str(path),
            reason_en="it must hold one JSON object.",
            reason_zh="文件内容必须是一个 JSON 对象。",
        )
    return content


def read_rows(path: Path, required: Iterable[str] = ()) -> list[dict[str, str]]:
    """Read a comma-separated table with a header, UTF-8 with or without a byte order mark."""
    reader = csv.DictReader(_text(path).splitlines(keepends=True))
    header = list(reader.fieldnames or [])
    missing = [name for name in required if name not in header]
    if missing or not header:
        raise MalformedFile(
            path=str(path),
            reason_en=f"the header lacks the columns {', '.join(missing) or '(it is empty)'}.",
            reason_zh=f"表头缺少以下列：{'、'.join(missing) or '（表头为空）'}。",
        )
    rows: list[dict[str, str]] = []
    for number, row in enumerate(reader, start=1):
        # DictReader files surplus cells under None and gives missing ones the value None.
        if None in row or None in row.values():
            raise MalformedFile(
                path=str(path),
                reason_en=f"row {number} has not {len(header)} cells as the header has.",
                reason_zh=f"第 {number} 行的单元格数与表头（{len(header)} 列）不一致。",
            )
        rows.append({name: row[name].strip() for name in header})
    return rows


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise MissingFile(
            path=str(path),
            hint_en="Check the path.",
            hint_zh="请检查路径。",
        ) from None
    except UnicodeDecodeError:
        raise MalformedFile(
            path=str(path),
            reason_en="it is not UTF-8; save it as `CSV UTF-8`.",
            reason_zh="文件不是 UTF-8 编码；请另存为“CSV UTF-8”。",
        ) from None
