"""What has happened before a test begins."""

from services.footprint.tests.fakes import (
    EXPORTER,
    METHOD,
    SUPPLIER,
    FakeSupplierService,
    Memory,
    clock,
    granted,
    sha,
)
from services.footprint.tests.methodology import header, line, shipped

from footprint.application.calculate_footprint import calculate_footprint
from footprint.application.flag_stale import flag_stale
from footprint.application.freeze_footprint import freeze_footprint
from footprint.application.import_product_model import import_product_model
from footprint.domain.declaration import DeclarationReference
from footprint.domain.product_footprint import ProductFootprint
from footprint.domain.product_parts import ProductDocument

V1 = DeclarationReference("declaration-1", 1, sha("1"))
V2 = DeclarationReference("declaration-1", 2, sha("2"))
V3 = DeclarationReference("declaration-1", 3, sha("3"))


def frozen_with_supplier(memory: Memory, amount: float = 2.0) -> ProductFootprint:
    """Freeze a pack of `amount` kg of cathode, which rests on version 1 of a declaration."""
    stored, _ = import_product_model(
        ProductDocument(header(), [line("p.1", "lfp_cathode", amount)], []),
        caller=EXPORTER,
        dataset=shipped().dataset,
        open_uow=memory,
        clock=clock(),
    )
    footprint = calculate_footprint(
        stored.id,
        METHOD,
        supplier_data=FakeSupplierService(granted=(granted(),)),
        caller=EXPORTER,
        methodology=shipped(),
        open_uow=memory,
        clock=clock(),
    )
    return freeze_footprint(
        footprint.id, caller=EXPORTER, rules=shipped().rules, open_uow=memory, clock=clock()
    )


def correct(memory: Memory, version: DeclarationReference = V2) -> None:
    """Hear that a later version of the declaration was submitted."""
    with memory(SUPPLIER) as uow:
        flag_stale(version, corrected_at=clock().now(), now=clock().now(), uow=uow)
        uow.commit()
