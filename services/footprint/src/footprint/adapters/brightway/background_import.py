"""Backgrounds from Brightway projects and EcoSpold2, by bw2data and bw2io in a process of its own.

These libraries open projects and write logs as soon as they are imported; so this process never
imports them. They are an optional extra.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from footprint.adapters.backgrounds.collected import About
from footprint.domain.background_errors import CannotImport, ImporterMissing

#: Where bw2data looks for projects.
PROJECTS = "BRIGHTWAY2_DIR"
_READER = "footprint.adapters.brightway.background_reader"
#: As much of what went wrong as one reads.
_LAST_CHARACTERS = 300


def import_ecospold2(source: Path, about: About, folder: Path) -> None:
    """Write a background from a folder of `.spold` files, the user's own projects untouched.

    Raises
    ------
    ImporterMissing, CannotImport
    """
    with tempfile.TemporaryDirectory(prefix="greenchain-brightway-") as projects:
        request = {"ecospold2": str(source.resolve())}
        _read(request, about, folder, os.environ | {PROJECTS: projects})


def import_project(project: str, database: str, about: About, folder: Path) -> None:
    """Write a background from a database of a Brightway project, and those that it rests on.

    Raises
    ------
    ImporterMissing, CannotImport
    """
    request = {"project": project, "database": database}
    _read(request, about, folder, dict(os.environ))


def _read(request: dict[str, Any], about: About, folder: Path, environment: dict[str, str]) -> None:
    for package in ("bw2data", "bw2io"):
        if find_spec(package) is None:
            raise ImporterMissing(package)
    command = [sys.executable, "-W", "ignore", "-m", _READER]
    given = json.dumps({**request, "about": asdict(about), "folder": str(folder.resolve())})
    ended = subprocess.run(
        command, input=given, env=environment, capture_output=True, text=True, check=False
    )
    refusal = folder / "refusal.json"
    if refusal.exists():
        told = json.loads(refusal.read_text(encoding="utf-8"))
        refusal.unlink()
        raise CannotImport(**told)
    if ended.returncode:
        last = ended.stderr.strip()[-_LAST_CHARACTERS:]
        raise CannotImport(about.title, f"bw2io and bw2data say: {last}", f"bw2io 提示：{last}")
