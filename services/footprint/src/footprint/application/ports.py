"""What the use cases need of the world around them."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from types import TracebackType
from typing import Any, Protocol, Self

from chassis.events import Event
from footprint.application.background_ports import Backgrounds, NoBackgrounds
from footprint.domain.dataset import Dataset
from footprint.domain.dataset_errors import UnknownDatasetVersion
from footprint.domain.declaration import (
    CalculatedPcf,
    DatasetReference,
    DeclarationReference,
    GrantedDeclaration,
)
from footprint.domain.explanation_errors import DatasetNotAtHand
from footprint.domain.product import ProductModel
from footprint.domain.product_footprint import Evidence, ProductFootprint
from footprint.domain.result import FootprintResult, Scores, Solution
from footprint.domain.rule_pack import RulePack
from footprint.domain.system import LinkedSystem


class RecordEngine(Protocol):
    """The engine whose numbers are of record."""

    def score(self, system: LinkedSystem) -> Scores:
        """Return total and stages [kg CO2e / declared unit]."""
        ...


class ExplainingEngine(Protocol):
    """The engine that explains the numbers."""

    def solve(self, system: LinkedSystem) -> Solution:
        """Return scores with all contributions; names the activities of a loop without solution."""
        ...

    def reference(self, system: LinkedSystem) -> Scores:
        """Return iteratively refined scores, for a comparison in doubt."""
        ...


@dataclass(frozen=True, slots=True)
class Methodology:
    """What every calculation of this service rests on beside its own inputs.

    Attributes
    ----------
    lock_file
        Hash of the locked dependencies, or a statement that they are not at hand.
    released
        Loads a released version of the dataset, or raises `UnknownDatasetVersion`; None if there
        are none but the one at hand.
    backgrounds
        What tenants have of their own beside the dataset.
    """

    dataset: Dataset
    rules: RulePack
    record_engine: RecordEngine
    explaining_engine: ExplainingEngine
    lock_file: Evidence
    released: Callable[[str], Dataset] | None = None
    backgrounds: Backgrounds = field(default_factory=NoBackgrounds)

    def dataset_of(self, evidence: Iterable[Evidence]) -> Dataset:
        """Return the version of the dataset that a footprint pins, by content.

        Raises
        ------
        DatasetNotAtHand
        """
        held = next(item for item in evidence if item.role == "dataset")
        pinned, at_hand = DatasetReference(held.id, held.version, held.sha256), self.dataset
        for dataset in (at_hand, self._released(pinned)):
            if dataset is not None and DatasetReference.of(dataset) == pinned:
                return dataset
        raise DatasetNotAtHand(str(pinned), str(DatasetReference.of(at_hand)))

    def _released(self, pinned: DatasetReference) -> Dataset | None:
        if self.released is None or pinned.id != self.dataset.id:
            return None
        try:
            return self.released(pinned.version)
        except UnknownDatasetVersion:
            return None


@dataclass(frozen=True, slots=True)
class StoredProductModel:
    """One imported version of a product model.

    Attributes
    ----------
    id
        Names this version.
    version
        Counts the versions of the same product from 1.
    sha256
        Hash of the model's canonical content.
    """

    id: str
    version: int
    sha256: str
    model: ProductModel
    created_at: datetime
    created_by: str


@dataclass(frozen=True, slots=True)
class SupplierFootprint:
    """A supplier's own footprint, kept under the supplier's tenant.

    Attributes
    ----------
    put_back_at
        When the supplier service took it; None before.
    """

    declaration: DeclarationReference
    activity_id: str
    region: str
    period_start: date
    period_end: date
    calculated: CalculatedPcf
    result: FootprintResult
    evidence: tuple[Evidence, ...]
    created_at: datetime
    put_back_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """That a footprint of some owner rests on a declaration of the tenant at hand."""

    declaration: DeclarationReference
    owner_tenant_id: str
    footprint_id: str


@dataclass(frozen=True, slots=True)
class FootprintSummary:
    """A line in a list of footprints."""

    id: str
    product_model_id: str
    product_id: str
    state: str
    method_id: str
    kg_co2e: float
    created_at: datetime


@dataclass(frozen=True, slots=True)
class DeclaredActivity:
    """A declaration with its activity records, as pulled for a calculation.

    Attributes
    ----------
    rows
        Records as untrusted rows (`footprint.domain.plant_rows.RECORD_FIELDS`).
    """

    reference: DeclarationReference
    activity_id: str
    region: str
    period_start: date
    period_end: date
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class RefusalReason:
    """One reason why a declaration cannot be calculated.

    Attributes
    ----------
    record_id, field
        The record and its field; empty if the declaration is meant as a whole.
    en, zh
        What is wrong and how to mend it.
    """

    code: str
    record_id: str
    field: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class ProposedPart:
    """A bought part and what it weighs in a footprint.

    Attributes
    ----------
    share_of_footprint_percent
        Share of the absolute footprint [%].
    """

    activity_id: str
    unit: str
    share_of_footprint_percent: float


@dataclass(frozen=True, slots=True)
class ProposedDataRequest:
    """A data request as the supplier service holds it."""

    id: str
    state: str
    part: ProposedPart


class SupplierData(Protocol):
    """The supplier service, called in one identity's name.

    Calls raise `chassis.errors.Unavailable` when the service does not answer, and
    `GreenchainError` of other kinds for what it refuses.
    """

    def propose(self, parts: Sequence[ProposedPart]) -> tuple[ProposedDataRequest, ...]:
        """Propose a data request for each part."""
        ...

    def accepted_declarations(self, activity_ids: Set[str]) -> tuple[GrantedDeclaration, ...]:
        """Return the accepted declarations of these products, as granted to the caller.

        A grant that hides what a calculation needs is refused, but never for other products.
        """
        ...

    def activity_data(self, reference: DeclarationReference) -> DeclaredActivity:
        """Pull the activity data of a requested calculation."""
        ...

    def put_calculated(self, reference: DeclarationReference, calculated: CalculatedPcf) -> None:
        """Put a supplier's calculated footprint back; the same one twice is harmless."""
        ...

    def refuse(self, reference: DeclarationReference, reasons: Sequence[RefusalReason]) -> None:
        """Say that a declaration cannot be calculated, and why; saying it twice is harmless."""
        ...


