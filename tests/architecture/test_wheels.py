"""A member's wheel, which the images install, holds everything that a checkout runs on.

A checkout is installed editable, where a file that the wheel would lack is there all the same.
"""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEMBERS = ("proto", "libs/*", "services/*", "deploy/local")
FOLDERS = sorted(path for pattern in MEMBERS for path in ROOT.glob(f"{pattern}/pyproject.toml"))
# Its source would be compiled, and is tested elsewhere; a kernel is in the wheel as a library.
KERNEL = "*.pyx", "*.pxd", "lanes.h", "*.so"


def committed(folder: Path) -> set[str]:
    """Return the files below the member's packages, as they are named from there."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "src", "generated"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    files = (Path(name) for name in listing.stdout.split("\0") if name)
    return {
        path.relative_to(path.parts[0]).as_posix()
        for path in files
        if not any(path.match(pattern) for pattern in KERNEL) and (folder / path).exists()
    }


@pytest.mark.needs("git")
@pytest.mark.parametrize(
    "folder", [path.parent for path in FOLDERS], ids=lambda folder: folder.name
)
def test_the_wheel_holds_what_is_committed(tmp_path: Path, folder: Path) -> None:
    without = shutil.ignore_patterns(*KERNEL, "build", "tests", "*.egg-info", "__pycache__")
    sources = shutil.copytree(folder, tmp_path / "sources", ignore=without)
    build = "from setuptools import build_meta; build_meta.build_wheel('..')"
    subprocess.run([sys.executable, "-c", build], cwd=sources, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert committed(folder) - set(zipfile.ZipFile(wheel).namelist()) == set()
