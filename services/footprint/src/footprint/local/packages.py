"""Datasets as packages of Brightway, and as archives of their versions."""

from pathlib import Path
from typing import Any

from footprint.adapters import dataset_folders
from footprint.adapters.dataset_cache import cached_package, copy_package
from footprint.adapters.greenchain_engine import GreenchainEngine
from footprint.application import datasets
from footprint.data.dataset_files import read_document
from footprint.data.shipped import RELEASES, dataset_folder
from footprint.domain.dataset_errors import VersionReleased
from footprint.local import data_answers
from footprint.local.data import folder_of, refuse


def build_data(
    folder: str | None = None, out: Path | None = None, region: str | None = None
) -> dict[str, Any]:
    """Build a dataset into a `bw_processing` datapackage, or find it in the cache.

    Raises
    ------
    InvalidInput
        With every row that cannot be read, or a region that has no market.
    """
    dataset = read_document(folder_of(folder)).dataset()
    package, contents, is_new = cached_package(dataset, region)
    if out is not None:
        copy_package(package, out)
    place = region or dataset.default_region
    return data_answers.built(dataset, place, out or package, contents, is_new)


def release_data(folder: Path | None = None) -> dict[str, Any]:
    """Archive a dataset under its version, in `releases` beside its folder.

    Raises
    ------
    VersionReleased
        If the version was released with other content, or ships with it.
    InvalidInput
        With every row that cannot be read; or, as `UnsoundDataset`, with every error found: what
        is released cannot be mended.
    """
    source = Path(str(dataset_folder())) if folder is None else folder
    document, shipped = read_document(source), read_document(dataset_folder())
    named = [(each.header["name"], each.header["version"]) for each in (document, shipped)]
    if named[0] == named[1] and document.sha256 != shipped.sha256:
        raise VersionReleased(document.header["version"], shipped.sha256, document.sha256)
    _, findings = datasets.check(document, GreenchainEngine())
    refuse(findings)
    archives = source.resolve().parent / RELEASES
    archive, document, is_new = dataset_folders.release(source, archives)
    return data_answers.released(archive, document, is_new)
