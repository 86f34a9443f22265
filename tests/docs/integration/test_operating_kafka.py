"""What `docs/operating.md` says of rights on topics and groups is enough on a real broker."""

import argparse
import time
from collections.abc import Iterator, Sequence
from contextlib import closing

import pytest
from kafka import KafkaAdminClient
from kafka.admin import (
    ACL,
    ACLFilter,
    ACLOperation,
    ACLPermissionType,
    ACLResourcePatternType,
    ResourcePattern,
    ResourcePatternFilter,
    ResourceType,
)
from pydantic import SecretStr
from tests.docs.commands import calls_of, stand_in
from tests.docs.markdown import document, marked_block

from certification.adapters.events import FOOTPRINT_TOPIC
from chassis.eventlog import LogRecord, NewRecord, Position
from chassis.eventlog.kafka import KafkaEventLog
from chassis.eventlog.kafka.refusals import NotAllowed
from chassis.settings import KafkaSettings
from chassis.topics import TOPICS
from footprint.entrypoints import consumer as of_footprint
from greenchain_kafka.broker import Broker, Ports

PAGE = document("docs/operating.md")
SERVICES = ("supplier", "footprint", "certification")
BODY = "my-body"
#: Who reads which topic as which group.
READS = (
    ("footprint", of_footprint.CALCULATIONS, of_footprint.CALCULATIONS_GROUP),
    ("footprint", of_footprint.DECLARATIONS, of_footprint.DECLARATIONS_GROUP),
    ("certification", FOOTPRINT_TOPIC, "certification"),
    (BODY, "certification.record", BODY),
)
ANY = ACLFilter(
    None,
    None,
    ACLOperation.ANY,
    ACLPermissionType.ANY,
    ResourcePatternFilter(ResourceType.ANY, None, ACLResourcePatternType.ANY),
)
PASSWORDS = {name: f"{name}-password" for name in (*SERVICES, BODY)}


def rights(call: Sequence[str]) -> Iterator[ACL]:
    """Yield what one call of ``kafka-acls.sh`` adds."""
    options = argparse.ArgumentParser()
    for name in ("bootstrap-server", "command-config", "allow-principal", "operation"):
        options.add_argument(f"--{name}", required=True)
    options.add_argument("--add", action="store_true", required=True)
    options.add_argument("--resource-pattern-type", default="literal")
    for name in ("topic", "group"):
        options.add_argument(f"--{name}", action="append", default=[])
    given = options.parse_args(call)
    pattern = ACLResourcePatternType[given.resource_pattern_type.upper()]
    for kind, names in ((ResourceType.TOPIC, given.topic), (ResourceType.GROUP, given.group)):
        for name in names:
            yield ACL(
                given.allow_principal,
                "*",
                ACLOperation[given.operation.upper()],
                ACLPermissionType.ALLOW,
                ResourcePattern(kind, name, pattern),
            )


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Give a broker with the platform's topics and the rights of the page, and no others."""
    folder = tmp_path_factory.mktemp("guarded")
    stand_in(folder, "kafka-acls.sh")
    calls = calls_of(marked_block(PAGE, "check: acls"), folder, folder)
    scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
    ports = Ports.free()
    broker = Broker(
        folder / "broker",
        ports=ports,
        protocol="SASL_PLAINTEXT",
        settings={
            "sasl.enabled.mechanisms": "SCRAM-SHA-512",
            "listener.name.client.scram-sha-512.sasl.jaas.config": scram,
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            # Whoever comes by the broker's own listener, which has no login.
            "super.users": "User:ANONYMOUS",
        },
        scram_users=PASSWORDS,
    )
    with broker:
        internal = f"127.0.0.1:{ports.internal}"
        with closing(KafkaEventLog([internal])) as log:
            log.create_topics(TOPICS)
            log.append_each([NewRecord(topic, "key", b"value") for _, topic, _ in READS])
        with closing(KafkaAdminClient(bootstrap_servers=[internal])) as administrator:
            wanted = [acl for call in calls for acl in rights(call[1:])]
            administrator.create_acls(wanted)
            # The controller has them first, the broker a moment later.
            while len(administrator.describe_acls(ANY)[0]) < len(wanted):
                time.sleep(0.1)
        yield broker


@pytest.fixture
def log(guarded: Broker, request: pytest.FixtureRequest) -> Iterator[KafkaEventLog]:
    """Give the event log as the user whom the test is about sees it."""
    user = request.node.callspec.params["user"]
    settings = KafkaSettings(
        security_protocol="SASL_PLAINTEXT",
        sasl_username=user,
        sasl_password=SecretStr(PASSWORDS[user]),
    )
    with closing(KafkaEventLog([guarded.address], settings)) as opened:
        yield opened


@pytest.mark.parametrize("user", SERVICES)
def test_a_service_writes_to_its_own_topics_and_to_no_others(user: str, log: KafkaEventLog) -> None:
    log.create_topics(TOPICS)  # as every service does: it looks whether they are there
    for spec in TOPICS:
        (found,) = log.append_each([NewRecord(spec.name, "key", b"value")])
        own = spec.name.startswith(f"{user}.")
        assert isinstance(found, Position if own else NotAllowed), spec.name


@pytest.mark.parametrize(("user", "topic", "group"), READS)
def test_a_reader_reads_its_topics_as_its_group(
    user: str, topic: str, group: str, log: KafkaEventLog
) -> None:
    def first() -> LogRecord:
        for _ in range(30):
            if found := reader.poll(1.0, 1):
                reader.commit(found)
                return found[0]
        pytest.fail("nothing came")

    unread = log.lag(group, [topic])
    with closing(log.consumer(group, [topic])) as reader:
        assert first().value == b"value"
    assert log.lag(group, [topic]) == unread - 1


@pytest.mark.parametrize(
    ("user", "topic", "group"),
    [("supplier", "footprint.footprint", "certification"), (BODY, "supplier.grant", BODY)],
)
def test_nobody_reads_what_is_not_for_them(
    user: str, topic: str, group: str, log: KafkaEventLog
) -> None:
    with pytest.raises(NotAllowed), closing(log.consumer(group, [topic])) as reader:
        reader.poll(5.0, 1)
