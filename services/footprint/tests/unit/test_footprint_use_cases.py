from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from services.footprint.tests.fakes import (
    EXPORTER,
    METHOD,
    OWNER,
    SUPPLIER,
    FakeSupplierService,
    Memory,
    clock,
    granted,
    person,
    sha,
)
from services.footprint.tests.methodology import (
    WrongEngine,
    header,
    import_example,
    line,
    shipped,
)

from chassis.clock import FixedClock
from chassis.errors import Forbidden, InvalidInput, NotFound
from chassis.identity import Role
from footprint.application.calculate_footprint import calculate_footprint
from footprint.application.flag_stale import flag_stale
from footprint.application.freeze_footprint import freeze_footprint
from footprint.application.import_product_model import import_product_model
from footprint.application.propose_data_requests import propose_data_requests
from footprint.application.read_footprints import get_footprint
from footprint.domain.declaration import (
    DatasetReference,
    DeclarationDatasetDiffers,
    DeclarationMethodDiffers,
    DeclarationNotCalculated,
    DeclarationOutdated,
    DeclarationReference,
    GrantedDeclaration,
)
from footprint.domain.linking import link_product
from footprint.domain.product_footprint import (
    FootprintStale,
    FootprintState,
    OutsideRulePack,
    ProductFootprint,
)
from footprint.domain.product_parts import ProductDocument
from footprint.domain.system_errors import (
    AmbiguousSupplier,
    EnginesDisagree,
    InvalidSupplierFootprint,
    UnknownMethod,
    UnproductiveLoop,
)


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def now() -> FixedClock:
    return clock()


def import_small(memory: Memory, *rows: dict[str, object], **changes: object) -> str:
    stored, _ = import_product_model(
        ProductDocument(header(**changes), rows or [line("p.1", "lfp_cathode", 2.0)], []),
        caller=EXPORTER,
        dataset=shipped().dataset,
        open_uow=memory,
        clock=clock(),
    )
    return stored.id


def calculate(
    memory: Memory, product_model_id: str, supplier: FakeSupplierService | None = None
) -> ProductFootprint:
    return calculate_footprint(
        product_model_id,
        METHOD,
        supplier_data=supplier,
        caller=EXPORTER,
        methodology=shipped(),
        open_uow=memory,
        clock=clock(),
    )


def freeze(memory: Memory, footprint_id: str) -> ProductFootprint:
    return freeze_footprint(
        footprint_id, caller=EXPORTER, rules=shipped().rules, open_uow=memory, clock=clock()
    )


class TestImport:
    def test_the_same_content_again_gives_the_same_version(self, memory: Memory) -> None:
        assert import_small(memory) == import_small(memory)
        assert len(memory.product_models) == 1

    def test_a_changed_content_is_the_next_version(self, memory: Memory) -> None:
        first = import_small(memory)
        second = import_small(memory, line("p.1", "lfp_cathode", 3.0))
        versions = [memory.product_models[OWNER, id_].version for id_ in (first, second)]
        assert versions == [1, 2]

    def test_one_bad_row_stores_nothing_and_every_bad_row_is_named(self, memory: Memory) -> None:
        with pytest.raises(InvalidInput) as refused:
            import_small(
                memory,
                line("p.1", "lfp_cathode", 2.0),
                line("p.2", "no_such_thing", 1.0),
                line("p.3", "copper_foil", -1.0),
            )
        found = {
            (v.location.row, v.location.id, v.location.field) for v in refused.value.violations
        }
        assert found == {(2, "p.2", "input_id"), (3, "p.3", "amount")}
        assert not memory.product_models

    def test_only_an_exporter_imports(self, memory: Memory) -> None:
        with pytest.raises(Forbidden):
            import_product_model(
                ProductDocument(header(), [], []),
                caller=person(Role.LEAD_FIRM),
                dataset=shipped().dataset,
                open_uow=memory,
                clock=clock(),
            )


