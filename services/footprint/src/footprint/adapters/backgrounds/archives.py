"""Backgrounds as one file each: packing, and unpacking what a stranger may have packed."""

import shutil
import zipfile
from pathlib import Path
from typing import IO

from footprint.adapters.backgrounds import files
from footprint.adapters.backgrounds.reading import OpenBackground
from footprint.domain.background_errors import BackgroundTooLarge, NotABackground

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_AT_ONCE = 1 << 20


def pack(folder: Path, path: Path) -> None:
    """Write the files of a background to an archive: the same files, the same bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in (files.HEADER, *files.FILES):
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with (folder / name).open("rb") as source, archive.open(entry, "w") as target:
                shutil.copyfileobj(source, target, _AT_ONCE)


def unpack(archive: Path | IO[bytes], folder: Path, most_bytes: int) -> OpenBackground:
    """Unpack an archive into an empty folder and verify all of it.

    Only files of the format's own names are written; their bytes are counted as they come, not as
    the archive says.

    Raises
    ------
    NotABackground, BackgroundTooLarge
    """
    left = most_bytes
    try:
        with zipfile.ZipFile(archive) as opened:
            names = opened.namelist()
            if sorted(names) != sorted((files.HEADER, *files.FILES)):
                reasons = "it holds other files than the format has", "其中的文件与格式不符"
                raise NotABackground(_name(archive), *reasons)
            for name in names:
                with opened.open(name) as source, (folder / name).open("wb") as target:
                    while block := source.read(_AT_ONCE):
                        left -= len(block)
                        if left < 0:
                            raise BackgroundTooLarge(most_bytes)
                        target.write(block)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError) as error:
        # Encrypted, damaged, or compressed in a way that Python does not read.
        reasons = "it is no archive that can be read", "无法作为压缩文件读取"
        raise NotABackground(_name(archive), *reasons) from error
    background = OpenBackground(folder)
    background.verify()
    return background


def _name(archive: Path | IO[bytes]) -> str:
    return archive.name if isinstance(archive, Path) else "archive"
