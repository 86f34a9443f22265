from dataclasses import replace

import pytest
from services.footprint.tests.fakes import (
    OWNER,
    SUPPLIER,
    FakeSupplierService,
    Memory,
    clock,
    granted,
    sha,
)
from services.footprint.tests.methodology import WrongEngine, shipped
from services.footprint.tests.scenario import V1, V2, V3, correct, frozen_with_supplier

from chassis.errors import InvalidInput, NotFound, Unavailable
from footprint.application.calculate_supplier_footprint import (
    OtherDeclarationVersion,
    calculate_supplier_footprint,
)
from footprint.application.ports import DeclaredActivity, SupplierFootprint
from footprint.application.recompute_footprints import (
    DeclarationNoLongerGranted,
    recompute_footprints,
)
from footprint.data.shipped import load_example
from footprint.domain.declaration import DeclarationReference
from footprint.domain.product_footprint import FootprintState, ProductFootprint
from footprint.domain.system_errors import EnginesDisagree


@pytest.fixture
def memory() -> Memory:
    return Memory()


def recompute(
    memory: Memory, supplier: FakeSupplierService, accepted: DeclarationReference = V2
) -> tuple[ProductFootprint, ...]:
    return recompute_footprints(
        accepted,
        supplier_tenant_id=SUPPLIER,
        supplier_data_for=supplier,
        methodology=shipped(),
        open_uow=memory,
        clock=clock(),
    )


class TestFlagStale:
    def test_a_correction_flags_what_cites_the_earlier_version(self, memory: Memory) -> None:
        footprint = frozen_with_supplier(memory)
        correct(memory)
        (flag,) = memory.footprints[OWNER, footprint.id].flags
        assert (flag.code, flag.reason, flag.subject) == (
            "stale",
            "declaration_corrected",
            "declaration-1",
        )
        assert flag.since == clock().now()
        assert memory.footprints[OWNER, footprint.id].state is FootprintState.FROZEN

    def test_it_is_announced_once_in_the_owners_name(self, memory: Memory) -> None:
        footprint = frozen_with_supplier(memory)
        correct(memory)
        correct(memory)
        assert memory.event_types() == ["frozen", "flagged"]
        event = memory.events[-1]
        assert (event.tenant_id, event.aggregate_id, event.aggregate_version) == (
            OWNER,
            footprint.id,
            2,
        )
        assert event.data["flag"] == "stale"

    def test_a_calculation_that_began_before_the_correction_is_born_stale(
        self, memory: Memory
    ) -> None:
        correct(memory)
        with pytest.raises(Exception, match="corrected"):
            frozen_with_supplier(memory)