class TestCalculate:
    def test_two_engines_give_the_state_calculated(self, memory: Memory) -> None:
        stored = import_example(memory, clock())
        footprint = calculate(memory, stored.id)
        assert footprint.state is FootprintState.CALCULATED
        result = footprint.content.result
        assert result.engines.agree
        system = link_product(stored.model, shipped().dataset, METHOD)
        by_bw2calc = shipped().record_engine.score(system)
        by_ours = shipped().explaining_engine.solve(system).scores
        assert result.pcf_kg_co2e == by_bw2calc.total
        assert result.pcf_kg_co2e == pytest.approx(by_ours.total, rel=1e-9)

    def test_everything_it_rests_on_is_pinned(self, memory: Memory) -> None:
        supplier = FakeSupplierService(granted=(granted(),))
        content = calculate(memory, import_small(memory), supplier).content
        roles = [item.role for item in content.evidence]
        assert roles == [
            "product_model",
            "dataset",
            "method",
            "rule_pack",
            "declaration",
            "supplier_footprint",
            "engine",
            "engine",
            "lock_file",
        ]
        assert all(
            len(item.sha256) == 64
            for item in content.evidence
            if item.role not in ("engine", "lock_file")
        )

    def test_an_accepted_declaration_replaces_the_background(self, memory: Memory) -> None:
        # 2 kg of cathode at the supplier's 10 kg CO2e / kg, nothing else.
        supplier = FakeSupplierService(granted=(granted(kg_co2e_per_unit=10.0),))
        footprint = calculate(memory, import_small(memory), supplier)
        assert footprint.content.result.pcf_kg_co2e == pytest.approx(20.0)
        assert [c.reference.id for c in footprint.content.declarations] == ["declaration-1"]

    def test_a_declaration_of_something_not_bought_is_not_cited(self, memory: Memory) -> None:
        supplier = FakeSupplierService(granted=(granted(activity_id="copper_foil"),))
        assert calculate(memory, import_small(memory), supplier).content.declarations == ()

    @pytest.mark.parametrize("order", [1, -1])
    def test_of_two_years_of_a_supplier_the_later_one_is_used(
        self, memory: Memory, order: int
    ) -> None:
        # The earlier one would be refused: its period lies too far back.
        earlier = granted(
            reference=DeclarationReference("declaration-0", 1, sha("0")),
            period_start=date(2021, 1, 1),
            period_end=date(2021, 12, 31),
        )
        supplier = FakeSupplierService(granted=(earlier, granted())[::order])
        footprint = calculate(memory, import_small(memory), supplier)
        assert [c.reference.id for c in footprint.content.declarations] == ["declaration-1"]

    @pytest.mark.parametrize(
        "other",
        [{"supplier_tenant_id": "another", "period_end": date(2025, 6, 30)}, {"region": "CN-JX"}],
        ids=["another supplier", "the same supplier, ending on the same day"],
    )
    def test_between_two_declarations_of_one_product_nobody_chooses_silently(
        self, memory: Memory, other: dict[str, Any]
    ) -> None:
        second = granted(reference=DeclarationReference("declaration-2", 1, sha("2")), **other)
        supplier = FakeSupplierService(granted=(granted(), second))
        with pytest.raises(AmbiguousSupplier, match="revoke its grant"):
            calculate(memory, import_small(memory), supplier)
        assert not memory.footprints

    def test_the_citation_is_indexed_in_the_suppliers_tenant(self, memory: Memory) -> None:
        footprint = calculate(
            memory, import_small(memory), FakeSupplierService(granted=(granted(),))
        )
        ((tenant, citation),) = memory.citations
        assert (tenant, citation.owner_tenant_id, citation.footprint_id) == (
            SUPPLIER,
            OWNER,
            footprint.id,
        )

    @pytest.mark.parametrize(
        ("declared", "error"),
        [
            (granted(method_id="ipcc_ar6_gwp100_v1"), DeclarationMethodDiffers),
            (
                granted(dataset=DatasetReference("greenchain-lci", "0.0.9", sha("0"))),
                DeclarationDatasetDiffers,
            ),
            (granted(period_end=date(2023, 2, 28)), DeclarationOutdated),
            (granted(period_end=date(2026, 12, 31)), DeclarationOutdated),
            (granted(unit="kWh"), InvalidSupplierFootprint),
            (granted(kg_co2e_per_unit=float("nan")), InvalidSupplierFootprint),
            (replace(granted(), calculated=None), DeclarationNotCalculated),
        ],
    )
    def test_a_declaration_that_does_not_compare_is_refused(
        self, memory: Memory, declared: GrantedDeclaration, error: type[Exception]
    ) -> None:
        supplier = FakeSupplierService(granted=(declared,))
        with pytest.raises(error):
            calculate(memory, import_small(memory), supplier)
        assert not memory.footprints
        assert not memory.citations

    def test_a_unit_of_the_same_dimension_is_converted(self, memory: Memory) -> None:
        # 10 kg CO2e / t on 2 kg of cathode.
        supplier = FakeSupplierService(granted=(granted(unit="t"),))
        footprint = calculate(memory, import_small(memory), supplier)
        assert footprint.content.result.pcf_kg_co2e == pytest.approx(0.02)

    @pytest.mark.parametrize("supplier", [None, FakeSupplierService(granted=(granted(),))])
    def test_an_unknown_method_is_named(
        self, memory: Memory, supplier: FakeSupplierService | None
    ) -> None:
        with pytest.raises(UnknownMethod, match="gwp_of_my_own"):
            calculate_footprint(
                import_small(memory),
                "gwp_of_my_own",
                supplier_data=supplier,
                caller=EXPORTER,
                methodology=shipped(),
                open_uow=memory,
                clock=clock(),
            )

    def test_a_cycle_without_solution_names_its_activities(self, memory: Memory) -> None:
        part = {"name": {"en": "part", "zh": "部件"}, "unit": "kg", "region": "CN-JX"}
        product_model_id = import_small(
            memory,
            line("p.1", "part_a", 1.0),
            line("a.1", "part_b", 2.0, stage="", consumer_id="part_a"),
            line("b.1", "part_a", 2.0, stage="", consumer_id="part_b"),
            intermediates=[{"id": "part_a", **part}, {"id": "part_b", **part}],
        )
        with pytest.raises(UnproductiveLoop, match=r"part_a.*part_b"):
            calculate(memory, product_model_id)
        assert not memory.footprints

    def test_another_tenants_product_looks_unknown(self, memory: Memory) -> None:
        product_model_id = import_small(memory)
        with pytest.raises(NotFound):
            calculate_footprint(
                product_model_id,
                METHOD,
                supplier_data=None,
                caller=person(Role.EXPORTER, tenant_id="other"),
                methodology=shipped(),
                open_uow=memory,
                clock=clock(),
            )


