"""The event log in an Apache Kafka cluster.

`log` is the event log, `membership` a member of a consumer group, `topics` what the cluster has to
hold, `cluster` the way to it, `refusals` what its errors mean to us, and `outage` tells once of a
cluster that does not answer.
"""

from chassis.eventlog.kafka.log import KafkaEventLog

__all__ = ["KafkaEventLog"]
