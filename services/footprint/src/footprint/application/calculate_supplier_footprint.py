"""Calculate a supplier's own footprint from its activity data; put it back, or say why not."""

from dataclasses import dataclass
from typing import ClassVar

from chassis.canonical import sha256_hex
from chassis.clock import Clock, new_id
from chassis.errors import GreenchainError, Kind
from footprint.application.calculation import background_evidence, solve
from footprint.application.ports import (
    DeclaredActivity,
    Methodology,
    SupplierData,
    SupplierFootprint,
    UnitOfWorkFor,
)
from footprint.application.refusal import CONTENT_ERRORS, refusal_reasons
from footprint.domain.declaration import CalculatedPcf, DatasetReference, DeclarationReference
from footprint.domain.plant import link_plant
from footprint.domain.plant_rows import parse_plant
from footprint.domain.product_footprint import Evidence, canonical_evidence
from footprint.domain.result import FootprintResult
from footprint.domain.system_errors import EnginesDisagree


@dataclass(eq=False)
class OtherDeclarationVersion(GreenchainError):
    """The supplier service answered with another version than the one asked for."""

    code: ClassVar[str] = "footprint.declaration.other_version"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Version {version} of declaration {declaration_id} was asked for by its content, another "
        "content came. Nothing was calculated; ask the supplier for a new version."
    )
    zh: ClassVar[str] = (
        "按内容请求声明 {declaration_id} 的第 {version} 版，但收到的内容不同。未进行计算；请供应商"
        "提交新版本。"
    )

    declaration_id: str
    version: int


def calculate_supplier_footprint(
    reference: DeclarationReference,
    *,
    supplier_tenant_id: str,
    supplier_data: SupplierData,
    methodology: Methodology,
    open_uow: UnitOfWorkFor,
    clock: Clock,
) -> SupplierFootprint | None:
    """Calculate, store and put back; may be repeated from any point at which it broke off.

    The result is stored under the supplier's tenant before it is put back, so that a repetition
    puts back the same result under the same id. What cannot be calculated from the declared content
    is refused with every reason: only the supplier can mend it. No transaction is open during a
    call.

    Parameters
    ----------
    supplier_data
        The supplier service, acting for the supplier's own tenant.

    Returns
    -------
    SupplierFootprint or None
        None if the content was refused.

    Raises
    ------
    OtherDeclarationVersion
    """
    with open_uow(supplier_tenant_id, read_only=True) as uow:
        stored = uow.supplier_footprints.of(reference)
    if stored is None:
        declared = supplier_data.activity_data(reference)
        if declared.reference != reference:
            raise OtherDeclarationVersion(reference.id, reference.version)
        try:
            fresh = _calculate(declared, methodology, clock)
        except CONTENT_ERRORS as error:
            supplier_data.refuse(reference, refusal_reasons(error))
            return None
        with open_uow(supplier_tenant_id) as uow:
            stored = uow.supplier_footprints.of(reference)
            if stored is None:
                uow.supplier_footprints.add(fresh)
                uow.commit()
                stored = fresh
    if stored.put_back_at is None:
        supplier_data.put_calculated(reference, stored.calculated)
        with open_uow(supplier_tenant_id) as uow:
            uow.supplier_footprints.mark_put_back(reference, clock.now())
            uow.commit()
    return stored


def _calculate(
    declared: DeclaredActivity, methodology: Methodology, clock: Clock
) -> SupplierFootprint:
    dataset, rules = methodology.dataset, methodology.rules
    method_id = rules.supplier_method_id
    plant = parse_plant(
        activity_id=declared.activity_id,
        region=declared.region,
        period_start=declared.period_start,
        period_end=declared.period_end,
        rows=declared.rows,
        dataset=dataset,
    )
    result, _, engines = solve(link_plant(plant, dataset, method_id), methodology)
    if not result.engines.agree:
        raise EnginesDisagree(
            result.engines.brightway, result.engines.greenchain, result.engines.tolerance
        )
    reference = declared.reference
    evidence = (
        *background_evidence(dataset, method_id),
        Evidence("rule_pack", rules.id, rules.version, rules.sha256),
        Evidence("declaration", reference.id, str(reference.version), reference.sha256),
        *engines,
        methodology.lock_file,
    )
    calculated = CalculatedPcf(
        footprint_id=new_id(),
        kg_co2e_per_unit=result.pcf_kg_co2e,
        unit=dataset.activities[declared.activity_id].unit,
        primary_data_share_percent=result.primary_data_share_percent,
        primary_activity_share_percent=result.primary_activity_share_percent,
        method_id=method_id,
        dataset=DatasetReference.of(dataset),
        sha256=_sha256(declared, result, evidence, methodology),
    )
    return SupplierFootprint(
        declaration=reference,
        activity_id=declared.activity_id,
        region=declared.region,
        period_start=declared.period_start,
        period_end=declared.period_end,
        calculated=calculated,
        result=result,
        evidence=evidence,
        created_at=clock.now(),
    )


def _sha256(
    declared: DeclaredActivity,
    result: FootprintResult,
    evidence: tuple[Evidence, ...],
    methodology: Methodology,
) -> str:
    rounded = methodology.rules.agreement.rounded
    return sha256_hex(
        {
            "activity_id": declared.activity_id,
            "region": declared.region,
            "period": [declared.period_start.isoformat(), declared.period_end.isoformat()],
            "unit": methodology.dataset.activities[declared.activity_id].unit,
            "method_id": result.method_id,
            "kg_co2e": rounded(result.pcf_kg_co2e),
            "stages": {stage: rounded(value) for stage, value in result.stages.items()},
            "primary_data_share_percent": rounded(result.primary_data_share_percent),
            "primary_activity_share_percent": rounded(result.primary_activity_share_percent),
            "evidence": canonical_evidence(evidence),
        }
    )
