"""Anybody reads an issued record."""

from dataclasses import dataclass

from certification.application.ports import PublishedRecord, PublishedRecords, Schemes
from certification.domain.scheme import Scheme
from certification.domain.standing import in_force, standing
from certification.domain.states import Words
from chassis.clock import Clock
from chassis.errors import NotFound


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A published record with its standing at the moment of reading."""

    standing: Words
    in_force: bool
    scheme: Scheme
    record: PublishedRecord


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """Use case, without a token: what an issued record says is public."""

    published: PublishedRecords
    schemes: Schemes
    clock: Clock

    def __call__(self, record_id: str) -> RecordPage:
        """Return the record; an application that was not issued is as unknown as any id."""
        record = self.published.get(record_id)
        if record is None:
            raise NotFound(what="record", id=record_id)
        scheme = self.schemes.get(record.scheme_id)
        assert scheme is not None, f"scheme {record.scheme_id} is gone from the data"
        now = self.clock.now()
        return RecordPage(
            standing=standing(record.state, record.valid_until, record.flags, now),
            in_force=in_force(record.state, record.valid_until, now),
            scheme=scheme,
            record=record,
        )
