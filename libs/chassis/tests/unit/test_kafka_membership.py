"""Where a member has to know better than the library."""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
from kafka.errors import (
    KafkaConnectionError,
    KafkaError,
    SaslAuthenticationFailedError,
    UnknownMemberIdError,
)
from kafka.structs import ConsumerGroupMetadata, MemberState

from chassis.eventlog.kafka import membership
from chassis.eventlog.kafka.cluster import Cluster
from chassis.eventlog.kafka.membership import Membership
from chassis.eventlog.kafka.refusals import LoginRefused
from chassis.settings import KafkaSettings


class Library:
    """A consumer of the library that does as it is told."""

    def __init__(self) -> None:
        self.state = MemberState.STABLE
        self.rejoined = 0
        self.closed = False
        self.answer: Callable[[], dict[Any, Any]] = dict
        self._coordinator = self

    def subscribe(self, topics: list[str], listener: object) -> None: ...

    def poll(self, timeout_ms: int, max_records: int) -> dict[Any, Any]:
        return self.answer()

    def group_metadata(self) -> ConsumerGroupMetadata:
        return ConsumerGroupMetadata(state=self.state)

    def request_rejoin(self) -> None:
        self.rejoined += 1

    def close(self, autocommit: bool, timeout_ms: int) -> None:
        self.closed = True


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.fixture
def member(library: Library, monkeypatch: pytest.MonkeyPatch) -> Membership:
    monkeypatch.setattr(Cluster, "open", lambda *_, **__: library)
    monkeypatch.setattr(membership, "_GLANCE_S", 0.01)
    cluster = Cluster(["broker:9092"], KafkaSettings())
    return Membership(
        cluster, "g", ["t"], session_s=10.0, poll_interval_s=300.0, left=lambda _: None
    )


def failing(error: Exception) -> Callable[..., dict[Any, Any]]:
    def fail(*_: object) -> dict[Any, Any]:
        raise error

    return fail


def test_a_settled_member_does_not_join_anew(library: Library, member: Membership) -> None:
    assert member.poll(0.1, 1) == []
    assert library.rejoined == 0


def test_a_join_that_outlasts_a_poll_is_not_forgotten(library: Library, member: Membership) -> None:
    library.state = MemberState.REBALANCING
    assert member.poll(0.1, 1) == []
    assert library.rejoined == 1


def test_a_failure_that_passes_is_a_poll_without_records(
    library: Library, member: Membership
) -> None:
    library.answer = failing(KafkaConnectionError("socket disconnected"))
    assert member.poll(0.1, 1) == []
    assert library.rejoined == 1


def test_a_failure_that_passes_is_told_with_what_the_library_says(
    library: Library, member: Membership, caplog: pytest.LogCaptureFixture
) -> None:
    spoken = logging.getLogger("kafka.membership")
    spoken.addHandler(caplog.handler)
    library.answer = failing(KafkaConnectionError("no coordinator"))
    member.poll(0.1, 1)
    spoken.removeHandler(caplog.handler)
    assert "group g reads nothing" in caplog.text
    assert "no coordinator" in caplog.text


@pytest.mark.parametrize("error", [UnknownMemberIdError("gone"), RuntimeError("unforeseen")])
def test_who_cannot_leave_a_group_closes_all_the_same(
    library: Library, member: Membership, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    monkeypatch.setattr(Cluster, "administrator", failing(error))
    library.state = MemberState.REBALANCING
    with nullcontext() if isinstance(error, KafkaError) else pytest.raises(RuntimeError):
        member.close()
    assert library.closed


def test_a_failure_that_does_not_pass_is_told_in_our_words(
    library: Library, member: Membership
) -> None:
    library.answer = failing(SaslAuthenticationFailedError("wrong password"))
    with pytest.raises(LoginRefused):
        member.poll(0.1, 1)
