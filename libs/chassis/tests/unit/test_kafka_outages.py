"""What is told of a Kafka cluster and of what the library says about it."""

import logging
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from chassis.clock import new_id
from chassis.errors import Unavailable
from chassis.eventlog.kafka import outage
from chassis.eventlog.kafka.outage import Outages

SERVERS = ("broker-1:9092", "broker-2:9092")


class Heard(logging.Handler):
    """What reaches those who read the logs (pytest listens to the library itself, too)."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def of_the_library(self) -> list[str]:
        return [each.getMessage() for each in self.records if not isinstance(each.msg, dict)]

    def of_ours(self) -> list[str]:
        return [each.msg["event"] for each in self.records if isinstance(each.msg, dict)]


class Cluster:
    """Answers or does not."""

    def __init__(self) -> None:
        self.answers = True
        self.asked = 0

    def ask(self) -> None:
        self.asked += 1
        if not self.answers:
            raise Unavailable(service="event log")


class Clock:
    """Stands still until a test moves it on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def pass_doubt(self) -> None:
        """Let what was said so far be old enough to be passed on."""
        self.now += outage.DOUBT_S + 0.1


@pytest.fixture
def heard(caplog: pytest.LogCaptureFixture) -> Iterator[Heard]:
    caplog.set_level("INFO")
    own = Heard()
    logging.getLogger().addHandler(own)
    yield own
    logging.getLogger().removeHandler(own)


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def library() -> logging.Logger:
    """Give a logger that stands for the library's."""
    own = logging.getLogger(new_id())
    own.setLevel("WARNING")
    return own


@pytest.fixture
def outages(
    library: logging.Logger, cluster: Cluster, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Outages]:
    monkeypatch.setattr(outage, "ASK_S", 0.01)
    own = Outages(library, clock)
    own.watch(SERVERS, cluster.ask)
    yield own
    own.forget(SERVERS, cluster.ask)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10.0
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    assert true()


def asked_anew(cluster: Cluster) -> None:
    """Wait until the cluster was asked, and what came of it was told."""
    before = cluster.asked
    until(lambda: cluster.asked >= before + 3)


@pytest.mark.usefixtures("outages")
def test_a_warning_is_passed_on_once_in_a_while_if_the_cluster_answers(
    library: logging.Logger, cluster: Cluster, clock: Clock, heard: Heard
) -> None:
    def warn(until_n: int) -> None:
        for n in range(until_n):
            library.warning("truncation of partition %s", n)

    warn(100)
    asked_anew(cluster)
    assert heard.of_the_library() == []
    clock.pass_doubt()
    until(lambda: heard.of_the_library() == ["truncation of partition 0"])
    warn(100)
    library.warning("something else")
    clock.pass_doubt()
    until(lambda: heard.of_the_library()[1:] == ["something else"])
    clock.now += outage.AGAIN_S
    warn(1)
    clock.pass_doubt()
    until(lambda: heard.of_the_library()[2:] == ["truncation of partition 0"])
    assert heard.of_ours() == []


@pytest.mark.usefixtures("outages")
def test_what_is_said_again_and_again_is_passed_on_while_it_lasts(
    library: logging.Logger, cluster: Cluster, clock: Clock, heard: Heard
) -> None:
    for _ in range(5):
        library.error("no coordinator")
        clock.now += outage.DOUBT_S / 3
        asked_anew(cluster)
    assert heard.of_the_library() == ["no coordinator"]


@pytest.mark.usefixtures("outages")
def test_an_outage_is_told_of_in_place_of_what_the_library_says(
    library: logging.Logger, cluster: Cluster, clock: Clock, heard: Heard
) -> None:
    cluster.answers = False
    library.error("connection lost")
    until(lambda: heard.of_ours() == ["event log does not answer"])
    library.error("connection refused")
    cluster.answers = True
    until(lambda: len(heard.of_ours()) == 2)
    library.error("coordinator dead")
    clock.now += outage.ECHO_S + 0.1
    library.warning("something else")
    clock.pass_doubt()
    until(lambda: bool(heard.of_the_library()))
    assert heard.of_the_library() == ["something else"]
    assert heard.of_ours()[1] == "event log answers again"


@pytest.mark.usefixtures("outages")
def test_another_outage_soon_after_is_told_of_too(
    library: logging.Logger, cluster: Cluster, heard: Heard
) -> None:
    told = heard.of_ours
    for expected in (["event log does not answer"], ["event log answers again"]) * 2:
        before = told()
        cluster.answers = expected == ["event log answers again"]
        library.error("connection lost")
        until(partial(lambda wanted: told() == wanted, [*before, *expected]))
    assert heard.of_the_library() == []


@pytest.mark.usefixtures("outages")
def test_a_cluster_that_shuts_down_in_order_is_doubted_long_enough(
    library: logging.Logger, cluster: Cluster, clock: Clock, heard: Heard
) -> None:
    library.warning("not leader any more")
    clock.now += outage.DOUBT_S - 0.1
    asked_anew(cluster)
    cluster.answers = False
    until(lambda: heard.of_ours() == ["event log does not answer"])
    assert heard.of_the_library() == []


def test_who_finds_that_nobody_answers_need_not_wait_for_the_library(
    outages: Outages, cluster: Cluster, heard: Heard
) -> None:
    cluster.answers = False
    outages.doubt()
    until(lambda: heard.of_ours() == ["event log does not answer"])


def test_a_question_that_fails_is_told_of_and_asked_again(
    outages: Outages, cluster: Cluster, monkeypatch: pytest.MonkeyPatch, heard: Heard
) -> None:
    def fail() -> None:
        raise ValueError("unforeseen")

    other = Cluster()
    monkeypatch.setattr(other, "ask", fail)
    outages.watch(("other:9092",), other.ask)
    outages.doubt()
    until(lambda: heard.of_ours() == ["event log does not answer"])
    asked_anew(cluster)
    outages.forget(("other:9092",), other.ask)


@pytest.mark.usefixtures("outages")
def test_everything_is_passed_on_to_who_debugs_but_what_logs_in(
    library: logging.Logger, cluster: Cluster, heard: Heard
) -> None:
    library.setLevel("DEBUG")
    cluster.answers = False
    library.debug("request %s", "SaslAuthenticateRequest(auth_bytes=b'hunter2')")
    library.error("connection lost")
    library.error("connection lost")
    assert heard.of_the_library() == ["login", "connection lost", "connection lost"]


def test_a_cluster_that_nobody_uses_any_more_is_out_of_the_way(
    library: logging.Logger, outages: Outages, clock: Clock, heard: Heard
) -> None:
    other = Cluster()
    outages.watch(("other:9092",), other.ask)
    other.answers = False
    outages.doubt()
    until(lambda: heard.of_ours() == ["event log does not answer"])
    outages.forget(("other:9092",), other.ask)
    library.warning("something else")
    clock.pass_doubt()
    until(lambda: heard.of_the_library() == ["something else"])


def test_what_is_said_when_no_log_is_open_is_passed_on_at_once(
    library: logging.Logger, cluster: Cluster, heard: Heard
) -> None:
    own = Outages(library)
    own.watch(SERVERS, cluster.ask)
    own.forget(SERVERS, cluster.ask)
    library.warning("too late")
    assert heard.of_the_library() == ["too late"]
