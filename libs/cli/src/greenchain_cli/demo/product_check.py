"""Whether the demonstration's two suppliers have anything to say about a product."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar

from chassis.errors import GreenchainError
from greenchain_cli.demo.cast import SUPPLIERS


@dataclass(eq=False)
class PartsNotBought(GreenchainError):
    """The product does not buy what the demonstration's suppliers make."""

    code: ClassVar[str] = "demo.product.parts_not_bought"
    en: ClassVar[str] = (
        "The demonstration's suppliers make {made}; bom.csv has no line whose input_id is "
        "{missing}. Take a product that buys both, or run the steps by hand with suppliers of "
        "your own (docs/guide.md)."
    )
    zh: ClassVar[str] = (
        "演示中的供应商生产 {made}；bom.csv 中没有 input_id 为 {missing} 的行。"
        "请使用同时外购这两种部件的产品，或用您自己的供应商手动执行各步骤（docs/guide.md）。"
    )

    made: str
    missing: str


@dataclass(eq=False)
class PartsNotAskedFor(GreenchainError):
    """A part weighs so little in the product that no data are asked for."""

    code: ClassVar[str] = "demo.product.parts_not_asked_for"
    en: ClassVar[str] = (
        "{missing} weighs too little in this product for a data request, so the demonstration "
        "cannot go on. Take a product with more of it."
    )
    zh: ClassVar[str] = (
        "{missing} 在该产品中占比过小，不会提出数据请求，演示无法继续。请使用占比更大的产品。"
    )

    missing: str


def check_parts(input_ids: Collection[str]) -> None:
    """Raise `PartsNotBought` unless what both suppliers make is among a product's inputs."""
    missing = _lacking(input_ids)
    if missing:
        raise PartsNotBought(
            made=", ".join(supplier.activity_id for supplier in SUPPLIERS), missing=missing
        )


def check_requests(activity_ids: Collection[str]) -> None:
    """Raise `PartsNotAskedFor` unless data requests were proposed for both parts."""
    missing = _lacking(activity_ids)
    if missing:
        raise PartsNotAskedFor(missing=missing)


def _lacking(activity_ids: Collection[str]) -> str:
    made = [supplier.activity_id for supplier in SUPPLIERS]
    return ", ".join(part for part in made if part not in activity_ids)
