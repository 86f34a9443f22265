"""What an issued record says: the content that is signed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from certification.domain.record import Record
from certification.domain.scheme import Scheme
from certification.domain.statement import Statement


def instant(at: datetime) -> str:
    """Write an aware instant as RFC 3339 in UTC, e.g. ``2026-03-01T08:00:00Z``."""
    if at.utcoffset() is None or at.utcoffset():
        raise ValueError(f"{at!r} is not an aware instant in UTC")
    return at.replace(tzinfo=None).isoformat() + "Z"


def content(
    record: Record,
    statement: Statement,
    scheme: Scheme,
    *,
    issuer: str,
    status_url: str,
    issued_at: datetime,
    valid_until: datetime,
) -> Mapping[str, Any]:
    """Return the claims of the signed document.

    Notes
    -----
    `valid_until` is not a JWT `exp` claim, on purpose: a general JWT verifier answers "invalid
    token" after `exp`, while the signature of a lapsed record stays authentic. Whether a record
    stands is read at `status`, apart from whether it is genuine.
    """
    footprint = record.footprint
    return {
        "iss": issuer,
        "jti": record.id,
        "record_id": record.id,
        "scheme": {
            "id": scheme.id,
            "name": {"en": scheme.name.en, "zh": scheme.name.zh},
            "is_not": {"en": scheme.is_not.en, "zh": scheme.is_not.zh},
        },
        "product": {
            "id": footprint.product_id,
            "name": {"en": footprint.product_name_en, "zh": footprint.product_name_zh},
        },
        "declared_unit": {
            "amount": footprint.declared_unit.amount,
            "unit": footprint.declared_unit.unit,
        },
        "boundary": footprint.boundary,
        "pcf_kg_co2e_per_declared_unit": footprint.kg_co2e,
        "stages_kg_co2e_per_declared_unit": {
            score.stage: score.kg_co2e for score in footprint.stages
        },
        "primary_data_share_percent": footprint.primary_data_share_percent,
        "primary_activity_share_percent": footprint.primary_activity_share_percent,
        "method_id": footprint.method_id,
        "footprint": {"id": footprint.id, "sha256": footprint.sha256},
        "evidence": [
            {"role": item.role, "id": item.id, "version": item.version, "sha256": item.sha256}
            for item in footprint.evidence
        ],
        "statement_sha256": statement.sha256(),
        "issued": instant(issued_at),
        "valid_until": instant(valid_until),
        "status": status_url,
    }
