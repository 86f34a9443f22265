"""Explains a footprint: one at the service, or that of a product model, computed here."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

from chassis.errors import GreenchainError, InvalidInput, Kind
from greenchain_cli.clients import connections
from greenchain_cli.tables import BOM, HEADER, SITES, ProductFolder, read_product

_FOOTPRINT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(eq=False)
class NothingToExplain(GreenchainError):
    """What was given is no footprint, no folder and no template."""

    code: ClassVar[str] = "cli.explain.unknown"
    kind: ClassVar[Kind] = Kind.NOT_FOUND
    en: ClassVar[str] = (
        "{given!r} is neither the id of a footprint, nor a folder with product.json, nor one of "
        "the templates {templates}. Name one of these."
    )
    zh: ClassVar[str] = (
        "{given!r} 既不是碳足迹编号，也不是含 product.json 的文件夹，"
        "也不是模板（{templates}）之一。请给出其中之一。"
    )

    given: str
    templates: tuple[str, ...]


def is_footprint_id(given: str) -> bool:
    """Tell whether a footprint at the service is meant."""
    return _FOOTPRINT_ID.fullmatch(given) is not None


def explanation(given: str, method_id: str) -> Any:
    """Return an explanation as the service answers it.

    Parameters
    ----------
    given
        Id of a footprint, a folder with a product model, or the name of a template.
    method_id
        Of a product model; a footprint has its own.

    Raises
    ------
    NothingToExplain
    InvalidInput
        With everything that is wrong with the product model, by file and row.
    """
    if is_footprint_id(given):
        with connections.footprint() as api:
            return api.explanation(given)
    # Only now: what computes takes longer to load than the service to answer.
    from footprint.bootstrap import explain, product_template_names

    folder = Path(given)
    if (folder / HEADER).is_file():
        product = read_product(folder)
        try:
            return explain(_document(folder, product, ()), method_id)
        except InvalidInput as invalid:
            raise _in_files(invalid, product) from None
    if given not in product_template_names():
        raise NothingToExplain(given, product_template_names())
    return explain(given, method_id)


def _document(folder: Path, product: ProductFolder, outer: tuple[str, ...]) -> dict[str, Any]:
    """Return a product as the service takes it, with those parts whose folders stand beside it."""
    parts = {}
    listed = product.header.get("parts")
    for part in listed if isinstance(listed, list) else ():
        name = part.get("product_id") if isinstance(part, Mapping) else None
        if not isinstance(name, str) or not name.isidentifier() or name in outer:
            continue
        beside = folder.resolve().parent / name
        if (beside / HEADER).is_file():
            parts[name] = _document(beside, read_product(beside), (*outer, name))
    return {
        "header": product.header,
        "lines": product.lines,
        "sites": product.sites,
        "parts": parts,
    }


def _in_files(invalid: InvalidInput, product: ProductFolder) -> InvalidInput:
    """Return what is wrong with the places as they stand in the three files."""
    tables = {"lines": (BOM, product.bom), "sites": (SITES, product.site_rows)}
    violations = []
    for violation in invalid.violations:
        told = violation.location
        file, rows = tables.get(told.table, (f"{HEADER} {told.table}".strip(), ()))
        line = rows[told.row - 1].line if told.row and told.row <= len(rows) else None
        violations.append(replace(violation, location=replace(told, table=file, line=line)))
    return InvalidInput(violations=tuple(violations))
