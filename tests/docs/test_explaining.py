"""The page on explanations: classes and the example by hand are those of the code."""

import math

import pytest
from services.footprint.tests.textbook_pan import pan, pan_dataset
from tests.docs.markdown import document, marked_table

from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.domain.data_quality import data_quality
from footprint.domain.explanation_errors import DatasetNotAtHand, ExplanationDiffers
from footprint.domain.linking import link_product
from footprint.domain.provenance import Ground

PAGE = document("docs/explaining.md")


def test_the_classes_are_those_of_the_code() -> None:
    stated = [
        tuple(cell.strip("`") for cell in row[:2]) for row in marked_table(PAGE, "check: classes ")
    ]
    assert stated == [(ground.value, ground.provenance.value) for ground in Ground]


def test_the_example_by_hand_is_what_is_computed() -> None:
    dataset, engine = pan_dataset(), GreenchainEngine()
    system = link_product(pan(dataset), dataset, "gwp")
    found = data_quality(
        system, engine.solve(system), dataset, lambda part: engine.solve(part).scores.total
    )
    rows = marked_table(PAGE, "example: weakest ")
    ways = [(float(row[1]), Ground(row[2].strip("`"))) for row in rows]
    whole = math.fsum(amount for amount, _ in ways)
    assert f"Of {whole:.1f} kg in all" in PAGE
    expected = {
        ground: 100.0 * math.fsum(amount for amount, of in ways if of is ground) / whole
        for ground in Ground
    }
    assert found.by_weakest == pytest.approx(expected)
    assert f"over an assumption: {expected[Ground.ASSUMPTION]:.1f} %" in PAGE
    net = [1.0, 1.3, 0.5, 0.1]
    shares = [share for share in found.by_emission.values() if share]
    assert sorted(shares) == pytest.approx(sorted(100.0 * part / sum(net) for part in net))


def test_what_is_refused_is_what_the_code_refuses() -> None:
    for error in (DatasetNotAtHand, ExplanationDiffers):
        assert f"| `{error.code}` |" in PAGE
