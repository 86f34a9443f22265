"""Backgrounds that tenants have uploaded: files in folders of their own, rows in the database."""

import hashlib
import shutil
import tempfile
import time
from collections.abc import Iterator
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
from footprint.domain.background_errors import (
    BackgroundsTooLarge,
    NotABackground,
    TooManyUploads,
)

#: Backgrounds that a process keeps open, each with the factors of its loops: tens of megabytes.
_MOST_OPEN = 8
_PLACE = "the directory of backgrounds"
#: Uploads of one tenant at once, by all instances that share the directory.
MOST_UPLOADS = 3
#: An upload that nothing was written of for so long has broken off [s].
BROKEN_OFF = 3600.0
_INCOMING = ".incoming-"
#: Work of a factorization in a request, see `Technosphere`: a minute of one core at most.
MOST_DIRECT = 1e10


class StoredFiles:
    """The files: ``<directory>/<tenant>/<sha256>/``.

    Parameters
    ----------
    most_bytes
        What one background may unpack to [bytes].
    most_tenant_bytes
        What those of one tenant may take together [bytes]; of four, where nothing is said.
    """

    def __init__(
        self, directory: Path, most_bytes: int, most_tenant_bytes: int | None = None
    ) -> None:
        self._directory, self._most_bytes = directory, most_bytes
        self._most_tenant_bytes = most_tenant_bytes or 4 * most_bytes

    def incoming(self, tenant_id: str) -> Path:
        """Make a folder for a file that is being uploaded; who asks removes it.

        What a process left behind that was ended in the middle is removed here.

        Raises
        ------
        Unavailable
            If nothing can be written there.
        TooManyUploads
        """
        # Of fixed length, whatever the tenant is called.
        prefix = f"{_INCOMING}{hashlib.sha256(tenant_id.encode()).hexdigest()[:32]}-"
        try:
            self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            others = 0
            for folder in self._directory.glob(f"{_INCOMING}*"):
                if _idle(folder) > BROKEN_OFF:
                    self.remove(folder)
                else:
                    others += folder.name.startswith(prefix)
            if others >= MOST_UPLOADS:
                raise TooManyUploads(MOST_UPLOADS)
            return Path(tempfile.mkdtemp(prefix=prefix, dir=self._directory))
        except OSError as error:
            raise Unavailable(_PLACE) from error

    def unpack(self, archive: Path) -> UnpackedBackground:
        """Unpack and verify an archive beside itself."""
        unpacked = Path(tempfile.mkdtemp(prefix="unpacked-", dir=archive.parent))
        background = archives.unpack(archive, unpacked, self._most_bytes)
        header = background.header
        return UnpackedBackground(
            id=background.id,
            version=background.version,
            sha256=background.sha256,
            title=str(header["title"]),
            licence=str(header["licence"]),
            year=int(header["year"]),
            counts=header["counts"],
            folder=unpacked,
        )

    def keep(self, tenant_id: str, unpacked: UnpackedBackground) -> None:
        """Keep what was unpacked; the same content again changes nothing.

        Raises
        ------
        BackgroundsTooLarge
            If all of the tenant's would take more room than they may.
        Unavailable
        """
        folder = self.folder(tenant_id, unpacked.sha256)
        try:
            if folder.is_dir():
                if _is_whole(folder):
                    return
                # Out of the way, to what is removed at the end of the upload.
                folder.replace(unpacked.folder.with_name(f"damaged-{unpacked.folder.name}"))
            if _size(folder.parent) + _size(unpacked.folder) > self._most_tenant_bytes:
                raise BackgroundsTooLarge(self._most_tenant_bytes)
            folder.parent.mkdir(exist_ok=True, mode=0o700)
            unpacked.folder.replace(folder)
        except OSError as error:
            if not folder.is_dir():
                raise Unavailable(_PLACE) from error

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
    background = OpenBackground(folder, MOST_DIRECT)
    # Its hash pins the files only if they are those that were uploaded.
    background.verify()
    return background


def _is_whole(folder: Path) -> bool:
    try:
        OpenBackground(folder).verify()
    except NotABackground:
        return False
    return True


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _size(folder: Path) -> int:
    """Return what the files below a folder take [bytes]."""
    return sum(path.stat().st_size for path in _files(folder))


def _idle(folder: Path) -> float:
    """Return for how long nothing was written in a folder [s]; for nothing if it is gone."""
    try:
        newest = max(path.stat().st_mtime for path in (folder, *_files(folder)))
    except FileNotFoundError:
        return 0.0
    return time.time() - newest
