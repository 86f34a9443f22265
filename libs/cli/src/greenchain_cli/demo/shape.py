"""What the demonstration runs on: one process, or services apart on servers of their own."""

from dataclasses import dataclass
from enum import StrEnum


class Database(StrEnum):
    """Where the services keep their rows."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"


class Events(StrEnum):
    """Which event log the services meet on."""

    LOCAL = "local"
    KAFKA = "kafka"


@dataclass(frozen=True, slots=True)
class Shape:
    """A choice of both."""

    database: Database = Database.SQLITE
    events: Events = Events.LOCAL

    @property
    def embedded(self) -> bool:
        """Whether everything runs in the process of the demonstration itself."""
        return self == Shape()
