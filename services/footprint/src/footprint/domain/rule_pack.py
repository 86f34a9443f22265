"""The rule pack: the choices of a standard, as versioned and hashed data."""

from collections.abc import Mapping
from dataclasses import dataclass
from sys import float_info
from typing import Any

from chassis.canonical import sha256_hex


@dataclass(frozen=True, slots=True)
class AgreementRule:
    """How close two engines must come, and in which precision a result is compared.

    Attributes
    ----------
    relative_floor
        Relative difference that is always allowed [-].
    machine_epsilons_per_condition
        Machine epsilons allowed per unit of the condition number [-].
    condition_warning
        Condition number above which the result says so [-].
    significant_digits
        Digits at which a result is hashed and compared.
    """

    relative_floor: float
    machine_epsilons_per_condition: float
    condition_warning: float
    significant_digits: int

    def allowed_difference(self, condition: float) -> float:
        """Return the relative difference [-] that two right solves may show."""
        return max(
            self.relative_floor,
            self.machine_epsilons_per_condition * condition * float_info.epsilon,
        )

    def rounded(self, value: float) -> float:
        """Return `value` at the digits in which results are compared."""
        return float(f"{value:.{self.significant_digits}g}")


@dataclass(frozen=True, slots=True)
class RulePack:
    """One version of a rule pack.

    Attributes
    ----------
    sha256
        Hash of the canonical JSON of the whole document, also of the parts that only people read.
    boundary, stages
        Name of the system boundary and the life-cycle stages inside it.
    method_ids
        Characterization methods that the pack allows.
    supplier_method_id
        Method by which suppliers' own footprints are calculated.
    supplier_valid_years
        How long after the end of its period a supplier's footprint may be used [years].
    minimum_share_percent
        Share of the footprint from which a bought part is worth a data request [%].
    sectors_not_requested
        Sectors of the dataset for whose parts no data are requested.
    """

    id: str
    version: str
    sha256: str
    boundary: str
    stages: tuple[str, ...]
    method_ids: tuple[str, ...]
    supplier_method_id: str
    supplier_valid_years: int
    minimum_share_percent: float
    sectors_not_requested: tuple[str, ...]
    agreement: AgreementRule

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> "RulePack":
        """Read the values that the platform acts on; the hash covers the document whole."""
        agreement = document["agreement"]
        return cls(
            id=document["id"],
            version=document["version"],
            sha256=sha256_hex(document),
            boundary=document["boundary"]["name"],
            stages=tuple(document["boundary"]["stages"]),
            method_ids=tuple(document["gwp_set"]["method_ids"]),
            supplier_method_id=document["gwp_set"]["supplier_method_id"],
            supplier_valid_years=document["supplier_data"]["valid_years_after_period"],
            minimum_share_percent=document["data_requests"]["minimum_share_percent"],
            sectors_not_requested=tuple(document["data_requests"]["sectors_not_requested"]),
            agreement=AgreementRule(
                relative_floor=agreement["relative_floor"],
                machine_epsilons_per_condition=agreement["machine_epsilons_per_condition"],
                condition_warning=agreement["condition_warning"],
                significant_digits=agreement["significant_digits"],
            ),
        )
