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

from chassis.errors import NotFound, Unavailable
from footprint.application.calculate_supplier_footprint import (
    OtherDeclarationVersion,
    calculate_supplier_footprint,
)
from footprint.application.ports import DeclaredActivity, Methodology, SupplierFootprint
from footprint.application.recompute_footprints import (
    DeclarationNoLongerGranted,
    recompute_footprints,
)
from footprint.data.shipped import load_example
from footprint.domain.declaration import DeclarationReference
from footprint.domain.product_footprint import FootprintState, ProductFootprint
from footprint.domain.system_errors import EnginesDisagree, UnknownMethod


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
        stored = self.attempt(memory, supplier)
        assert stored is not None
        return stored

    def attempt(
        self,
        memory: Memory,
        supplier: FakeSupplierService,
        methodology: Methodology | None = None,
    ) -> SupplierFootprint | None:
        return calculate_supplier_footprint(
            V1,
            supplier_tenant_id=SUPPLIER,
            supplier_data=supplier,
            methodology=methodology or shipped(),
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

    def test_bad_records_are_refused_by_their_ids_and_nothing_is_stored(
        self, memory: Memory
    ) -> None:
        rows = [dict(row) for row in self.declared().rows]
        rows[0]["amount"], rows[1]["unit"] = "-1", "furlong"
        supplier = FakeSupplierService(declared={V1: self.declared(rows=rows)})
        assert self.attempt(memory, supplier) is None
        ((reference, reasons),) = supplier.refused
        assert reference == V1
        assert [(reason.record_id, reason.field) for reason in reasons] == [
            (rows[0]["record_id"], "amount"),
            (rows[1]["record_id"], "unit"),
        ]
        assert not memory.supplier_footprints
        assert not supplier.put

    def test_a_region_without_an_electricity_market_is_refused_as_a_whole(
        self, memory: Memory
    ) -> None:
        supplier = FakeSupplierService(declared={V1: self.declared(region="AQ")})
        assert self.attempt(memory, supplier) is None
        ((_, (reason,)),) = supplier.refused
        assert (reason.record_id, reason.field) == ("", "region")
        assert reason.en.startswith("no electricity market is known for 'AQ'. Use one of: ")
        assert reason.zh.startswith("没有 'AQ' 的电力市场数据。")

    def test_engines_that_disagree_put_nothing_back(self, memory: Memory) -> None:
        supplier = FakeSupplierService(declared={V1: self.declared()})
        methodology = replace(shipped(), record_engine=WrongEngine())
        # Our fault and not the supplier's: it goes to the dead letters, where we see it.
        with pytest.raises(EnginesDisagree):
            self.attempt(memory, supplier, methodology)
        assert not supplier.refused
        assert not memory.supplier_footprints
        assert not supplier.put

    def test_a_crash_after_the_refusal_repeats_it_with_the_same_reasons(
        self, memory: Memory
    ) -> None:
        declared = self.declared(region="AQ")
        supplier = FakeSupplierService(declared={V1: declared}, down_after_put=True)
        with pytest.raises(Unavailable):
            self.attempt(memory, supplier)
        supplier.down_after_put = False
        assert self.attempt(memory, supplier) is None
        first, second = supplier.refused
        assert first == second

    def test_more_than_can_be_told_is_counted(self, memory: Memory) -> None:
        (row, *_) = self.declared().rows
        rows = [dict(row, record_id=f"r.{n}", item_id="x" * 128) for n in range(1200)]
        supplier = FakeSupplierService(declared={V1: self.declared(rows=rows)})
        assert self.attempt(memory, supplier) is None
        ((_, reasons),) = supplier.refused
        assert len(reasons) == 1000
        # Beside every row, there is no output.
        assert reasons[-1].en.startswith("1201 reasons in all, of which the first 999 are told.")

    def test_what_is_wrong_with_the_service_itself_is_not_put_on_the_supplier(
        self, memory: Memory
    ) -> None:
        supplier = FakeSupplierService(declared={V1: self.declared()})
        rules = replace(shipped().rules, supplier_method_id="no such method")
        with pytest.raises(UnknownMethod):
            self.attempt(memory, supplier, replace(shipped(), rules=rules))
        assert not supplier.refused

    def test_another_content_than_asked_for_is_refused(self, memory: Memory) -> None:
        other = DeclarationReference("declaration-1", 1, sha("9"))
        supplier = FakeSupplierService(declared={V1: self.declared(reference=other)})
        with pytest.raises(OtherDeclarationVersion):
            self.calculate(memory, supplier)

    def test_a_revoked_grant_looks_like_an_unknown_declaration(self, memory: Memory) -> None:
        with pytest.raises(NotFound):
            self.calculate(memory, FakeSupplierService())
