"""Products as inventory models, for who runs the service as a library."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from footprint.adapters.backgrounds.local import LocalBackgrounds
from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.adapters.rule_packs import RULE_PACK, load_rule_pack
from footprint.application.backgrounds import read_with_backgrounds, with_backgrounds
from footprint.application.product_inventory_model import inventory_of
from footprint.data.shipped import load_dataset
from footprint.local.explanations import document_of


def inventory_model(
    product: str | Mapping[str, Any], backgrounds: Sequence[Path] = ()
) -> dict[str, Any]:
    """Return a product, linked to the shipped dataset, in the format `greenchain-inventory/1`.

    Parameters
    ----------
    product
        Name of a shipped template, or a product model as `POST /v1/product-models` takes it. Parts
        that it names and does not bring are shipped templates.
    backgrounds
        Files of backgrounds that it may buy from.

    Raises
    ------
    InvalidInput
        With every violation of header, lines, sites and parts.
    NotABackground
    """
    held = LocalBackgrounds(backgrounds)
    model = read_with_backgrounds(document_of(product), load_dataset(), held, "")
    dataset, _ = with_backgrounds(model, load_dataset(), held, "")
    headline = load_rule_pack(RULE_PACK).supplier_method_id
    return inventory_of(model, dataset, headline, GreenchainEngine())
