"""The figures of `docs/scaling.md` are those of the code."""

import inspect
import re

import pytest
from tests.docs.markdown import document

from chassis import postgresql
from chassis.outbox import Relay
from chassis.topics import PARTITIONS

PAGE = document("docs/scaling.md")


def default(name: str) -> float:
    value: float = inspect.signature(Relay).parameters[name].default
    return value


@pytest.mark.parametrize(
    ("pattern", "value"),
    [
        (r"by up to (\d+) replicas", PARTITIONS),
        (r"need processors, up to (\d+)", PARTITIONS),
        (r'\["partition ([1-9]\d*)"\]', PARTITIONS - 1),
        (r"takes over within (\S+) s", default("lease_s")),
        (r"is found within (\S+) s", default("poll_s")),
        (r"holds up to (\d+) to PostgreSQL", postgresql.POOL_SIZE),
    ],
)
def test_a_figure_is_that_of_the_code(pattern: str, value: float) -> None:
    stated = re.findall(pattern, PAGE)
    assert stated
    assert {float(each) for each in stated} == {value}
