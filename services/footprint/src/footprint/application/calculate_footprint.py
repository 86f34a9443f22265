"""Calculate a product's footprint, with or without its suppliers' accepted declarations."""

from chassis.clock import Clock, new_id
from chassis.identity import Principal, Role
from footprint.application.calculation import calculate_content
from footprint.application.citations import add_with_citations
from footprint.application.ports import (
    Methodology,
    StoredProductModel,
    SupplierData,
    UnitOfWorkFor,
)
from footprint.domain.declaration import CitedDeclaration, cite, newest_of_each_supplier
from footprint.domain.product_footprint import ProductFootprint
from footprint.domain.system_errors import UnknownMethod


def calculate_footprint(
    product_model_id: str,
    method_id: str,
    *,
    supplier_data: SupplierData | None,
    caller: Principal,
    methodology: Methodology,
    open_uow: UnitOfWorkFor,
    clock: Clock,
) -> ProductFootprint:
    """Calculate and store a footprint in the state `calculated`.

    Parameters
    ----------
    supplier_data
        Where accepted declarations come from, in the caller's name; None for background data
        alone.

    Raises
    ------
    UnknownMethod
        If the rule pack does not allow the method: others are told beside the footprint.
    DeclarationMethodDiffers, DeclarationDatasetDiffers, DeclarationOutdated
        For an accepted declaration that cannot be used: it is never left out silently. An earlier
        period of the same supplier and product is not needed, and not asked about.
    AmbiguousSupplier
        If two are left for one product.
    """
    caller.require(Role.EXPORTER)
    # Before the declarations: each of them would be said to be of another method.
    known = methodology.rules.method_ids
    if method_id not in known:
        raise UnknownMethod(method_id, tuple(known))
    with open_uow(caller.tenant_id, read_only=True) as uow:
        stored = uow.product_models.get(product_model_id)
    cited: tuple[CitedDeclaration, ...] = ()
    if supplier_data is not None:
        cited = _usable(stored, method_id, supplier_data, methodology, clock)
    footprint = ProductFootprint(
        id=new_id(),
        product_model_id=stored.id,
        content=calculate_content(stored, method_id, cited, methodology, caller.tenant_id),
        created_at=clock.now(),
    )
    with open_uow(caller.tenant_id) as uow:
        add_with_citations(uow, caller.tenant_id, footprint)
        uow.commit()
    return footprint


def _usable(
    stored: StoredProductModel,
    method_id: str,
    supplier_data: SupplierData,
    methodology: Methodology,
    clock: Clock,
) -> tuple[CitedDeclaration, ...]:
    bought = stored.model.bought()
    return tuple(
        cite(
            granted,
            method_id=method_id,
            dataset=methodology.dataset,
            rules=methodology.rules,
            today=clock.now().date(),
        )
        for granted in newest_of_each_supplier(supplier_data.accepted_declarations(bought))
    )
