"""The two locks of a data directory: who is starting or stopping its server, and who is using it.

The kernel holds them (flock), so that a killed process leaves none behind.
"""

import asyncio
import fcntl
import os
from pathlib import Path
from typing import Self

from store.embedded.errors import EmbeddedError

_POLL_SECONDS = 0.05


class DirectoryLock:
    """A lock file, open for as long as this object is; locks of two objects exclude each other, also in one process."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except PermissionError as error:
            raise EmbeddedError(
                f"{path} belongs to another account: run Hallpass as the user who made this directory, "
                "or choose another one with HALLPASS_DATA_DIR."
            ) from error

    def try_exclusive(self) -> bool:
        return self._try(fcntl.LOCK_EX)

    def try_shared(self) -> bool:
        return self._try(fcntl.LOCK_SH)

    async def exclusive(self) -> Self:
        """Wait for the lock without holding up the event loop."""
        while not self.try_exclusive():  # noqa: ASYNC110  (other processes set no event)
            await asyncio.sleep(_POLL_SECONDS)
        return self

    def release(self) -> None:
        """Give the lock up and keep the file; nothing is left to give up once it is closed."""
        if self._file >= 0:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Give the lock up with its file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _try(self, kind: int) -> bool:
        try:
            fcntl.flock(self._file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
