"""What an import has gathered, before it is written."""

from collections.abc import Sequence
from dataclasses import dataclass

from footprint.engine.arrays import Floats, Integers


@dataclass(frozen=True, slots=True)
class CollectedActivity:
    """An activity; its own product is the row of the same number.

    Attributes
    ----------
    name_zh
        Empty where the source has none.
    """

    code: str
    name: str
    reference_product: str
    unit: str
    location: str
    name_zh: str = ""


@dataclass(frozen=True, slots=True)
class CollectedFlow:
    """An elementary flow.

    Attributes
    ----------
    key
        What names it in the source.
    compartment
        With what is below it behind `/`.
    """

    key: str
    name: str
    compartment: str
    cas: str
    unit: str


@dataclass(frozen=True, slots=True)
class Cells:
    """Entries of a matrix (m,), signed as they stand in it; those of one cell add up."""

    row: Integers
    column: Integers
    amount: Floats


@dataclass(frozen=True, slots=True)
class Collected:
    """A whole background.

    Attributes
    ----------
    technosphere
        Products × activities: what is given is above zero, what is taken below.
    biosphere
        Flows × activities.
    left_out
        Inputs without a supplier in the source, which nobody could link.
    """

    activities: Sequence[CollectedActivity]
    flows: Sequence[CollectedFlow]
    technosphere: Cells
    biosphere: Cells
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class About:
    """What the owner says of a background.

    Attributes
    ----------
    licence
        Under which terms the owner has it.
    year
        That its activities stand for.
    origin
        `csv`, `ecospold2` or `brightway`.
    """

    id: str
    version: str
    title: str
    licence: str
    year: int
    origin: str
