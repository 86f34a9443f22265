"""A member of a consumer group of a Kafka cluster.

The group gives partitions to a member and takes them away while it polls, and only then. A tenure
is the time between the two. What was delivered in an earlier tenure cannot be committed in a later
one: the records come again.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer, OffsetAndMetadata, TopicPartition
from kafka.admin import MemberToRemove
from kafka.coordinator.assignors.cooperative_sticky import CooperativeStickyAssignor
from kafka.errors import CommitFailedError, KafkaError, RebalanceInProgressError
from kafka.structs import MemberState

from chassis.errors import GreenchainError, Unavailable
from chassis.eventlog import FencedConsumer, LogRecord
from chassis.eventlog.kafka.cluster import Cluster
from chassis.eventlog.kafka.refusals import SERVICE, translated
from chassis.logging import get_logger

log = get_logger(__name__)
#: Heard with the library: nobody is told while the cluster does not answer, else once in a while.
_library = logging.getLogger("kafka.membership")

_COMMIT_S = 10.0
_CLOSE_S = 2.0
#: How long `remain` waits for the other members of a group that is being shared out anew [s].
_SHARE_S = 3.0
_GLANCE_S = 0.1
_HEARTBEAT_S = 1.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class _Tenure:
    """What was delivered of a partition since the group gave it to this member.

    Attributes
    ----------
    committed, delivered
        The offsets up to which records are committed and delivered, as far as known here.
    """

    committed: int
    delivered: int


class Membership(ConsumerRebalanceListener):  # type: ignore[misc]  # the library is untyped
    """One member of a group; see `chassis.eventlog.LogConsumer`."""

    def __init__(
        self,
        cluster: Cluster,
        group: str,
        topics: Sequence[str],
        *,
        session_s: float,
        poll_interval_s: float,
        left: Callable[["Membership"], None],
    ) -> None:
        self._cluster = cluster
        self._group = group
        self._left = left
        self._tenures: dict[TopicPartition, _Tenure] = {}
        self._remaining = False
        self._closed = False
        self._consumer = cluster.open(
            KafkaConsumer,
            f"greenchain-{group}",
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            partition_assignment_strategy=[CooperativeStickyAssignor],
            session_timeout_ms=int(session_s * 1000),
            heartbeat_interval_ms=int(min(_HEARTBEAT_S, session_s / 4) * 1000),
            max_poll_interval_ms=int(poll_interval_s * 1000),
            metrics_enabled=False,
        )
        self._consumer.subscribe(topics=list(dict.fromkeys(topics)), listener=self)

    def poll(self, timeout_s: float, max_records: int) -> list[LogRecord]:
        """Return the next records, in order per partition; empty when none came in time."""
        return [
            _record(each)
            for partition, records in self._poll(timeout_s, max_records).items()
            for each in self._delivered(partition, records)
        ]

    def commit(self, records: Sequence[LogRecord]) -> None:
        """Do not deliver these records, nor earlier ones of their partitions, again."""
        end = time.monotonic() + _COMMIT_S
        while offsets := self._uncommitted(records):
            try:
                self._commit(offsets)
            except RebalanceInProgressError as error:
                # A member that has asked to join anew can say nothing until it has.
                if time.monotonic() > end:
                    raise Unavailable(service=SERVICE) from error
                self.remain()

    def remain(self, records: Sequence[LogRecord] = ()) -> None:
        """Stay a member while records take long."""
        self._remaining = True
        self._consumer.pause(*self._consumer.assignment())
        try:
            end = time.monotonic() + _SHARE_S
            self._poll(_GLANCE_S, 1)
            while self._joining and time.monotonic() < end:
                self._poll(_GLANCE_S, 1)
        finally:
            self._remaining = False
            self._consumer.resume(*self._consumer.paused())
        for record in records:
            self._tenure(TopicPartition(record.topic, record.partition))

    def close(self) -> None:
        """Leave the group; what was not committed goes to the other members."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._joining:
                self._leave()
        finally:
            self._left(self)
            try:
                self._consumer.close(autocommit=False, timeout_ms=int(_CLOSE_S * 1000))
            except KafkaError as error:
                log.info("group not left", group=self._group, error=str(error))

    # The library calls these three in its own thread, while this one waits in `poll` or `close`.

    def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Begin a tenure with the first record that is delivered."""
        if self._remaining:
            self._consumer.pause(*assigned)

    def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """End the tenures of the partitions."""
        for partition in revoked:
            self._tenures.pop(partition, None)

    def on_partitions_lost(self, lost: set[TopicPartition]) -> None:
        """End the tenures of partitions that others may read already."""
        self.on_partitions_revoked(lost)

    @property
    def _joining(self) -> bool:
        return bool(self._consumer.group_metadata().state == MemberState.REBALANCING)

    def _leave(self) -> None:
        """Leave by another connection: the own one is silent until all members have joined."""
        member = MemberToRemove(self._consumer.group_metadata().member_id)
        try:
            with self._cluster.administrator() as administrator:
                administrator.remove_group_members(self._group, [member])
        except (GreenchainError, KafkaError) as error:
            log.info("group not left", group=self._group, error=str(error))

    def _poll(self, timeout_s: float, max_records: int) -> dict[TopicPartition, list[Any]]:
        found: dict[TopicPartition, list[Any]] = {}
        try:
            found = self._consumer.poll(timeout_ms=int(timeout_s * 1000), max_records=max_records)
        except KafkaError as error:
            meaning = translated(error)
            if not isinstance(meaning, Unavailable):
                raise meaning from error
            _library.warning("group %s reads nothing: %r", self._group, error)
            # Nothing came in time. The library may have stopped to tell that this member lives:
            # it begins again when it joins.
            self._consumer._coordinator.request_rejoin()
            time.sleep(min(timeout_s, _GLANCE_S))
        if self._joining:
            # Where the leader has begun to join because its topics have changed, the library
            # forgets that it has when a poll ends first, and is silent for ever.
            self._consumer._coordinator.request_rejoin()
        return found

    def _delivered(self, partition: TopicPartition, records: list[Any]) -> list[Any]:
        if records:
            tenure = self._tenures.setdefault(partition, _Tenure(records[0].offset, 0))
            tenure.delivered = records[-1].offset + 1
        return records

    def _tenure(self, partition: TopicPartition, offset: int = -1) -> _Tenure:
        """Return the present tenure of a partition, in which `offset` was delivered.

        The broker refuses a member that is out of the group, but not one that is in it and has
        given the partition away: this has to be known here.
        """
        tenure = self._tenures.get(partition)
        if tenure is None or offset >= tenure.delivered:
            raise FencedConsumer(
                group=self._group, topic=partition.topic, partition=partition.partition
            )
        return tenure

    def _uncommitted(self, records: Sequence[LogRecord]) -> dict[TopicPartition, int]:
        """Return what has to be committed for these records, all of them ours."""
        wanted: dict[TopicPartition, int] = {}
        for record in records:
            partition = TopicPartition(record.topic, record.partition)
            tenure = self._tenure(partition, record.offset)
            # A commit of earlier records takes nothing back.
            if record.offset >= max(tenure.committed, wanted.get(partition, 0)):
                wanted[partition] = record.offset + 1
        return wanted

    def _commit(self, offsets: dict[TopicPartition, int]) -> None:
        try:
            self._consumer.commit(
                {partition: OffsetAndMetadata(end, "", -1) for partition, end in offsets.items()},
                timeout_ms=int(_COMMIT_S * 1000),
            )
        except CommitFailedError as error:
            if isinstance(error.args[0], RebalanceInProgressError):
                raise error.args[0] from error
            # Out of the group: all tenures have ended, and the next poll begins new ones.
            (topic, partition), *_ = offsets
            self._tenures.clear()
            raise FencedConsumer(group=self._group, topic=topic, partition=partition) from error
        except RebalanceInProgressError:
            raise
        except KafkaError as error:
            raise translated(error) from error
        for partition, end in offsets.items():
            self._tenures[partition].committed = end


def _record(found: Any) -> LogRecord:
    return LogRecord(
        topic=found.topic,
        partition=found.partition,
        offset=found.offset,
        # Others may write to a topic, too; what they write is told from ours by its content.
        key=(found.key or b"").decode(errors="replace"),
        value=found.value or b"",
        timestamp=_EPOCH + timedelta(milliseconds=found.timestamp),
        headers={name: value or b"" for name, value in found.headers},
    )
