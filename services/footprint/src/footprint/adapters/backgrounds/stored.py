"""Backgrounds that tenants have uploaded: files in folders of their own, rows in the database."""

import shutil
import tempfile
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from chassis.errors import Unavailable
from footprint.adapters.backgrounds import archives
from footprint.adapters.backgrounds.reading import OpenBackground
from footprint.application.background_ports import (
    BackgroundsUnitOfWorkFor,
    UnpackedBackground,
)
from footprint.domain.background import BackgroundReference
from footprint.domain.background_errors import NotABackground

#: Backgrounds that a process keeps open, each with the factors of its loops: tens of megabytes.
_MOST_OPEN = 8
_PLACE = "the directory of backgrounds"


class StoredFiles:
    """The files: ``<directory>/<tenant>/<sha256>/``.

    Parameters
    ----------
    most_bytes
        What one background may unpack to [bytes].
    """

    def __init__(self, directory: Path, most_bytes: int) -> None:
        self._directory, self._most_bytes = directory, most_bytes

    def incoming(self) -> Path:
        """Make a folder for a file that is being uploaded; who asks removes it.

        Raises
        ------
        Unavailable
            If nothing can be written there.
        """
        try:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            return Path(tempfile.mkdtemp(prefix=".incoming-", dir=self._directory))
        except OSError as error:
            raise Unavailable(_PLACE) from error

    def keep(self, tenant_id: str, archive: Path) -> UnpackedBackground:
        """Unpack, verify and keep an archive; the same one again changes nothing."""
        unpacked = Path(tempfile.mkdtemp(prefix="unpacked-", dir=archive.parent))
        background = archives.unpack(archive, unpacked, self._most_bytes)
        header = background.header
        folder = self.folder(tenant_id, background.sha256)
        try:
            folder.parent.mkdir(exist_ok=True, mode=0o700)
            if not folder.is_dir():
                unpacked.replace(folder)
        except OSError as error:
            if not folder.is_dir():
                raise Unavailable(_PLACE) from error
        return UnpackedBackground(
            id=background.id,
            version=background.version,
            sha256=background.sha256,
            title=str(header["title"]),
            licence=str(header["licence"]),
            year=int(header["year"]),
            counts=header["counts"],
        )

    def folder(self, tenant_id: str, sha256: str) -> Path:
        """Return where a background of a tenant is, whatever the tenant is called."""
        # Dots too: a tenant called ".." would be somewhere else.
        return self._directory / quote(tenant_id, safe="").replace(".", "%2E") / sha256

    def remove(self, folder: Path) -> None:
        """Remove what is left of an upload."""
        shutil.rmtree(folder, ignore_errors=True)


class StoredBackgrounds:
    """The backgrounds of tenants, as rows and files tell."""

    def __init__(self, open_uow: BackgroundsUnitOfWorkFor, files: StoredFiles) -> None:
        self._open_uow, self._files = open_uow, files

    def open(self, tenant_id: str, reference: BackgroundReference) -> OpenBackground | None:
        """Return a background of a tenant, None if it has none of this name.

        Raises
        ------
        Unavailable
            If its files are gone, or not as they were.
        """
        with self._open_uow(tenant_id, read_only=True) as uow:
            stored = uow.backgrounds.find(reference.id, reference.version)
        if stored is None:
            return None
        try:
            opened = _open(self._files.folder(tenant_id, stored.sha256))
        except NotABackground as error:
            raise Unavailable(_PLACE) from error
        if opened.sha256 != stored.sha256:
            raise Unavailable(_PLACE)
        return opened

    def known(self, tenant_id: str) -> tuple[BackgroundReference, ...]:
        """Return all that a tenant has."""
        with self._open_uow(tenant_id, read_only=True) as uow:
            found = uow.backgrounds.all()
        return tuple(BackgroundReference(each.id, each.version) for each in found)


@lru_cache(maxsize=_MOST_OPEN)
def _open(folder: Path) -> OpenBackground:
    return OpenBackground(folder)
