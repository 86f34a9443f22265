"""What a number rests on: which rows of the maker, its suppliers and the dataset, and how sure.

Every link and emission of a linked system comes from a row. `RowsOf` finds it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from footprint.domain.dataset import Confidence, Dataset, Source, Uncertainty
from footprint.domain.product import ActivityData
from footprint.domain.system import Emission, Link, LinkedSystem


class Provenance(StrEnum):
    """Where a number comes from, best first."""

    PRIMARY = "primary"
    """The maker's own record, or a supplier's accepted declaration."""
    SECONDARY = "secondary"
    """Read in a document that is named."""
    DERIVED = "derived"
    """Computed from cited numbers."""
    ASSUMED = "assumed"
    """Nobody's number: no citable one was read."""


class Ground(StrEnum):
    """How sure a number is, best first: the classes of a data-quality statement."""

    PRIMARY = "primary"
    VERIFIED = "verified in source text"
    SECONDARY = "verified in secondary copy"
    COMPUTED = "computed"
    ASSUMPTION = "assumption"

    @property
    def provenance(self) -> Provenance:
        return _PROVENANCE[self]


_PROVENANCE = {
    Ground.PRIMARY: Provenance.PRIMARY,
    Ground.VERIFIED: Provenance.SECONDARY,
    Ground.SECONDARY: Provenance.SECONDARY,
    Ground.COMPUTED: Provenance.DERIVED,
    Ground.ASSUMPTION: Provenance.ASSUMED,
}


@dataclass(frozen=True, slots=True)
class CitedRow:
    """The row that an amount comes from.

    Attributes
    ----------
    source
        None for a supplier's declaration, which is its own source.
    confidence
        In the words of whoever wrote the row.
    """

    line_id: str
    source: Source | None
    confidence: str
    ground: Ground
    uncertainty: Uncertainty


_CERTAIN = Uncertainty("none")
_GROUNDS: Mapping[str, Ground] = {each.value: Ground(each.value) for each in Confidence}


@dataclass(frozen=True, slots=True)
class RowsOf:
    """Finds the rows that a system's links and emissions come from."""

    system: LinkedSystem
    dataset: Dataset

    def of(self, item: Link | Emission) -> CitedRow | None:
        """Return the row; None where nobody states an amount, e.g. that a product has stages."""
        line_id = item.line_id
        if line_id in self.system.lines:
            line = self.system.lines[line_id]
            own = line.activity_data is ActivityData.OWN_PLANT
            ground = Ground.PRIMARY if own else _ground(line.confidence)
            return CitedRow(line_id, line.source, line.confidence, ground, line.uncertainty)
        if isinstance(item, Emission) and item.process in self.system.suppliers:
            return CitedRow(line_id, None, "declared by the supplier", Ground.PRIMARY, _CERTAIN)
        row = self.dataset.rows.get(line_id)
        if row is None:
            return None
        return CitedRow(
            line_id, row.source, row.confidence.value, _ground(row.confidence), row.uncertainty
        )


def _ground(confidence: str) -> Ground:
    """Return the class of a row; words that are none of the list's count as an assumption."""
    return _GROUNDS.get(confidence, Ground.ASSUMPTION)
