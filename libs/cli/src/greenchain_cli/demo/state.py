"""The state directory of the demonstration: fresh on every run, and never somebody else's."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from chassis.errors import GreenchainError, Kind
from greenchain_cli.demo.left_over import end_left_over
from greenchain_local.state import LOCK_NAME, exclusive

MARKER = ".greenchain-demo"
_MARKER_TEXT = "Made by `greenchain demo`, which empties this directory on every run.\n"


@dataclass(eq=False)
class NotADemoDirectory(GreenchainError):
    """The directory holds something that the demonstration did not make."""

    code: ClassVar[str] = "demo.state.not_ours"
    kind: ClassVar[Kind] = Kind.CONFLICT
    en: ClassVar[str] = (
        "{path} is not empty and was not made by `greenchain demo`, which would empty it. "
        "Choose another directory with --state."
    )
    zh: ClassVar[str] = (
        "{path} 非空，且不是由 `greenchain demo` 创建的；演示会清空该目录。请用 --state 另选目录。"
    )

    path: str


def fresh(path: Path) -> Path:
    """Empty `path`, if an earlier demonstration made it, and return it.

    What that one has left running, because it was killed, is ended first.

    Raises
    ------
    NotADemoDirectory
        If it holds anything without the marker of an earlier demonstration.
    StateInUse, StillRunning
        If that demonstration still runs, or something of it.
    """
    marker = path / MARKER
    if path.is_symlink() or (path.exists() and not path.is_dir()):
        raise NotADemoDirectory(path=str(path))
    if path.is_dir() and any(path.iterdir()):
        if not marker.is_file():
            raise NotADemoDirectory(path=str(path))
        with exclusive(path):
            end_left_over(path)
            _empty(path)
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    marker.write_text(_MARKER_TEXT, encoding="utf-8")
    return path


def _empty(path: Path) -> None:
    # The marker stays: an interrupted wipe is still recognised as ours.
    for entry in path.iterdir():
        if entry.name in (MARKER, LOCK_NAME):
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
