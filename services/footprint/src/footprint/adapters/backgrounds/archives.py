"""Backgrounds as one file each: packing, and unpacking what a stranger may have packed."""

import errno
import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from chassis.errors import Unavailable
from footprint.adapters.backgrounds import files
from footprint.adapters.backgrounds.reading import OpenBackground
from footprint.domain.background_errors import BackgroundTooLarge, NotABackground

_LONG_AGO = (1980, 1, 1, 0, 0, 0)
_AT_ONCE = 1 << 20
#: What an error names.
_PLACE = "the directory of backgrounds"
#: Tables are parsed as a whole, at some twenty times their size where a stranger wrote them;
#: those of ecoinvent have 6 MB, its header 1 kB.
MOST_TABLE_BYTES = 32 * 1024 * 1024
MOST_HEADER_BYTES = 64 * 1024
_MOST_BYTES = {
    files.HEADER: MOST_HEADER_BYTES,
    files.ACTIVITIES: MOST_TABLE_BYTES,
    files.FLOWS: MOST_TABLE_BYTES,
}
#: End of an archive: signature, numbers of disks and entries, size and place of the directory,
#: length of a comment.
_END = struct.Struct("<4s4H2LH")
_MOST_DIRECTORY_BYTES = 4096

#: What Python says of archives that are encrypted, damaged, or not what they say.
_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    RuntimeError,
    EOFError,
    OSError,
    ValueError,
)


def pack(folder: Path, path: Path) -> None:
    """Write the files of a background to an archive: the same files, the same bytes."""
    with zipfile.ZipFile(path, "w") as archive:
        for name in (files.HEADER, *files.FILES):
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with (folder / name).open("rb") as source, archive.open(entry, "w") as target:
                shutil.copyfileobj(source, target, _AT_ONCE)


def unpack(archive: Path, folder: Path, most_bytes: int) -> OpenBackground:
    """Unpack an archive into an empty folder and verify all of it.

    Only files of the format's own names are written; their bytes are counted as they come, not as
    the archive says.

    Raises
    ------
    NotABackground, BackgroundTooLarge
    Unavailable
        If the disk takes no more.
    """
    left = most_bytes
    names = (files.HEADER, *files.FILES)
    _check_directory(archive)
    try:
        with zipfile.ZipFile(archive) as opened:
            packed = {each.compress_type for each in opened.infolist()}
            known = packed <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
            if not known or sorted(opened.namelist()) != sorted(names):
                reasons = "it holds other files than the format has", "其中的文件与格式不符"
                raise NotABackground(archive.name, *reasons)
            for name in names:
                most = min(left, _MOST_BYTES.get(name, left))
                left -= _copy(opened, name, folder / name, most)
    except _UNREADABLE as error:
        reasons = "it is no archive that can be read", "无法作为压缩文件读取"
        raise NotABackground(archive.name, *reasons) from error
    background = OpenBackground(folder)
    background.verify()
    return background


def _copy(opened: zipfile.ZipFile, name: str, path: Path, most: int) -> int:
    """Unpack a file and return its bytes.

    Raises
    ------
    BackgroundTooLarge, Unavailable
    """
    count = 0
    with opened.open(name) as source, written(path) as target:
        while block := source.read(_AT_ONCE):
            count += len(block)
            if count > most:
                raise BackgroundTooLarge(most)
            target(block)
    return count


@contextmanager
def written(path: Path) -> Iterator[Callable[[bytes], None]]:
    """Open a file to be written block by block: a full disk is not the archive's fault.

    Raises
    ------
    Unavailable
        Also while a block is written.
    """

    def write(block: bytes) -> None:
        try:
            # Nothing is held back for later; a disk that gets full may take a part.
            if target.write(block) != len(block):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            raise Unavailable(_PLACE) from error

    try:
        target = path.open("wb", buffering=0)
    except OSError as error:
        raise Unavailable(_PLACE) from error
    with target:
        yield write


def _check_directory(archive: Path) -> None:
    """Refuse an archive with more entries than the format has, before they are all read.

    Raises
    ------
    NotABackground
    """
    with archive.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _END.size - 20))
        end = file.read()
    fits = len(end) >= _END.size
    if fits:
        signature, _, _, _, entries, length, _, comment = _END.unpack(end[-_END.size :])
        fits = (
            signature == b"PK\5\6"
            and entries == len(files.FILES) + 1
            and length <= _MOST_DIRECTORY_BYTES
            and comment == 0
            # Before it, the place of a directory that may say otherwise.
            and not end.startswith(b"PK\6\7")
        )
    if not fits:
        reasons = "it is no archive of the format's files", "不是由该格式文件组成的压缩文件"
        raise NotABackground(archive.name, *reasons)
