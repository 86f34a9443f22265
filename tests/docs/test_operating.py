"""What `docs/operating.md` tells operators to type fits the code, the images and the topics."""

import argparse
import re
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from dotenv import dotenv_values
from sqlalchemy.engine import make_url
from tests.docs.commands import calls_of, stand_in
from tests.docs.markdown import document, marked_block, marked_table
from tests.docs.test_settings import SERVICES, listed

from chassis import postgresql
from chassis.eventlog import TopicSpec
from chassis.topics import TOPICS

PAGE = document("docs/operating.md")

# What the page's `docker` does here: an issuer's directory is one of this machine's.
ISSUER = """
if sys.argv[1] == "run":
    from greenchain_cli import main
    os.environ["GREENCHAIN_STATE_DIR"] = os.path.abspath("issuer")
    sys.exit(main.run(sys.argv[sys.argv.index("issuer"):]))
"""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    folder = tmp_path / "programs"
    folder.mkdir()
    return folder


def test_the_environment_file_has_what_compose_asks_for(tmp_path: Path, programs: Path) -> None:
    (tmp_path / "deploy").mkdir()
    stand_in(programs, "docker", ISSUER)
    calls = calls_of(marked_block(PAGE, "check: compose"), tmp_path, programs)
    assert [call[1] for call in calls] == ["build", "volume", "run", "run", "compose"]
    assert calls[-1][1:4] == ["compose", "--file", "deploy/compose.yaml"]

    written = tmp_path / "deploy/.env"
    assert written.stat().st_mode & 0o077 == 0
    values = dotenv_values(written)
    asked = set(re.findall(r"\$\{(\w+)", document("deploy/compose.yaml")))
    assert set(values) == asked
    assert all(values.values())
    assert str(values["GREENCHAIN_CERTIFICATION_SIGNING_KEY"]).startswith("{")


def test_variables_that_are_named_are_settings() -> None:
    named = set(re.findall(r"\bGREENCHAIN_[A-Z_]+[A-Z]\b", PAGE))
    assert named - set(listed(SERVICES)) == set()


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


def test_topics_made_by_hand_are_those_of_the_platform(tmp_path: Path, programs: Path) -> None:
    stand_in(programs, "kafka-topics.sh")
    options = argparse.ArgumentParser()
    for name in ("bootstrap-server", "command-config", "topic", "partitions"):
        options.add_argument(f"--{name}", required=True)
    options.add_argument("--replication-factor", type=int)
    options.add_argument("--config", action="append")
    for name in ("create", "if-not-exists"):
        options.add_argument(f"--{name}", action="store_true", required=True)

    made = {}
    for call in calls_of(marked_block(PAGE, "check: make-topics"), tmp_path, programs):
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
