"""What a number rests on: which rows of the maker, its suppliers and the dataset, and how sure.

Every link and emission of a linked system comes from a row. `RowsOf` finds it again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from footprint.domain.dataset import Confidence, Dataset, Source, Uncertainty
from footprint.domain.product import ActivityData, BomLine, CitedParameter
from footprint.domain.system import Emission, Link, LinkedSystem, OriginKind


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
    ground
        Of a computed amount that of the least sure of line and parameters, unless the line says
        that it is the plant's own record.
    parameters
        Numbers that a computed amount rests on.
    """

    line_id: str
    source: Source | None
    confidence: str
    ground: Ground
    uncertainty: Uncertainty
    parameters: tuple[CitedParameter, ...] = ()


_CERTAIN = Uncertainty("none")
#: How a maker says of a number that it is from its own books or meters.
OWN_RECORD = "own record"
_GROUNDS: Mapping[str, Ground] = {
    OWN_RECORD: Ground.PRIMARY,
    **{each.value: Ground(each.value) for each in Confidence},
}


@dataclass(frozen=True, slots=True)
class RowsOf:
    """Finds the rows that a system's links and emissions come from."""

    system: LinkedSystem
    dataset: Dataset

    def of(self, item: Link | Emission) -> CitedRow | None:
        """Return the row; None where nobody states an amount, e.g. that a product has stages."""
        origin = item.origin
        match origin.kind:
            case OriginKind.LINE:
                assert origin.line is not None
                return self._line(item.line_id, origin.line, origin.parameters)
            case OriginKind.DECLARATION:
                confidence = "declared by the supplier"
                return CitedRow(item.line_id, None, confidence, Ground.PRIMARY, _CERTAIN)
            case OriginKind.DATASET:
                row = self.dataset.rows[item.line_id]
                ground = _ground(row.confidence)
                return CitedRow(
                    row.line_id, row.source, row.confidence.value, ground, row.uncertainty
                )
            case _:
                return None

    def _line(
        self, line_id: str, line: BomLine, parameters: tuple[CitedParameter, ...]
    ) -> CitedRow:
        # Already characterized emissions are somebody's result, not a record of the plant.
        own = (
            line.activity_data is ActivityData.OWN_PLANT
            and line.input_id != self.dataset.aggregated_flow
        )
        grounds = [_ground(line.confidence), *(_ground(each.confidence) for each in parameters)]
        ground = Ground.PRIMARY if own else max(grounds, key=list(Ground).index)
        return CitedRow(line_id, line.source, line.confidence, ground, line.uncertainty, parameters)


def _ground(confidence: str) -> Ground:
    """Return the class of a row; words that are none of the list's count as an assumption."""
    return _GROUNDS.get(confidence, Ground.ASSUMPTION)
