import copy
import json
from importlib import resources
from typing import Any

import pytest

from footprint.adapters.rule_packs import load_rule_pack
from footprint.data.shipped import load_dataset
from footprint.domain.rule_pack import RulePack


@pytest.fixture
def document() -> dict[str, Any]:
    path = resources.files("footprint").joinpath("data/rule_packs/iso14067_cradle_to_gate.json")
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


def test_every_choice_says_where_it_comes_from(document: dict[str, Any]) -> None:
    sections = {name: part for name, part in document.items() if isinstance(part, dict)}
    del sections["title"]
    for name, section in sections.items():
        assert section.get("rule"), name
        assert section.get("source"), name
        assert section.get("confidence"), name


def test_the_hash_covers_also_what_only_people_read(document: dict[str, Any]) -> None:
    changed = copy.deepcopy(document)
    changed["cut_off"]["source"] += "."
    assert RulePack.from_document(changed).sha256 != RulePack.from_document(document).sha256


def test_its_methods_and_stages_exist_in_the_shipped_dataset() -> None:
    rules = load_rule_pack("iso14067_cradle_to_gate")
    dataset = load_dataset()
    assert set(rules.method_ids) <= dataset.factors.keys()
    assert rules.supplier_method_id in rules.method_ids
    assert set(rules.sectors_not_requested) <= {a.sector for a in dataset.activities.values()}


class TestAgreement:
    rule = load_rule_pack("iso14067_cradle_to_gate").agreement

    def test_a_well_conditioned_system_is_held_to_the_floor(self) -> None:
        # 100 · 10 · 2.2e-16 = 2.2e-13, below 1e-9.
        assert self.rule.allowed_difference(10.0) == 1e-9

    def test_an_ill_conditioned_system_is_allowed_more(self) -> None:
        # 100 · 1e6 · 2.220446e-16 = 2.220446e-8.
        assert self.rule.allowed_difference(1e6) == pytest.approx(2.220446e-8, rel=1e-6)

    def test_results_are_compared_at_nine_digits(self) -> None:
        assert self.rule.rounded(94.4412345678) == 94.4412346
        assert self.rule.rounded(94.4412345678 * (1 + 1e-13)) == 94.4412346
