"""The database's clock: the one that all instances of a service share."""

import time
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from chassis.database import Database

#: How long one answer of the database is good [s]: clocks drift by less than 1 ms in that.
_GOOD_S = 30.0


class DatabaseClock:
    """Tells the time of the database's server; SQLite's is that of this machine."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._told, self._told_at = datetime.now(UTC), float("-inf")

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        if time.monotonic() >= self._told_at + _GOOD_S:
            self._ask()
        return self._told + timedelta(seconds=time.monotonic() - self._told_at)

    def _ask(self) -> None:
        if self._database.engine.dialect.name != "postgresql":
            told = datetime.now(UTC)
        else:
            with self._database.read_engine.connect() as connection:
                told = connection.execute(select(func.clock_timestamp())).scalar_one()
        self._told, self._told_at = told.astimezone(UTC), time.monotonic()