class TestRecompute:
    def test_the_new_footprint_replaces_the_old_one(self, memory: Memory) -> None:
        old = frozen_with_supplier(memory)
        correct(memory)
        (new,) = recompute(
            memory, FakeSupplierService(granted=(granted(2, kg_co2e_per_unit=12.0),))
        )
        assert new.content.result.pcf_kg_co2e == pytest.approx(24.0)
        held_old, held_new = (memory.footprints[OWNER, item.id] for item in (old, new))
        assert (held_old.state, held_old.successor_id) == (FootprintState.DEPRECATED, new.id)
        assert (held_new.state, held_new.preceding_id) == (FootprintState.FROZEN, old.id)
        assert held_new.flags == ()

    def test_the_events_tell_of_both(self, memory: Memory) -> None:
        old = frozen_with_supplier(memory)
        correct(memory)
        (new,) = recompute(memory, FakeSupplierService(granted=(granted(2),)))
        told = [(event.type.split(".")[2], event.aggregate_id) for event in memory.events[2:]]
        assert told == [("frozen", new.id), ("deprecated", old.id), ("recomputed", new.id)]
        assert memory.events[-2].data["successorFootprintId"] == new.id
        assert memory.events[-1].data["precedingFootprintId"] == old.id
        assert {event.tenant_id for event in memory.events} == {OWNER}

    def test_it_acts_for_the_owner_of_the_footprint(self, memory: Memory) -> None:
        frozen_with_supplier(memory)
        supplier = FakeSupplierService(granted=(granted(2),))
        recompute(memory, supplier)
        assert supplier.asked_for == [OWNER]

    def test_the_same_event_again_changes_nothing(self, memory: Memory) -> None:
        frozen_with_supplier(memory)
        supplier = FakeSupplierService(granted=(granted(2),))
        recompute(memory, supplier)
        told = list(memory.events)
        assert recompute(memory, supplier) == ()
        assert memory.events == told

    def test_the_first_acceptance_recomputes_nothing(self, memory: Memory) -> None:
        frozen_with_supplier(memory)
        assert recompute(memory, FakeSupplierService(granted=(granted(),)), V1) == ()

    def test_a_supplier_that_is_down_is_asked_again_later(self, memory: Memory) -> None:
        old = frozen_with_supplier(memory)
        with pytest.raises(Unavailable):
            recompute(memory, FakeSupplierService(down=True))
        assert memory.footprints[OWNER, old.id].state is FootprintState.FROZEN

    def test_an_event_ahead_of_what_the_supplier_shows_is_tried_again(self, memory: Memory) -> None:
        frozen_with_supplier(memory)
        with pytest.raises(Unavailable):
            recompute(memory, FakeSupplierService(granted=(granted(1),)))

    def test_a_revoked_grant_is_named_and_the_others_are_recomputed(self, memory: Memory) -> None:
        first = frozen_with_supplier(memory, amount=2.0)
        second = frozen_with_supplier(memory, amount=3.0)
        # The first rests on a second declaration, whose grant is gone meanwhile.
        held = memory.footprints[OWNER, first.id]
        (cited,) = held.content.declarations
        other = replace(cited, reference=DeclarationReference("declaration-9", 1, sha("9")))
        held.content = replace(held.content, declarations=(other, cited))
        with pytest.raises(DeclarationNoLongerGranted, match=f"{first.id}.*declaration-9"):
            recompute(memory, FakeSupplierService(granted=(granted(2),)))
        states = [memory.footprints[OWNER, item.id].state for item in (first, second)]
        assert states == [FootprintState.FROZEN, FootprintState.DEPRECATED]


class TestRaces:
    """What others do while a recomputation waits for the supplier service."""

    def test_a_footprint_replaced_meanwhile_gets_no_second_successor(self, memory: Memory) -> None:
        old = frozen_with_supplier(memory)
        supplier = FakeSupplierService(granted=(granted(2),))
        meanwhile = FakeSupplierService(granted=(granted(2),))
        meanwhile.before_answer = lambda: recompute(memory, supplier)
        assert recompute(memory, meanwhile) == ()
        assert memory.event_types() == ["frozen", "frozen", "deprecated", "recomputed"]
        assert len(memory.footprints) == 2
        assert memory.footprints[OWNER, old.id].state is FootprintState.DEPRECATED

    def test_a_version_corrected_meanwhile_replaces_nothing(self, memory: Memory) -> None:
        old = frozen_with_supplier(memory)
        supplier = FakeSupplierService(granted=(granted(2),))
        supplier.before_answer = lambda: correct(memory, V3)
        assert recompute(memory, supplier) == ()
        assert list(memory.footprints) == [(OWNER, old.id)]
        assert memory.footprints[OWNER, old.id].is_stale

    def test_the_next_acceptance_replaces_what_was_left(self, memory: Memory) -> None:
        old = frozen_with_supplier(memory)
        correct(memory, V3)
        correct(memory, V2)  # late
        assert recompute(memory, FakeSupplierService(granted=(granted(2),))) == ()
        (new,) = recompute(memory, FakeSupplierService(granted=(granted(3),)), V3)
        assert new.preceding_id == old.id
        assert not new.is_stale


