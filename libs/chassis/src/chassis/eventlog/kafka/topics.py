"""The topics of a Kafka cluster: made as the platform wants them, never changed."""

import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType
from kafka.errors import NoError, TopicAlreadyExistsError, UnknownTopicOrPartitionError, for_code

from chassis.errors import GreenchainError, Kind
from chassis.eventlog import TopicSpec
from chassis.eventlog.kafka.cluster import Cluster

_POLICY = "cleanup.policy"


@dataclass(eq=False)
class TopicDiffers(GreenchainError):
    """A topic exists, but not as the platform needs it."""

    code: ClassVar[str] = "eventlog.topic.differs"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "Topic {topic} has {what} {found}, but {wanted} is needed. Change it: {command}"
    )
    zh: ClassVar[str] = "主题 {topic} 的 {what} 为 {found}，但需要 {wanted}。请修改：{command}"

    topic: str
    what: str
    found: str
    wanted: str
    command: str


class Topics:
    """The topics of a cluster; used by many threads."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._guard = threading.Lock()
        self._wanted: dict[str, TopicSpec] = {}
        self._known: set[str] = set()

    def want(self, specs: Iterable[TopicSpec]) -> None:
        """Remember topics that have to be there before the cluster is used."""
        with self._guard:
            self._wanted.update((spec.name, spec) for spec in specs)

    def ensure(self) -> None:
        """Create the wanted topics that are missing; look at those that are not.

        Raises
        ------
        TopicDiffers
            If a topic has too few partitions or another cleanup policy.
        """
        with self._guard:
            if self._wanted:
                with self._cluster.administrator() as administrator:
                    _create_or_compare(administrator, self._wanted)
                self._known |= self._wanted.keys()
                self._wanted = {}

    def unknown(self, names: Collection[str]) -> set[str]:
        """Return which of the topics the cluster does not have."""
        self.ensure()
        missing = set(names) - self._known
        if missing:
            with self._cluster.administrator() as administrator:
                found = partitions_of(administrator, missing).keys()
            with self._guard:
                self._known |= found
            missing -= found
        return missing

    def forget(self, names: Iterable[str]) -> None:
        """Look for these topics before they are used again: they may have been deleted."""
        with self._guard:
            self._known.difference_update(names)


def partitions_of(administrator: KafkaAdminClient, names: Collection[str]) -> dict[str, int]:
    """Count the partitions of those topics that exist."""
    found = {}
    for topic in administrator.describe_topics(sorted(names)):
        error = for_code(topic["error_code"])
        if error is NoError:
            found[topic["name"]] = len(topic["partitions"])
        elif error is not UnknownTopicOrPartitionError:
            raise error(topic["name"])
    return found


def _create_or_compare(administrator: KafkaAdminClient, wanted: Mapping[str, TopicSpec]) -> None:
    found = partitions_of(administrator, wanted)
    missing = {name: _description(wanted[name]) for name in wanted.keys() - found.keys()}
    if missing:
        answer = administrator.create_topics(missing, raise_errors=False)
        for topic in answer["topics"]:
            error = for_code(topic["error_code"])
            # Another service may have been first.
            if error not in (NoError, TopicAlreadyExistsError):
                raise error(topic["error_message"])
        administrator.wait_for_topics(list(missing))
    if found:
        policies = _policies(administrator, found)
        for name, partitions in found.items():
            _compare(wanted[name], partitions, policies.get(name))


def _description(spec: TopicSpec) -> dict[str, Any]:
    kept_ms = -1 if spec.retention is None else int(spec.retention.total_seconds() * 1000)
    configs = {_POLICY: _policy(spec), "retention.ms": str(kept_ms)}
    # How many copies there are is the cluster's own decision.
    return {"num_partitions": spec.partitions, "replication_factor": -1, "configs": configs}


def _policy(spec: TopicSpec) -> str:
    return "compact" if spec.compacted else "delete"


def _policies(administrator: KafkaAdminClient, names: Collection[str]) -> dict[str, str]:
    """Return the cleanup policies of the topics whose settings we may see."""
    asked = [ConfigResource(ConfigResourceType.TOPIC, name, {_POLICY: None}) for name in names]
    described = administrator.describe_configs(asked, config_filter="all").get("topic", {})
    return {name: each[_POLICY]["value"] for name, each in described.items() if _POLICY in each}


def _compare(spec: TopicSpec, partitions: int, policy: str | None) -> None:
    name = spec.name
    if partitions < spec.partitions:
        raise TopicDiffers(
            topic=name,
            what="partitions",
            found=str(partitions),
            wanted=str(spec.partitions),
            command=f"kafka-topics.sh --alter --topic {name} --partitions {spec.partitions}",
        )
    if policy is not None and policy != _policy(spec):
        raise TopicDiffers(
            topic=name,
            what=_POLICY,
            found=policy,
            wanted=_policy(spec),
            command=(
                f"kafka-configs.sh --alter --entity-type topics --entity-name {name} "
                f"--add-config {_POLICY}={_policy(spec)}"
            ),
        )
