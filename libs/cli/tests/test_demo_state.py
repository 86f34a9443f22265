"""The demonstration empties its own directory and no other."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from greenchain_cli.demo import left_over, state
from greenchain_local.state import LOCK_NAME, StateInUse, exclusive


def test_an_earlier_demonstration_is_wiped(tmp_path: Path) -> None:
    directory = state.fresh(tmp_path / "demo")
    (directory / "summary.json").write_text("{}")
    (directory / "databases").mkdir()
    (directory / "databases" / "old.db").write_text("")

    state.fresh(directory)

    assert {entry.name for entry in directory.iterdir()} == {state.MARKER, LOCK_NAME}


def test_a_demonstration_that_still_runs_is_left_alone(tmp_path: Path) -> None:
    directory = state.fresh(tmp_path / "demo")
    (directory / "summary.json").write_text("{}")

    with exclusive(directory), pytest.raises(StateInUse):
        state.fresh(directory)

    assert (directory / "summary.json").exists()


def test_a_directory_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    precious = tmp_path / "precious.txt"
    precious.write_text("mine")

    with pytest.raises(state.NotADemoDirectory):
        state.fresh(tmp_path)

    assert precious.read_text() == "mine"


def test_a_link_to_a_directory_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "real")

    with pytest.raises(state.NotADemoDirectory):
        state.fresh(link)


def test_a_link_inside_is_removed_and_its_target_stays(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "kept").write_text("")
    directory = state.fresh(tmp_path / "demo")
    (directory / "link").symlink_to(target)

    state.fresh(directory)

    assert (target / "kept").exists()
    assert not (directory / "link").exists()


def test_an_empty_directory_is_taken(tmp_path: Path) -> None:
    state.fresh(tmp_path)

    assert (tmp_path / state.MARKER).is_file()


def test_a_new_directory_is_its_owners_alone(tmp_path: Path) -> None:
    assert state.fresh(tmp_path / "demo").stat().st_mode & 0o077 == 0


DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"


@contextmanager
def process(says_into: Path, *, before: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """Run a process that is noted like a service and waits until it is ended."""
    program = f"{before}\nprint(flush=True)\ninput()"
    with (
        says_into.open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        ) as running,
    ):
        assert running.stdout is not None
        running.stdout.readline()
        yield running
        running.kill()


def test_what_an_earlier_demonstration_left_running_is_ended(tmp_path: Path) -> None:
    directory = state.fresh(tmp_path / "demo")
    with process(directory / "supplier.log") as service:
        (directory / "supplier.pid").write_text(f"{service.pid}\n")
        state.fresh(directory)
        assert service.poll() is not None


def test_a_process_that_has_the_number_of_an_ended_one_is_let_be(tmp_path: Path) -> None:
    directory = state.fresh(tmp_path / "demo")
    with process(tmp_path / "other.log") as other:
        (directory / "supplier.pid").write_text(f"{other.pid}\n")
        state.fresh(directory)
        assert other.poll() is None


def test_what_does_not_end_is_named_and_keeps_its_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(left_over, "STOP_S", 0.5)
    directory = state.fresh(tmp_path / "demo")
    with process(directory / "supplier.log", before=DEAF) as service:
        (directory / "supplier.pid").write_text(f"{service.pid}\n")
        with pytest.raises(left_over.StillRunning, match=str(service.pid)):
            state.fresh(directory)
        assert (directory / "supplier.log").exists()
