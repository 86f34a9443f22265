"""The demonstration empties its own directory and no other."""

from pathlib import Path

import pytest

from greenchain_cli.demo import state
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
