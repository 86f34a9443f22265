"""What a version says, as one canonical document, and its hash.

The document does not depend on how the records were split into batches or in which order they
came: they are sorted by their ids, which are unique within a version.
"""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any

from chassis.canonical import sha256_hex
from supplier.domain.activity import ActivityRecord
from supplier.domain.declaration import Declaration, DeclarationVersion
from supplier.domain.errors import DeclarationUnchanged
from supplier.domain.period import Period


def content_hash(
    declaration: Declaration, version: DeclarationVersion, records: Iterable[ActivityRecord]
) -> str:
    """Return the SHA-256 (lower-case hexadecimal) by which the version is named from now on."""
    ordered = sorted(records, key=lambda record: record.record_id)
    return sha256_hex(
        {
            "declaration_id": declaration.id,
            "version": version.version,
            "data_request_id": declaration.data_request_id,
            "activity_id": declaration.activity_id,
            "unit": declaration.unit,
            "plant_name": version.plant.name,
            "plant_region": version.plant.region,
            "reference_period": _period(version.reference_period),
            "records": [_record(record) for record in ordered],
        }
    )


def check_corrects(
    declaration: Declaration, draft: DeclarationVersion, records: Collection[ActivityRecord]
) -> None:
    """Raise `DeclarationUnchanged` if the draft says what the version before says.

    What was built on that one would be flagged and computed again though nothing changed; a
    version that was returned would come back as it was. After a refused calculation the same
    content may be submitted again: the fault may have been the dataset's.
    """
    earlier = [held for held in declaration.versions if held.version < draft.version]
    if not earlier:
        return
    before = earlier[-1]
    if before.refused_for:
        return
    if content_hash(declaration, replace(draft, version=before.version), records) == before.sha256:
        raise DeclarationUnchanged(
            declaration_id=declaration.id, version=draft.version, before=before.version
        )


def batch_hash(records: Iterable[ActivityRecord]) -> str:
    """Return the SHA-256 of a batch, by which the same batch is recognised when it comes again."""
    return sha256_hex([_record(record) for record in records])


def _record(record: ActivityRecord) -> dict[str, Any]:
    return {
        "record_id": record.record_id,
        "period": _period(record.period),
        "kind": record.kind.value,
        "item_id": record.item_id,
        "amount": record.amount,
        "unit": record.unit,
        "evidence": record.evidence,
    }


def _period(period: Period) -> dict[str, str]:
    return {"start": period.start.isoformat(), "end": period.end.isoformat()}
