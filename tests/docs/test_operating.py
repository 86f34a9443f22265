"""What `docs/operating.md` tells operators to type fits the code, the images and the topics."""

import argparse
import re
from datetime import timedelta
from functools import cache
from pathlib import Path

import psycopg
import pytest
from prometheus_client.metrics import MetricWrapperBase
from sqlalchemy.engine import make_url
from tests.docs.commands import calls_of, stand_in
from tests.docs.markdown import ROOT, document, marked_block, marked_table, read
from tests.docs.test_settings import SERVICES, listed

from chassis import metrics, postgresql
from chassis.consumer import UNAVAILABLE_PAUSES_S
from chassis.eventlog import TopicSpec
from chassis.eventlog.kafka import KafkaEventLog
from chassis.eventlog.opening import open_event_log
from chassis.settings import KafkaSettings, RpcSettings
from chassis.topics import DEAD_LETTERS_KEPT, TOPICS
from footprint.entrypoints.consumer import CALCULATIONS_GROUP, DECLARATIONS_GROUP

PAGE = document("docs/operating.md")


@pytest.mark.parametrize("page", ["docs/operating.md", "docs/scaling.md"])
def test_variables_that_are_named_are_settings(page: str) -> None:
    named = set(re.findall(r"\bGREENCHAIN_[A-Z_]+[A-Z]\b", document(page)))
    assert named
    assert named - set(listed(SERVICES)) == set()


def test_the_settings_of_a_cluster_are_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = dict(re.findall(r"export (\w+)=(\S+)", marked_block(PAGE, "check: kafka")))
    (tmp_path / "ca.pem").touch()
    for name, value in {**given, "GREENCHAIN_KAFKA_CA_FILE": str(tmp_path / "ca.pem")}.items():
        monkeypatch.setenv(name, value)
    assert KafkaSettings().security_protocol == given["GREENCHAIN_KAFKA_SECURITY_PROTOCOL"]
    assert f"{KafkaSettings().sasl_mechanism} is the mechanism unless" in PAGE
    with open_event_log(given["GREENCHAIN_EVENT_LOG"], must_exist=True) as log:
        assert isinstance(log, KafkaEventLog)


def test_topics_and_groups_of_the_commands_exist() -> None:
    text = f"{PAGE}\n{document('docs/scaling.md')}"
    topics = set(re.findall(r"--topic ([a-z.-]+[a-z])\b", text))
    assert topics <= {spec.name for spec in TOPICS}
    groups = set(re.findall(r"--group (\S+)", text))
    assert groups == {CALCULATIONS_GROUP, DECLARATIONS_GROUP, "certification", "my-body"}


def test_libpq_knows_what_stands_in_the_addresses() -> None:
    urls = re.findall(r"postgresql\+psycopg://[^'`\s]+", PAGE)
    assert urls
    for url in urls:
        parameters = {name: str(value) for name, value in make_url(url).query.items()}
        assert "sslmode=verify-full" in psycopg.conninfo.make_conninfo("", **parameters)


def test_figures_of_connections_are_those_of_the_code() -> None:
    assert f"up to {postgresql.POOL_SIZE} connections" in PAGE
    assert f"above {postgresql.POOL_SIZE} × processes" in PAGE
    assert f"within {postgresql.WAIT_S:g} s" in PAGE
    provided = document("deploy/postgres/src/greenchain_postgres/provision.sql")
    assert f"lock_timeout = '{postgresql.WAIT_S:g}s'" in provided


def test_other_figures_are_those_of_the_code() -> None:
    assert f"{RpcSettings().stop_grace_s:g} s for those under way" in PAGE
    assert re.search(rf"for {DEAD_LETTERS_KEPT.days}\s+days: the record", PAGE)
    assert 0.9 < sum(UNAVAILABLE_PAUSES_S) / 3600 < 1.1
    assert "it tries for about an hour" in PAGE


def test_metrics_are_those_of_the_code() -> None:
    served = {
        f"{family.name}_total" if family.type == "counter" else family.name: set(each._labelnames)
        for each in vars(metrics).values()
        if isinstance(each, MetricWrapperBase)
        for family in each.describe()
    }
    rows = marked_table(PAGE, "check: metrics ")
    assert {row[0].strip("`"): set(re.findall(r"`(\w+)`", row[1])) for row in rows} == served
    assert set(re.findall(r"(?<!/)greenchain_\w+", PAGE)) == set(served)
    assert f"looked up every {metrics.MEASURE_S:g} s" in PAGE


@cache
def logged() -> frozenset[tuple[str, str]]:
    """Return what the sources log, each with its level."""
    sources = "\n".join(read(path) for path in ROOT.glob("libs/chassis/src/**/*.py"))
    calls = re.findall(r'\blog\.(\w+)\(\s*"([^"]+)"', sources)
    return frozenset((event, level.replace("exception", "error")) for level, event in calls)


def test_lines_of_the_log_are_those_of_the_code() -> None:
    stated = {(row[0].strip("`"), row[1]) for row in marked_table(PAGE, "check: log ")}
    assert stated - logged() == set()


def policy(spec: TopicSpec) -> str:
    return "compact" if spec.compacted else "delete"


def test_the_topics_are_those_of_the_platform() -> None:
    stated = {
        name: row[1:]
        for row in marked_table(PAGE, "check: topics ")
        for name in re.findall(r"`([^`]+)`", row[0])
    }
    kept = {None: "for ever", timedelta(days=90): "90"}
    assert stated == {
        spec.name: [
            str(spec.partitions),
            "the last of each record" if spec.compacted else kept[spec.retention],
            f"`{policy(spec)}`",
        ]
        for spec in TOPICS
    }


def test_topics_made_by_hand_are_those_of_the_platform(tmp_path: Path) -> None:
    stand_in(tmp_path, "kafka-topics.sh")
    options = argparse.ArgumentParser()
    for name in ("bootstrap-server", "command-config", "topic", "partitions"):
        options.add_argument(f"--{name}", required=True)
    options.add_argument("--replication-factor", type=int)
    options.add_argument("--config", action="append")
    for name in ("create", "if-not-exists"):
        options.add_argument(f"--{name}", action="store_true", required=True)

    made = {}
    for call in calls_of(marked_block(PAGE, "check: make-topics"), tmp_path, tmp_path):
        given = options.parse_args(call[1:])
        config = dict(each.split("=") for each in given.config)
        assert int(config.pop("min.insync.replicas")) == given.replication_factor - 1 == 2
        made[given.topic] = (int(given.partitions), config)

    def wanted(spec: TopicSpec) -> dict[str, str]:
        if spec.compacted:
            return {"cleanup.policy": "compact"}
        kept = -1 if spec.retention is None else int(spec.retention.total_seconds() * 1000)
        return {"retention.ms": str(kept)}

    assert made == {spec.name: (spec.partitions, wanted(spec)) for spec in TOPICS}
