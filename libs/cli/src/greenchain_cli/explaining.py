"""Explains a footprint: one at the service, or that of a product model, computed here."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from chassis.errors import GreenchainError, Kind
from greenchain_cli.clients import connections
from greenchain_cli.model_file import is_product, with_product

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


def explanation(given: str, method_id: str, backgrounds: Sequence[Path] = ()) -> Any:
    """Return an explanation as the service answers it.

    Parameters
    ----------
    given
        Id of a footprint, a folder with a product model, or the name of a template.
    method_id
        Of a product model; a footprint has its own.
    backgrounds
        Files of backgrounds that the product model buys from.

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
    from footprint.local.explanations import explain
    from footprint.local.templates import product_template_names

    if not is_product(given):
        raise NothingToExplain(given, product_template_names())
    return with_product(given, lambda product: explain(product, method_id, backgrounds))
