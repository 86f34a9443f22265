"""Backgrounds in a user's own files, unpacked once into the user's cache."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from footprint.adapters.backgrounds import archives
from footprint.adapters.backgrounds.reading import OpenBackground
from footprint.adapters.user_cache import cache_directory
from footprint.domain.background import BackgroundReference
from footprint.domain.background_errors import NotABackground

#: What one file may unpack to [bytes]: tens of times ecoinvent.
MOST_BYTES = 8 * 1024**3


def open_file(path: Path) -> OpenBackground:
    """Open a background: an archive, or a folder of its files.

    Raises
    ------
    NotABackground, BackgroundTooLarge
    """
    if path.is_dir():
        background = OpenBackground(path)
        background.verify()
        return background
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise NotABackground(str(path), "it cannot be read", "无法读取") from error
    folder = cache_directory().parent / "backgrounds" / sha256
    if folder.is_dir():
        return OpenBackground(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=".", dir=folder.parent))
    try:
        archives.unpack(path, temporary, MOST_BYTES)
        if not folder.is_dir():
            os.replace(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return OpenBackground(folder)


class LocalBackgrounds:
    """The backgrounds of some files, whoever asks."""

    def __init__(self, paths: Iterable[Path]) -> None:
        opened = [open_file(path) for path in paths]
        self._held = {BackgroundReference(each.id, each.version): each for each in opened}

    def open(self, tenant_id: str, reference: BackgroundReference) -> OpenBackground | None:
        """Return a background."""
        return self._held.get(reference)

    def known(self, tenant_id: str) -> tuple[BackgroundReference, ...]:
        """Return what the files hold."""
        return tuple(self._held)
