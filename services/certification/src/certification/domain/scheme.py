"""Certification schemes: whose rules a record follows and how long it is valid."""

from dataclasses import dataclass
from datetime import datetime

from certification.domain.states import Words


@dataclass(frozen=True, slots=True)
class StatementType:
    """A kind of verification statement that a scheme accepts."""

    id: str
    words: Words


@dataclass(frozen=True, slots=True)
class Scheme:
    """A certification scheme, read from data.

    Attributes
    ----------
    name
        Its name.
    is_not
        What a record under it does not mean.
    validity_years
        How long a record is valid [years].
    validity_source, validity_confidence
        Where that number comes from and how sure it is.
    statement_types
        Kinds of statement that it accepts.
    """

    id: str
    name: Words
    is_not: Words
    validity_years: int
    validity_source: str
    validity_confidence: str
    statement_types: tuple[StatementType, ...]

    def valid_until(self, issued_at: datetime) -> datetime:
        """Return the end of validity: the same instant `validity_years` later.

        A record issued on 29 February ends on 28 February.
        """
        year = issued_at.year + self.validity_years
        try:
            return issued_at.replace(year=year)
        except ValueError:
            return issued_at.replace(year=year, day=28)
