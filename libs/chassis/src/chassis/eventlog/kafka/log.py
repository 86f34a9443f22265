"""The event log in an Apache Kafka cluster."""

import time
from collections.abc import Mapping, Sequence

from kafka import KafkaAdminClient, OffsetSpec, TopicPartition
from kafka.errors import RetriableError

from chassis.errors import Unavailable
from chassis.eventlog import LogConsumer, NewRecord, Position, TopicSpec, UnknownTopic
from chassis.eventlog.kafka.cluster import Cluster
from chassis.eventlog.kafka.membership import Membership
from chassis.eventlog.kafka.outage import OUTAGES
from chassis.eventlog.kafka.sending import Sender
from chassis.eventlog.kafka.topics import Topics, partitions_of
from chassis.settings import KafkaSettings

#: How long a member may go without `poll` and `remain` until it is taken for stuck [s].
POLL_INTERVAL_S = 300.0
_COORDINATOR_S = 5.0
_GLANCE_S = 0.1


class KafkaEventLog:
    """The event log in a Kafka cluster; connects when it is used.

    Parameters
    ----------
    servers
        ``host:port`` of some brokers.
    settings
        How to log in, and after how long a silent member is taken for dead.
    """

    def __init__(
        self,
        servers: Sequence[str],
        settings: KafkaSettings | None = None,
        *,
        poll_interval_s: float = POLL_INTERVAL_S,
    ) -> None:
        self._settings = settings or KafkaSettings()
        self._poll_interval_s = poll_interval_s
        self._cluster = Cluster(servers, self._settings)
        self._topics = Topics(self._cluster)
        self._sender = Sender(self._cluster)
        self._members: set[Membership] = set()
        self._closed = False
        OUTAGES.watch(self._cluster.servers, self._cluster.ask)

    def create_topics(self, specs: Sequence[TopicSpec]) -> None:
        """Create the topics that do not exist yet.

        If the cluster does not answer now, they are created when it is used.
        """
        self._topics.want(specs)
        self._topics.ensure()

    def append(
        self, topic: str, key: str, value: bytes, headers: Mapping[str, bytes] | None = None
    ) -> Position:
        """Append a record; returns once all replicas in sync have it."""
        (appended,) = self.append_each([NewRecord(topic, key, value, headers or {})])
        if isinstance(appended, Exception):
            raise appended
        return appended

    def append_each(self, records: Sequence[NewRecord]) -> list[Position | Exception]:
        """Append records at once; returns where each stands, or why it was not acknowledged."""
        unknown = self._topics.unknown({record.topic for record in records})
        sent = iter(self._sender.send([each for each in records if each.topic not in unknown]))
        outcomes = [
            UnknownTopic(topic=each.topic) if each.topic in unknown else next(sent)
            for each in records
        ]
        self._topics.forget(
            record.topic
            for record, outcome in zip(records, outcomes, strict=True)
            if isinstance(outcome, Unavailable)
        )
        return outcomes

    def consumer(self, group: str, topics: Sequence[str]) -> LogConsumer:
        """Join a group; it starts at the earliest record that the group has not committed."""
        for topic in self._topics.unknown(topics):
            raise UnknownTopic(topic=topic)
        joined = Membership(
            self._cluster,
            group,
            topics,
            session_s=self._settings.session_s,
            poll_interval_s=self._poll_interval_s,
            left=self._members.discard,
        )
        self._members.add(joined)
        return joined

    def lag(self, group: str, topics: Sequence[str]) -> int:
        """Count the offsets of the topics that the group has not committed."""
        with self._cluster.administrator() as administrator:
            found = partitions_of(administrator, topics)
            for topic in topics:
                if topic not in found:
                    raise UnknownTopic(topic=topic)
            asked = [
                TopicPartition(topic, n) for topic, count in found.items() for n in range(count)
            ]
            committed = _committed(administrator, group, asked)
            begin = administrator.list_partition_offsets(dict.fromkeys(asked, OffsetSpec.EARLIEST))
            end = administrator.list_partition_offsets(dict.fromkeys(asked, OffsetSpec.LATEST))
        return sum(
            end[each].offset - max(begin[each].offset, committed.get(each, 0)) for each in asked
        )

    def close(self) -> None:
        """Leave all groups and close the connections."""
        for member in list(self._members):
            member.close()
        self._sender.close()
        if not self._closed:
            self._closed = True
            OUTAGES.forget(self._cluster.servers, self._cluster.ask)


def _committed(
    administrator: KafkaAdminClient, group: str, asked: Sequence[TopicPartition]
) -> dict[TopicPartition, int]:
    """Return up to where the group has committed; -1 where it never has."""
    end = time.monotonic() + _COORDINATOR_S
    while True:
        try:
            found = administrator.list_group_offsets({group: asked})[group]
            return {partition: each.offset for partition, each in found.items()}
        except RetriableError:
            # The cluster looks for somebody to look after groups, the first time they are used.
            if time.monotonic() > end:
                raise
            time.sleep(_GLANCE_S)