class TestSupplierFootprint:
    def declared(self, **changes: object) -> DeclaredActivity:
        rows = [
            {name: value for name, value in row.items() if name != "note"}
            for row in load_example().supplier_records["cathode_maker"]
        ]
        activity = DeclaredActivity(
            reference=V1,
            activity_id="lfp_cathode",
            region="CN-SC",
            period_start=granted().period_start,
            period_end=granted().period_end,
            rows=rows,
        )
        return replace(activity, **changes)  # type: ignore[arg-type]

    def calculate(self, memory: Memory, supplier: FakeSupplierService) -> SupplierFootprint:
        return calculate_supplier_footprint(
            V1,
            supplier_tenant_id=SUPPLIER,
            supplier_data=supplier,
            methodology=shipped(),
            open_uow=memory,
            clock=clock(),
        )

    def test_it_is_stored_under_the_suppliers_tenant_and_put_back(self, memory: Memory) -> None:
        supplier = FakeSupplierService(declared={V1: self.declared()})
        stored = self.calculate(memory, supplier)
        assert stored.calculated.unit == "kg"
        assert stored.calculated.kg_co2e_per_unit > 0.0
        assert stored.result.engines.agree
        ((reference, put),) = supplier.put
        assert (reference, put) == (V1, stored.calculated)
        (held,) = memory.supplier_footprints
        assert held == (SUPPLIER, V1)

    def test_a_crash_after_the_put_repeats_it_with_the_same_result(self, memory: Memory) -> None:
        supplier = FakeSupplierService(declared={V1: self.declared()}, down_after_put=True)
        with pytest.raises(Unavailable):
            self.calculate(memory, supplier)
        supplier.down_after_put = False
        self.calculate(memory, supplier)
        (_, first), (_, second) = supplier.put
        assert first == second

    def test_once_put_back_it_is_not_calculated_again(self, memory: Memory) -> None:
        supplier = FakeSupplierService(declared={V1: self.declared()})
        self.calculate(memory, supplier)
        self.calculate(memory, FakeSupplierService(down=True))
        assert len(supplier.put) == 1

    def test_the_same_records_give_the_same_hash(self, memory: Memory) -> None:
        hashes = {
            self.calculate(
                Memory(), FakeSupplierService(declared={V1: self.declared()})
            ).calculated.sha256
            for _ in range(2)
        }
        assert len(hashes) == 1

    def test_bad_records_are_named_and_nothing_is_stored(self, memory: Memory) -> None:
        rows = [dict(row) for row in self.declared().rows]
        rows[0]["amount"], rows[1]["unit"] = "-1", "furlong"
        supplier = FakeSupplierService(declared={V1: self.declared(rows=rows)})
        with pytest.raises(InvalidInput) as refused:
            self.calculate(memory, supplier)
        assert [v.location.row for v in refused.value.violations] == [1, 2]
        assert not memory.supplier_footprints
        assert not supplier.put

    def test_engines_that_disagree_put_nothing_back(self, memory: Memory) -> None:
        supplier = FakeSupplierService(declared={V1: self.declared()})
        with pytest.raises(EnginesDisagree):
            calculate_supplier_footprint(
                V1,
                supplier_tenant_id=SUPPLIER,
                supplier_data=supplier,
                methodology=replace(shipped(), record_engine=WrongEngine()),
                open_uow=memory,
                clock=clock(),
            )
        assert not memory.supplier_footprints
        assert not supplier.put

    def test_another_content_than_asked_for_is_refused(self, memory: Memory) -> None:
        other = DeclarationReference("declaration-1", 1, sha("9"))
        supplier = FakeSupplierService(declared={V1: self.declared(reference=other)})
        with pytest.raises(OtherDeclarationVersion):
            self.calculate(memory, supplier)

    def test_a_revoked_grant_looks_like_an_unknown_declaration(self, memory: Memory) -> None:
        with pytest.raises(NotFound):
            self.calculate(memory, FakeSupplierService())
