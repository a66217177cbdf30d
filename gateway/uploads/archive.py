"""A ZIP archive of CSV files, read in place: nothing is unpacked to disk, and what could do harm is refused unread."""

import struct
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import IO, Final
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from policy.files.one_roster_tables import Files
from policy.files.rows import FileRefusedError

MEBIBYTE: Final = 1_048_576
MOST_UNPACKED: Final = 1024 * MEBIBYTE
"""Bytes of all files together, as the archive states them; no more than that is read."""
MOST_ENTRIES: Final = 200
_MOST_RATIO: Final = 200
"""A table of people shrinks to a tenth or thirtieth, never to this."""
_RATIO_FROM: Final = 10 * MEBIBYTE
_PIECE: Final = 64 * 1024
_END: Final = struct.Struct("<4s4H2LH")
_END_MARK: Final = b"PK\x05\x06"
_LOCATOR_MARK: Final = b"PK\x06\x07"
_LOCATOR_BYTES: Final = 20
_MOST_DIRECTORY: Final = MEBIBYTE
_ENCRYPTED: Final = 0x1 | 0x40
_REMEDY: Final = "Send the archive as the student information system exported it."
_BROKEN: Final = (BadZipFile, LargeZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)


def csv_files(archive: IO[bytes]) -> Files:
    """The CSV files of the archive by their names in small letters; each is opened as it is read.

    They stand in the archive itself or in one folder. Raises FileRefusedError, also while one of them is read.
    """
    _check_directory(archive)
    try:
        opened = ZipFile(archive)
    except (*_BROKEN, OSError) as error:
        raise _broken() from error
    _check_sizes(opened.infolist(), archive.seek(0, 2))
    found: dict[str, ZipInfo] = {}
    for entry in opened.infolist():
        name = _name_of(entry)
        if name is None:
            continue
        if name in found:
            raise FileRefusedError("bad-archive", f"The archive has two files {name[:40]}.", _REMEDY)
        if entry.flag_bits & _ENCRYPTED:
            raise FileRefusedError("encrypted", f"{name[:40]} is encrypted.", "Send an archive without a password.")
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            text = f"{name[:40]} is compressed in a way that isn't read."
            raise FileRefusedError("bad-archive", text, "Make an ordinary ZIP archive (deflate).")
        found[name] = entry
    return {name: partial(_pieces, opened, entry) for name, entry in found.items()}


def _check_directory(archive: IO[bytes]) -> None:
    """Before the library reads the table of contents into memory: whether it has the size of one.

    The end record is looked for as the library does; archives with 64-bit records are larger than any that is taken.
    """
    size = archive.seek(0, 2)
    archive.seek(max(size - _END.size - 65_536 - _LOCATOR_BYTES, 0))
    tail = archive.read()
    at = len(tail) - _END.size
    if not (at >= 0 and tail[at:].startswith(_END_MARK) and tail.endswith(b"\0\0")):
        at = tail.rfind(_END_MARK)
    if at < 0 or len(tail) - at < _END.size:
        raise FileRefusedError("not-an-archive", "This is no ZIP archive, or only a part of one.", _REMEDY)
    if tail[max(at - _LOCATOR_BYTES, 0) : at].startswith(_LOCATOR_MARK):
        raise FileRefusedError("bad-archive", "The archive is of the 64-bit kind.", "Make an ordinary ZIP archive.")
    _, _, _, _, entries, directory, _, _ = _END.unpack_from(tail, at)
    if entries > MOST_ENTRIES or directory > _MOST_DIRECTORY:
        raise FileRefusedError("bad-archive", f"The archive has more than {MOST_ENTRIES} files.", _REMEDY)


def _check_sizes(entries: list[ZipInfo], size: int) -> None:
    """Raises FileRefusedError for what unpacks to too much, and for files that lie over one another."""
    if len(entries) > MOST_ENTRIES:
        raise FileRefusedError("bad-archive", f"The archive has more than {MOST_ENTRIES} files.", _REMEDY)
    if sum(one.file_size for one in entries) > MOST_UNPACKED:
        text = f"The archive unpacks to more than {MOST_UNPACKED // MEBIBYTE} MB."
        raise FileRefusedError("too-large", text, "Export the set for fewer schools at once.")
    if any(one.header_offset < 0 for one in entries):
        raise _broken()  # bytes are missing before the table of contents
    packed = sum(one.compress_size for one in entries)
    bomb = any(one.file_size > max(_RATIO_FROM, _MOST_RATIO * one.compress_size) for one in entries)
    if packed > size or bomb:
        raise FileRefusedError("bad-archive", "The archive unpacks to far more than a set could hold.", _REMEDY)


def _name_of(entry: ZipInfo) -> str | None:
    """The name of a CSV file; None for anything else. Raises FileRefusedError for a path that leads elsewhere."""
    path = PurePosixPath(entry.filename)
    if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or ":" in entry.filename:
        text = "The archive has a file whose path leads out of it."
        raise FileRefusedError("bad-archive", text, _REMEDY)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    if entry.is_dir() or hidden or len(path.parts) > 2 or path.suffix.lower() != ".csv":
        return None
    return path.name.lower()


def _pieces(opened: ZipFile, entry: ZipInfo) -> Iterator[bytes]:
    try:
        with opened.open(entry) as file:
            while piece := file.read(_PIECE):
                yield piece
    except _BROKEN as error:
        raise _broken() from error


def _broken() -> FileRefusedError:
    return FileRefusedError("bad-archive", "The archive is damaged and can't be read to its end.", _REMEDY)
