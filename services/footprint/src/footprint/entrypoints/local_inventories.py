"""Products as inventory models, for who runs the service as a library."""

from collections.abc import Mapping
from typing import Any

from footprint.data.shipped import load_dataset
from footprint.domain.product_inventory import product_inventory
from footprint.domain.product_rows import read_product_document
from footprint.entrypoints.local_explanations import document_of


def inventory_model(product: str | Mapping[str, Any]) -> dict[str, Any]:
    """Return a product, linked to the shipped dataset, in the format `greenchain-inventory/1`.

    Parameters
    ----------
    product
        Name of a shipped template, or a product model as `POST /v1/product-models` takes it. Parts
        that it names and does not bring are shipped templates.

    Raises
    ------
    InvalidInput
        With every violation of header, lines, sites and parts.
    """
    dataset = load_dataset()
    return product_inventory(read_product_document(document_of(product), dataset), dataset)