class TestFreeze:
    def test_a_frozen_footprint_has_a_hash_and_an_event(self, memory: Memory) -> None:
        footprint = freeze(memory, calculate(memory, import_small(memory)).id)
        assert footprint.state is FootprintState.FROZEN
        assert len(footprint.sha256) == 64
        (event,) = memory.events
        assert event.type == "greenchain.footprint.frozen.v1"
        assert event.data == {"footprintId": footprint.id, "sha256": footprint.sha256}

    def test_freezing_twice_changes_nothing(self, memory: Memory) -> None:
        footprint = calculate(memory, import_small(memory))
        assert freeze(memory, footprint.id) == freeze(memory, footprint.id)
        assert memory.event_types() == ["frozen"]

    def test_the_same_inputs_give_the_same_hash(self, memory: Memory) -> None:
        product_model_id = import_small(memory)
        first = freeze(memory, calculate(memory, product_model_id).id)
        second = freeze(memory, calculate(memory, product_model_id).id)
        assert first.sha256 == second.sha256

    def test_engines_that_disagree_freeze_nothing(self, memory: Memory) -> None:
        # A use that dwarfs the headline must not hide the difference.
        lines = (
            line("p.1", "lfp_cathode", 2.0),
            line("p.2", "lfp_cathode", 1e9, stage="distribution"),
        )
        footprint = calculate_footprint(
            import_small(memory, *lines),
            METHOD,
            supplier_data=None,
            caller=EXPORTER,
            methodology=replace(shipped(), record_engine=WrongEngine()),
            open_uow=memory,
            clock=clock(),
        )
        with pytest.raises(EnginesDisagree):
            freeze(memory, footprint.id)
        assert memory.footprints[OWNER, footprint.id].state is FootprintState.CALCULATED
        assert not memory.events

    def test_a_corrected_declaration_must_be_calculated_anew(self, memory: Memory) -> None:
        supplier = FakeSupplierService(granted=(granted(),))
        footprint = calculate(memory, import_small(memory), supplier)
        with memory(SUPPLIER) as uow:
            corrected = DeclarationReference("declaration-1", 2, sha("2"))
            flag_stale(corrected, corrected_at=clock().now(), now=clock().now(), uow=uow)
            uow.commit()
        with pytest.raises(FootprintStale, match="declaration-1"):
            freeze(memory, footprint.id)
        assert not memory.events

    def test_a_rule_pack_changed_since_is_refused(self, memory: Memory) -> None:
        footprint = calculate(memory, import_small(memory))
        with pytest.raises(OutsideRulePack, match="rule_pack"):
            freeze_footprint(
                footprint.id,
                caller=EXPORTER,
                rules=replace(shipped().rules, sha256=sha("0")),
                open_uow=memory,
                clock=clock(),
            )

    def test_a_boundary_that_the_rule_pack_does_not_know_is_refused(self, memory: Memory) -> None:
        product_model_id = import_small(
            memory,
            boundary={"name": "cradle_to_grave", "stages": ["raw_materials"], "beyond": []},
        )
        with pytest.raises(OutsideRulePack, match="cradle_to_grave"):
            freeze(memory, calculate(memory, product_model_id).id)

    def test_only_an_exporter_freezes(self, memory: Memory) -> None:
        footprint = calculate(memory, import_small(memory))
        with pytest.raises(Forbidden):
            freeze_footprint(
                footprint.id,
                caller=person(Role.LEAD_FIRM),
                rules=shipped().rules,
                open_uow=memory,
                clock=clock(),
            )