class SupplierDataFor(Protocol):
    """Gives access to the supplier service with the service's own token, acting for a tenant."""

    def __call__(self, tenant_id: str) -> SupplierData: ...


class ProductModels(Protocol):
    """Imported product models of the tenant at hand."""

    def add(self, stored: StoredProductModel) -> None: ...

    def get(self, product_model_id: str) -> StoredProductModel:
        """Return a product model; `NotFound` for unknown and foreign ids alike."""
        ...

    def with_sha256(self, sha256: str) -> StoredProductModel | None: ...

    def latest_version(self, product_id: str) -> int:
        """Return the highest version of a product, 0 if there is none."""
        ...


class Footprints(Protocol):
    """Footprints of the tenant at hand."""

    def add(self, footprint: ProductFootprint) -> None: ...

    def get(self, footprint_id: str) -> ProductFootprint:
        """Return a footprint; `NotFound` for unknown and foreign ids alike."""
        ...

    def save(self, footprint: ProductFootprint) -> None:
        """Store state, flags and links of a footprint; its content never changes."""
        ...

    def page(self, *, after: str, limit: int) -> tuple[FootprintSummary, ...]:
        """Return footprints newest first, from behind the one whose id is `after`."""
        ...


class Citations(Protocol):
    """Which footprints, of whomever, rest on declarations of the tenant at hand."""

    def add(self, citation: Citation) -> None: ...

    def of_earlier_versions(self, declaration_id: str, version: int) -> tuple[Citation, ...]:
        """Return the citations of versions below `version`."""
        ...

    def note_correction(self, declaration: DeclarationReference, at: datetime) -> None:
        """Remember that a version was submitted in place of all earlier ones."""
        ...

    def corrected_at(self, declaration: DeclarationReference) -> datetime | None:
        """Return when a later version than this one was first submitted, if any was."""
        ...


class SupplierFootprints(Protocol):
    """Footprints that were calculated for the tenant at hand as a supplier."""

    def of(self, declaration: DeclarationReference) -> SupplierFootprint | None: ...

    def add(self, footprint: SupplierFootprint) -> None: ...

    def mark_put_back(self, declaration: DeclarationReference, at: datetime) -> None: ...


class Transaction(Protocol):
    """An open transaction of one tenant; whoever opened it commits it."""

    @property
    def product_models(self) -> ProductModels: ...
    @property
    def footprints(self) -> Footprints: ...
    @property
    def citations(self) -> Citations: ...
    @property
    def supplier_footprints(self) -> SupplierFootprints: ...

    def as_tenant(self, tenant_id: str) -> AbstractContextManager[Any]:
        """See another tenant's rows for the length of the block, in the same transaction."""
        ...

    def publish(self, event: Event) -> None:
        """Announce an event; it is sent once the transaction is committed."""
        ...


class UnitOfWork(Transaction, Protocol):
    """A transaction to be opened; leaving it without `commit` undoes everything."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def commit(self) -> None: ...


class UnitOfWorkFor(Protocol):
    """Opens a unit of work for a tenant."""

    def __call__(self, tenant_id: str, *, read_only: bool = False) -> UnitOfWork: ...
