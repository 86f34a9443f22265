"""The topics of the platform. What they carry is described in `proto/asyncapi.yaml`."""

from datetime import timedelta

from chassis.eventlog import TopicSpec

#: Consumers of one group that can share a topic's work.
PARTITIONS = 6
#: Events of record: a consumer that joins later must be able to read them all.
FOR_EVER = None
#: Dead letters are looked at by people; three months outlast a holiday and a release.
DEAD_LETTERS_KEPT = timedelta(days=90)

TOPICS = (
    TopicSpec("supplier.calculation", PARTITIONS, FOR_EVER),
    TopicSpec("supplier.declaration", PARTITIONS, FOR_EVER),
    TopicSpec("supplier.grant", PARTITIONS, FOR_EVER),
    TopicSpec("footprint.footprint", PARTITIONS, FOR_EVER),
    TopicSpec("certification.record", PARTITIONS, FOR_EVER),
    # Where each record stands now, for who does not need to know how it got there.
    TopicSpec("certification.record-state", PARTITIONS, FOR_EVER, compacted=True),
    TopicSpec("supplier.dead-letter", 1, DEAD_LETTERS_KEPT),
    TopicSpec("footprint.dead-letter", 1, DEAD_LETTERS_KEPT),
    TopicSpec("certification.dead-letter", 1, DEAD_LETTERS_KEPT),
)


def dead_letter_topic(service: str) -> str:
    """Return where a service puts the events that it could not handle."""
    return f"{service}.dead-letter"