class TestPropose:
    def test_bought_parts_above_the_threshold_with_their_share(self, memory: Memory) -> None:
        product_model_id = import_example(memory, clock()).id
        footprint = calculate(memory, product_model_id)
        supplier = FakeSupplierService()
        propose_data_requests(
            product_model_id,
            footprint.id,
            supplier_data=supplier,
            caller=EXPORTER,
            dataset=shipped().dataset,
            rules=shipped().rules,
            open_uow=memory,
        )
        shares = {part.activity_id: part.share_of_footprint_percent for part in supplier.proposed}
        assert {"lfp_cathode", "copper_foil"} <= shares.keys()
        assert all(share >= shipped().rules.minimum_share_percent for share in shares.values())
        assert not {"electricity_grid", "heat_natural_gas"} & shares.keys()
        lines = footprint.content.result.lines
        (cathode,) = (item.share_percent for item in lines if item.input_id == "lfp_cathode")
        assert shares["lfp_cathode"] == pytest.approx(cathode)

    def test_a_footprint_of_another_product_looks_unknown(self, memory: Memory) -> None:
        footprint = calculate(memory, import_small(memory))
        with pytest.raises(NotFound):
            propose_data_requests(
                "another",
                footprint.id,
                supplier_data=FakeSupplierService(),
                caller=EXPORTER,
                dataset=shipped().dataset,
                rules=shipped().rules,
                open_uow=memory,
            )


def test_another_tenants_footprint_looks_unknown(memory: Memory) -> None:
    footprint = calculate(memory, import_small(memory))
    with pytest.raises(NotFound):
        get_footprint(
            footprint.id, caller=person(Role.EXPORTER, tenant_id="other"), open_uow=memory
        )
