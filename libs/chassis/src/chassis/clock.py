"""The time of day and new identifiers, as things that a test can hold still. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Protocol
from uuid import uuid4


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is told to advance."""

    def __init__(self, instant: datetime) -> None:
        if instant.tzinfo is None:
            raise ValueError(
                "a clock needs an aware datetime, e.g. datetime(2026, 1, 1, tzinfo=UTC)"
            )
        self._instant = instant.astimezone(UTC)

    def now(self) -> datetime:
        """Return the instant at which the clock stands, in UTC."""
        return self._instant

    def advance(self, by: timedelta) -> None:
        """Move the clock."""
        self._instant += by


def new_id() -> str:
    """Return a new random identifier (UUID version 4)."""
    return str(uuid4())
