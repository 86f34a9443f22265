"""Datapackages of datasets in the user's cache directory, by content hash."""

import os
import shutil
import tempfile
from pathlib import Path

from footprint.adapters.brightway.dataset_packages import (
    FORMAT,
    PackagedDataset,
    read_contents,
    write_package,
)
from footprint.domain.dataset import Dataset


def cache_directory() -> Path:
    """Return where this user's caches stand, as the XDG base directories have it."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # The specification: what is no absolute path is not set.
    root = Path(base) if os.path.isabs(base) else Path.home() / ".cache"
    return root / "greenchain" / "datasets"


def cached_package(
    dataset: Dataset, region: str | None = None
) -> tuple[Path, PackagedDataset, bool]:
    """Return the datapackage of a dataset, what stands in it, and whether it was built just now.

    It is built on first use. The name holds the hash of the files, so that a changed dataset never
    meets the package of another.
    """
    place = region or dataset.default_region
    path = cache_directory() / f"{dataset.id}-{dataset.sha256}-{place}-{FORMAT}.zip"
    if path.is_file():
        return path, read_contents(path), False
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".", dir=path.parent) as folder:
        temporary = Path(folder) / "package.zip"
        contents = write_package(dataset, region, temporary)
        temporary.replace(path)
    return path, contents, True


def copy_package(package: Path, out: Path) -> None:
    """Copy a package to where a user wants it, at once; what stands there is replaced."""
    with tempfile.TemporaryDirectory(prefix=".", dir=out.parent) as folder:
        temporary = Path(folder) / out.name
        shutil.copyfile(package, temporary)
        temporary.replace(out)
