"""Products that buy from backgrounds of their tenant's own.

A bolt of the background takes 2 kg of wire; a kilogram of wire emits 3 kg of CO2 and 1 g of SO2,
and 4 kg of dust that the dataset does not know.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from services.footprint.tests.fakes import EXPORTER, METHOD, OWNER, Memory, clock
from services.footprint.tests.made_up_background import ABOUT, FLOWS
from services.footprint.tests.methodology import header, line, shipped

from chassis.errors import InvalidInput
from footprint.adapters.backgrounds.collected import Cells, Collected, CollectedActivity
from footprint.adapters.backgrounds.flow_names import load_flow_matcher
from footprint.adapters.backgrounds.reading import OpenBackground
from footprint.adapters.backgrounds.writing import write_background
from footprint.application.background_ports import HeldBackground
from footprint.application.calculate_footprint import calculate_footprint
from footprint.application.explain_footprint import ExplainedProduct, explain_footprint
from footprint.application.import_product_model import import_product_model
from footprint.application.ports import Methodology
from footprint.domain.background import BackgroundReference
from footprint.domain.background_errors import BackgroundNotAtHand
from footprint.domain.product_content import canonical
from footprint.domain.product_footprint import Evidence, ProductFootprint
from footprint.domain.product_parts import ProductDocument

NAMED = [{"id": "made-up", "version": "1"}]
REFERENCE = BackgroundReference("made-up", "1")


class MemoryBackgrounds:
    """Backgrounds by tenant."""

    def __init__(self, held: Mapping[tuple[str, BackgroundReference], HeldBackground]) -> None:
        self.held = dict(held)

    def open(self, tenant_id: str, reference: BackgroundReference) -> HeldBackground | None:
        return self.held.get((tenant_id, reference))

    def known(self, tenant_id: str) -> tuple[BackgroundReference, ...]:
        return tuple(reference for tenant, reference in self.held if tenant == tenant_id)


@pytest.fixture(scope="module")
def bolts(tmp_path_factory: pytest.TempPathFactory) -> OpenBackground:
    folder: Path = tmp_path_factory.mktemp("bolts")
    collected = Collected(
        [
            CollectedActivity("bolt 1/2", "bolt production", "bolt", "kilogram", "CN"),
            CollectedActivity("wire", "wire drawing", "wire", "kilogram", "CN"),
            CollectedActivity("night", "stay in a hotel", "night", "guest night", "CN"),
        ],
        FLOWS,
        Cells(np.array([0, 1, 2, 1]), np.array([0, 1, 2, 0]), np.array([1.0, 1.0, 1.0, -2.0])),
        Cells(np.array([0, 2, 3]), np.array([1, 1, 1]), np.array([3.0, 1.0, 4.0])),
    )
    write_background(collected, ABOUT, load_flow_matcher(), folder)
    return OpenBackground(folder)


@pytest.fixture
def held(bolts: OpenBackground) -> MemoryBackgrounds:
    return MemoryBackgrounds({(OWNER, REFERENCE): bolts})


def methodology(held: MemoryBackgrounds) -> Methodology:
    return replace(shipped(), backgrounds=held)


def document(*rows: dict[str, Any], **changes: Any) -> ProductDocument:
    return ProductDocument(header(**{"backgrounds": NAMED, **changes}), rows, [])


def imported(document: ProductDocument, held: MemoryBackgrounds, memory: Memory) -> str:
    stored, _ = import_product_model(
        document,
        caller=EXPORTER,
        dataset=shipped().dataset,
        open_uow=memory,
        clock=clock(),
        backgrounds=held,
    )
    return stored.id


def calculated(id_: str, held: MemoryBackgrounds, memory: Memory) -> ProductFootprint:
    return calculate_footprint(
        id_,
        METHOD,
        supplier_data=None,
        caller=EXPORTER,
        methodology=methodology(held),
        open_uow=memory,
        clock=clock(),
    )


def refused(document: ProductDocument, held: MemoryBackgrounds) -> list[tuple[str, str, str]]:
    with pytest.raises(InvalidInput) as error:
        imported(document, held, Memory())
    return [(v.code, v.location.field, v.message()) for v in error.value.violations]


def test_what_is_bought_from_a_background_counts_by_its_flows(held: MemoryBackgrounds) -> None:
    memory = Memory()
    id_ = imported(document(line("p.1", "made-up:bolt 1/2", 10.0)), held, memory)
    content = calculated(id_, held, memory).content
    assert content.result.pcf_kg_co2e == pytest.approx(10.0 * 2.0 * 3.0, rel=1e-12)
    assert content.result.engines.agree


def test_a_background_is_pinned_as_evidence(held: MemoryBackgrounds, bolts: OpenBackground) -> None:
    memory = Memory()
    id_ = imported(document(line("p.1", "made-up:wire")), held, memory)
    evidence = calculated(id_, held, memory).content.evidence
    assert Evidence("background", "made-up", "1", bolts.sha256) in evidence
    dataset = shipped().dataset
    assert Evidence("dataset", dataset.id, dataset.version, dataset.sha256) in evidence


def test_an_explanation_goes_down_to_the_flows_of_the_background(held: MemoryBackgrounds) -> None:
    memory = Memory()
    id_ = imported(document(line("p.1", "made-up:bolt 1/2", 1.0)), held, memory)
    footprint = calculated(id_, held, memory)
    found: ExplainedProduct = explain_footprint(
        footprint.id, caller=EXPORTER, methodology=methodology(held), open_uow=memory
    )
    assert found.scores.total == pytest.approx(6.0)
    source = found.dataset.rows["made-up:bolt 1/2.co2_fossil"].source
    assert (source.title, source.locator) == ("Made-up background 1", "bolt 1/2")
    assert source.licence == ABOUT.licence


def test_a_code_that_is_not_there_is_told_with_the_closest(held: MemoryBackgrounds) -> None:
    told = refused(document(line("p.1", "made-up:bolt 1/3"), line("p.2", "nothing")), held)
    assert [each[:2] for each in told] == [
        ("footprint.background.unknown_activity", "input_id"),
        ("footprint.input.unlinked", "input_id"),
    ]
    assert "the closest code is bolt 1/2" in told[0][2]


def test_an_activity_in_a_unit_that_the_platform_has_not_is_not_bought(
    held: MemoryBackgrounds,
) -> None:
    ((code, _, text),) = refused(document(line("p.1", "made-up:night")), held)
    assert code == "footprint.background.unfit_unit"
    assert "guest night" in text


def test_a_line_in_another_unit_than_the_background_is_refused(held: MemoryBackgrounds) -> None:
    ((code, _, _),) = refused(document(line("p.1", "made-up:wire", unit="MJ")), held)
    assert code == "footprint.input.wrong_dimension"


def test_a_background_that_is_not_there_is_told_once(held: MemoryBackgrounds) -> None:
    rows = [line("p.1", "other:bolt"), line("p.2", "other:wire")]
    ((code, field, text),) = refused(
        document(*rows, backgrounds=[{"id": "other", "version": "2"}]), held
    )
    assert (code, field) == ("footprint.background.not_there", "backgrounds.other")
    assert "There are: made-up 1." in text


def test_the_background_of_another_tenant_is_not_there(bolts: OpenBackground) -> None:
    foreign = MemoryBackgrounds({("somebody-else", REFERENCE): bolts})
    ((code, _, text),) = refused(document(line("p.1", "made-up:wire")), foreign)
    assert code == "footprint.background.not_there"
    assert "There are" not in text


def test_a_background_that_is_not_named_is_not_bought_from(held: MemoryBackgrounds) -> None:
    ((code, _, _),) = refused(document(line("p.1", "made-up:wire"), backgrounds=[]), held)
    assert code == "footprint.input.unlinked"


def test_a_background_that_is_gone_is_told_when_calculated(held: MemoryBackgrounds) -> None:
    memory = Memory()
    id_ = imported(document(line("p.1", "made-up:wire")), held, memory)
    with pytest.raises(BackgroundNotAtHand, match="made-up"):
        calculated(id_, MemoryBackgrounds({}), memory)


def test_a_part_buys_from_its_own_background(held: MemoryBackgrounds) -> None:
    part = ProductDocument(
        header(product_id="box", backgrounds=NAMED),
        [line("b.1", "made-up:wire", 2.0)],
        [],
    )
    outer = header(product_id="crate", backgrounds=[], parts=[{"id": "inner", "product_id": "box"}])
    rows = [line("p.1", "inner", 3.0, unit="kwh_capacity")]
    memory = Memory()
    id_ = imported(ProductDocument(outer, rows, [], {"box": part}), held, memory)
    content = calculated(id_, held, memory).content
    assert content.result.pcf_kg_co2e == pytest.approx(3.0 * 2.0 * 3.0)
    assert [each.id for each in content.evidence if each.role == "background"] == ["made-up"]


def test_a_product_and_its_part_name_one_version(held: MemoryBackgrounds) -> None:
    other = [{"id": "made-up", "version": "2"}]
    part = ProductDocument(header(product_id="box", backgrounds=other), [line("b.1", "cement")], [])
    outer = header(backgrounds=NAMED, parts=[{"id": "inner", "product_id": "box"}])
    rows = [line("p.1", "made-up:wire"), line("p.2", "inner", unit="kwh_capacity")]
    codes = [each[0] for each in refused(ProductDocument(outer, rows, [], {"box": part}), held)]
    assert "footprint.background.two_versions" in codes


@pytest.mark.parametrize(
    "reference",
    [
        {"id": "a:b", "version": "1"},
        {"id": "a" * 28, "version": "1"},
        {"id": "../a", "version": "1"},
        {"id": "a", "version": "1/2"},
    ],
)
def test_what_could_not_be_part_of_a_name_is_refused(
    held: MemoryBackgrounds, reference: dict[str, str]
) -> None:
    codes = [
        each[0] for each in refused(document(line("p.1", "cement"), backgrounds=[reference]), held)
    ]
    assert codes[0] == "footprint.background.unfit_id"


def test_a_product_without_backgrounds_keeps_its_hash(held: MemoryBackgrounds) -> None:
    memory = Memory()
    bare = ProductDocument(header(), [line("p.1", "lfp_cathode")], [])
    id_ = imported(bare, held, memory)
    model = memory(OWNER).product_models.get(id_).model
    assert "backgrounds" not in canonical(model)
