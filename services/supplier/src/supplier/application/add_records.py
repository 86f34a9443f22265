"""A supplier adds records to a draft, batch by batch."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from chassis.errors import InvalidInput, Location, NotFound, Violation
from chassis.identity import Principal, Role
from supplier.application.ports import Context, Receipt, Records, UnitOfWork
from supplier.domain.activity import StatedRecord
from supplier.domain.content import batch_hash
from supplier.domain.declaration import Declaration, DeclarationVersion
from supplier.domain.errors import NotADraft
from supplier.domain.period import Period
from supplier.domain.record_checks import (
    Row,
    find_duplicates,
    find_overlaps,
    read_records,
)
from supplier.domain.transitions import DeclarationState
from supplier.domain.violations import BatchDiffers, BatchSize, OutOfSequence, TooManyRecords

#: Most records in one batch.
MOST_PER_BATCH = 1000
#: Most records in one version: an hourly year of twenty items, and some.
MOST_PER_VERSION = 200_000


def get_draft(
    context: Context, principal: Principal, declaration_id: str, version: int
) -> DeclarationVersion:
    """Return the draft that a stream is to fill; it goes on after its `last_sequence`."""
    principal.require(Role.SUPPLIER)
    with context.open(principal.tenant_id, read_only=True) as uow:
        _, draft = _find_draft(uow, declaration_id, version)
    return draft


def add_batch(
    context: Context,
    principal: Principal,
    declaration_id: str,
    version: int,
    sequence: int,
    stated: Sequence[StatedRecord],
    opened_at: datetime | None = None,
) -> int:
    """Hold a batch whole, or refuse it whole with every reason.

    A batch that is held already and comes again with the same records changes nothing.

    Parameters
    ----------
    opened_at
        When the draft was opened that the sender means, if it looked at one. A discarded draft is
        not found any more, though another one may have got its number.

    Returns
    -------
    int
        Number of records that the draft holds now.

    Raises
    ------
    InvalidInput
        With everything that is wrong; nothing of the batch is kept.
    """
    principal.require(Role.SUPPLIER)
    violations: list[Violation] = []
    with context.open(principal.tenant_id) as uow:
        declaration, draft = _find_draft(uow, declaration_id, version)
        if opened_at not in (None, draft.opened_at):
            raise NotFound(what="declaration", id=f"{declaration_id} version {version}")
        if not 1 <= len(stated) <= MOST_PER_BATCH:
            _refuse(BatchSize(location=Location("records"), count=len(stated), most=MOST_PER_BATCH))
        rows = read_records(stated, declaration.frame(draft), violations)
        records = uow.records(declaration.id, draft.version)
        held = records.receipt(sequence)
        sha256 = batch_hash(row.record for row in rows)
        if held is not None:
            if violations or held.sha256 != sha256:
                _refuse(BatchDiffers(location=Location("sequence"), sequence=sequence))
            return draft.record_count
        _check_against_held(records, draft, sequence, stated, rows, violations)
        if violations:
            raise InvalidInput(violations=tuple(violations))
        records.add(Receipt(sequence, sha256), [row.record for row in rows])
        taken = replace(
            draft,
            last_sequence=sequence,
            record_count=draft.record_count + len(rows),
            stated_by=draft.stated_by | {principal.subject},
        )
        uow.declarations.save(declaration.with_version(taken))
        uow.commit()
    return taken.record_count


def _refuse(violation: Violation) -> None:
    raise InvalidInput(violations=(violation,))


def _find_draft(
    uow: UnitOfWork, declaration_id: str, version: int
) -> tuple[Declaration, DeclarationVersion]:
    declaration = uow.declarations.get(declaration_id)
    if declaration is None or version < 1:
        raise NotFound(what="declaration", id=f"{declaration_id} version {version}")
    draft = declaration.at(version)
    if draft.state is not DeclarationState.DRAFT:
        raise NotADraft(declaration_id=declaration_id, version=version, state=draft.state.value)
    return declaration, draft


def _check_against_held(
    records: Records,
    draft: DeclarationVersion,
    sequence: int,
    stated: Sequence[StatedRecord],
    rows: Sequence[Row],
    violations: list[Violation],
) -> None:
    if sequence != draft.last_sequence + 1:
        # Its records are checked all the same: the sender mends everything in one go.
        violations.append(
            OutOfSequence(
                location=Location("sequence"),
                sequence=sequence,
                expected=draft.last_sequence + 1,
            )
        )
    count = draft.record_count + len(stated)
    if count > MOST_PER_VERSION:
        violations.append(
            TooManyRecords(location=Location("records"), count=count, most=MOST_PER_VERSION)
        )
    held_ids = records.held_ids([record.record_id for record in stated])
    find_duplicates(stated, held_ids, violations)
    if rows:
        span = Period(
            min(row.record.period.start for row in rows), max(row.record.period.end for row in rows)
        )
        items = {(row.record.kind, row.record.item_id) for row in rows}
        find_overlaps(rows, records.overlapping(items, span), violations)
