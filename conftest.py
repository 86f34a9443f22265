"""What every test run shares: the parts with their time budgets, and what the machine must have.

A test belongs to the part that a directory of its path names (`unit` where none does). With
REQUIRE_ALL=1, as continuous integration runs, a part that takes longer than its budget fails the
run, and so does a test whose needs the machine does not meet; otherwise such a test is deselected
and the closing lines say why.
"""

import os
import shutil
import signal
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.databases import Databases, FreshDatabase, MakeDatabase

    from greenchain_kafka.broker import Broker
    from greenchain_postgres.server import PostgresServer

# Before anything imports NumPy: on matrices as small as these its threads only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# bw2data opens a project wherever it is imported: not among those of whoever runs the tests.
PROJECTS = TemporaryDirectory(prefix="greenchain-brightway-")
# Not by BRIGHTWAY2_DIR: it says on its output that it found that.
os.environ["XDG_DATA_HOME"] = PROJECTS.name

ROOT = Path(__file__).parent
REQUIRE_ALL = os.environ.get("REQUIRE_ALL") == "1"

# Wall time a part may take in continuous integration [s], in the order in which the parts run: some
# twice what it takes. All together have what `.ci/run` gives to `make test`.
BUDGETS = {"unit": 240, "architecture": 240, "integration": 1200, "e2e": 900, "delivery": 720}
PART_OF_DIRECTORY = {
    "architecture": "architecture",
    "contract": "integration",
    "delivery": "delivery",
    "integration": "integration",
    "e2e": "e2e",
}


@cache
def runs_kafka() -> bool:
    """Tell whether the machine has the programs that an Apache Kafka broker needs."""
    from chassis.errors import GreenchainError
    from greenchain_kafka import jars

    try:
        jars.check_programs()
    except GreenchainError:
        return False
    return True


# What a test may need of the machine: whether it is there, and how to get it.
NEEDS: dict[str, tuple[Callable[[], bool], str]] = {
    "git": (
        lambda: shutil.which("git") is not None and (ROOT / ".git").exists(),
        "a git clone and git: apt-get install git",
    ),
    "node": (
        lambda: shutil.which("node") is not None and (ROOT / "node_modules").is_dir(),
        "Node with the npm tools: apt-get install nodejs npm, then npm ci",
    ),
    "kafka": (
        runs_kafka,
        "what an Apache Kafka broker needs: apt-get install openjdk-17-jre-headless maven",
    ),
    "brightway": (
        lambda: all(find_spec(name) is not None for name in ("bw2data", "bw2io")),
        "bw2data and bw2io, which read Brightway projects and EcoSpold2: make setup",
    ),
}

# A deadline per example would measure the machine, not the code.
settings.register_profile("greenchain", deadline=None)
settings.load_profile("greenchain")

left_out: dict[str, int] = defaultdict(int)
spent: dict[str, float] = defaultdict(float)


def part_of(item: pytest.Item) -> str:
    """Return the part that the test's directories name."""
    directories = item.path.relative_to(ROOT).parts[:-1]
    return next((PART_OF_DIRECTORY[d] for d in directories if d in PART_OF_DIRECTORY), "unit")


def missing(item: pytest.Item) -> list[str]:
    """Return what the test needs and the machine lacks."""
    wanted = {name for marker in item.iter_markers("needs") for name in marker.args}
    wanted |= set(getattr(item, "fixturenames", ())) & NEEDS.keys()
    return sorted(name for name in wanted if not NEEDS[name][0]())


def pytest_sessionstart() -> None:
    """Let SIGTERM, which ends a part that takes too long, stop what the fixtures have started."""

    def end(number: int, _frame: FrameType | None) -> None:
        # It comes twice, from `timeout` and from `make`, and stopping is not to be cut short.
        signal.signal(number, lambda *_: None)
        pytest.exit("ended by SIGTERM", returncode=128 + number)

    signal.signal(signal.SIGTERM, end)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(
    config: pytest.Config, items: list[pytest.Item]
) -> Generator[None, None, None]:
    """Mark each test with its part, order the parts, deselect what the machine cannot run.

    The marks come before `-m` chooses by them; what is left out is counted among what it chose.
    """
    for item in items:
        item.add_marker(part_of(item))
        if "kernels" in item.path.parts:
            item.add_marker("kernels")
    items.sort(key=lambda item: list(BUDGETS).index(part_of(item)))
    yield
    if REQUIRE_ALL:
        return
    lacking = [item for item in items if missing(item)]
    for item in lacking:
        left_out[missing(item)[0]] += 1
    config.hook.pytest_deselected(items=lacking)
    items[:] = [item for item in items if item not in lacking]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Under REQUIRE_ALL=1 a missing part of the machine is a failure."""
    for name in missing(item):
        pytest.fail(f"REQUIRE_ALL=1, but this machine lacks {NEEDS[name][1]}", pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Add the test's time to its part and stop the run when the part has used up its budget."""
    started = time.monotonic()
    try:
        return (yield)
    finally:
        part = part_of(item)
        spent[part] += time.monotonic() - started
        if REQUIRE_ALL and spent[part] > BUDGETS[part]:
            item.session.shouldfail = f"part {part} exceeded its budget of {BUDGETS[part]} s"


@pytest.fixture(scope="session")
def postgres() -> Iterator["PostgresServer"]:
    """Give a PostgreSQL server of this run; whoever wants a database makes one."""
    from greenchain_postgres.server import PostgresServer

    # Not below pytest's folder: every run shuts that to others, and for root the server is one.
    with (
        TemporaryDirectory(prefix="greenchain-postgres-") as directory,
        PostgresServer(Path(directory) / "data") as server,
    ):
        yield server


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def databases(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> "Databases":
    """Give a maker of databases: each test that asks runs on both kinds."""
    from tests.databases import PostgresDatabases, SqliteDatabases

    if request.param == "sqlite":
        return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))
    return PostgresDatabases(request.getfixturevalue("postgres"))


@pytest.fixture
def make_database(databases: "Databases") -> Iterator["MakeDatabase"]:
    """Give what makes a database of this test, migrated by the scripts of a service."""
    made: list[FreshDatabase] = []

    def make(migrations: Path) -> "FreshDatabase":
        made.append(databases.make(migrations))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Broker"]:
    """Give an Apache Kafka broker of this run; whoever wants topics makes some of their own."""
    from greenchain_kafka.broker import Broker

    with Broker(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how long each part took and what was left out."""
    terminalreporter.section("parts")
    for part in (part for part in BUDGETS if part in spent):
        terminalreporter.line(f"{part}: {spent[part]:.0f} s of {BUDGETS[part]} s")
    for name, count in sorted(left_out.items()):
        terminalreporter.line(f"left out: {count} tests; this machine lacks {NEEDS[name][1]}")
