"""A state directory serves one platform at a time."""

import os
from pathlib import Path

import pytest

from greenchain_local.state import StateInUse, exclusive


def test_a_held_directory_is_refused_and_the_holder_named(tmp_path: Path) -> None:
    with exclusive(tmp_path), pytest.raises(StateInUse) as raised, exclusive(tmp_path):
        pass

    assert raised.value.pid == str(os.getpid())


def test_a_directory_is_free_again_afterwards(tmp_path: Path) -> None:
    with exclusive(tmp_path):
        pass

    with exclusive(tmp_path) as files:
        assert files.directory == tmp_path


def test_each_service_has_a_database_of_its_own(tmp_path: Path) -> None:
    with exclusive(tmp_path) as files:
        urls = {files.database_url(name) for name in ("supplier", "footprint", "certification")}

    assert len(urls) == 3


def test_a_new_directory_is_its_owners_alone(tmp_path: Path) -> None:
    with exclusive(tmp_path / "new"):
        mode = (tmp_path / "new").stat().st_mode

    assert mode & 0o077 == 0
