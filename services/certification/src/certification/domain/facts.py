"""What the service tells the public about a record, one value per kind of event."""

from dataclasses import dataclass
from datetime import datetime

from certification.domain.record import FlagCode


@dataclass(frozen=True, slots=True)
class Submitted:
    """An application was submitted."""

    record_id: str
    scheme: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """An application was rejected."""

    record_id: str


@dataclass(frozen=True, slots=True)
class Issued:
    """A record was issued; `sha256` is of the compact JWS that `key_id` signed."""

    record_id: str
    scheme: str
    sha256: str
    key_id: str
    issued_at: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Suspended:
    """A record was suspended."""

    record_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reinstated:
    """A suspended record stands again."""

    record_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Revoked:
    """A record was revoked for good."""

    record_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A record was withdrawn by its holder."""

    record_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Flagged:
    """Something became known about a record; its state stays."""

    record_id: str
    flag: FlagCode
    reason: str
    since: datetime


Fact = Submitted | Rejected | Issued | Suspended | Reinstated | Revoked | Withdrawn | Flagged
