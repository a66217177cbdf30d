"""The directory of the server's socket: its mode, 0700, is what keeps other users of the machine out."""

import os
import stat
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from store.embedded.account import Account
from store.embedded.errors import EmbeddedError

_LONGEST_ADDRESS = 107  # bytes of a Unix socket's path
_SEPARATORS = frozenset(",\"'\\")
SOCKET_NAME = ".s.PGSQL.5432"


def socket_directory(data_directory: Path, account: Account) -> Path:
    """`<data>/socket`, or where that doesn't make an address a private directory under the temporary one.

    Its name follows from the data directory's, so that every process finds the same. Raises EmbeddedError when
    somebody else owns it.
    """
    inside = data_directory / "socket"
    if _fits(inside):
        return _private(inside, account)
    digest = sha256(os.fsencode(data_directory)).hexdigest()[:16]
    for temporary in (Path(tempfile.gettempdir()), Path("/tmp")):  # noqa: S108  (owner and mode are verified below)
        outside = temporary / f"hallpass-{account.uid}-{digest}"
        if _fits(outside):
            return _private(outside, account)
    raise EmbeddedError("No path for the database's socket is short and plain enough: shorten TMPDIR.")


def _fits(directory: Path) -> bool:
    """Short enough for a socket, and free of what separates or quotes directories in settings and addresses."""
    short = len(os.fsencode(directory / SOCKET_NAME)) <= _LONGEST_ADDRESS
    return short and str(directory).isprintable() and not _SEPARATORS.intersection(str(directory))


def _private(directory: Path, account: Account) -> Path:
    """The directory with owner and mode verified, not mended: in the temporary directory anybody may be first."""
    with suppress(FileExistsError):
        directory.mkdir(mode=0o700)
        account.own(directory)
    found = directory.lstat()
    private = stat.S_ISDIR(found.st_mode) and stat.S_IMODE(found.st_mode) == 0o700
    if not private or found.st_uid != account.uid:
        raise EmbeddedError(
            f"{directory} is not a directory that only the database's user may enter: "
            "remove it, or choose another HALLPASS_DATA_DIR."
        )
    return directory
