"""A stored product as an inventory model, for analyses."""

from typing import Any

from chassis.identity import Principal, Role
from footprint.application.ports import UnitOfWorkFor
from footprint.domain.dataset import Dataset
from footprint.domain.product_inventory import product_inventory


def product_inventory_model(
    product_model_id: str, *, caller: Principal, dataset: Dataset, open_uow: UnitOfWorkFor
) -> dict[str, Any]:
    """Return an imported version of a product, linked to the dataset.

    Returns
    -------
    dict
        A document `greenchain-inventory/1`; suppliers' declarations are not in it.
    """
    caller.require(Role.EXPORTER)
    with open_uow(caller.tenant_id, read_only=True) as uow:
        stored = uow.product_models.get(product_model_id)
    return product_inventory(stored.model, dataset)
