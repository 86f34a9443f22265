"""What the use cases need of backgrounds of one's own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

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
    name_zh
        Empty where the background has no Chinese name.
    """

    code: str
    name: str
    reference_product: str
    location: str
    unit_given: str
    unit: str | None
    name_zh: str = ""


@dataclass(frozen=True, slots=True)
class UnmatchedFlow:
    """An elementary flow that no flow of the dataset stands for.

    Attributes
    ----------
    exchanges
        How many exchanges are of it [1].
    """

    name: str
    compartment: str
    unit: str
    exchanges: int


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


@dataclass(frozen=True, slots=True)
class StoredBackground:
    """A version of a background that a tenant has uploaded.

    Attributes
    ----------
    counts
        How much is in it, and how much of that the dataset knows.
    """

    id: str
    version: str
    sha256: str
    title: str
    licence: str
    year: int
    counts: Mapping[str, Any]
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class UnpackedBackground:
    """What an uploaded file says of itself, verified.

    Attributes
    ----------
    folder
        Where its files are, until they are kept.
    """

    id: str
    version: str
    sha256: str
    title: str
    licence: str
    year: int
    counts: Mapping[str, Any]
    folder: Path


class BackgroundFiles(Protocol):
    """Where the files of tenants' backgrounds are kept, each tenant's apart."""

    def unpack(self, archive: Path) -> UnpackedBackground:
        """Unpack and verify an archive beside itself."""
        ...

    def keep(self, tenant_id: str, unpacked: UnpackedBackground) -> None:
        """Keep what was unpacked; the same content again changes nothing."""
        ...


class BackgroundRows(Protocol):
    """The backgrounds of the tenant at hand."""

    def add(self, stored: StoredBackground) -> None: ...

    def find(self, background_id: str, version: str) -> StoredBackground | None: ...

    def all(self) -> tuple[StoredBackground, ...]:
        """Return all, by id and then as they came."""
        ...


class BackgroundsUnitOfWork(Protocol):
    """A transaction of one tenant; leaving it without `commit` undoes everything."""

    @property
    def backgrounds(self) -> BackgroundRows: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def commit(self) -> None: ...


class BackgroundsUnitOfWorkFor(Protocol):
    """Opens a unit of work for a tenant."""

    def __call__(self, tenant_id: str, *, read_only: bool = False) -> BackgroundsUnitOfWork: ...
