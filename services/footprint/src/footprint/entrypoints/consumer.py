"""What the footprint service does when it hears an event of the supplier service."""

from collections.abc import Mapping
from dataclasses import dataclass

from chassis.clock import Clock
from chassis.consumer import Handler, TwoPhaseHandler
from chassis.events import Event
from chassis.logging import get_logger
from chassis.unit_of_work import SqlUnitOfWork
from footprint.adapters.unit_of_work import FootprintTransaction
from footprint.application.calculate_supplier_footprint import calculate_supplier_footprint
from footprint.application.flag_stale import flag_stale
from footprint.application.ports import Methodology, SupplierDataFor, UnitOfWorkFor
from footprint.application.recompute_footprints import recompute_footprints
from footprint.entrypoints.supplier_events import declaration_of
from greenchain.supplier.v1 import events_pb2

log = get_logger(__name__)

CALCULATIONS, DECLARATIONS = "supplier.calculation", "supplier.declaration"
#: Groups of their own: a calculation that waits for the supplier service delays no flag.
CALCULATIONS_GROUP, DECLARATIONS_GROUP = "footprint-calculation", "footprint-declaration"


@dataclass(frozen=True, slots=True)
class SupplierEventHandlers:
    """Handlers of the supplier service's events.

    Calculations call the supplier service, so they run before the consumer's transaction. They
    store their results in transactions of their own and are safe to repeat; the consumer's
    transaction then only remembers that the event was handled.
    """

    methodology: Methodology
    open_uow: UnitOfWorkFor
    supplier_data_for: SupplierDataFor
    clock: Clock

    def calculations(self) -> Mapping[str, Handler]:
        """Return the handlers of the topic `supplier.calculation`."""
        return {
            "greenchain.calculation.requested.v1": TwoPhaseHandler(self._calculate, _remember),
        }

    def declarations(self) -> Mapping[str, Handler]:
        """Return the handlers of the topic `supplier.declaration`."""
        return {
            "greenchain.declaration.corrected.v1": self._flag,
            "greenchain.declaration.accepted.v1": TwoPhaseHandler(self._recompute, _remember),
        }

    def _calculate(self, event: Event) -> None:
        reference = declaration_of(event, events_pb2.CalculationRequested)
        stored = calculate_supplier_footprint(
            reference,
            supplier_tenant_id=event.tenant_id,
            supplier_data=self.supplier_data_for(event.tenant_id),
            methodology=self.methodology,
            open_uow=self.open_uow,
            clock=self.clock,
        )
        if stored is None:
            # Handled: the supplier was told. What it declares is no business of the log's.
            log.info("calculation refused", declaration=reference.id, version=reference.version)

    def _flag(self, event: Event, uow: SqlUnitOfWork) -> None:
        flag_stale(
            declaration_of(event, events_pb2.DeclarationCorrected),
            corrected_at=event.time,
            now=self.clock.now(),
            uow=FootprintTransaction(uow),
        )

    def _recompute(self, event: Event) -> None:
        recompute_footprints(
            declaration_of(event, events_pb2.DeclarationAccepted),
            supplier_tenant_id=event.tenant_id,
            supplier_data_for=self.supplier_data_for,
            methodology=self.methodology,
            open_uow=self.open_uow,
            clock=self.clock,
        )


def _remember(_event: Event, _prepared: None, _uow: SqlUnitOfWork) -> None:
    """Write nothing beside the consumer's own row."""
