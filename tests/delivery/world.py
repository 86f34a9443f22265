"""Where a trial takes place: two databases and a topic of its own, on one shape of the platform."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.databases import Databases

from chassis.clock import new_id
from chassis.eventlog import EventLog, TopicSpec
from chassis.eventlog.kafka import KafkaEventLog
from chassis.eventlog.local import LocalEventLog
from chassis.settings import KafkaSettings
from chassis.topics import FOR_EVER

MIGRATIONS = Path(__file__).parent / "migrations"
SESSION_S = 0.5


@dataclass(frozen=True, slots=True)
class World:
    """What a role needs to find its way; it travels to the role's process.

    Attributes
    ----------
    directory
        Where the roles write their logs.
    sender, receiver
        URLs of the services' databases.
    sender_audit, receiver_audit
        The same databases, seen whole.
    event_log
        As in `GREENCHAIN_EVENT_LOG`.
    session_s
        How long a silent member of the group is waited for [s].
    """

    directory: Path
    sender: str
    receiver: str
    sender_audit: str
    receiver_audit: str
    event_log: str
    topic: str
    session_s: float

    @property
    def dead_letter_topic(self) -> str:
        """Where the receiver puts what it cannot handle."""
        return f"{self.topic}.dead-letter"

    @property
    def group(self) -> str:
        """The receiver's consumer group."""
        return f"{self.topic}.receiver"

    @contextmanager
    def open_log(self) -> Iterator[EventLog]:
        """Open the event log."""
        scheme, _, place = self.event_log.partition(":")
        log: EventLog = (
            KafkaEventLog([place], KafkaSettings(session_s=self.session_s))
            if scheme == "kafka"
            else LocalEventLog(place, session_s=self.session_s)
        )
        try:
            yield log
        finally:
            log.close()


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape of the platform, in which worlds can be made.

    Attributes
    ----------
    event_log
        As in `GREENCHAIN_EVENT_LOG`; ``{directory}`` stands for the world's directory.
    partitions
        Of the topic; fewer than keys by default, so that keys share some.
    session_s
        How long a dead member of a group is waited for [s]; by default the least that the broker
        of `deploy/kafka` allows.
    """

    databases: Databases
    event_log: str
    partitions: int = 3
    session_s: float = SESSION_S

    @contextmanager
    def world(self, directory: Path) -> Iterator[World]:
        """Make a world; its databases are gone afterwards."""
        with ExitStack() as stack:
            sender, receiver = (self.databases.make(MIGRATIONS) for _ in range(2))
            stack.callback(sender.close)
            stack.callback(receiver.close)
            made = World(
                directory=directory,
                sender=sender.url,
                receiver=receiver.url,
                sender_audit=str(sender.everything.engine.url),
                receiver_audit=str(receiver.everything.engine.url),
                event_log=self.event_log.format(directory=directory),
                topic=f"delivery-{new_id()}",
                session_s=self.session_s,
            )
            with made.open_log() as log:
                log.create_topics(
                    [
                        TopicSpec(made.topic, self.partitions, FOR_EVER),
                        TopicSpec(made.dead_letter_topic, 1, FOR_EVER),
                    ]
                )
            yield made
