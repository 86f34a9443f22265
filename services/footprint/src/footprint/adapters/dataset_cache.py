"""Datapackages of datasets in the user's cache directory, by content hash."""

import shutil
import tempfile
import zipfile
import zlib
from pathlib import Path
from urllib.parse import quote

from footprint.adapters.brightway.dataset_packages import (
    FORMAT,
    PackagedDataset,
    read_contents,
    write_package,
)
from footprint.adapters.user_cache import cache_directory
from footprint.domain.dataset import Dataset
from footprint.domain.dataset_system import placed


def cached_package(
    dataset: Dataset, region: str | None = None
) -> tuple[Path, PackagedDataset, bool]:
    """Return the datapackage of a dataset, what stands in it, and whether it was built just now.

    It is built on first use, and again if what stands there is no whole package. The name holds the
    hash of the files, so that a changed dataset never meets the package of another.

    Raises
    ------
    InvalidInput
        If the region has no electricity market.
    """
    place = placed(dataset, region).default_region
    name = f"{dataset.id}-{dataset.sha256}-{quote(place, safe='')}-{FORMAT}.zip"
    path = cache_directory() / name
    if path.is_file():
        found = _contents(path)
        if found is not None:
            return path, found, False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=path.parent) as folder:
        temporary = Path(folder) / "package.zip"
        contents = write_package(dataset, region, temporary)
        temporary.replace(path)
    return path, contents, True


def _contents(path: Path) -> PackagedDataset | None:
    """Say what stands in a package; None if it is damaged or none of ours."""
    try:
        with zipfile.ZipFile(path) as archive:
            return None if archive.testzip() else read_contents(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, TypeError, ValueError):
        return None


def copy_package(package: Path, out: Path) -> None:
    """Copy a package to where a user wants it, at once; what stands there is replaced."""
    with tempfile.TemporaryDirectory(prefix=".", dir=out.parent) as folder:
        temporary = Path(folder) / out.name
        shutil.copyfile(package, temporary)
        temporary.replace(out)
