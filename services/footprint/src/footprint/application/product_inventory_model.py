"""A product as an inventory model, for analyses."""

from typing import Any

from chassis.identity import Principal, Role
from footprint.application.backgrounds import with_backgrounds
from footprint.application.ports import ExplainingEngine, Methodology, UnitOfWorkFor
from footprint.domain.dataset import Dataset
from footprint.domain.impacts import supported_methods
from footprint.domain.linking import link_product
from footprint.domain.product import ProductModel
from footprint.domain.product_inventory import product_inventory


def inventory_of(
    model: ProductModel, dataset: Dataset, method_id: str, engine: ExplainingEngine
) -> dict[str, Any]:
    """Return a product, linked to a dataset, as a document `greenchain-inventory/1`.

    Its methods are those whose amounts the data support.

    Parameters
    ----------
    method_id
        Method of the headline, which counts published totals.
    """
    system = link_product(model, dataset, method_id)
    supported = supported_methods(system, engine.solve(system), dataset)
    return product_inventory(model, dataset, {method_id, *supported})


def product_inventory_model(
    product_model_id: str, *, caller: Principal, methodology: Methodology, open_uow: UnitOfWorkFor
) -> dict[str, Any]:
    """Return an imported version of a product as an inventory model.

    Suppliers' declarations are not in it.
    """
    caller.require(Role.EXPORTER)
    with open_uow(caller.tenant_id, read_only=True) as uow:
        stored = uow.product_models.get(product_model_id)
    dataset, _ = with_backgrounds(
        stored.model, methodology.dataset, methodology.backgrounds, caller.tenant_id
    )
    method_id = methodology.rules.supplier_method_id
    return inventory_of(stored.model, dataset, method_id, methodology.explaining_engine)
