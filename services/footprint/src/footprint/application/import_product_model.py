"""Import a product model: all of it, or nothing and everything that is wrong with it."""

from chassis.canonical import sha256_hex
from chassis.clock import Clock, new_id
from chassis.identity import Principal, Role
from footprint.application.background_ports import Backgrounds, NoBackgrounds
from footprint.application.backgrounds import read_with_backgrounds
from footprint.application.ports import StoredProductModel, UnitOfWorkFor
from footprint.domain.dataset import Dataset
from footprint.domain.product_content import canonical
from footprint.domain.product_parts import ProductDocument


def import_product_model(
    document: ProductDocument,
    *,
    caller: Principal,
    dataset: Dataset,
    open_uow: UnitOfWorkFor,
    clock: Clock,
    backgrounds: Backgrounds | None = None,
) -> tuple[StoredProductModel, bool]:
    """Validate and store a product model.

    Returns
    -------
    tuple of StoredProductModel and bool
        The stored version, and whether it is new: the same content again gives the version that
        is already there, another content of the same product the next version.

    Raises
    ------
    InvalidInput
        With every violation of header, lines, sites and parts.
    """
    caller.require(Role.EXPORTER)
    held = backgrounds or NoBackgrounds()
    model = read_with_backgrounds(document, dataset, held, caller.tenant_id)
    sha256 = sha256_hex(canonical(model))
    with open_uow(caller.tenant_id) as uow:
        present = uow.product_models.with_sha256(sha256)
        if present is not None:
            return present, False
        stored = StoredProductModel(
            id=new_id(),
            version=uow.product_models.latest_version(model.product_id) + 1,
            sha256=sha256,
            model=model,
            created_at=clock.now(),
            created_by=caller.subject,
        )
        uow.product_models.add(stored)
        uow.commit()
    return stored, True


def get_product_model(
    product_model_id: str, *, caller: Principal, open_uow: UnitOfWorkFor
) -> StoredProductModel:
    """Return an imported version of a product model."""
    caller.require(Role.EXPORTER, Role.LEAD_FIRM)
    with open_uow(caller.tenant_id, read_only=True) as uow:
        return uow.product_models.get(product_model_id)
