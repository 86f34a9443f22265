"""What the use cases need of backgrounds of one's own."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from footprint.domain.background import Background, BackgroundReference
from footprint.domain.dataset import Dataset


@dataclass(frozen=True, slots=True)
class FoundActivity:
    """An activity of a background.

    Attributes
    ----------
    unit_given
        As the background has it.
    unit
        The same by its name on the platform; None if the platform has none like it.
    """

    code: str
    name: str
    reference_product: str
    location: str
    unit_given: str
    unit: str | None


class HeldBackground(Protocol):
    """A background that can be bought from."""

    @property
    def sha256(self) -> str: ...

    def find(self, code: str) -> FoundActivity | None:
        """Return an activity, None if there is none of this code."""
        ...

    def closest(self, code: str) -> str:
        """Return the code most like one that is not there, or an empty text."""
        ...

    def bought(self, codes: Iterable[str], dataset: Dataset) -> Background:
        """Return activities with their inventories by flows of the dataset."""
        ...


class Backgrounds(Protocol):
    """The backgrounds that tenants have, each its own."""

    def open(self, tenant_id: str, reference: BackgroundReference) -> HeldBackground | None:
        """Return one, or None: whether another tenant has it cannot be told."""
        ...

    def known(self, tenant_id: str) -> tuple[BackgroundReference, ...]:
        """Return all that the tenant has."""
        ...


class NoBackgrounds:
    """Nobody has any."""

    def open(self, tenant_id: str, reference: BackgroundReference) -> HeldBackground | None:
        """Return None."""
        return None

    def known(self, tenant_id: str) -> tuple[BackgroundReference, ...]:
        """Return nothing."""
        return ()
